from odoo import api, fields, models

KPB_NUMBERS = (1, 2, 3, 4)


class CrmVehicleService(models.Model):
    """A free service (KPB) that was done on a vehicle, wherever it was: from the main dealer's A2 report or by hand."""

    _name = "crm.vehicle.service"
    _description = "Service Done"
    _order = "day desc, id desc"

    vehicle_id = fields.Many2one("crm.vehicle", required=True, ondelete="cascade", index=True)
    branch_id = fields.Many2one(related="vehicle_id.branch_id", store=True, index=True)
    company_id = fields.Many2one(related="vehicle_id.company_id", store=True, index=True)
    kpb = fields.Integer("KPB", required=True, aggregator=None, help="Number of the free service, 1 to 4.")
    day = fields.Date("Done On", required=True, index=True)
    dealer = fields.Char("Done At", help="The workshop, as the report names it.")
    import_id = fields.Many2one("crm.vehicle.import", "From File", readonly=True, index="btree_not_null")

    _vehicle_kpb_uniq = models.Constraint("UNIQUE(vehicle_id, kpb)", "This service of the vehicle is noted already.")
    _kpb_number = models.Constraint("CHECK(kpb BETWEEN 1 AND 4)", "There are four free services: 1 to 4.")

    # === COMPUTE METHODS === #

    @api.depends("kpb", "vehicle_id.display_name")
    def _compute_display_name(self):
        for service in self:
            service.display_name = f"KPB {service.kpb} · {service.vehicle_id.display_name}"

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: who follows up hears of it."""
        services = super().create(vals_list)
        services._services_imported()
        return services

    # === HOOKS === #

    def _services_imported(self):
        """Hook: these services have been noted, or their day was corrected."""
