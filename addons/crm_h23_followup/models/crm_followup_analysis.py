from odoo import fields, models
from odoo.tools import SQL

from ..followup_const import KPBS, RESULTS, STEPS
from .crm_followup_case import CrmFollowupCase


class CrmFollowupAnalysis(models.Model):
    """The funnel due → contacted → responded → booked → serviced: one row for each free service that has come due.

    Success rate = serviced within the KPB's window / due (H23-1.3).
    """

    _name = "crm.followup.analysis"
    _description = "Follow-up Analysis"
    _auto = False
    _order = "due_date desc"
    _rec_name = "vehicle_id"
    _depends = {
        "crm.followup.case": [
            "booked_at",
            "branch_id",
            "company_id",
            "contacted_at",
            "due_date",
            "expires_on",
            "is_success",
            "kpb",
            "last_step",
            "responded_at",
            "schedule_id",
            "state",
            "user_id",
            "vehicle_id",
        ],
        "crm.followup": ["case_id", "result", "step"],
        "crm.branch": ["tz"],
    }

    case_id = fields.Many2one("crm.followup.case", "Free Service", readonly=True)
    vehicle_id = fields.Many2one("crm.vehicle", readonly=True)
    branch_id = fields.Many2one("crm.branch", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    user_id = fields.Many2one("res.users", "Admin", readonly=True)
    schedule_id = fields.Many2one("crm.followup.schedule", readonly=True)
    kpb = fields.Selection(KPBS, "KPB", readonly=True)
    step = fields.Selection(STEPS, "Last Follow-up", readonly=True)
    state = fields.Selection(CrmFollowupCase._workflow.selection, "Status", readonly=True)
    result = fields.Selection(RESULTS, "Last Result", readonly=True, help="Of the last follow-up that came.")
    due_date = fields.Date("Due On", readonly=True)
    expires_on = fields.Date("Window Ends On", readonly=True)
    due = fields.Integer(readonly=True)
    contacted = fields.Integer(readonly=True)
    responded = fields.Integer(readonly=True)
    booked = fields.Integer(readonly=True)
    serviced = fields.Integer(readonly=True, help="Within the KPB’s window.")
    success_rate = fields.Float(
        "Success Rate (%)", readonly=True, aggregator="avg", help="Serviced within the KPB’s window / due, in percent."
    )

    @property
    def _table_query(self):
        return SQL("%s %s %s", self._select(), self._from(), self._where())

    def _select(self):
        return SQL(
            """
            SELECT cases.id, cases.id AS case_id, cases.vehicle_id, cases.branch_id, cases.company_id, cases.user_id,
                   cases.schedule_id, cases.kpb, cases.last_step AS step, cases.state, cases.due_date,
                   cases.expires_on, latest.result, 1 AS due,
                   (cases.contacted_at IS NOT NULL)::int AS contacted,
                   (cases.responded_at IS NOT NULL)::int AS responded,
                   (cases.booked_at IS NOT NULL)::int AS booked,
                   COALESCE(cases.is_success, FALSE)::int AS serviced,
                   COALESCE(cases.is_success, FALSE)::int * 100.0 AS success_rate
            """
        )

    def _from(self):
        """Return the tables. PostgreSQL leaves the follow-ups out where nobody asks for the result: the join finds one
        at most.
        """
        return SQL(
            """
            FROM crm_followup_case cases
                 JOIN crm_branch branch ON branch.id = cases.branch_id
                 LEFT JOIN crm_followup latest ON latest.case_id = cases.id AND latest.step = cases.last_step
            """
        )

    def _where(self):
        """Return what counts: what is due by the branch's calendar."""
        now = fields.Datetime.now()
        return SQL("WHERE cases.due_date <= (%s AT TIME ZONE 'UTC' AT TIME ZONE branch.tz)::date", now)
