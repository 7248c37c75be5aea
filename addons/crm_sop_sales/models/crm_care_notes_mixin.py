from odoo import fields, models
from odoo.exceptions import UserError


class CrmCareNotesMixin(models.AbstractModel):
    """Send the care notes of a document's products to its customer (SOP-T5).

    A model that inherits this computes ``care_product_ids`` and names its mail template in ``_care_template``.
    """

    _name = "crm.care.notes.mixin"
    _description = "Sends Care Notes"

    _care_template = None

    care_product_ids = fields.Many2many("product.product", compute="_compute_care_product_ids")

    def _compute_care_product_ids(self):
        """Hook: set the products whose care notes are for the customer."""
        raise NotImplementedError

    def action_send_care_notes(self):
        """Open an e-mail to the customer with the care notes; it is kept in the chatter."""
        self.ensure_one()
        if not self.care_product_ids:
            raise UserError(self.env._("None of the products has care notes: a manager writes them on the product."))
        if not self.partner_id.email:
            raise UserError(self.env._("The customer has no e-mail address yet: ask for it, and note it first."))
        context = {
            "default_model": self._name,
            "default_res_ids": self.ids,
            "default_template_id": self.env.ref(self._care_template).id,
            "default_composition_mode": "comment",
        }
        view = {"type": "ir.actions.act_window", "res_model": "mail.compose.message", "view_mode": "form"}
        return {**view, "target": "new", "views": [(False, "form")], "context": context}
