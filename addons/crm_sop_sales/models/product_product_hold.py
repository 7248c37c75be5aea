from odoo import models
from odoo.tools import SQL


class ProductProduct(models.Model):
    """What an order holds isn't free, from the quotation on: Odoo would count it until the delivery reserves it."""

    _inherit = "product.product"

    def _compute_quantities_dict(self, lot_id, owner_id, package_id, from_date=False, to_date=False):
        """Override: take held units that no delivery has reserved yet off the free quantity."""
        quantities = super()._compute_quantities_dict(lot_id, owner_id, package_id, from_date, to_date)
        for product, count in self._held_unreserved().items():
            if product in quantities:
                quantities[product]["free_qty"] -= count
        return quantities

    def _held_unreserved(self):
        """Return product id → number of held units in the places that the context asks about."""
        serial = [product.id for product in self._origin if product.tracking == "serial"]
        if not serial:
            return {}
        hold = self.env["crm.imei.hold"]
        hold.flush_model(["state", "lot_id", "product_id"])
        places = (
            self.env["stock.quant"]
            .sudo()
            ._search(
                [
                    ("product_id", "in", serial),
                    ("lot_id", "!=", False),
                    ("reserved_quantity", "=", 0),
                    ("quantity", ">", 0),
                ]
                + self._get_domain_locations()[0]
            )
        )
        rows = self.env.execute_query(
            SQL(
                "SELECT product_id, count(*) FROM crm_imei_hold"
                " WHERE state = 'held' AND product_id = ANY(%s) AND lot_id IN (%s) GROUP BY product_id",
                serial,
                places.subselect("lot_id"),
            )
        )
        return dict(rows)
