from odoo import api, fields, models
from odoo.fields import Command, Domain


class CrmLead(models.Model):
    """What a customer wants, and what the officer proposes, offers and explains (SOP-3a, SOP-3b1, SOP-T3 to SOP-T5)."""

    _name = "crm.lead"
    _inherit = ["crm.lead", "crm.care.notes.mixin", "crm.offer.screen.mixin"]

    _care_template = "crm_sop_sales.mail_template_care_notes_lead"
    _offer_lists = ("running_program_ids", "matching_product_ids", "promoted_product_ids", "best_seller_ids")

    interest = fields.Char("Looking For", tracking=True)
    use_ids = fields.Many2many("crm.product.use")
    budget_from = fields.Monetary(currency_field="company_currency")
    budget_to = fields.Monetary(currency_field="company_currency")
    product_line_ids = fields.One2many("crm.lead.product", "lead_id", "Products of Interest", copy=False)
    has_refusal = fields.Boolean(compute="_compute_has_refusal")
    offer_pricelist_id = fields.Many2one("product.pricelist", compute="_compute_offer_pricelist_id")
    matching_product_ids = fields.Many2many(
        "product.product", string="Matching Products", compute="_compute_matching_product_ids"
    )
    promoted_product_ids = fields.Many2many(
        "product.product", string="On Promotion", compute="_compute_offer_product_ids"
    )
    best_seller_ids = fields.Many2many("product.product", string="Selling Well", compute="_compute_offer_product_ids")

    _budget_order = models.Constraint(
        "CHECK(budget_from >= 0 AND budget_to >= 0 AND (budget_from <= budget_to OR COALESCE(budget_to, 0) = 0))",
        "The budget goes from the lower to the higher amount.",
    )

    # === COMPUTE METHODS === #

    @api.depends("product_line_ids.answer")
    def _compute_has_refusal(self):
        for lead in self:
            lead.has_refusal = "refused" in lead.product_line_ids.mapped("answer")

    @api.depends("partner_id", "company_id")
    @api.depends_context("company")
    def _compute_offer_pricelist_id(self):
        """Use the customer's price list, else the one that customers in the company's country get."""
        for lead in self:
            company = lead.company_id or self.env.company
            customer = (lead.partner_id or company.partner_id).with_company(company)
            lead.offer_pricelist_id = customer.property_product_pricelist

    @api.depends(
        "use_ids", "budget_from", "budget_to", "partner_id", "company_id", "product_line_ids.product_id", "won_status"
    )
    @api.depends_context("uid", "company")
    def _compute_matching_product_ids(self):
        self.matching_product_ids = False
        for lead in self.filtered(lambda lead: lead.won_status == "pending"):
            uses = lead.use_ids._origin
            found = lead._offer_products()._find_matching(uses, lead.budget_from, lead.budget_to)
            lead.matching_product_ids = (found - lead.product_line_ids.product_id).ids

    @api.depends("partner_id", "company_id", "product_line_ids.product_id", "has_refusal", "won_status")
    @api.depends_context("uid", "company")
    def _compute_offer_product_ids(self):
        """Find them where they are wanted: for who isn't willing to buy what was asked for, and may still be won."""
        self.promoted_product_ids = self.best_seller_ids = False
        for lead in self.filtered(lambda lead: lead.has_refusal and lead.won_status == "pending"):
            promoted, sellers = lead._find_offers()
            lead.promoted_product_ids, lead.best_seller_ids = promoted.ids, sellers.ids

    @api.depends("product_line_ids.answer", "product_line_ids.product_id.care_notes")
    def _compute_care_product_ids(self):
        """Override: care is for what the customer takes; where nothing is decided, for all that was talked about."""
        for lead in self:
            wanted = lead.product_line_ids.filtered(lambda line: line.answer in ("interested", "ordered"))
            products = (wanted or lead.product_line_ids).product_id
            lead.care_product_ids = products.filtered("care_notes")

    # === BUSINESS METHODS === #

    def _offer_context(self):
        """Override: products show what they cost this customer, by name: officers read it out."""
        company = self.company_id or self.env.company
        prices = {"pricelist": self.offer_pricelist_id.id, "allowed_company_ids": company.ids}
        return {**super()._offer_context(), **prices, "display_default_code": False}

    def _offer_products(self):
        return self.env["product.product"].with_context(**self._offer_context())

    def _find_offers(self):
        """Return what else can be offered now: promoted products and best sellers, without what was talked about."""
        self.ensure_one()
        products = self._offer_products()
        programs = self.env["sale.order"]._find_programs_for(self.partner_id, self.company_id)
        known = self.product_line_ids.product_id
        return products._find_promoted(programs) - known, products._find_best_sellers() - known

    def _prepare_opportunity_quotation_context(self):
        """Override: New Quotation takes over what the customer is interested in."""
        wanted = self.product_line_ids.filtered(lambda line: line.answer == "interested").product_id
        lines = [Command.create({"product_id": product.id, "product_uom_qty": 1}) for product in wanted]
        context = super()._prepare_opportunity_quotation_context()
        return {**context, "default_order_line": lines} if lines else context

    # === MERGING === #

    def _merge_get_fields(self):
        return [*super()._merge_get_fields(), "interest", "budget_from", "budget_to"]

    def _merge_get_fields_specific(self):
        def uses(_name, leads):
            return [Command.set(leads.use_ids.ids)]

        return {**super()._merge_get_fields_specific(), "use_ids": uses}

    def _merge_dependences(self, opportunities):
        """Override: the merged opportunity takes over what was asked for, offered and told (FL-3)."""
        opportunities.product_line_ids._move_to(self)
        told = self.env["crm.promotion.told"].sudo().search(Domain("lead_id", "in", opportunities.ids))
        told.lead_id = self
        return super()._merge_dependences(opportunities)
