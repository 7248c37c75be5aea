from odoo import models


class CrmImeiHold(models.Model):
    """While modules are being installed, their tables are nobody else's yet."""

    _inherit = "crm.imei.hold"

    def _now(self, query):
        """Override: demo orders are made before the installation is committed, so another view of the data is empty."""
        if not self.env.registry.ready:
            return self.env.execute_query(query)
        return super()._now(query)
