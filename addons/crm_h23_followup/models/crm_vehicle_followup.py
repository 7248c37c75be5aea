from odoo import api, fields, models
from odoo.exceptions import UserError


class CrmVehicle(models.Model):
    """The free services of a vehicle, which end with it."""

    _inherit = "crm.vehicle"

    case_ids = fields.One2many("crm.followup.case", "vehicle_id", "Free Services", readonly=True)
    case_count = fields.Integer("KPB Count", compute="_compute_case_count")
    wrong_phone = fields.Char("Wrong Number", readonly=True, copy=False, help="Under this number is somebody else.")
    phone_is_wrong = fields.Boolean(compute="_compute_phone_is_wrong")

    _followup_idx = models.Index("(branch_id, purchase_date) WHERE active AND follow_up_stopped IS NOT TRUE")

    # === COMPUTE METHODS === #

    @api.depends("case_ids")
    def _compute_case_count(self):
        groups = self.env["crm.followup.case"]._read_group(
            [("vehicle_id", "in", self.ids)], ["vehicle_id"], ["__count"]
        )
        counts = {vehicle.id: count for vehicle, count in groups}
        for vehicle in self:
            vehicle.case_count = counts.get(vehicle.id, 0)

    @api.depends("owner_phone", "wrong_phone")
    def _compute_phone_is_wrong(self):
        for vehicle in self:
            vehicle.phone_is_wrong = bool(vehicle.owner_phone) and vehicle.owner_phone == vehicle.wrong_phone

    # === CRUD METHODS === #

    def write(self, vals):
        """Override: a vehicle that is followed up no more has no open follow-up; where that was a mistake, its free
        service goes on at its next follow-up.
        """
        if "wrong_phone" in vals and not self.env.su:
            raise UserError(self.env._("That a number is wrong is noted on the call screen."))
        result = super().write(vals)
        if vals.get("follow_up_stopped") or vals.get("active") is False:
            cases = self.with_context(active_test=False).sudo().case_ids
            opted_out = cases.filtered(lambda case: case.vehicle_id.follow_up_stop_reason == "opt_out")
            opted_out._stop("opt_out")
            (cases - opted_out)._stop("stop")
        elif vals.get("follow_up_stopped") is False or vals.get("active"):
            self.sudo()._resume_cases()
        return result

    def _resume_cases(self):
        cases = self.filtered(lambda vehicle: vehicle.active and not vehicle.follow_up_stopped).case_ids
        cases.filtered(
            lambda case: case.state in ("stopped", "opted_out") and case.expires_on >= case.branch_id._today()
        )._resume()

    # === ACTION METHODS === #

    def action_view_cases(self):
        """Open the free services of the vehicle."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_h23_followup.crm_followup_case_action")
        return {**action, "domain": [("vehicle_id", "=", self.id)], "context": {}}
