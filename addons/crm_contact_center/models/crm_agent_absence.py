from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CrmAgentAbsence(models.Model):
    """When an agent can't work: leave, illness, other duties. Plans respect it (CC-8a)."""

    _name = "crm.agent.absence"
    _description = "Absence of an Agent"
    _inherit = ["crm.about.mixin", "crm.branch.link.mixin"]
    _order = "date_from desc, id desc"
    _rec_name = "agent_id"
    _about = ("agent_id",)

    agent_id = fields.Many2one("crm.agent", required=True, index=True, ondelete="cascade")
    user_id = fields.Many2one(related="agent_id.user_id", store=True, index=True)
    branch_id = fields.Many2one(related="agent_id.branch_id", store=True, index=True)
    company_id = fields.Many2one(related="agent_id.company_id", store=True, index=True)
    kind = fields.Selection(
        [("leave", "Leave"), ("ill", "Illness"), ("duty", "Other Duty"), ("wish", "Not Available")],
        required=True,
        default="leave",
    )
    date_from = fields.Datetime("From", required=True)
    date_to = fields.Datetime("To", required=True)
    note = fields.Char()

    _in_order = models.Constraint("CHECK(date_to > date_from)", "An absence doesn't end before it begins.")
    _by_agent_idx = models.Index("(agent_id, date_from)")

    @api.constrains("date_from", "date_to")
    def _check_length(self):
        for absence in self:
            if (absence.date_to - absence.date_from).days > 366:
                raise ValidationError(self.env._("An absence of more than a year: archive the agent instead."))
