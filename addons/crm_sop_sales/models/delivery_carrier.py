from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .. import cities


class DeliveryCarrier(models.Model):
    """Which way an order is delivered, and what that costs, follows from its address (SOP-5a, SOP-5b)."""

    _inherit = "delivery.carrier"

    choice = fields.Selection(
        [("hand", "By hand"), ("address", "From the address"), ("pickup", "The customer picks up")],
        "How It Is Chosen",
        required=True,
        default="hand",
        help="From the address: orders to the addresses below get the first such method that fits, and no other but a "
        "pick-up. By hand: only for orders to countries without such methods.",
    )
    city_names = fields.Text(
        "Cities",
        help="Separated by commas. Case, and words such as Kota, Kab. or City, don't matter. Empty: all cities.",
    )

    # === CONSTRAINS METHODS === #

    @api.constrains("choice", "invoice_policy")
    def _check_charge_known(self):
        """Check that addresses choose only methods whose charge is known when prices are locked (SOP-4a, SOP-5b)."""
        for carrier in self.filtered(lambda carrier: carrier.choice == "address"):
            if carrier._charges_after_shipping():
                raise ValidationError(carrier._charge_unknown_message())

    def _charges_after_shipping(self):
        return self.invoice_policy == "real"

    def _charge_unknown_message(self):
        return self.env._(
            "%(method)s charges what shipping has cost (Invoicing Policy: Real cost), which nobody knows when the "
            "price is told to the customer. Let it charge the estimated cost.",
            method=self.name,
        )

    # === MATCHING === #

    def _match_address(self, partner):
        """Override: the city is a criterion as well."""
        if self.city_names and cities.normalize(partner.city) not in cities.parse(self.city_names):
            return False
        return super()._match_address(partner)

    def available_carriers(self, partner, source):
        """Override: where an address decides, offer what it decides for, and picking up."""
        available = super().available_carriers(partner, source)
        if "address" in available.mapped("choice"):
            return available.filtered(lambda carrier: carrier.choice != "hand")
        return available

    @api.model
    def _find_by_address(self, company):
        """Return the company's methods that addresses choose, in the order in which they are tried."""
        domain = [*self._check_company_domain(company), ("choice", "=", "address")]
        return self.search(domain)

    def _serving(self, country):
        """Return those of the methods that go to some place of the country."""
        return self.filtered(lambda carrier: not carrier.country_ids or country in carrier.country_ids)

    def _choose_for(self, order):
        """Return the first of these methods that fits the order's address.

        :raise UserError: the address lacks what decides, or none fits
        """
        address = order.partner_shipping_id
        for carrier in self:
            if missing := carrier._missing_in(address):
                raise UserError(
                    self.env._(
                        "%(order)s: the delivery can't be planned, because the address of %(customer)s has no "
                        "%(fields)s. Fill it in, or choose a delivery method that the customer picks up.",
                        order=order.display_name,
                        customer=address.display_name,
                        fields=", ".join(address.fields_get(missing, ["string"])[name]["string"] for name in missing),
                    )
                )
            if carrier._match(address, order):
                return carrier
        raise UserError(
            self.env._(
                "%(order)s: no delivery method goes to %(city)s. Have a sales manager add one (Sales → Configuration → "
                "Delivery Methods), or choose one that the customer picks up.",
                order=order.display_name,
                city=", ".join(filter(None, (address.city, address.state_id.name, address.country_id.name))),
            )
        )

    def _missing_in(self, address):
        """Return the fields of the address without which it can't be said whether this method fits."""
        if self.country_ids and not address.country_id:
            return ["country_id"]
        if self.state_ids and not address.state_id:
            return ["state_id"]
        if self.state_ids and address.state_id not in self.state_ids:
            return []
        wanted = {"city": self.city_names, "zip": self.zip_prefix_ids}
        return [name for name, criterion in wanted.items() if criterion and not address[name]]
