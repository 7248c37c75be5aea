from ast import literal_eval

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.crm_base.workflow import ALL_BUT, Transition, Workflow

from ..const import USABLE

MANAGER = ("crm_base.group_manager",)
GOING = ("queued", "sending")
ARRIVED = ("delivered", "read")


class CrmWhatsappBlast(models.Model):
    """One template for many: who gets it is settled first and shown, then it goes out (H23-4.2.3).

    A number gets it once. The blast can be paused, resumed and stopped; what has gone out has gone out.
    """

    _name = "crm.whatsapp.blast"
    _description = "WhatsApp Blast"
    _inherit = ["crm.about.mixin", "mail.thread", "mail.activity.mixin", "crm.branch.mixin", "crm.workflow.mixin"]
    _order = "id desc"
    _check_company_auto = True
    _about = ("template_id",)

    _workflow = Workflow(
        states={
            "draft": "Draft",
            "ready": "Ready",
            "running": "Running",
            "paused": "Paused",
            "done": "Done",
            "stopped": "Stopped",
        },
        transitions=(
            Transition("prepare", ("draft",), "ready", groups=MANAGER, requires=("template_id",)),
            Transition("redraft", ("ready",), "draft", groups=MANAGER),
            Transition("start", ("ready",), "running", groups=MANAGER),
            Transition("begin", ("draft",), "running"),
            Transition("pause", ("running",), "paused", groups=MANAGER),
            Transition("halt", ("running",), "paused", reason=True),
            Transition("resume", ("paused",), "running", groups=MANAGER),
            Transition("stop", ("ready", "running", "paused"), "stopped", groups=MANAGER, reason=True),
            Transition("finish", ("running",), "done"),
        ),
        locked={
            "ready": (ALL_BUT, "name", "user_id", "activity_ids"),
            "running": (ALL_BUT, "name", "user_id", "activity_ids"),
            "paused": (ALL_BUT, "name", "user_id", "activity_ids"),
            "done": (ALL_BUT, "activity_ids"),
            "stopped": (ALL_BUT, "activity_ids"),
        },
        deletable=("draft",),
    )

    state = _workflow.state_field(index=True, tracking=True, group_expand=True)
    name = fields.Char(required=True)
    template_id = fields.Many2one(
        "crm.whatsapp.template", required=True, index=True, ondelete="restrict", domain=USABLE
    )
    account_id = fields.Many2one(related="template_id.account_id", store=True, index=True)
    account_trouble = fields.Text(related="account_id.health_words")
    account_advice = fields.Text(related="account_id.health_advice")
    model = fields.Char(related="template_id.model")
    preview = fields.Text(related="template_id.preview")
    recipients = fields.Char(default="[]", help="Whom it goes to: conditions on the documents.")
    matching = fields.Integer("Match", compute="_compute_matching")
    scheduled_at = fields.Datetime("Not Before", help="Empty: as soon as it is started.")
    user_id = fields.Many2one("res.users", "Responsible", default=lambda self: self.env.user, index=True, copy=False)
    recipient_count = fields.Integer("Prepared", compute="_compute_counts")
    going_count = fields.Integer("Waiting", compute="_compute_counts")
    sent_count = fields.Integer("Sent", compute="_compute_counts")
    arrived_count = fields.Integer("Delivered", compute="_compute_counts")
    read_count = fields.Integer("Read", compute="_compute_counts")
    failed_count = fields.Integer("Failed", compute="_compute_counts")
    unknown_count = fields.Integer("In Doubt", compute="_compute_counts")
    left_out_count = fields.Integer("Left Out", compute="_compute_counts")
    replied_count = fields.Integer("Answered", compute="_compute_counts")
    progress = fields.Float(compute="_compute_counts", help="Of those who get it: how many have been sent or settled.")
    left_out_words = fields.Text("Why Left Out", compute="_compute_left_out_words")

    # === COMPUTE METHODS === #

    @api.depends("template_id", "recipients")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_matching(self):
        for blast in self:
            blast.matching = 0
            if blast.template_id and (domain := blast._recipient_domain()) is not None:
                blast.matching = self.env[blast.model].search_count(domain)

    @api.depends("state")
    def _compute_counts(self):
        """Count the messages by state, of all blasts at once."""
        messages = self.env["crm.whatsapp.message"]
        counts = {(blast, state): 0 for blast in self for state in messages._fields["state"].get_values(self.env)}
        grouped = messages._read_group([("blast_id", "in", self.ids)], ["blast_id", "state"], ["__count"])
        counts |= {(blast, state): count for blast, state, count in grouped}
        replied = dict(
            messages._read_group([("blast_id", "in", self.ids), ("replied_at", "!=", False)], ["blast_id"], ["__count"])
        )
        for blast in self:
            by_state = {state: count for (key, state), count in counts.items() if key == blast}
            blast._count(by_state, replied.get(blast, 0))

    def _count(self, by_state, replied):
        self.recipient_count = sum(by_state.values())
        self.going_count = sum(by_state[state] for state in GOING)
        self.arrived_count = sum(by_state[state] for state in ARRIVED)
        self.read_count = by_state["read"]
        self.sent_count = by_state["sent"] + self.arrived_count
        self.failed_count = by_state["failed"]
        self.unknown_count = by_state["unknown"]
        self.left_out_count = by_state["left_out"]
        self.replied_count = replied
        getting = self.recipient_count - self.left_out_count
        self.progress = 100 * (getting - self.going_count) / getting if getting else 0

    @api.depends("state")
    def _compute_left_out_words(self):
        messages = self.env["crm.whatsapp.message"]
        words = dict(messages._fields["problem"]._description_selection(self.env))
        grouped = messages._read_group(
            [("blast_id", "in", self.ids), ("state", "=", "left_out")], ["blast_id", "problem"], ["__count"]
        )
        for blast in self:
            lines = [f"{count} × {words.get(problem, problem)}" for owner, problem, count in grouped if owner == blast]
            blast.left_out_words = "\n".join(lines)

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: it goes out from the template's account."""
        blasts = super().create(vals_list)
        blasts._check_account()
        return blasts

    def write(self, vals):
        """Override: it goes out from the template's account."""
        result = super().write(vals)
        if "account_id" in vals:
            self._check_account()
        return result

    def _check_account(self):
        if any(blast.account_id != blast.template_id.account_id for blast in self.sudo()):
            raise UserError(self.env._("A blast goes out from its template’s account."))

    # === ACTION METHODS === #

    def action_prepare(self):
        """Settle who gets it: each number once, without those who can't or don't want to get it."""
        self._workflow_do("prepare")

    def action_redraft(self):
        """Change text or recipients again: nothing has gone out."""
        self._workflow_do("redraft")

    def action_ask_start(self):
        """Ask before it goes out, saying to how many."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Start the Blast"),
            "res_model": "crm.whatsapp.blast.start",
            "views": [[False, "form"]],
            "target": "new",
            "context": {"default_blast_id": self.id},
        }

    def action_pause(self):
        """Let nothing more go out for now."""
        self._workflow_do("pause")

    def action_resume(self):
        """Go on where it was paused."""
        self._workflow_do("resume")

    def action_view_messages(self):
        """Open the blast's messages; from a count, those of the state that the context names."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_whatsapp.crm_whatsapp_message_action")
        action["domain"] = [("blast_id", "=", self.id)]
        action["context"] = {"search_default_group_state": 1}
        return action

    # === BUSINESS METHODS === #

    def _recipient_domain(self):
        """Return the recipients' domain, or None where what is typed is none."""
        try:
            domain = Domain(literal_eval(self.recipients or "[]"))
            domain.validate(self.env[self.model])
        except (ValueError, SyntaxError, TypeError, KeyError, MemoryError, RecursionError):
            return None
        return domain

    def _add(self, records):
        """Hook for addons: prepare messages for records of theirs, instead of or beside the conditions.

        :return: the new messages
        """
        self.ensure_one()
        return self.env["crm.whatsapp.message"]._whatsapp_send(
            self.template_id, records, key=f"blast:{self.id}", due_at=self.scheduled_at, blast=self
        )

    def _begin(self, records):
        """Hook for addons: let a draft go out at once to records of theirs, and to nobody else. Who may, the addon has
        checked: no button leads here.

        :return: the new messages
        """
        self.ensure_one()
        messages = self._add(records)
        self._workflow_do("begin")
        return messages

    def _getting(self):
        """Return how many get it."""
        self.ensure_one()
        return self.recipient_count - self.left_out_count

    def _check_transition(self, transition):
        if transition.name in ("start", "begin", "resume"):
            for blast in self:
                if blast.account_id.problem:
                    words = blast.account_id._problem_words()
                    raise UserError(
                        self.env._("%(account)s is stopped: %(why)s", account=blast.account_id.name, why=words)
                    )
                if why := blast.template_id._why_not():
                    raise UserError(why)
        if transition.name == "start" and any(not blast._getting() for blast in self):
            raise UserError(self.env._("Nobody would get it: see who was left out, and why."))
        if transition.name == "prepare" and any(blast._recipient_domain() is None for blast in self):
            raise UserError(self.env._("The recipients’ conditions can’t be read."))
        return super()._check_transition(transition)

    def _after_transition(self, transition):
        result = super()._after_transition(transition)
        if transition.name == "prepare":
            for blast in self:
                blast._add(self.env[blast.model].search(blast._recipient_domain()))
        elif transition.name == "redraft":
            self.env["crm.whatsapp.message"].sudo().search([("blast_id", "in", self.ids)]).unlink()
        elif transition.name == "stop":
            self._cancel_waiting()
        if transition.target == "running" and any(blast.account_id._is_automatic() for blast in self):
            self.env["crm.whatsapp.message"]._trigger_sending()
        self.invalidate_recordset(["recipient_count", "left_out_count", "going_count", "progress"], flush=False)
        return result

    def _cancel_waiting(self):
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                UPDATE crm_whatsapp_message SET state = 'cancelled', problem = 'stopped'
                 WHERE blast_id = ANY(%s) AND state = 'queued'
                """,
                list(self.ids),
            )
        )
        self.env["crm.whatsapp.message"].invalidate_model(["state", "problem"])

    def _halt(self, reason):
        """Pause what runs, for a reason that a person has to mend, and tell who is responsible."""
        for blast in self.try_lock_for_update():  # one that somebody changes now waits by its account anyway
            blast._workflow_do("halt", reason)
            blast.activity_schedule(
                "mail.mail_activity_data_todo",
                user_id=(blast.user_id or blast.create_uid).id,
                summary=self.env._("WhatsApp blast halted"),
                note=reason,
            )

    @api.model
    def _finish_done(self):
        """Finish the running blasts of which nothing waits any more."""
        running = self.sudo().search([("state", "=", "running")])
        waiting = self.env["crm.whatsapp.message"].sudo()
        waiting = waiting._read_group([("blast_id", "in", running.ids), ("state", "in", GOING)], ["blast_id"])
        ended = running - self.browse().union(*(blast for (blast,) in waiting))
        for blast in ended.try_lock_for_update():
            blast._workflow_do("finish")
