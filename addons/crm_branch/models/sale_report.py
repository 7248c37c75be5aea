from odoo import fields, models


class SaleReport(models.Model):
    """Sales of products and accessories by branch (BR-16)."""

    _inherit = "sale.report"

    branch_id = fields.Many2one("crm.branch", readonly=True)

    def _select_additional_fields(self):
        """Override: the branch of the order."""
        return {**super()._select_additional_fields(), "branch_id": "s.branch_id"}

    def _group_by_sale(self):
        """Override: likewise."""
        return f"{super()._group_by_sale()}, s.branch_id"
