from odoo import api, fields, models

from odoo.addons.crm_base.workflow import ALL_BUT, Transition, Workflow

#: What a contact costs an agent is one of three things: the rest are messages.
CHANNELS = [("call", "Call"), ("chat", "Chat"), ("whatsapp", "WhatsApp"), ("email", "Email")]
HELD = ("offered", "active", "wrapup")


class CrmQueueContact(models.Model):
    """A call, chat or message on its way to an agent and until its wrap-up (CC-2a).

    Nobody writes one by hand: the telephone, the chat and the agents' desks do, by steps that check who acts. The
    interaction of the customer's page is made when somebody answers, or when nobody did.
    """

    _name = "crm.queue.contact"
    _description = "Routed Contact"
    _inherit = ["crm.branch.mixin", "crm.workflow.mixin"]
    _order = "entered_at desc, id desc"
    _rec_names_search = ["partner_id", "caller_name", "phone"]
    _check_company_auto = True

    _workflow = Workflow(
        states={
            "waiting": "Waiting",
            "offered": "Ringing",
            "active": "In Contact",
            "wrapup": "Wrap-Up",
            "done": "Done",
            "callback": "To Call Back",
            "abandoned": "Abandoned",
        },
        transitions=(
            Transition("offer", ("waiting",), "offered", requires=("agent_id",)),
            Transition("miss", ("offered",), "waiting"),
            Transition("answer", ("waiting", "offered"), "active", requires=("agent_id",)),
            Transition("transfer", ("active",), "waiting"),
            Transition("end", ("active",), "wrapup"),
            Transition("wrap_up", ("wrapup",), "done", requires=("purpose_id", "outcome_id")),
            Transition("abandon", ("waiting", "offered", "callback"), "abandoned"),
            Transition("postpone", ("waiting",), "callback", requires=("callback_at", "phone")),
            Transition("resume", ("callback",), "waiting"),
        ),
        locked={"done": (ALL_BUT,), "abandoned": (ALL_BUT,)},
    )

    state = _workflow.state_field(index=True, group_expand=True)
    channel = fields.Selection(CHANNELS, required=True, readonly=True, default="call")
    direction = fields.Selection(
        [("incoming", "Incoming"), ("outgoing", "Outgoing")], required=True, readonly=True, default="incoming"
    )
    key = fields.Char(readonly=True, copy=False, help="What the telephone system, or the chat, calls it.")
    queue_id = fields.Many2one(
        "crm.queue", required=True, readonly=True, index=True, ondelete="restrict", check_company=True
    )
    first_queue_id = fields.Many2one(
        "crm.queue", readonly=True, required=True, index=True, ondelete="restrict", check_company=True
    )
    partner_id = fields.Many2one(
        "res.partner", "Customer", readonly=True, index="btree_not_null", ondelete="restrict", check_company=True
    )
    caller_name = fields.Char("Caller's Name", readonly=True)
    phone = fields.Char(readonly=True, index="btree_not_null")
    lang_id = fields.Many2one(
        "res.lang", "Language", readonly=True, ondelete="restrict", context={"active_test": False}
    )
    words = fields.Text(
        "What Was Said", readonly=True, help="By the telephone's recogniser, or at the chat's beginning."
    )
    need_ids = fields.One2many("crm.queue.contact.skill", "contact_id", "Needs", readonly=True)
    priority = fields.Integer(readonly=True, aggregator=None)
    cost = fields.Integer("Points", readonly=True, aggregator=None)
    agent_id = fields.Many2one(
        "crm.agent", readonly=True, copy=False, index="btree_not_null", ondelete="restrict", check_company=True
    )
    only_agent_id = fields.Many2one(
        "crm.agent", "Handed To", readonly=True, copy=False, index="btree_not_null", ondelete="restrict"
    )
    missed_agent_ids = fields.Many2many(
        "crm.agent", "crm_queue_contact_missed_rel", string="Not Taken By", readonly=True, copy=False
    )
    purpose_id = fields.Many2one(
        "crm.interaction.purpose",
        "Reason for Contact",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    outcome_id = fields.Many2one(
        "crm.interaction.outcome", readonly=True, copy=False, index="btree_not_null", ondelete="restrict"
    )
    note = fields.Text(readonly=True, copy=False)
    interaction_id = fields.Many2one(
        "crm.interaction", readonly=True, copy=False, index="btree_not_null", ondelete="restrict"
    )
    res_model = fields.Char("Document Model", readonly=True)
    res_id = fields.Many2oneReference("Document ID", model_field="res_model", readonly=True)
    entered_at = fields.Datetime(
        "Entered", required=True, readonly=True, copy=False, index=True, default=fields.Datetime.now
    )
    waiting_since = fields.Datetime(
        required=True,
        readonly=True,
        copy=False,
        default=fields.Datetime.now,
        help="Entered, resumed or handed over last: what has been waited for until then was something else.",
    )
    offered_at = fields.Datetime("Ringing Since", readonly=True, copy=False)
    answered_at = fields.Datetime("Answered", readonly=True, copy=False)
    ended_at = fields.Datetime("Ended", readonly=True, copy=False)
    wrapped_at = fields.Datetime("Wrapped Up", readonly=True, copy=False)
    callback_at = fields.Datetime("Call Back At", readonly=True, copy=False)
    wait_seconds = fields.Integer("Wait (s)", compute="_compute_seconds", store=True, precompute=True, aggregator="avg")
    talk_seconds = fields.Integer("Talk (s)", compute="_compute_seconds", store=True, precompute=True, aggregator="avg")
    wrap_seconds = fields.Integer(
        "Wrap-Up (s)", compute="_compute_seconds", store=True, precompute=True, aggregator="avg"
    )
    in_target = fields.Boolean("Within Target", compute="_compute_in_target", store=True, precompute=True)
    decision_ids = fields.One2many("crm.queue.decision", "contact_id", "Decisions", readonly=True)

    _key_uniq = models.UniqueIndex("(company_id, channel, key) WHERE key IS NOT NULL", "This contact is known already.")
    _order_of_times = models.Constraint(
        "CHECK(answered_at >= entered_at AND ended_at >= entered_at AND wrapped_at >= ended_at)",
        "A contact is answered after it came, ended after that, and wrapped up at last.",
    )
    _held_by_somebody = models.Constraint(
        "CHECK(state NOT IN ('offered', 'active', 'wrapup', 'done') OR agent_id IS NOT NULL)",
        "Somebody has to have this contact.",
    )
    _waiting_idx = models.Index("(queue_id, entered_at) WHERE state = 'waiting'")
    _held_idx = models.Index("(agent_id) WHERE state IN ('offered', 'active', 'wrapup')")
    _repeat_idx = models.Index("(partner_id, purpose_id, entered_at) WHERE partner_id IS NOT NULL")
    _document_idx = models.Index("(res_model, res_id) WHERE res_id IS NOT NULL")

    # === COMPUTE METHODS === #

    @api.depends("channel", "partner_id", "caller_name", "phone")
    @api.depends_context("lang")
    def _compute_display_name(self):
        channels = dict(self._fields["channel"]._description_selection(self.env))
        for contact in self:
            contact.display_name = f"{channels.get(contact.channel, '')} · {contact._who()}"

    @api.depends("entered_at", "answered_at", "ended_at", "wrapped_at")
    def _compute_seconds(self):
        """Seconds until an answer, or until the caller gave up; of talk; of wrap-up. 0 where they are unknown."""
        for contact in self:
            entered, answered, ended = contact.entered_at, contact.answered_at, contact.ended_at
            until = answered or ended
            contact.wait_seconds = (until - entered).total_seconds() if entered and until else 0
            contact.talk_seconds = max(0, (ended - answered).total_seconds()) if answered and ended else 0
            wrapped = contact.wrapped_at
            contact.wrap_seconds = (wrapped - ended).total_seconds() if wrapped and ended else 0

    @api.depends("answered_at", "wait_seconds", "first_queue_id")
    def _compute_in_target(self):
        """Compare with the target of the queue as it is at the answer: later ones judge later contacts."""
        for contact in self:
            target = contact.first_queue_id.sudo().target_seconds
            contact.in_target = bool(contact.answered_at) and contact.wait_seconds <= target

    def _who(self):
        return self.partner_id.sudo().name or self.caller_name or self.phone or self.env._("Unknown caller")
