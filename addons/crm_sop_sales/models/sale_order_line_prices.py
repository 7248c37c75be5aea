from odoo import fields, models

#: What Odoo's note of the price list's price says of one that was given with the line: it can't be a list's.
BY_HAND = -1.0


class SaleOrderLine(models.Model):
    """Lines tell the price list's prices from those that somebody chose by hand (SOP-4a)."""

    _inherit = "sale.order.line"

    technical_discount = fields.Float(help="Discount that the price list gave; another one was chosen by hand.")

    # === COMPUTE METHODS === #

    def _compute_discount(self):
        """Override: note which discount is the price list's, as Odoo does with the price."""
        result = super()._compute_discount()
        for line in self:
            if line.technical_discount != line.discount and not line.order_id._is_price_locked():
                line.technical_discount = line.discount
        return result

    def _add_precomputed_values(self, vals_list):  # pylint: disable=missing-return
        """Override: a price or discount that is given with the new line is nobody's but the giver's.

        Odoo would take such a price for the price list's.
        """
        given = [vals.get("technical_discount", 0.0 if "discount" in vals else None) for vals in vals_list]
        for vals in vals_list:
            if "price_unit" in vals:
                vals.setdefault("technical_price_unit", BY_HAND)
        super()._add_precomputed_values(vals_list)
        for vals, discount in zip(vals_list, given, strict=True):
            vals["technical_discount"] = vals.get("discount", 0.0) if discount is None else discount

    # === BUSINESS METHODS === #

    def _refresh_prices(self):
        """Give the lines the price list's prices of the order's date, but for those that somebody chose by hand.

        :return: whether anything changed
        """
        self.invalidate_recordset(["pricelist_item_id"], flush=False)
        changed = [line._refresh_price() for line in self if line._has_list_price()]
        return any(changed)

    def _refresh_price(self):
        """Give this line the price list's price and discount; return whether they are others."""
        before = (self.price_unit, self.discount)
        price = self._get_list_price_now()
        if self.currency_id.compare_amounts(price, self.price_unit):
            self.update({"price_unit": price, "technical_price_unit": price})
        if self._has_list_discount():
            self._compute_discount()
        return (self.price_unit, self.discount) != before

    def _has_list_price(self):
        """Whether the price is the one that the price list gave, as Odoo knows by the price noted beside it."""
        elsewhere = self.is_downpayment or self.is_expense or self.qty_invoiced or self._is_global_discount()
        noted = self.currency_id.compare_amounts(self.price_unit, self.technical_price_unit) == 0
        return bool(self.product_id) and noted and not elsewhere

    def _has_list_discount(self):
        """Whether the discount is the price list's, and there is one or was."""
        shows = self.discount or self.combo_item_id or self.pricelist_item_id._show_discount()
        return shows and self.discount == self.technical_discount

    def _get_list_price_now(self):
        """Return the price per unit that Odoo would compute for a new line."""
        line = self.with_company(self.company_id)
        return line.product_id._get_tax_included_unit_price_from_price(
            line._get_display_price(),
            product_taxes=line.product_id.taxes_id._filter_taxes_by_company(line.company_id),
            fiscal_position=line.order_id.fiscal_position_id,
        )
