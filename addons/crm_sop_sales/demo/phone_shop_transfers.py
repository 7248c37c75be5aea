"""Demo transfers: orders at each step, made by the people who would make them, and a bank's statement."""

from odoo import api, models


class CrmDemoTransfers(models.AbstractModel):
    _name = "crm.demo.transfers"
    _description = "Demo Data: Transfers of a Phone Shop"

    @api.model
    def _load(self):
        """Nothing yet."""
