from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.crm_base.workflow import Transition, Workflow

from ..followup_const import CHANNELS, COUNTED_SOURCES, KPBS, RESULTS, STEPS

MANAGER = ("crm_base.group_manager",)
#: What a result consists of.
RESULT_FIELDS = ("result", "feedback", "reason_id", "offer_id", "call_back_at", "done_at", "done_by_id")
DELIVERY = [
    ("queued", "Queued"),
    ("sending", "Sending"),
    ("unknown", "In Doubt"),
    ("sent", "Sent"),
    ("delivered", "Delivered"),
    ("read", "Read"),
    ("failed", "Failed"),
    ("left_out", "Left Out"),
    ("cancelled", "Cancelled"),
]


class CrmFollowup(models.Model):
    """One follow-up (FU-1 … FU-3) of one free service: due on its day, handed to an admin, done with a result.

    The nightly run makes it, once. FU-1 goes out as a blast and waits for an answer; who doesn't answer is called at
    the next one. Nobody writes a result but :meth:`_answer`, whichever follow-up it is (H23-4.3.2, H23-4.4.2).
    """

    _name = "crm.followup"
    _description = "Follow-up"
    _inherit = [
        "mail.thread",
        "mail.activity.mixin",
        "crm.branch.mixin",
        "crm.followup.mixin",
        "crm.interaction.mixin",
        "crm.whatsapp.mixin",
    ]
    _order = "due_date, id"
    _rec_names_search = ["vehicle_id"]

    _workflow = Workflow(
        states={"todo": "To Do", "waiting": "Waiting for Answer", "done": "Done", "skipped": "Skipped"},
        transitions=(
            Transition("send", ("todo",), "waiting"),
            Transition("reply", ("waiting", "done"), "todo"),
            Transition("answer", ("todo", "waiting"), "done"),
            Transition("skip", ("todo", "waiting"), "skipped"),
            Transition("correct", ("done",), "todo", groups=MANAGER, reason=True),
        ),
        locked={"done": ("user_id",), "skipped": ("user_id",)},
    )
    _open_fields = frozenset(
        {
            "user_id",
            "message_follower_ids",
            "message_ids",
            "message_main_attachment_id",
            "activity_ids",
            "whatsapp_message_ids",
            "interaction_ids",
        }
    )

    state = _workflow.state_field(group_expand=True)
    case_id = fields.Many2one("crm.followup.case", required=True, readonly=True, ondelete="restrict")
    vehicle_id = fields.Many2one("crm.vehicle", required=True, readonly=True, ondelete="restrict", index=True)
    branch_id = fields.Many2one(readonly=True, index=False)  # the index of what is to be done begins with it
    kpb = fields.Selection(KPBS, "KPB", required=True, readonly=True)
    step = fields.Selection(STEPS, "Follow-up", required=True, readonly=True)
    channel = fields.Selection(CHANNELS, required=True, readonly=True)
    due_date = fields.Date(
        "Due", required=True, readonly=True, help="By the branch's calendar; a call back moves it to the day agreed."
    )
    scheduled_date = fields.Date("Scheduled", required=True, readonly=True, help="The day that the schedule says.")
    user_id = fields.Many2one("res.users", "Admin", tracking=True, domain=[("share", "=", False)])
    days_late = fields.Integer(compute="_compute_days_late", help="Days since it was due, by the branch's calendar.")
    # What came of it
    result = fields.Selection(RESULTS, readonly=True, copy=False, tracking=True)
    feedback = fields.Text(readonly=True, copy=False, help="What the customer said (H23-4.5.1).")
    reason_id = fields.Many2one(
        "crm.followup.reason", "Refused Because", readonly=True, copy=False, ondelete="restrict", index="btree_not_null"
    )
    offer_id = fields.Many2one(
        "crm.followup.offer", readonly=True, copy=False, ondelete="restrict", index="btree_not_null"
    )
    ticket_id = fields.Many2one(
        "helpdesk.ticket", "Complaint", readonly=True, copy=False, ondelete="set null", index="btree_not_null"
    )
    call_back_at = fields.Datetime(readonly=True, copy=False)
    done_at = fields.Datetime("Done On", readonly=True, copy=False)
    done_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    skipped_because = fields.Selection(
        [("late", "Its day had passed when the next one came"), ("closed", "The case had ended")],
        readonly=True,
        copy=False,
    )
    # WhatsApp
    message_id = fields.Many2one(
        "crm.whatsapp.message",
        "WhatsApp Message",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
    )
    delivery_state = fields.Selection(DELIVERY, "Delivery", readonly=True, copy=False)
    delivery_problem = fields.Selection(related="message_id.problem", string="Delivery Problem")
    sent_at = fields.Datetime("Blast On", readonly=True, copy=False)
    replied_at = fields.Datetime("Customer Answered", readonly=True, copy=False)
    reply = fields.Text("Customer’s Words", readonly=True, copy=False)
    # Whom it is about
    partner_id = fields.Many2one(related="vehicle_id.partner_id", string="Contact")
    owner_name = fields.Char(related="vehicle_id.owner_name")
    owner_phone = fields.Char(related="vehicle_id.owner_phone")
    model_name = fields.Char(related="vehicle_id.model_name")
    plate = fields.Char(related="vehicle_id.plate")
    purchase_date = fields.Date(related="vehicle_id.purchase_date")
    case_state = fields.Selection(related="case_id.state", string="Free Service")
    expires_on = fields.Date(related="case_id.expires_on")

    _once = models.Constraint("UNIQUE(case_id, step)", "The case has this follow-up already.")
    _done_with_result = models.Constraint(
        "CHECK(state != 'done' OR (result IS NOT NULL AND done_at IS NOT NULL AND btrim(feedback) != ''))",
        "A follow-up is done with its result and the customer's feedback.",
    )
    _refused_with_offer = models.Constraint(
        "CHECK(result IS DISTINCT FROM 'refused' OR (reason_id IS NOT NULL AND offer_id IS NOT NULL))",
        "Who refuses gets the offer that belongs to the reason; note their answer to it.",
    )
    _skipped_why = models.Constraint(
        "CHECK((state = 'skipped') = (skipped_because IS NOT NULL))", "A follow-up is skipped for a reason."
    )
    _todo_idx = models.Index("(branch_id, due_date, id) WHERE state = 'todo'")
    _user_todo_idx = models.Index("(user_id, due_date, id) WHERE state = 'todo'")
    _waiting_idx = models.Index("(branch_id, sent_at) WHERE state = 'waiting'")
    _branch_idx = models.Index("(branch_id, scheduled_date)")
    _user_idx = models.Index("(user_id, scheduled_date)")

    # === COMPUTE METHODS === #

    @api.depends("kpb", "step", "vehicle_id")
    def _compute_display_name(self):
        kpbs, steps = dict(KPBS), dict(STEPS)
        for followup in self:
            words = (kpbs.get(followup.kpb), steps.get(followup.step), followup.vehicle_id.display_name)
            followup.display_name = " · ".join(word for word in words if word)

    @api.depends("due_date", "state")
    def _compute_days_late(self):
        todays = {branch: branch.sudo()._today() for branch in self.branch_id}
        for followup in self:
            late = followup.due_date and followup.state in ("todo", "waiting")
            followup.days_late = (todays[followup.branch_id] - followup.due_date).days if late else 0

    # === CRUD METHODS === #

    def write(self, vals):
        """Override: follow-ups are handed out by who leads the branch, to who works there."""
        if "user_id" in vals:
            changed = self.filtered(lambda followup: followup.user_id.id != vals["user_id"])
            changed._check_may_hand_out(self.env["res.users"].browse(vals["user_id"]))
        result = super().write(vals)
        if vals.get("user_id"):
            self.case_id._note({"user_id": vals["user_id"]})
        return result

    # === ACTION METHODS === #

    def action_call(self):
        """Open the call screen."""
        self.ensure_one()
        return self.env["crm.followup.call"]._open_for(self)

    def action_hand_out(self):
        """Ask to whom these go."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Hand Out"),
            "res_model": "crm.followup.hand.out",
            "views": [[False, "form"]],
            "target": "new",
            "context": {"default_followup_ids": self.ids},
        }

    def action_view_case(self):
        """Open the free service that the follow-up belongs to."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "crm.followup.case",
            "res_id": self.case_id.id,
            "views": [[False, "form"]],
        }

    def action_view_complaint(self):
        """Open the complaint that the customer's disappointment has opened."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "helpdesk.ticket",
            "res_id": self.ticket_id.id,
            "views": [[False, "form"]],
        }

    # === BUSINESS METHODS === #

    def _check_transition(self, transition):
        if transition.name == "correct":
            for followup in self.sudo():
                case = followup.case_id
                if case.state == "booked" or case.service_source in COUNTED_SOURCES:
                    raise UserError(
                        self.env._("%s: the customer has booked or come, the result stands.", followup.display_name)
                    )
                if case.last_step != followup.step:
                    raise UserError(self.env._("%s: a later follow-up has taken over.", followup.display_name))
        return super()._check_transition(transition)

    def _after_transition(self, transition):
        result = super()._after_transition(transition)
        if transition.name == "correct":
            for followup in self.sudo():
                followup._forget_result()
        return result

    def _forget_result(self):
        """Undo what a mistaken result has brought about; what was said stays with the contacts and the history."""
        vehicles = self.vehicle_id._of_same_owner()
        if self.result == "opted_out":
            stopped = vehicles.filtered(lambda vehicle: vehicle.follow_up_stop_reason == "opt_out")
            stopped.write({"follow_up_stopped": False, "follow_up_stop_reason": False})
        if self.result == "wrong_number":
            vehicles.wrong_phone = False
        self._note(dict.fromkeys(RESULT_FIELDS, False))
        self.case_id._resume()

    def _check_may_hand_out(self, user):
        """Check that whoever acts leads the branches, and that the admin works there.

        :raise AccessError: the user doesn't lead a branch of these follow-ups
        :raise UserError: the admin doesn't work for a branch of them
        """
        if self.env.su:
            return
        self.branch_id._check_led()
        for branch in self.branch_id.sudo():
            if user and user not in branch._followup_admins():
                raise UserError(self.env._("%(user)s doesn't work for %(branch)s.", user=user.name, branch=branch.name))

    def _ensure_partners(self):
        """Give the owners contacts, where they have none yet."""
        self.vehicle_id._ensure_partners()
        self.invalidate_recordset(["partner_id"], flush=False)
        self.case_id.invalidate_recordset(["partner_id"], flush=False)

    def _whatsapp_agent(self):
        """Override: the admin of the follow-up answers."""
        return self.user_id or self.case_id.user_id

    def _mail_get_partner_fields(self, introspect_fields=False):
        """Override: the owner is whom it is about; nobody is sent an e-mail by it."""
        return ["partner_id"]
