from odoo import api, fields, models


class ProductProduct(models.Model):
    """What the officer tells a customer about a product (SOP-3a): its price, tax included, beside what is in stock."""

    _inherit = "product.product"

    price_with_tax = fields.Monetary(
        "Price with Tax",
        compute="_compute_price_with_tax",
        currency_field="price_currency_id",
        help="What a customer pays for one today, by the current price list, tax included.",
    )
    price_currency_id = fields.Many2one("res.currency", compute="_compute_price_with_tax")

    @api.depends("lst_price", "taxes_id")
    @api.depends_context("company", "pricelist", "quantity", "uom", "date")
    def _compute_price_with_tax(self):
        """Use the context's price list, else the one that customers in the company's country get."""
        company = self.env.company
        pricelist = self.product_tmpl_id._get_contextual_pricelist() or company.partner_id.property_product_pricelist
        currency = pricelist.currency_id or company.currency_id
        prices = pricelist._get_products_price(self, 1.0, currency=currency)
        for product in self:
            taxes = product.sudo().taxes_id._filter_taxes_by_company(company)
            amounts = taxes.compute_all(prices[product.id], currency, product=product)
            product.price_with_tax = amounts["total_included"]
            product.price_currency_id = currency
