from odoo import api, models


class CrmBranch(models.Model):
    _inherit = "crm.branch"

    @api.model_create_multi
    def create(self, vals_list):
        """Override: a new point of sale gets what is in force for all (BR-G2)."""
        branches = super().create(vals_list)
        branches._catch_up_materials()
        return branches

    def write(self, vals):
        """Override: likewise one that opens again; one that closes needn't confirm anything."""
        result = super().write(vals)
        if vals.keys() & {"active", "kind", "company_id"}:
            self._catch_up_materials()
        return result

    def _catch_up_materials(self):
        versions = self.env["crm.material.version"].sudo()
        versions.search([("state", "=", "published"), ("company_id", "in", self.company_id.ids)])._deliver()
