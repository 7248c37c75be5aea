from odoo import api, fields, models
from odoo.exceptions import ValidationError

RANGE = (1, 5)


class CrmSegment(models.Model):
    """Customers alike in when, how often and for how much they buy (CC-6c).

    Each night every customer gets three scores from 1 to 5 (a fifth of the customers each), and the first segment, by
    sequence, whose ranges hold all three.
    """

    _name = "crm.segment"
    _inherit = ["crm.branch.link.mixin"]
    _description = "Customer Value Segment"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    color = fields.Integer()
    company_id = fields.Many2one("res.company", index=True, ondelete="cascade", help="Empty: for every company.")
    advice = fields.Text(translate=True, help="How to serve these customers; agents read it.")
    recency_from = fields.Integer(required=True, default=1, help="5: bought lately. 1: long ago.")
    recency_to = fields.Integer(required=True, default=5)
    frequency_from = fields.Integer(required=True, default=1, help="5: buys often. 1: seldom.")
    frequency_to = fields.Integer(required=True, default=5)
    monetary_from = fields.Integer(
        "Value From", required=True, default=1, help="5: buys for much money. 1: for little."
    )
    monetary_to = fields.Integer("Value To", required=True, default=5)
    priority_points = fields.Integer(help="What it adds to the priority of these customers' calls and messages.")
    skill_id = fields.Many2one(
        "crm.skill",
        "Agents' Skill",
        domain="[('kind', '=', 'value')]",
        index="btree_not_null",
        ondelete="restrict",
        help="Their contacts go to agents who have it.",
    )
    customer_count = fields.Integer("Customers", compute="_compute_figures")
    median_value = fields.Monetary("Typical Value", compute="_compute_figures", help="Half of the customers have more.")
    median_orders = fields.Float("Typical Orders", compute="_compute_figures", digits=(9, 1))
    median_recency_days = fields.Integer("Typical Days Since Last Order", compute="_compute_figures")
    currency_id = fields.Many2one("res.currency", compute="_compute_figures")

    _code_uniq = models.UniqueIndex("(code, COALESCE(company_id, 0))", "A segment has this code already.")
    _ranges = models.Constraint(
        "CHECK(recency_from BETWEEN 1 AND recency_to AND recency_to <= 5"
        " AND frequency_from BETWEEN 1 AND frequency_to AND frequency_to <= 5"
        " AND monetary_from BETWEEN 1 AND monetary_to AND monetary_to <= 5)",
        "Scores go from 1 to 5, the lower one first.",
    )
    _points = models.Constraint(
        "CHECK(priority_points BETWEEN 0 AND 100)", "Points of priority are a number from 0 to 100."
    )

    # === COMPUTE METHODS === #

    @api.depends_context("company")
    def _compute_figures(self):
        """Show what the night has counted of the current company's customers."""
        company = self.env.company
        known = self.env["crm.segment.figures"].search(
            [("segment_id", "in", self.ids), ("company_id", "=", company.id)]
        )
        known = {figures.segment_id.id: figures for figures in known}
        nothing = self.env["crm.segment.figures"]
        for segment in self:
            figures = known.get(segment.id, nothing)
            segment.currency_id = company.currency_id
            segment.customer_count = figures.customer_count
            segment.median_value = figures.median_value
            segment.median_orders = figures.median_orders
            segment.median_recency_days = figures.median_recency_days

    # === CONSTRAINS METHODS === #

    @api.constrains("skill_id")
    def _check_skill(self):
        for segment in self:
            if segment.skill_id and segment.skill_id.kind != "value":
                raise ValidationError(self.env._("%s: choose a skill of the kind “Customer Value”.", segment.name))

    # === ACTION METHODS === #

    def action_view_customers(self):
        """Open the customers who are in the segment now."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": "res.partner",
            "view_mode": "list,kanban,form",
            "domain": [("customer_segment_id", "=", self.id), ("parent_id", "=", False)],
        }


class CrmSegmentFigures(models.Model):
    """What is typical of a segment in a company: written each night, and only where it has changed (CC-6c)."""

    _name = "crm.segment.figures"
    _description = "Figures of a Segment"
    _order = "company_id, segment_id"
    _rec_name = "segment_id"
    _log_access = False

    segment_id = fields.Many2one("crm.segment", required=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True, ondelete="cascade")
    currency_id = fields.Many2one(related="company_id.currency_id")
    customer_count = fields.Integer("Customers", required=True, readonly=True)
    median_value = fields.Monetary("Typical Value", readonly=True)
    median_orders = fields.Float("Typical Orders", readonly=True, digits=(9, 1))
    median_last_on = fields.Date("Typical Last Order", readonly=True)
    median_recency_days = fields.Integer(compute="_compute_median_recency_days")

    _once = models.Constraint("UNIQUE(segment_id, company_id)", "A segment has figures once in a company.")

    @api.depends("median_last_on")
    def _compute_median_recency_days(self):
        for company, same in self.grouped("company_id").items():
            today = company._sales_today()
            for figures in same:
                last_on = figures.median_last_on
                figures.median_recency_days = max(0, (today - last_on).days) if last_on else 0
