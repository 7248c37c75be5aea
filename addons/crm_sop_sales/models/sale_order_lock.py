from odoo import api, fields, models
from odoo.exceptions import UserError


class SaleOrder(models.Model):
    """What the order came to and where it goes are noted when its prices are locked, and compared later (SOP-4a)."""

    _inherit = "sale.order"

    locked_total = fields.Monetary(
        compute="_compute_locked_facts",
        store=True,
        help="What the order came to when its prices were locked: it is approved, confirmed and invoiced for this.",
    )
    locked_address = fields.Char(
        compute="_compute_locked_facts",
        store=True,
        help="Of the delivery address, what decided about method and charge when the prices were locked.",
    )

    # === COMPUTE METHODS === #

    @api.depends("price_locked_at")
    def _compute_locked_facts(self):
        """Note both when the lock is set, and not when they change later: that is what they are compared with."""
        for order in self:
            order.locked_total = order.amount_total if order.price_locked_at else 0.0
            order.locked_address = order._address_facts() if order.price_locked_at else False

    def _address_facts(self):
        address = self.sudo().partner_shipping_id
        return f"{address.country_id.id or ''}|{address.state_id.id or ''}|{address.city or ''}|{address.zip or ''}"

    # === CHECKS === #

    def _check_locked_facts(self):
        """Check that the orders are what was locked.

        :raise UserError: one comes to another total, or its address has another delivery; says what to do
        """
        for order in self:
            if problem := order._locked_total_problem() or order._locked_delivery_problem():
                raise UserError(problem)

    def _locked_total_problem(self):
        """Return why the total isn't the locked one any more, or None (SOP-4a)."""
        if not self.currency_id.compare_amounts(self.amount_total, self.locked_total):
            return None
        problem = self.env._(
            "%(order)s comes to %(total)s, but its prices were locked at %(locked)s.",
            order=self.display_name,
            total=self.currency_id.format(self.amount_total),
            locked=self.currency_id.format(self.locked_total),
        )
        return f"{problem}\n{self._resubmit_advice()}"

    def _locked_delivery_problem(self):
        """Return why the delivery and its charge aren't those of the address any more, or None (SOP-5b).

        Only where the address has changed: a tariff that changes after the lock doesn't touch the order.
        """
        if self._address_facts() == self.locked_address or not self._ships_goods():
            return None
        try:
            carrier = self._find_carrier_for_address()
            charge = self._get_delivery_charge(carrier) if carrier else 0.0
        except UserError as problem:
            return f"{problem}\n{self._resubmit_advice()}"
        charged = sum(self.order_line.filtered("is_delivery").mapped("price_unit"))
        if carrier == self.carrier_id and not self.currency_id.compare_amounts(charge, charged):
            return None
        problem = self.env._(
            "%(order)s was submitted for delivery by %(method)s for %(charge)s, but the address has changed since: now "
            "it is %(new_method)s for %(new_charge)s.",
            order=self.display_name,
            method=self.carrier_id.name or "–",
            charge=self.currency_id.format(charged),
            new_method=carrier.name or "–",
            new_charge=self.currency_id.format(charge),
        )
        return f"{problem}\n{self._resubmit_advice()}"

    def _resubmit_advice(self):
        return self.env._("Have a manager unlock the order, and submit it again.")
