from odoo import fields, models
from odoo.tools import SQL

from .crm_queue_contact import CHANNELS, CrmQueueContact

WEEKDAYS = [
    ("1", "Monday"),
    ("2", "Tuesday"),
    ("3", "Wednesday"),
    ("4", "Thursday"),
    ("5", "Friday"),
    ("6", "Saturday"),
    ("7", "Sunday"),
]


class CrmQueueReport(models.Model):
    """How quickly and how well contacts were answered: a row each, in the queue that it came to first (CC-10).

    Percentages are averages of 0 and 100 over the contacts that they are about; the others have no value there. Days
    and hours are the branch's.
    """

    _name = "crm.queue.report"
    _description = "Service Level"
    _auto = False
    _order = "entered_at desc, id desc"
    _rec_name = "contact_id"
    _depends = {
        "crm.queue.contact": [
            "agent_id",
            "answered_at",
            "branch_id",
            "came_again",
            "channel",
            "company_id",
            "direction",
            "entered_at",
            "first_queue_id",
            "in_target",
            "outcome_id",
            "partner_id",
            "purpose_id",
            "state",
            "talk_seconds",
            "wait_seconds",
            "wrap_seconds",
        ],
        "crm.branch": ["tz"],
    }

    contact_id = fields.Many2one("crm.queue.contact", readonly=True)
    queue_id = fields.Many2one("crm.queue", readonly=True)
    branch_id = fields.Many2one("crm.branch", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    agent_id = fields.Many2one("crm.agent", readonly=True)
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    purpose_id = fields.Many2one("crm.interaction.purpose", "Reason for Contact", readonly=True)
    outcome_id = fields.Many2one("crm.interaction.outcome", readonly=True)
    channel = fields.Selection(CHANNELS, readonly=True)
    direction = fields.Selection([("incoming", "Incoming"), ("outgoing", "Outgoing")], readonly=True)
    state = fields.Selection(CrmQueueContact._workflow.selection, "Status", readonly=True)
    entered_at = fields.Datetime("Entered", readonly=True)
    day = fields.Date(readonly=True, help="By the branch's calendar.")
    hour = fields.Integer(readonly=True, aggregator=None, help="0 to 23, by the branch's clock.")
    weekday = fields.Selection(WEEKDAYS, readonly=True)
    answered = fields.Integer(readonly=True)
    abandoned = fields.Integer(readonly=True)
    level = fields.Float(
        "Service Level (%)",
        readonly=True,
        aggregator="avg",
        help="Answered within the queue's target / answered or abandoned.",
    )
    abandon_rate = fields.Float(
        "Abandoned (%)", readonly=True, aggregator="avg", help="Abandoned / answered or abandoned."
    )
    first_contact = fields.Float(
        "Resolved at First Contact (%)",
        readonly=True,
        aggregator="avg",
        help="Done, and the customer didn't come again for the same reason within the company's days; of those whose "
        "customer is known.",
    )
    answer_seconds = fields.Float("Speed of Answer (s)", readonly=True, aggregator="avg")
    patience_seconds = fields.Float("Abandoned After (s)", readonly=True, aggregator="avg")
    handle_seconds = fields.Float(
        "Handling Time (s)", readonly=True, aggregator="avg", help="Talk and wrap-up, of those that are done."
    )

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT contact.id, contact.id AS contact_id, contact.first_queue_id AS queue_id, queue.branch_id,
                   contact.company_id, contact.agent_id, contact.partner_id, contact.purpose_id, contact.outcome_id,
                   contact.channel, contact.direction, contact.state, contact.entered_at,
                   here.moment::date AS day,
                   EXTRACT(HOUR FROM here.moment)::int AS hour,
                   EXTRACT(ISODOW FROM here.moment)::int::text AS weekday,
                   (contact.answered_at IS NOT NULL)::int AS answered,
                   given_up::int AS abandoned,
                   CASE WHEN settled THEN (contact.in_target IS TRUE)::int * 100.0 END AS level,
                   CASE WHEN settled THEN given_up::int * 100.0 END AS abandon_rate,
                   CASE WHEN contact.state = 'done' AND contact.direction = 'incoming'
                             AND contact.partner_id IS NOT NULL
                        THEN (contact.came_again IS NOT TRUE)::int * 100.0 END AS first_contact,
                   CASE WHEN settled AND NOT given_up THEN contact.wait_seconds END AS answer_seconds,
                   CASE WHEN settled AND given_up THEN contact.wait_seconds END AS patience_seconds,
                   CASE WHEN contact.state = 'done' THEN contact.talk_seconds + contact.wrap_seconds END
                        AS handle_seconds
              FROM crm_queue_contact contact
              JOIN crm_queue queue ON queue.id = contact.first_queue_id
              JOIN crm_branch branch ON branch.id = queue.branch_id
             CROSS JOIN LATERAL (SELECT contact.entered_at AT TIME ZONE 'UTC' AT TIME ZONE branch.tz AS moment) here
             CROSS JOIN LATERAL (
                    SELECT contact.direction = 'incoming'
                       AND (contact.answered_at IS NOT NULL OR contact.state = 'abandoned') AS settled,
                           contact.state = 'abandoned' AND contact.answered_at IS NULL AS given_up
                   ) judged
            """
        )

    def action_open_contact(self):
        """Open the contact itself."""
        self.ensure_one()
        return self.contact_id.get_formview_action()
