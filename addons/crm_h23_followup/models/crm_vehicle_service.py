from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

#: What a service is about, and where we know it from.
FIXED = frozenset({"vehicle_id", "kpb", "import_id", "branch_id", "company_id"})


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

    @api.constrains("day", "vehicle_id")
    def _check_day(self):
        for service in self:
            vehicle = service.vehicle_id
            if not vehicle.purchase_date <= service.day <= vehicle.branch_id.sudo()._today():
                raise ValidationError(
                    self.env._("%s: a service is done after the purchase, and not in the future.", service.display_name)
                )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: who follows up hears of it; that a report says so only its import notes."""
        services = super().create(vals_list)
        for service in services.sudo():
            vehicle = service.vehicle_id
            if service.import_id or (service.branch_id, service.company_id) != (vehicle.branch_id, vehicle.company_id):
                raise UserError(self.env._("What a service belongs to follows from its vehicle and its file."))
        services._services_imported()
        return services

    def write(self, vals):
        """Override: who follows up hears of a corrected day. Another vehicle or KPB is another service."""
        for name in FIXED & vals.keys():
            field = self._fields[name]
            if any(field.convert_to_cache(vals[name], one) != field.convert_to_cache(one[name], one) for one in self):
                raise UserError(
                    self.env._("This is another service: delete this one, and enter the other one by itself.")
                )
        result = super().write({name: value for name, value in vals.items() if name not in FIXED})
        if "day" in vals:
            self._services_imported()
        return result

    def unlink(self):
        """Override: who follows up hears that a service was noted by mistake."""
        self.check_access("unlink")
        self._services_mistaken()
        return super().unlink()

    # === HOOKS === #

    def _services_imported(self):
        """Hook: these services have been noted, or their day was corrected."""

    def _services_mistaken(self):
        """Hook: these services weren't done; they are about to be deleted."""
