import base64

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.crm_sop_sales.transfer_file import recognise

from ..models.crm_courier_unit_check import CONDITIONS


class CrmCourierCheck(models.TransientModel):
    """Ask what was found on one unit; the stop checks and does the rest."""

    _name = "crm.courier.check"
    _description = "Check of a Unit"
    _inherit = ["crm.about.mixin"]
    _rec_name = "unit_id"
    _about = ("unit_id",)

    unit_id = fields.Many2one("crm.courier.unit", required=True, readonly=True, ondelete="cascade")
    imei_text = fields.Char(related="unit_id.imei_text")
    condition = fields.Selection(CONDITIONS, required=True)
    note = fields.Text("What Is Wrong")
    photo = fields.Binary()
    quantity = fields.Float("How Many", compute="_compute_quantity", store=True, readonly=False, digits="Product Unit")
    is_counted = fields.Boolean(compute="_compute_quantity", store=True)

    @api.depends("unit_id")
    def _compute_quantity(self):
        for check in self:
            check.quantity = check.unit_id.quantity
            check.is_counted = check.unit_id.quantity > 1

    def action_confirm(self):
        """Note it."""
        self.ensure_one()
        photo = self.with_context(bin_size=False).photo
        if photo:
            found = recognise(base64.b64decode(photo))
            if not found or not found.mimetype.startswith("image/"):
                raise UserError(self.env._("A photo is a JPG or PNG file. This one isn't, whatever its name."))
        quantity = self.quantity if self.is_counted and self.condition == "damaged" else None
        self.unit_id.stop_id._check_unit(self.unit_id, self.condition, self.note, photo, quantity)
        return {"type": "ir.actions.act_window_close"}
