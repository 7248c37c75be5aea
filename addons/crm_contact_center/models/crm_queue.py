from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CrmQueue(models.Model):
    """Where contacts wait for an agent: when it is open, what its contacts need, what happens while nobody is free."""

    _name = "crm.queue"
    _description = "Queue"
    _inherit = ["mail.thread", "crm.branch.mixin", "crm.branch.link.mixin"]
    _order = "sequence, name"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True, tracking=True)
    code = fields.Char(required=True, help="Short and unique, as the telephone system calls it.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True, tracking=True)
    user_id = fields.Many2one(
        "res.users",
        "Responsible",
        required=True,
        default=lambda self: self.env.user,
        tracking=True,
        help="Gets what nobody answered, to call back.",
    )
    takes_calls = fields.Boolean("Calls", default=True)
    takes_chats = fields.Boolean("Chats", default=True)
    takes_messages = fields.Boolean("Written Messages", default=True)
    agent_ids = fields.Many2many("crm.agent", string="Agents", check_company=True)
    skill_ids = fields.One2many("crm.queue.skill", "queue_id", "Required Skills", copy=True)
    relax_seconds = fields.Integer(
        "Relax After (s)",
        default=120,
        help="After so long a required level is one lower, and so on: better somebody than nobody. 0: never.",
    )
    calendar_id = fields.Many2one("resource.calendar", "Open", check_company=True, help="Empty: day and night.")
    overflow_queue_id = fields.Many2one(
        "crm.queue", index="btree_not_null", check_company=True, help="Whose agents help out."
    )
    overflow_seconds = fields.Integer(
        "Overflow After (s)", default=60, help="They help when somebody has waited so long."
    )
    closed_action = fields.Selection(
        [("callback", "Call Back When Open"), ("overflow", "To the Overflow Queue")],
        "When Closed",
        required=True,
        default="callback",
    )
    priority = fields.Integer(default=0, help="Contacts of a queue with more of it come first.")
    ageing = fields.Float(
        "Ageing per Minute",
        required=True,
        default=1.0,
        digits=(6, 2),
        help="What each minute of waiting adds to a contact's priority, so that nobody waits for ever.",
    )
    target_percent = fields.Integer("Service Level (%)", required=True, default=80, tracking=True)
    target_seconds = fields.Integer("Answered Within (s)", required=True, default=20, tracking=True)
    offer_seconds = fields.Integer(
        "Ringing (s)", required=True, default=20, help="Not taken within this time: the next agent is asked."
    )
    wrapup_seconds = fields.Integer("Wrap-Up (s)", required=True, default=60, help="Then the agent is reminded.")
    cost_call = fields.Integer("Points of a Call", required=True, default=100)
    cost_chat = fields.Integer("Points of a Chat", required=True, default=34)
    cost_message = fields.Integer("Points of a Message", required=True, default=20)
    waiting_count = fields.Integer("Waiting", compute="_compute_waiting_count")

    _code_uniq = models.Constraint("UNIQUE(company_id, code)", "A queue of this company has this code already.")
    _ages = models.Constraint("CHECK(ageing > 0)", "Waiting has to count, or somebody would wait for ever.")
    _target_range = models.Constraint(
        "CHECK(target_percent BETWEEN 1 AND 100)", "The service level is a percentage from 1 to 100."
    )
    _times_positive = models.Constraint(
        "CHECK(target_seconds > 0 AND offer_seconds > 0 AND wrapup_seconds >= 0 AND relax_seconds >= 0"
        " AND overflow_seconds >= 0)",
        "These times can't be negative, and answering takes some.",
    )
    _costs_positive = models.Constraint(
        "CHECK(cost_call > 0 AND cost_chat > 0 AND cost_message > 0)", "Every contact costs an agent something."
    )

    # === COMPUTE METHODS === #

    def _compute_waiting_count(self):
        groups = self.env["crm.queue.contact"]._read_group(
            [("queue_id", "in", self.ids), ("state", "in", ("waiting", "offered"))], ["queue_id"], ["__count"]
        )
        counts = {queue.id: count for queue, count in groups}
        for queue in self:
            queue.waiting_count = counts.get(queue.id, 0)

    # === CONSTRAINS METHODS === #

    @api.constrains("overflow_queue_id")
    def _check_overflow(self):
        if self._has_cycle("overflow_queue_id"):
            raise ValidationError(self.env._("Queues can't help each other out in a circle."))

    @api.constrains("closed_action", "overflow_queue_id")
    def _check_closed_action(self):
        for queue in self:
            if queue.closed_action == "overflow" and not queue.overflow_queue_id:
                raise ValidationError(
                    self.env._("%s: say which queue takes its contacts when it is closed.", queue.name)
                )

    # === ACTION METHODS === #

    def action_view_contacts(self):
        """Open the queue's contacts, those at hand first."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_contact_center.crm_queue_contact_action")
        return {**action, "domain": [("queue_id", "=", self.id)], "context": {"search_default_now": 1}}

    # === BUSINESS METHODS === #

    def _is_open(self, moment=None):
        """Return whether the queue is open at the moment (naive UTC, now by default), by its calendar (CC-2c)."""
        self.ensure_one()
        return self._opens_at(moment) <= (moment or fields.Datetime.now())

    def _opens_at(self, moment=None):
        """Return when the queue is open next: the moment itself (naive UTC, now by default) if it is.

        A calendar without any hours in the next four weeks counts as closed for so long.
        """
        self.ensure_one()
        moment = moment or fields.Datetime.now()
        calendar = self.sudo().calendar_id
        if not calendar:
            return moment
        start = fields.Datetime.context_timestamp(self.with_context(tz="UTC"), moment)
        end = start + timedelta(weeks=4)
        intervals = calendar._work_intervals_batch(start, end)[False]
        first = next((begin for begin, _stop, _days in intervals), end)
        return max(moment, fields.Datetime.to_datetime(first.astimezone(start.tzinfo).replace(tzinfo=None)))

    def _takes(self, channel):
        """Return whether contacts over that channel may wait here."""
        return self[{"call": "takes_calls", "chat": "takes_chats"}.get(channel, "takes_messages")]

    def _cost(self, channel):
        return self[{"call": "cost_call", "chat": "cost_chat"}.get(channel, "cost_message")]

    def _helpers(self):
        """Return queue id → [(id of a queue whose agents may help out, seconds before they do)], the nearest first."""
        chains = {}
        for queue in self.sudo():
            chain, waited, helper = [(queue.id, 0)], 0, queue
            while helper.overflow_queue_id:
                waited += helper.overflow_seconds
                helper = helper.overflow_queue_id
                chain.append((helper.id, waited))
            chains[queue.id] = chain
        return chains
