import logging

from odoo import api, fields, models

from .crm_courier_card import IDENTITY_KINDS

_logger = logging.getLogger(__name__)

ERASED_AT_ONCE = 500


class CrmCourierIdentity(models.Model):
    """A copy of a customer's ID, taken with their consent to verify a card, and erased when its time is over (SOP-12d).

    Who takes it can't look at it again: the head of finance and the delivery committee can.
    """

    _name = "crm.courier.identity"
    _description = "Copy of an ID"
    _inherit = ["crm.courier.facts"]
    _order = "id desc"
    _rec_name = "kind"

    card_id = fields.Many2one("crm.courier.card", required=True, readonly=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="card_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(related="card_id.partner_id", string="Customer")
    courier_id = fields.Many2one(related="card_id.courier_id", string="Courier")
    kind = fields.Selection(IDENTITY_KINDS, readonly=True)
    image = fields.Binary("Copy", attachment=True, readonly=True)
    taken_at = fields.Datetime("Taken", required=True, readonly=True)
    erase_on = fields.Date(required=True, readonly=True, index=True)
    erased_at = fields.Datetime("Erased", readonly=True, index="btree_not_null")

    @property
    def _facts(self):
        return frozenset(self._fields) - set(models.MAGIC_COLUMNS)

    # === BUSINESS METHODS === #

    def _erase(self, why):
        """Erase picture and kind; that there was a copy, and when it went, stays in the card payment's history."""
        copies = self._as_step().filtered(lambda copy: not copy.erased_at)
        copies.write({"image": False, "kind": False, "erased_at": fields.Datetime.now()})
        self.env["crm.workflow.log"]._record(
            [
                {
                    "res_model": "crm.courier.card",
                    "res_id": copy.card_id.id,
                    "transition": "erase_id",
                    "source": copy.card_id.state,
                    "target": copy.card_id.state,
                    "user_id": self.env.uid,
                    "reason": why,
                }
                for copy in copies
            ]
        )
        return copies

    def _erase_due(self):
        """Erase those whose time is over; return them."""
        due = self.sudo().search(
            [("erased_at", "=", False), ("erase_on", "<=", fields.Date.today())], limit=ERASED_AT_ONCE
        )
        if due:
            due._erase(self.env._("The copy of the ID was erased: its time is over."))
            _logger.info("Erased %s copies of IDs: %s", len(due), due.ids)
        return due

    @api.model
    def _cron_erase(self):
        """Erase what is due, and its files at once: Odoo would only queue them."""
        due = self._erase_due()
        left = self.sudo().search_count([("erased_at", "=", False), ("erase_on", "<=", fields.Date.today())])
        self.env["ir.cron"]._commit_progress(len(due), remaining=left)
        self.env["ir.attachment"].sudo()._gc_file_store()
