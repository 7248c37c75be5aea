from odoo import models
from odoo.tools import SQL


class CrmVehicleService(models.Model):
    """A service that is done settles the free service's follow-up, whether a report or a person says so."""

    _inherit = "crm.vehicle.service"

    def _services_imported(self):
        """Override: settle the cases of these services, all at once."""
        result = super()._services_imported()
        self.env.flush_all()
        for source, imported in (("a2", SQL("IS NOT NULL")), ("hand", SQL("IS NULL"))):
            rows = SQL(
                "SELECT vehicle_id, kpb, day FROM crm_vehicle_service WHERE id = ANY(%s) AND import_id %s",
                list(self.ids),
                imported,
            )
            self.env["crm.followup.case"].sudo()._serviced_rows(rows, source)
        return result

    def _services_mistaken(self):
        """Override: put the cases that were settled by these services back into follow-up."""
        result = super()._services_mistaken()
        kpbs = {(service.vehicle_id, str(service.kpb)) for service in self.sudo()}
        cases = self.sudo().vehicle_id.case_ids.filtered(
            lambda case: case.service_source in ("a2", "hand") and (case.vehicle_id, case.kpb) in kpbs
        )
        cases._resume()
        return result
