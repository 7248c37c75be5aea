from odoo import api, fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    service_booking_ids = fields.One2many(
        "crm.service.booking", "partner_id", "Service Bookings", readonly=True, groups="crm_base.group_officer"
    )
    service_booking_count = fields.Integer(compute="_compute_service_booking_count", groups="crm_base.group_officer")

    @api.depends("service_booking_ids")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_service_booking_count(self):
        groups = self.env["crm.service.booking"]._read_group(
            [("partner_id", "in", self.ids)], ["partner_id"], ["__count"]
        )
        counts = {partner.id: count for partner, count in groups}
        for partner in self:
            partner.service_booking_count = counts.get(partner.id, 0)

    def action_view_service_bookings(self):
        """Open the contact's service bookings."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_h23_followup.crm_service_booking_action")
        return {**action, "domain": [("partner_id", "=", self.id)], "context": {}}
