from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import NO_ACCESS
from odoo.tools import format_datetime

from .sale_order_promotion import ADVERTISED

#: What the server notes itself; no client says it.
NOTED = ("told_at", "user_id")
#: Documents at which customers are told of promotions → the field for it.
OCCASIONS = {"crm.lead": "lead_id", "crm.interaction": "interaction_id"}


class CrmPromotionTold(models.Model):
    """A customer was told of a promotion: once, when, by whom, and on which occasion (SOP-T6).

    It is seen wherever the programme is seen, whichever branch told it: nobody is told twice. The occasion is seen by
    those who may read it alone, its name too.
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
    # Odoo reads the name of a many-to-one with all rights.
    lead_id = fields.Many2one("crm.lead", "Opportunity", index="btree_not_null", ondelete="set null", groups=NO_ACCESS)
    interaction_id = fields.Many2one(
        "crm.interaction", "Contact", index="btree_not_null", ondelete="set null", groups=NO_ACCESS
    )
    occasion = fields.Reference(selection="_selection_occasion", compute="_compute_occasion")

    _once = models.UniqueIndex("(partner_id, program_id)", "This customer has been told of this promotion already.")

    # === COMPUTE METHODS === #

    @api.depends("lead_id", "interaction_id")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_occasion(self):
        for told in self:
            document = told.sudo().lead_id or told.sudo().interaction_id
            told.occasion = document.sudo(False)._filtered_access("read") or False

    @api.model
    def _selection_occasion(self):
        return [(model, self.env["ir.model"]._get(model).name) for model in OCCASIONS]

    # === CONSTRAINS METHODS === #

    @api.constrains("program_id")
    def _check_advertised(self):
        if any(told.program_id.program_type not in ADVERTISED for told in self):
            raise ValidationError(self.env._("Gift cards, wallets and personal coupons are no news to tell."))

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: it is told now, by the user."""
        noted = {"told_at": fields.Datetime.now(), "user_id": self.env.uid}
        records = super().create([{**vals, **noted} for vals in vals_list])
        records.partner_id.check_access("read")
        return records

    # === BUSINESS METHODS === #

    @api.model
    def _tell(self, program, partner, model=None, document_id=None):
        """Record that the user tells the customer now, on the contact or opportunity ``model``, ``document_id``, which
        they may read.
        """
        told = self.create({"partner_id": partner.id, "program_id": program.id})
        if model in OCCASIONS and document_id:
            document = self.env[model].browse(document_id)
            document.check_access("read")
            told.sudo()[OCCASIONS[model]] = document
        return told

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
