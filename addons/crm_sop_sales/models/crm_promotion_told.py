from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_datetime

from .sale_order_promotion import ADVERTISED

#: What the server notes itself; no client says it.
NOTED = ("told_at", "user_id")


class CrmPromotionTold(models.Model):
    """A customer was told of a promotion: once, when, by whom, and on which occasion (SOP-T6).

    It is seen wherever the programme is seen, whichever branch told it: nobody is told twice.
    """

    _name = "crm.promotion.told"
    _description = "Promotion Told"
    _inherit = ["crm.sale.totals"]
    _order = "told_at desc, id desc"
    _rec_name = "program_id"

    _totals = frozenset({"company_id"})

    partner_id = fields.Many2one("res.partner", "Customer", required=True, index=True, ondelete="cascade")
    program_id = fields.Many2one("loyalty.program", "Promotion", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="program_id.company_id", store=True, index="btree_not_null")
    told_at = fields.Datetime("Told On", required=True, readonly=True, default=fields.Datetime.now)
    user_id = fields.Many2one(
        "res.users", "Told By", required=True, readonly=True, default=lambda self: self.env.user, index=True
    )
    lead_id = fields.Many2one("crm.lead", "Opportunity", index="btree_not_null", ondelete="set null")
    interaction_id = fields.Many2one("crm.interaction", "Contact", index="btree_not_null", ondelete="set null")

    _once = models.UniqueIndex("(partner_id, program_id)", "This customer has been told of this promotion already.")

    # === CONSTRAINS METHODS === #

    @api.constrains("program_id")
    def _check_advertised(self):
        if any(told.program_id.program_type not in ADVERTISED for told in self):
            raise ValidationError(self.env._("Gift cards, wallets and personal coupons are no news to tell."))

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: it is told now, by the user; the user may read the occasion that they name."""
        noted = {"told_at": fields.Datetime.now(), "user_id": self.env.uid}
        records = super().create([{**vals, **noted} for vals in vals_list])
        for name in ("partner_id", "lead_id", "interaction_id"):
            records[name].check_access("read")
        return records

    # === BUSINESS METHODS === #

    @api.model
    def _tell(self, program, partner, model=None, document_id=None):
        """Record that the user tells the customer now, on the contact or opportunity ``model``, ``document_id``."""
        occasion = {"crm.lead": "lead_id", "crm.interaction": "interaction_id"}.get(model)
        values = {"partner_id": partner.id, "program_id": program.id}
        return self.create({**values, **({occasion: document_id} if occasion and document_id else {})})

    def _in_words(self):
        return self.env._(
            "Told on %(date)s by %(officer)s",
            date=format_datetime(self.env, self.told_at, dt_format="short"),
            officer=self.user_id.name,
        )

    def _notify(self):
        """Return the action that tells the officer that the customer knows it, and loads the screen again."""
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "title": self.env._("%(customer)s knows it already", customer=self.partner_id.display_name),
                "message": self._in_words(),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
