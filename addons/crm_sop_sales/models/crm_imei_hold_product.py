from odoo import models
from odoo.exceptions import UserError


class CrmImeiHold(models.Model):
    """Say which orders a product's units are held by."""

    _inherit = "crm.imei.hold"

    def _refuse_change(self):
        """Raise UserError where these are any, with the orders that hold the units."""
        if self:
            raise UserError(
                self.env._(
                    "Orders hold units of %(products)s (%(count)s): %(orders)s. Deliver or cancel these first, then "
                    "change the product.",
                    count=len(self),
                    products=", ".join(self.product_id.mapped("display_name")),
                    orders=", ".join(self.order_id.mapped("name")),
                )
            )
