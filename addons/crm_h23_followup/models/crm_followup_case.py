from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.crm_base.workflow import Transition, Workflow

from ..followup_const import COUNTED_SOURCES, KPBS, SOURCES, STEPS

#: States in which the customer may still come because of us.
LIVE = ("open", "booked")


class CrmFollowupCase(models.Model):
    """One free service (KPB) of one vehicle, from the day of its first follow-up until it is settled.

    The nightly run opens it, once, and makes its follow-ups while it is open. Booking, service, refusal or the
    customer's wish end that; after the last follow-up without response it is unreachable (H23-4.4.1). The next KPB
    starts anew, as a case of its own.
    """

    _name = "crm.followup.case"
    _description = "Free Service Follow-up"
    _inherit = ["mail.thread", "crm.branch.mixin", "crm.followup.mixin"]
    _order = "due_date desc, id desc"
    _rec_names_search = ["vehicle_id"]

    _workflow = Workflow(
        states={
            "open": "In Follow-up",
            "booked": "Booked",
            "serviced": "Serviced",
            "refused": "Refused",
            "unreachable": "Unreachable",
            "opted_out": "Opted Out",
            "stopped": "Stopped",
            "expired": "Expired",
        },
        transitions=(
            Transition("book", ("open", "refused", "unreachable", "expired"), "booked"),
            Transition("unbook", ("booked",), "open"),
            Transition(
                "service",
                ("open", "booked", "refused", "unreachable", "opted_out", "stopped", "expired"),
                "serviced",
            ),
            Transition("refuse", ("open",), "refused"),
            Transition("give_up", ("open",), "unreachable"),
            Transition("opt_out", LIVE, "opted_out"),
            Transition("stop", LIVE, "stopped"),
            Transition("expire", ("open",), "expired"),
            Transition("resume", ("refused", "unreachable", "opted_out", "stopped", "serviced"), "open"),
        ),
        locked=dict.fromkeys(("serviced", "refused", "unreachable", "opted_out", "expired"), ("user_id",)),
    )
    _open_fields = frozenset({"message_follower_ids", "message_ids", "message_main_attachment_id"})

    state = _workflow.state_field(group_expand=True)
    vehicle_id = fields.Many2one("crm.vehicle", required=True, readonly=True, ondelete="restrict")
    kpb = fields.Selection(KPBS, "KPB", required=True, readonly=True)
    schedule_id = fields.Many2one("crm.followup.schedule", required=True, readonly=True, ondelete="restrict")
    branch_id = fields.Many2one(readonly=True, index=False)  # other indexes begin with it
    user_id = fields.Many2one("res.users", "Admin", readonly=True, index="btree_not_null", tracking=True)
    due_date = fields.Date("Due", required=True, readonly=True, help="The day of FU-1, by the branch's calendar.")
    expires_on = fields.Date(required=True, readonly=True, help="The last day of the free service.")
    next_step = fields.Selection(STEPS, "Next Follow-up", readonly=True)
    next_date = fields.Date("Next Follow-up On", readonly=True)
    last_step = fields.Selection(STEPS, "Last Follow-up", readonly=True)
    contacted_at = fields.Datetime("First Contacted", readonly=True)
    responded_at = fields.Datetime("First Responded", readonly=True)
    booked_at = fields.Datetime("First Booked", readonly=True)
    serviced_on = fields.Date(readonly=True)
    service_source = fields.Selection(SOURCES, "Service Known From", readonly=True)
    is_success = fields.Boolean(
        "Success", readonly=True, help="Serviced within the KPB’s window, by the A2 report, a booking or by hand."
    )
    followup_ids = fields.One2many("crm.followup", "case_id", "Follow-ups", readonly=True)
    offer_ids = fields.One2many("crm.followup.offer", "case_id", "Offers", readonly=True)
    partner_id = fields.Many2one(related="vehicle_id.partner_id")
    owner_name = fields.Char(related="vehicle_id.owner_name")
    owner_phone = fields.Char(related="vehicle_id.owner_phone")
    model_name = fields.Char(related="vehicle_id.model_name")
    plate = fields.Char(related="vehicle_id.plate")
    purchase_date = fields.Date(related="vehicle_id.purchase_date")

    _once = models.Constraint("UNIQUE(vehicle_id, kpb)", "The vehicle has a case of this KPB already.")
    _window = models.Constraint("CHECK(expires_on >= due_date)", "A free service doesn't expire before it is due.")
    _serviced_when = models.Constraint(
        "CHECK(state != 'serviced' OR (serviced_on IS NOT NULL AND service_source IS NOT NULL))",
        "Say when the service was done, and how we know.",
    )
    _open_idx = models.Index("(branch_id, due_date) WHERE state = 'open'")
    _due_idx = models.Index("(branch_id, due_date)")

    def init(self):
        """Override: leave room on the pages, so that the run notes the next step without touching an index."""
        result = super().init()
        self.env.cr.execute(SQL("ALTER TABLE crm_followup_case SET (fillfactor = 70)"))
        return result

    # === COMPUTE METHODS === #

    @api.depends("kpb", "vehicle_id")
    def _compute_display_name(self):
        labels = dict(KPBS)
        for case in self:
            case.display_name = f"{labels.get(case.kpb, '')} · {case.vehicle_id.display_name or ''}"

    # === ACTION METHODS === #

    def action_view_followups(self):
        """Open the follow-ups of the case."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_h23_followup.crm_followup_action_all")
        return {**action, "domain": [("case_id", "=", self.id)], "context": {}}

    # === BUSINESS METHODS === #

    def _note_response(self, vals=None):
        """Note that the customers were contacted and have answered: no further follow-up comes by itself."""
        now = fields.Datetime.now()
        for case in self:
            case._note(
                {
                    "contacted_at": case.contacted_at or now,
                    "responded_at": case.responded_at or now,
                    "next_step": False,
                    "next_date": False,
                    **(vals or {}),
                }
            )

    def _give_up_if_last(self):
        """Close those of which the last follow-up had no response as unreachable (H23-4.4.1)."""
        if done := self.sudo().filtered(lambda case: case.state == "open" and not case.next_step):
            done._workflow_do("give_up")

    def _stop(self, name):
        """End live cases of vehicles that are followed up no more.

        :param str name: ``opt_out`` or ``stop``
        """
        if live := self.sudo().filtered(lambda case: case.state in LIVE):
            live._workflow_do(name)
            live._skip_rest()

    def _skip_rest(self, because="closed"):
        """Drop what is still to be done in cases that have ended.

        :param str because: one of ``skipped_because``
        """
        condition = SQL("crm_followup.case_id = ANY(%s)", list(self.ids))
        followups = self.env["crm.followup"].sudo()
        followups._move_all("skip", condition, values={"skipped_because": SQL("%s", because)})

    def _resume(self):
        """Put cases whose result was a mistake back into follow-up: the step after the last one comes on its day."""
        ended = self.filtered(lambda case: case.state != "open")
        if ended:
            ended._workflow_do("resume")
        for case in self:
            no_service = {"serviced_on": False, "service_source": False, "is_success": False}
            case._note({**case._next_step_vals(), **no_service})

    def _next_step_vals(self):
        """Return which follow-up comes after the last one, and when."""
        step = self._step_after(self.last_step)
        return {
            "next_step": step.step,
            "next_date": fields.Date.add(self.due_date, days=step.offset_days) if step else False,
        }

    def _step_after(self, number):
        steps = self.schedule_id.sudo().step_ids
        return steps.filtered(lambda step: step.step > (number or "0")).sorted("step")[:1]

    # === HOOKS === #

    def _booked(self, booking=None):
        """Note that the customers have booked: no further follow-up comes.

        :param booking: the ``crm.service.booking``, for addons that keep it
        """
        cases = self.sudo()
        cases._workflow_do("book")
        for case in cases:
            case._note({"booked_at": case.booked_at or fields.Datetime.now()})
        cases._skip_rest()

    def _unbooked(self, reason=None):
        """Note that the booking came to nothing: the case is in follow-up again."""
        self.sudo()._workflow_do("unbook", reason)

    def _serviced(self, day, source):
        """Note that the service was done: the cases are settled.

        A customer's word is replaced by what a report, a booking or a person says later; nothing else is replaced.

        :param date day: by the branch's calendar
        :param str source: one of :data:`~..followup_const.SOURCES`
        """
        cases = self.sudo()
        fresh = cases.filtered(lambda case: case.state != "serviced")
        word = (cases - fresh).filtered(lambda case: case.service_source == "customer" and source != "customer")
        for case in fresh | word:
            success = source in COUNTED_SOURCES and day <= case.expires_on
            case._note({"serviced_on": day, "service_source": source, "is_success": success})
        if fresh:
            fresh._workflow_do("service")
            fresh._skip_rest()
