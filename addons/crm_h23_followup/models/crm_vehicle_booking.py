from odoo import api, fields, models


class CrmVehicle(models.Model):
    _inherit = "crm.vehicle"

    booking_ids = fields.One2many("crm.service.booking", "vehicle_id", "Bookings", readonly=True)
    booking_count = fields.Integer(compute="_compute_booking_count")

    @api.depends("booking_ids")
    def _compute_booking_count(self):
        groups = self.env["crm.service.booking"]._read_group(
            [("vehicle_id", "in", self.ids)], ["vehicle_id"], ["__count"]
        )
        counts = {vehicle.id: count for vehicle, count in groups}
        for vehicle in self:
            vehicle.booking_count = counts.get(vehicle.id, 0)

    def action_view_bookings(self):
        """Open the bookings of the vehicle."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_h23_followup.crm_service_booking_action")
        return {**action, "domain": [("vehicle_id", "=", self.id)], "context": {}}
