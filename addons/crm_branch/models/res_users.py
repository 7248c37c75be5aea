from odoo import models

#: Who works at the counter or leads a point of sale.
POINT_OF_SALE = (
    "crm_branch.group_service_officer",
    "crm_branch.group_retention_officer",
    "crm_branch.group_cashier",
    "crm_branch.group_branch_manager",
)


class ResUsers(models.Model):
    _inherit = "res.users"

    # === BUSINESS METHODS === #

    def _works_at_point_of_sale(self):
        """Return whether the user has a role at points of sale and doesn't belong to a headquarters."""
        self.ensure_one()
        return any(self.has_group(group) for group in POINT_OF_SALE) and not self._sees_all_branches()
