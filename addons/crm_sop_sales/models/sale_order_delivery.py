from odoo import api, fields, models
from odoo.exceptions import UserError


class SaleOrder(models.Model):
    """The delivery method and its charge come from the address; the charge is a line of its own (SOP-5a, SOP-5b)."""

    _inherit = "sale.order"

    delivery_forecast = fields.Char(
        "Delivery",
        compute="_compute_delivery_forecast",
        compute_sudo=True,  # colleagues without rights of sales read orders too
        help="What the address will make of it on submission.",
    )

    # === COMPUTE METHODS === #

    @api.depends(
        "state",
        "approval_state",
        "order_line.product_id",
        "order_line.product_uom_qty",
        "carrier_id",
        "partner_shipping_id.city",
        "partner_shipping_id.state_id",
        "partner_shipping_id.country_id",
        "partner_shipping_id.zip",
    )
    def _compute_delivery_forecast(self):
        """Tell the officer, while the customer is on the line, how it will be delivered and for how much."""
        for order in self:
            order.delivery_forecast = order._forecast_delivery()

    def _forecast_delivery(self):
        is_open = self.state in ("draft", "sent") and not self._is_price_locked()
        if not is_open or not self.partner_shipping_id or not self._ships_goods():
            return False
        try:
            carrier = self._find_carrier_for_address()
            if not carrier:
                return False
            charge = self._get_delivery_charge(carrier)
        except UserError as problem:
            return str(problem)
        if self.currency_id.is_zero(charge):
            return self.env._("%s: free of charge", carrier.name)
        return f"{carrier.name}: {self.currency_id.format(charge)}"

    # === BUSINESS METHODS === #

    def _set_delivery_from_address(self):
        """Give each order that ships goods the delivery method of its address, and the line with its charge.

        A method that the officer chose stays if the address allows it, with its price of now. Not for locked orders.

        :raise UserError: the address lacks what decides, no method goes there, or the charge isn't known before
            shipping; says what to do
        """
        for order in self.filtered(lambda order: order._ships_goods()):
            if carrier := order._find_carrier_for_address():
                if carrier._charges_after_shipping():
                    raise UserError(carrier._charge_unknown_message())
                order.set_delivery_line(carrier, order._get_delivery_charge(carrier))

    def _ships_goods(self):
        """Return whether anything of the order has to be carried to the customer."""
        return any(
            line.product_id.type == "consu" and line.product_uom_qty > 0 and not line.is_delivery
            for line in self.order_line
        )

    def _find_carrier_for_address(self):
        """Return the order's delivery method; none where the company lets no address decide.

        An address abroad, to which no method is bound, leaves the choice to the officer, who has to make it.

        :raise UserError: the address lacks what decides, no method goes there, or the officer has to choose
        """
        self.ensure_one()
        carriers = self.carrier_id._find_by_address(self.company_id)
        if not carriers or self.carrier_id.choice == "pickup":
            return self.carrier_id
        country = self.partner_shipping_id.country_id or self.company_id.country_id
        serving = carriers._serving(country)
        if serving:
            chosen = self.carrier_id & serving
            return chosen if chosen and chosen._match(self.partner_shipping_id, self) else serving._choose_for(self)
        if not self.carrier_id and carriers._serving(self.company_id.country_id):
            raise UserError(
                self.env._(
                    "%(order)s goes to %(country)s: choose its delivery method (Add shipping).",
                    order=self.display_name,
                    country=country.name,
                )
            )
        return self.carrier_id

    def _get_delivery_charge(self, carrier):
        """Return the price of the method for this order, in the order's currency.

        :raise UserError: the method can't tell a price
        """
        rate = carrier.rate_shipment(self)
        if not rate["success"]:
            raise UserError(rate["error_message"])
        return rate["price"]
