from odoo import fields, models

from .crm_courier_unit import CrmCourierUnit as Unit

CONDITIONS = [("ok", "In Order"), ("damaged", "Damaged")]


class CrmCourierUnit(models.Model):
    """What the courier found when they checked a unit in front of the customer (SOP-8a)."""

    _inherit = "crm.courier.unit"

    _facts = Unit._facts | {"condition", "condition_note", "photo", "checked_at", "checked_by_id"}

    condition = fields.Selection(CONDITIONS, "Check", readonly=True, copy=False)
    condition_note = fields.Text("What Is Wrong", readonly=True, copy=False)
    photo = fields.Image(readonly=True, copy=False, max_width=1920, max_height=1920)
    checked_at = fields.Datetime("Checked", readonly=True, copy=False)
    checked_by_id = fields.Many2one("res.users", readonly=True, copy=False, index="btree_not_null")
    replacement_line_ids = fields.One2many("crm.courier.replacement.line", "unit_id", readonly=True)

    # === ACTION METHODS === #

    def action_check(self):
        """Open the check of one unit, for the courier or for the office on their behalf."""
        self.ensure_one()
        self.check_access("read")
        self.stop_id.run_id._check_at_door()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Check"),
            "res_model": "crm.courier.check",
            "view_mode": "form",
            "target": "new",
            "context": {"default_unit_id": self.id},
        }

    # === BUSINESS METHODS === #

    def _is_answered(self):
        """Return whether CRM has answered what becomes of this damaged unit."""
        return any(line.answer for line in self.sudo().replacement_line_ids)
