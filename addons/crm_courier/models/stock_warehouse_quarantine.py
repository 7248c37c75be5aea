from odoo import api, fields, models


class StockWarehouse(models.Model):
    """Where damaged goods are: with the courier who brings them back, and then in quarantine (SOP-8b).

    Both places are beside the warehouse, not in it: nothing counts what is there as stock, holds it or sells it.
    """

    _inherit = "stock.warehouse"

    damaged_location_id = fields.Many2one(
        "stock.location", "Damaged, with Couriers", readonly=True, copy=False, check_company=True
    )
    quarantine_location_id = fields.Many2one(
        "stock.location", "Quarantine", readonly=True, copy=False, check_company=True
    )

    @api.model_create_multi
    def create(self, vals_list):
        """Override: a new warehouse has its places for damaged goods."""
        warehouses = super().create(vals_list)
        warehouses._create_quarantine()
        return warehouses

    @api.model
    def _create_all_quarantines(self):
        """Give every warehouse its places. For the data file, which every update loads again."""
        self.with_context(active_test=False).search([])._create_quarantine()

    def _create_quarantine(self):
        for warehouse in self.sudo():
            names = {
                "damaged_location_id": self.env._("%s: Damaged, with Couriers", warehouse.code),
                "quarantine_location_id": self.env._("%s: Quarantine", warehouse.code),
            }
            for field, name in names.items():
                if not warehouse[field]:
                    warehouse[field] = warehouse._find_or_create_place(name)

    def _find_or_create_place(self, name):
        """Return the place of that name: one that was left when the addon was uninstalled has goods in it."""
        own = [("name", "=", name), ("location_id", "=", False), ("company_id", "=", self.company_id.id)]
        places = self.env["stock.location"].sudo()
        return places.search(own, limit=1) or places.create(
            {"name": name, "usage": "internal", "company_id": self.company_id.id}
        )

    @api.model
    def _quarantine_places(self):
        """Return all places of damaged goods, of all companies."""
        warehouses = self.sudo().with_context(active_test=False).search([])
        return warehouses.damaged_location_id | warehouses.quarantine_location_id
