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
