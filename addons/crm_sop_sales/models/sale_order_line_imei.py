from odoo import models


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _imei_texts(self):
        """Return the units of the line for documents, second IMEIs after a slash."""
        self.ensure_one()
        return self._get_imei_lots().sudo()._imei_texts()
