from collections import defaultdict

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import float_compare


class AccountMoveLine(models.Model):
    """A line of an invoice beside the order line that it invoices (SOP-4a, FL-11)."""

    _inherit = "account.move.line"

    def write(self, vals):
        """Override: what a posted line invoices doesn't change: it was checked when it was posted."""
        if "sale_line_ids" in vals and any(line.parent_state == "posted" for line in self):
            raise UserError(self.env._("A posted invoice stays with the order that it was posted for."))
        return super().write(vals)

    # === CHECKS === #

    def _refuse_unordered(self):
        """Raise UserError where these are any: beside what an order sells, an invoice has only sections and notes.

        What else is charged or granted belongs on the order, which is approved, or on an invoice of its own.
        """
        if self:
            raise UserError(
                self.env._(
                    "%(line)s isn't on the order that this invoice is for. Invoice it separately, or have it put on "
                    "the order, which a manager approves.",
                    line=self[0].name or self[0].product_id.display_name,
                )
            )

    def _check_locked_price(self):
        """Check that each line has the order line's product, unit, price, discount, taxes and amount.

        The line of an advance payment makes that price itself; the one that deducts it has to keep to it.
        """
        for line in self:
            for sold in line.sale_line_ids:
                if sold.is_downpayment and line.quantity > 0:
                    continue
                if different := line._different_from(sold):
                    line._refuse_difference(sold, different)

    def _different_from(self, sold):
        """Return the names of the fields in which this line isn't what the order line sold."""
        currency = sold.currency_id
        same = {
            "currency_id": self.currency_id == currency,
            "product_id": self.product_id == sold.product_id,
            "product_uom_id": self.product_uom_id == sold.product_uom_id,
            "price_unit": not currency.compare_amounts(self.price_unit, sold.price_unit),
            "discount": not float_compare(self.discount, sold.discount, precision_digits=2),
            "tax_ids": self.tax_ids == sold.tax_ids,
        }
        different = [name for name, is_same in same.items() if not is_same]
        return different or ([] if self._amounts_to(sold) else ["price_total"])

    def _amounts_to(self, sold):
        """Whether the customer pays what the order says for such a quantity, but for what rounding each tax makes.

        It is more where somebody has changed a tax since; where the price includes it, that is the shop's matter.
        """
        if not sold.product_uom_qty:
            return True
        expected = sold.price_total * self.quantity / sold.product_uom_qty
        return abs(self.price_total - expected) <= sold.currency_id.rounding * (len(sold.tax_ids) + 1)

    def _refuse_difference(self, sold, names):
        labels = self.fields_get(names, ["string"])
        raise UserError(
            self.env._(
                "%(line)s: %(fields)s on the invoice isn't what order %(order)s was locked with. Delete the "
                "draft and invoice the order again, or write a credit note after posting.",
                line=sold.product_id.display_name or sold.name,
                fields=", ".join(labels[name]["string"] for name in names),
                order=sold.order_id.name,
            )
        )

    def _check_quantity_left(self):
        """Check that these lines don't invoice more than their orders have left, nor deduct what wasn't invoiced.

        Drafts that aren't posted now don't count: they are checked when their turn comes.
        """
        invoiced = defaultdict(float)
        for line in self:
            for sold in line.sale_line_ids:
                invoiced[sold] += line.quantity
        for sold, quantity in invoiced.items():
            if sold._exceeds_order(quantity):
                raise UserError(
                    self.env._(
                        "%(product)s: %(quantity)s can't be invoiced, because order %(order)s has fewer left.",
                        product=sold.product_id.display_name or sold.name,
                        quantity=f"{quantity:g}",
                        order=sold.order_id.name,
                    )
                )
