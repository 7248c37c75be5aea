from odoo import fields, models


class SaleOrder(models.Model):
    """On submission the prices become those of that day and hour (SOP-4a)."""

    _inherit = "sale.order"

    def _price_as_of_now(self):
        """Date open quotations now, and give their lines the prices of now.

        :return: sale.order → its total before, for those whose prices weren't of now
        """
        totals = {}
        quotations = self.filtered(lambda order: order.state in ("draft", "sent"))
        quotations.write({"date_order": fields.Datetime.now()})
        for order in quotations:
            before = order.amount_total
            if order._get_update_prices_lines()._refresh_prices():
                totals[order] = before
        return totals

    def _tell_new_prices(self, totals):
        """Say on the orders of ``totals`` what they came to, and what they come to at the prices of now."""
        for order, before in totals.items():
            order.message_post(
                body=self.env._(
                    "Prices have changed since the quotation was made; it now has those of its submission: %(before)s "
                    "→ %(after)s.",
                    before=order.currency_id.format(before),
                    after=order.currency_id.format(order.amount_total),
                )
            )
