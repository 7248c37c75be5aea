from odoo import api, fields, models
from odoo.exceptions import UserError

DOCUMENTS = [
    ("draft", "Sales Draft"),
    ("invoice", "Invoice"),
    ("invoice_copy", "Copy of the Invoice"),
    ("delivery_note", "Delivery Note"),
]


class CrmCourierSignature(models.Model):
    """A customer's signature for one paper of a delivery: drawn on the courier's phone, or seen on paper (SOP-12i).

    Once given it doesn't change.
    """

    _name = "crm.courier.signature"
    _description = "Signature at the Door"
    _inherit = ["crm.courier.facts"]
    _order = "stop_id, id"
    _rec_name = "document"
    _rec_names_search = ["name", "stop_id"]
    _check_company_auto = True

    stop_id = fields.Many2one("crm.courier.stop", required=True, readonly=True, ondelete="restrict", index=True)
    partner_id = fields.Many2one(related="stop_id.partner_id")
    company_id = fields.Many2one(related="stop_id.company_id", store=True, index=True, precompute=True)
    branch_id = fields.Many2one(related="stop_id.branch_id", store=True, index=True, precompute=True)
    document = fields.Selection(DOCUMENTS, required=True, readonly=True)
    name = fields.Char("Signed By", readonly=True)
    image = fields.Binary("Signature", readonly=True)
    on_paper = fields.Boolean(readonly=True, help="It is on the paper; somebody of the office has seen it.")
    signed_at = fields.Datetime("Signed", required=True, readonly=True)
    user_id = fields.Many2one("res.users", "Taken By", required=True, readonly=True, index=True, ondelete="restrict")

    _once = models.UniqueIndex("(stop_id, document)", "This paper is signed already.")
    _is_named = models.Constraint("CHECK(on_paper IS TRUE OR name <> '')", "A signature has a name.")

    @property
    def _facts(self):
        return frozenset(self._fields) - set(models.MAGIC_COLUMNS)

    # === CRUD METHODS === #

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A signature stays: nobody deletes it."))
