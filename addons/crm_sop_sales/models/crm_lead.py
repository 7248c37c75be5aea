from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain


class CrmLead(models.Model):
    """What shows a manager which opportunities are left alone (FL-6), and an officer all on one screen (FL-7)."""

    _inherit = "crm.lead"

    segment_id = fields.Many2one(related="partner_id.segment_id", store=True, index="btree_not_null")
    profile_values = fields.Text(related="partner_id.profile_values", readonly=False)
    profile_preferences = fields.Text(related="partner_id.profile_preferences", readonly=False)
    idle_days = fields.Integer("Days Idle", compute="_compute_idle_days", help="Since the last contact or new stage.")
    is_idle = fields.Boolean("Idle Too Long", compute="_compute_idle_days", search="_search_is_idle")
    running_program_ids = fields.Many2many(
        "loyalty.program", string="Running Promotions", compute="_compute_running_program_ids"
    )

    # === COMPUTE METHODS === #

    @api.depends("date_last_stage_update", "won_status", "type", "company_id", "interaction_ids.began_at")
    @api.depends_context("company")
    def _compute_idle_days(self):
        """Count whole days of open opportunities; what is lost, won or still a lead is never idle."""
        now = fields.Datetime.now()
        contacts = self._last_contacts(now)
        for lead in self:
            is_open = lead.type == "opportunity" and lead.won_status == "pending" and lead.active
            since = max(lead.date_last_stage_update or lead.create_date or now, contacts[lead._origin.id])
            lead.idle_days = (now - since.replace(microsecond=0)).days if is_open else 0
            limit = (lead.company_id or self.env.company).opportunity_idle_days
            lead.is_idle = is_open and 0 < limit <= lead.idle_days

    def _last_contacts(self, now):
        """Return lead id → when the latest contact about it began; contacts of other branches count too."""
        groups = (
            self.env["crm.interaction"]
            .sudo()
            ._read_group(
                [*self._contact_domain(), ("began_at", "<=", now), ("res_id", "in", self._origin.ids)],
                ["res_id"],
                ["began_at:max"],
            )
        )
        return defaultdict(lambda: fields.Datetime.to_datetime("1970-01-01"), groups)

    @api.model
    def _contact_domain(self):
        return [("res_model", "=", "crm.lead"), ("state", "!=", "cancelled")]

    def _search_is_idle(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain.OR(self._idle_domain(company) for company in self.env.companies)

    def _idle_domain(self, company):
        """Return the domain of the company's idle opportunities; those of no company follow the current one."""
        if not company.opportunity_idle_days:
            return Domain.FALSE
        now = fields.Datetime.now()
        limit = now - timedelta(days=company.opportunity_idle_days)
        contacts = (
            self.env["crm.interaction"]
            .sudo()
            ._search(
                [*self._contact_domain(), ("began_at", ">", limit), ("began_at", "<=", now), ("res_id", "!=", False)]
            )
        )
        return (
            Domain("company_id", "in", [company.id, *([False] if company == self.env.company else [])])
            & Domain([("type", "=", "opportunity"), ("won_status", "=", "pending"), ("active", "=", True)])
            & Domain("date_last_stage_update", "<=", limit)
            & Domain("id", "not in", contacts.subselect("res_id"))
        )

    @api.depends("partner_id", "company_id")
    @api.depends_context("company")
    def _compute_running_program_ids(self):
        """Show what a quotation made now for this customer would find (SOP-E1)."""
        for lead in self:
            lead.running_program_ids = self.env["sale.order"]._find_programs_for(lead.partner_id, lead.company_id)

    # === CALLS === #

    def _get_call_memo(self):
        """Override: the memo that was written with the lead (FL-5)."""
        return self.description
