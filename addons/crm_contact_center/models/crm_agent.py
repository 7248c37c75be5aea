from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

STATUSES = [
    ("offline", "Offline"),
    ("paused", "Paused"),
    ("available", "Available"),
    ("busy", "In Contact"),
    ("wrapup", "Wrap-Up"),
]
#: Fields that follow from what agents do; nobody types them.
KEPT = frozenset({"mode", "pause_id", "status", "status_since", "idle_since", "load", "seen_at", "paused_by"})


class CrmAgent(models.Model):
    """Who takes contacts: with which skills, from which queues, how many at a time, and what they are doing now.

    ``mode`` is what the agent chose; ``status`` follows from it and from the contacts at hand. Both change by
    :meth:`_set_mode` and :meth:`_refresh` only.
    """

    _name = "crm.agent"
    _description = "Agent"
    _inherit = ["crm.branch.mixin", "crm.branch.link.mixin"]
    _order = "name, id"
    _check_company_auto = True

    user_id = fields.Many2one(
        "res.users",
        required=True,
        ondelete="restrict",
        domain="[('share', '=', False), ('branch_ids', 'in', branch_id)]",
    )
    name = fields.Char(related="user_id.name", store=True, index="trigram")
    active = fields.Boolean(default=True)
    queue_ids = fields.Many2many("crm.queue", string="Queues", check_company=True)
    skill_ids = fields.One2many("crm.agent.skill", "agent_id", "Skills")
    extension = fields.Char(help="Number of the agent's telephone, as the telephone system knows it.")
    capacity = fields.Integer(
        required=True,
        default=100,
        help="How much an agent bears at a time. What a call, a chat, a message costs, queues say.",
    )
    mode = fields.Selection(
        [("offline", "Offline"), ("available", "Available"), ("paused", "Paused")],
        required=True,
        readonly=True,
        default="offline",
        copy=False,
    )
    pause_id = fields.Many2one(
        "crm.agent.pause", "Reason for the Pause", readonly=True, copy=False, ondelete="restrict"
    )
    paused_by = fields.Selection(
        [("self", "The Agent"), ("missed", "A Contact Not Taken"), ("unseen", "No Sign of Life")],
        readonly=True,
        copy=False,
    )
    status = fields.Selection(STATUSES, required=True, readonly=True, default="offline", copy=False, index=True)
    status_since = fields.Datetime(
        "Since", required=True, readonly=True, default=fields.Datetime.now, copy=False, aggregator=None
    )
    idle_since = fields.Datetime(readonly=True, copy=False, help="When the last contact was done with.")
    load = fields.Integer(required=True, readonly=True, default=0, copy=False, help="Points of capacity in use.")
    seen_at = fields.Datetime("Last Seen", readonly=True, copy=False)
    contact_ids = fields.One2many(
        "crm.queue.contact", "agent_id", "Contacts", domain=[("state", "in", ("offered", "active", "wrapup"))]
    )
    period_ids = fields.One2many("crm.agent.period", "agent_id", "Time")

    _user_uniq = models.Constraint("UNIQUE(user_id)", "This user is an agent already.")
    _capacity_positive = models.Constraint("CHECK(capacity > 0)", "An agent without capacity would never get anything.")
    _load_positive = models.Constraint("CHECK(load >= 0)", "An agent can't have less than nothing to do.")
    _extension_uniq = models.UniqueIndex(
        "(company_id, extension) WHERE extension IS NOT NULL", "Another agent has this telephone already."
    )
    _ready_idx = models.Index("(company_id) WHERE mode = 'available'")

    # === CONSTRAINS METHODS === #

    @api.constrains("user_id", "branch_id")
    def _check_user(self):
        """Check that each works where the contacts are: who is an agent here can't be one elsewhere."""
        for agent in self:
            if agent.user_id.share or agent.branch_id not in agent.user_id.visible_branch_ids:
                raise ValidationError(
                    self.env._(
                        "%(user)s doesn't work at %(branch)s: first have a manager add them to the branch.",
                        user=agent.user_id.name,
                        branch=agent.branch_id.display_name,
                    )
                )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: an agent begins offline."""
        for vals in vals_list:
            self._refuse_kept(vals)
        self._refuse_kept({name: True for name in KEPT if f"default_{name}" in self.env.context})
        agents = super().create(vals_list)
        agents._begin_periods()
        return agents

    def write(self, vals):
        """Override: what follows from the agents' own steps isn't typed."""
        self._refuse_kept(vals)
        if vals.get("active") is False or "user_id" in vals or "branch_id" in vals:
            self._check_without_work()
        return super().write(vals)

    def _refuse_kept(self, vals):
        if not self.env.su and (names := KEPT & vals.keys()):
            labels = self.fields_get(list(names), ["string"])
            raise AccessError(
                self.env._(
                    "%s: this follows from what the agent does and isn't typed.",
                    ", ".join(labels[name]["string"] for name in sorted(names) if name in labels),
                )
            )

    def _check_without_work(self):
        if busy := self.filtered(lambda agent: agent.mode != "offline" or agent.sudo().contact_ids):
            raise UserError(self.env._("First these agents finish and go offline: %s.", ", ".join(busy.mapped("name"))))

    # === BUSINESS METHODS === #

    @api.model
    def _mine(self):
        """Return the user's own agent, with all rights, or none."""
        return self.sudo().search([("user_id", "=", self.env.uid)])

    @api.model
    def _me(self):
        """Return the user's own agent, with all rights.

        :raise AccessError: the user is no agent
        """
        agent = self._mine()
        if not agent:
            raise AccessError(self.env._("You aren't an agent: a supervisor adds you under Configuration → Agents."))
        return agent
