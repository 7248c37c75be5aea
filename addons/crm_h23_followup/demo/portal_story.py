"""Demo: the free services of Odoo's portal user: one is to be booked, another one is."""

from datetime import timedelta

from odoo import api, models


class CrmDemoFollowup(models.AbstractModel):
    _inherit = "crm.demo.followup"

    @api.model
    def _load_portal(self):
        """Open what has come due of the two motorcycles, and book one for next week."""
        self = self.with_context(tracking_disable=True)  # noqa: PLW0642
        vehicle = self.env.ref("crm_h23_followup.crm_vehicle_portal_elang")
        branch = vehicle.branch_id
        self.env["crm.followup.run"]._generate(branch)
        case = vehicle.case_ids.filtered(lambda case: case.state == "open")[:1]
        times = self.env["crm.service.time"]
        domain = [*times._free_domain(branch, "workshop", weekend=False), ("day", ">", branch._today() + timedelta(5))]
        chosen = times.search(domain, limit=1)
        self.env["crm.service.booking"].with_user(branch.pic_id).create(
            [{"case_id": case.id, "slot_id": chosen.slot_id.id, "day": chosen.day}]
        )
