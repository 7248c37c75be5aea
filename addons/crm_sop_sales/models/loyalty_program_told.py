from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .sale_order_promotion import ADVERTISED


class LoyaltyProgram(models.Model):
    """Who was told of a promotion, and which products it is about (SOP-T6, SOP-3b1)."""

    _inherit = "loyalty.program"

    told_ids = fields.One2many("crm.promotion.told", "program_id", "Told To")
    told_count = fields.Integer("Customers Told", compute="_compute_told_count")
    told_text = fields.Char("Told", compute="_compute_told_text", help="When this customer was told of it, by whom.")

    # === COMPUTE METHODS === #

    def _compute_told_count(self):
        groups = self.env["crm.promotion.told"]._read_group(
            [("program_id", "in", self.ids)], ["program_id"], ["__count"]
        )
        counts = dict(groups)
        for program in self:
            program.told_count = counts.get(program, 0)

    @api.depends("told_ids")
    @api.depends_context("offer_partner_id", "lang", "tz")
    def _compute_told_text(self):
        """Say it of the customer whom the context names; many programmes cost one query."""
        partner = self.env["res.partner"].browse(self.env.context.get("offer_partner_id"))
        told = {record.program_id.id: record for record in partner._find_told(self)}
        for program in self:
            record = told.get(program._origin.id)
            program.told_text = record._in_words() if record else False

    # === ACTION METHODS === #

    def action_told(self):
        """Record that the customer of the screen is told of the promotion now; who knows it isn't told again."""
        self.ensure_one()
        partner = self.env["res.partner"].browse(self.env.context.get("offer_partner_id")).exists()
        if not partner:
            raise UserError(self.env._("Choose the customer first: it is recorded whom you told."))
        if record := partner._find_told(self):
            return record._notify()
        occasion = self.env.context.get("offer_model"), self.env.context.get("offer_id")
        self.env["crm.promotion.told"]._tell(self, partner, *occasion)
        return True

    def action_view_told(self):
        """Open the list of who was told."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_sop_sales.crm_promotion_told_action")
        return {**action, "domain": [("program_id", "=", self.id)], "context": {}}

    def action_view_untold(self):
        """Open the customers whom nobody has told of it."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_sop_sales.res_partner_action_untold")
        return {**action, "domain": [("untold_program_ids", "in", self.ids)], "context": {}}

    # === BUSINESS METHODS === #

    def _promoted_domain(self):
        """Return the domain of the products that the programme names; one on everything names none."""
        self.ensure_one()
        domains = [rule._get_valid_product_domain() for rule in self.rule_ids]
        for reward in self.reward_ids:
            if reward.reward_type == "discount" and reward.discount_applicability == "specific":
                domains.append(reward._get_discount_product_domain())
        return Domain.OR(domain for domain in map(Domain, domains) if not domain.is_true())

    @api.model
    def _find_current(self, company):
        """Return the company's advertised programmes of today, whatever price list they are for."""
        today = fields.Date.context_today(self)
        domain = Domain(self._check_company_domain(company.id)) & Domain(
            [("active", "=", True), ("sale_ok", "=", True), ("program_type", "in", ADVERTISED)]
        )
        domain &= Domain("date_from", "=", False) | Domain("date_from", "<=", today)
        domain &= Domain("date_to", "=", False) | Domain("date_to", ">=", today)
        return self.search(domain)._without_used_up()

    def _without_used_up(self):
        return self.filtered(lambda program: not program.limit_usage or program.total_order_count < program.max_usage)

    def _audience_domain(self):
        """Return the domain of the customers whom the programme is for: all, or those of its price lists."""
        self.ensure_one()
        if not self.pricelist_ids:
            return Domain.TRUE
        return Domain("specific_property_product_pricelist", "in", self.pricelist_ids.ids)

    def _told_partners(self):
        """Return the query of the ids of the customers who were told, by officers of whatever branch."""
        return self.env["crm.promotion.told"].sudo()._search([("program_id", "in", self.ids)]).subselect("partner_id")
