from odoo import fields, models


class CrmVehicle(models.Model):
    """A corrected day of purchase moves what isn't settled yet: H+n counts from it."""

    _inherit = "crm.vehicle"

    def _purchase_date_changed(self):
        """Override: move the open cases, and those of their follow-ups that nobody has touched."""
        result = super()._purchase_date_changed()
        cases = self.env["crm.followup.case"].sudo()
        cases.search([("vehicle_id", "in", self.ids), ("state", "=", "open")])._count_from_purchase()
        return result


class CrmFollowupCase(models.Model):
    _inherit = "crm.followup.case"

    def _count_from_purchase(self):
        """Count the days of these cases from the vehicles' days of purchase, as they are now."""
        for case in self:
            line = case.schedule_id.line_ids.filtered(lambda line, kpb=case.kpb: line.kpb == kpb)
            due = fields.Date.add(case.vehicle_id.purchase_date, days=line.base_days)
            delta = due - case.due_date
            untouched = case.followup_ids.filtered(lambda f: f.state == "todo" and not f.result and not f.replied_at)
            case._note(
                {
                    "due_date": due,
                    "expires_on": fields.Date.add(due, days=line.window_days),
                    "next_date": case.next_date and case.next_date + delta,
                }
            )
            for followup in untouched:
                day = followup.scheduled_date + delta
                followup._note({"scheduled_date": day, "due_date": day})
