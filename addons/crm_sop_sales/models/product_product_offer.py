from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import html2plaintext

#: So many products are shown to an officer who is on the phone.
SHOWN = 10
#: An amount of which a tax is computed to know its rate, and how far the rate's rounding may put a price off.
MUCH, ROUNDING = 1_000_000, 0.0001


class ProductProduct(models.Model):
    """What the officer can propose or offer to a customer at this moment (SOP-3a, SOP-3b1, SOP-T3)."""

    _inherit = "product.product"

    free_here = fields.Float(
        compute="_compute_free_by_place",
        digits="Product Unit",
        help="Units that nobody holds, in your own warehouse.",
    )
    free_elsewhere = fields.Float(
        compute="_compute_free_by_place",
        digits="Product Unit",
        help="Units that nobody holds, in the company's other warehouses.",
    )
    specification_text = fields.Text("Specification in Short", compute="_compute_specification_text")
    units_sold = fields.Float(
        "Sold Lately",
        compute="_compute_units_sold",
        digits="Product Unit",
        help="Units on confirmed orders of the last days; how many days is a setting.",
    )
    promotion_names = fields.Char("Promotion", compute="_compute_promotion_names")

    # === COMPUTE METHODS === #

    @api.depends("is_storable", "type")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_free_by_place(self):
        here = self.env.user._get_default_warehouse_id()
        for product, local in zip(self, self.with_context(warehouse_id=here.id), strict=True):
            product.free_here = local.free_qty if here else 0
            product.free_elsewhere = product.free_qty - product.free_here

    @api.depends("specification", "description_sale")
    @api.depends_context("lang")
    def _compute_specification_text(self):
        for product in self:
            text = html2plaintext(product.specification or "", include_references=False)
            product.specification_text = text or product.description_sale

    @api.depends_context("company")
    def _compute_units_sold(self):
        sold = self._units_sold([("product_id", "in", self.ids)])
        for product in self:
            product.units_sold = sold.get(product._origin, 0)

    @api.depends_context("company", "offer_partner_id")
    def _compute_promotion_names(self):
        partner = self.env["res.partner"].browse(self.env.context.get("offer_partner_id"))
        self.promotion_names = False
        for program in self.env["sale.order"]._find_programs_for(partner, self.env.company):
            for product in self.filtered_domain(program._promoted_domain()):
                product.promotion_names = ", ".join(filter(None, (product.promotion_names, program.name)))

    # === ACTION METHODS === #

    def action_add_to_opportunity(self):
        """Add the product to what the customer asks for, on the opportunity that the screen is about."""
        self._add_to_opportunity("asked")

    def action_offer(self):
        """Note that the product was offered to a customer who wasn't willing to buy another one."""
        self._add_to_opportunity("offered")

    def _add_to_opportunity(self, kind):
        """Add what isn't there yet. The client says which opportunity; the user needs the right to change it."""
        lead = self.env["crm.lead"].browse(self.env.context.get("opportunity_id")).exists()
        if not lead:
            raise UserError(self.env._("Save the opportunity first, then choose a product."))
        new = self - lead.product_line_ids.product_id
        self.env["crm.lead.product"].create(
            [{"lead_id": lead.id, "product_id": product.id, "kind": kind} for product in new]
        )

    # === BUSINESS METHODS === #

    @api.model
    def _find_in_stock(self, domain):
        """Return the goods for sale of which the context's companies have free units; many cost no more queries."""
        found = self.search(Domain(domain) & Domain([("sale_ok", "=", True), ("is_storable", "=", True)]))
        quants = (
            self.env["stock.quant"]
            .sudo()
            ._read_group(
                [("product_id", "in", found.ids), *self._get_domain_locations()[0]],
                ["product_id"],
                ["quantity:sum", "reserved_quantity:sum"],
            )
        )
        stock = {product.id: quantity - reserved for product, quantity, reserved in quants}
        held = found.browse(stock)._held_unreserved()
        return found.filtered(lambda product: stock.get(product.id, 0) > held.get(product.id, 0))

    @api.model
    def _find_matching(self, uses, lowest, highest):
        """Return what serves one of the uses, is free, and costs from–to with tax, in the company's currency.

        Prices are those of the context's price list; what serves more of the uses comes first. Of thousands of models
        those are estimated first, and few computed.
        """
        if not (uses or lowest or highest):
            return self.browse()
        found = self._find_in_stock([("use_ids", "in", uses.ids)] if uses else [])
        prices = found._estimate_prices()
        highest = highest or float("inf")
        near = found.filtered(
            lambda product: lowest * (1 - ROUNDING) <= prices[product.id] <= highest * (1 + ROUNDING)
        ).sorted(lambda product: (-len(product.use_ids & uses), prices[product.id], product.id))
        exact = near[: 3 * SHOWN].filtered(lambda product: lowest <= product._price_in(self.env.company) <= highest)
        return exact[:SHOWN]

    def _estimate_prices(self):
        """Return product id → price with tax in the company's currency, but for rounding, a set of taxes at a time."""
        company = self.env.company
        pricelist = self.product_tmpl_id._get_contextual_pricelist() or company.partner_id.property_product_pricelist
        currency = pricelist.currency_id or company.currency_id
        prices = pricelist._get_products_price(self, 1.0, currency=currency)
        rate = self.env["res.currency"]._get_conversion_rate(currency, company.currency_id, company)
        estimates = {}
        for taxes, products in self.sudo().grouped("taxes_id").items():
            taxed = taxes._filter_taxes_by_company(company).compute_all(MUCH, currency)["total_included"] / MUCH
            estimates |= {product.id: prices[product.id] * taxed * rate for product in products}
        return estimates

    def _price_in(self, company):
        today = fields.Date.context_today(self)
        return self.price_currency_id._convert(self.price_with_tax, company.currency_id, company, today)

    @api.model
    def _find_promoted(self, programs):
        """Return what is in stock and named by one of the programmes; a discount on everything names nothing."""
        domain = Domain.OR(program._promoted_domain() for program in programs)
        return self.browse() if domain.is_false() else self._find_in_stock(domain)[:SHOWN]

    @api.model
    def _find_best_sellers(self):
        """Return what is in stock and sold best in the company lately, the best first."""
        sold = self._units_sold([("product_id.is_storable", "=", True)])
        found = self._find_in_stock([("id", "in", [product.id for product in sold])])
        return found.sorted(lambda product: (-sold[product], product.id))[:SHOWN]

    @api.model
    def _units_sold(self, domain):
        """Return product → units on the company's confirmed orders of the last days. All officers' orders count."""
        company = self.env.company
        since = fields.Datetime.now() - timedelta(days=company.best_seller_days)
        groups = (
            self.env["sale.order.line"]
            .sudo()
            ._read_group(
                [
                    *domain,
                    ("state", "=", "sale"),
                    ("company_id", "=", company.id),
                    ("order_id.date_order", ">=", since),
                    ("reward_id", "=", False),
                ],
                ["product_id", "product_uom_id"],
                ["product_uom_qty:sum"],
            )
        )
        sold = {}
        for product, unit, quantity in groups:
            plain = self.browse(product.id)
            sold[plain] = sold.get(plain, 0) + unit._compute_quantity(quantity, product.uom_id, round=False)
        return {product: units for product, units in sold.items() if units > 0}
