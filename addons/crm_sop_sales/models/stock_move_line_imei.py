from odoo import models


class StockMoveLine(models.Model):
    """Delivery slips name units by IMEI."""

    _inherit = "stock.move.line"

    def _imei_texts(self):
        """Return the units of these lines for documents, second IMEIs after a slash."""
        return self.sudo().lot_id.filtered("is_imei")._imei_texts()

    def _get_aggregated_product_quantities(self, **kwargs):
        """Override: Odoo's groups of lines ignore which units they are for; name them."""
        groups = super()._get_aggregated_product_quantities(**kwargs)
        for line in self.filtered("product_id.is_imei"):
            key = self._get_aggregated_properties(move_line=line)["line_key"]
            if key in groups and not (kwargs.get("except_package") and line.result_package_id):
                groups[key].setdefault("imeis", []).extend(line._imei_texts())
        return groups
