from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.crm_base.workflow import ALL_BUT, Transition, Workflow

from ..followup_const import KINDS, KPBS
from ..service_const import LIVE
from .crm_service_slot import clock

#: Said in the context by our own code when it notes what happened; JSON can't make this object.
STEP = object()
#: What a user says of a new booking; everything else follows from it.
CHOSEN = ("case_id", "slot_id", "day", "promo_id")
#: What a user may correct while the booking lives.
LOOSE = ("customer_name", "phone", "street", "city", "note", "user_id")
#: What our own code notes.
NOTED = ("arrived_at", "done_on", "reminded_at")
CHATTER = (
    "activity_ids",
    "interaction_ids",
    "message_follower_ids",
    "message_ids",
    "whatsapp_message_ids",
)
FOLLOWS = (
    "vehicle_id",
    "branch_id",
    "company_id",
    "partner_id",
    "kpb",
    "kind",
    "starts_at",
    "ends_at",
    "seat",
    "offer_id",
    "rescheduled_from_id",
)
COLORS = {"workshop": 4, "home": 2}
STATE_COLORS = {"arrived": 3, "done": 10, "no_show": 1, "cancelled": 0, "rescheduled": 0}


class CrmServiceBooking(models.Model):
    """A customer's appointment for a free service: a seat of a time of the branch's week on a day (H23-4.2.5).

    The database keeps each seat for one live booking: however many book the last one at the same moment, one gets it.
    """

    _name = "crm.service.booking"
    _description = "Service Booking"
    _inherit = [
        "crm.about.mixin",
        "mail.thread",
        "mail.activity.mixin",
        "crm.workflow.mixin",
        "crm.branch.mixin",
        "crm.interaction.mixin",
        "crm.whatsapp.mixin",
    ]
    _order = "starts_at, id"
    _rec_names_search = ["customer_name", "vehicle_id"]
    _about = ("vehicle_id", "case_id")

    _workflow = Workflow(
        states={
            "booked": "Booked",
            "arrived": "Arrived",
            "done": "Done",
            "no_show": "No-show",
            "cancelled": "Cancelled",
            "rescheduled": "Rescheduled",
        },
        transitions=(
            Transition("arrive", ("booked",), "arrived"),
            Transition("finish", ("arrived",), "done"),
            Transition("settle", LIVE, "done"),
            Transition("miss", ("booked",), "no_show"),
            Transition("cancel", ("booked",), "cancelled", reason=True),
            Transition("reschedule", ("booked",), "rescheduled"),
        ),
        locked={
            **dict.fromkeys(LIVE, (*CHOSEN, *FOLLOWS)),
            **dict.fromkeys(("done", "no_show", "cancelled", "rescheduled"), (ALL_BUT, *CHATTER, *NOTED)),
        },
    )

    state = _workflow.state_field(group_expand=True, tracking=True)
    case_id = fields.Many2one("crm.followup.case", "Free Service", required=True, ondelete="restrict", index=True)
    vehicle_id = fields.Many2one("crm.vehicle", required=True, readonly=True, ondelete="restrict", index=True)
    branch_id = fields.Many2one(readonly=True, default=False, index=False)  # the index of its days begins with it
    kpb = fields.Selection(KPBS, "KPB", required=True, readonly=True)
    slot_id = fields.Many2one("crm.service.slot", "Service Time", required=True, ondelete="restrict", tracking=True)
    kind = fields.Selection(KINDS, required=True, readonly=True)
    day = fields.Date(required=True, tracking=True, help="By the branch’s calendar.")
    starts_at = fields.Datetime("Starts", required=True, readonly=True)
    ends_at = fields.Datetime("Ends", required=True, readonly=True)
    hours = fields.Char(compute="_compute_hours", help="By the branch’s clock.")
    seat = fields.Integer(required=True, readonly=True, copy=False, aggregator=None, help="Place within the time.")
    user_id = fields.Many2one(
        "res.users",
        "Admin",
        default=lambda self: self.env.user,
        index="btree_not_null",
        tracking=True,
        domain=[("share", "=", False)],
    )
    # Who comes, or to whom we come
    partner_id = fields.Many2one("res.partner", "Contact", readonly=True, ondelete="restrict", index="btree_not_null")
    customer_name = fields.Char("Customer", required=True)
    phone = fields.Char(help="With country code, e.g. +6281234567890.")
    street = fields.Char()
    city = fields.Char()
    note = fields.Text("Note for the Workshop")
    # How it came about, and what became of it
    offer_id = fields.Many2one(
        "crm.followup.offer", "Accepted Offer", readonly=True, ondelete="restrict", index="btree_not_null"
    )
    promo_id = fields.Many2one(
        "crm.service.promo", "Promotion", ondelete="restrict", index="btree_not_null", tracking=True
    )
    rescheduled_from_id = fields.Many2one(
        "crm.service.booking", "Instead Of", readonly=True, copy=False, ondelete="restrict", index="btree_not_null"
    )
    rescheduled_to_ids = fields.One2many("crm.service.booking", "rescheduled_from_id", readonly=True)
    arrived_at = fields.Datetime("Arrived On", readonly=True, copy=False)
    done_on = fields.Date("Serviced On", readonly=True, copy=False)
    reminded_at = fields.Datetime("Reminded On", readonly=True, copy=False)
    # From elsewhere
    owner_name = fields.Char(related="vehicle_id.owner_name")
    model_name = fields.Char(related="vehicle_id.model_name")
    plate = fields.Char(related="vehicle_id.plate")
    expires_on = fields.Date(related="case_id.expires_on")
    promo_benefit = fields.Text(related="promo_id.benefit", related_sudo=True, string="The Customer Gets")
    is_late = fields.Boolean("After the Free Service", compute="_compute_is_late")
    color = fields.Integer(compute="_compute_color")

    _one_seat = models.UniqueIndex(
        "(slot_id, day, seat) WHERE state IN ('booked', 'arrived')", "This seat has just been taken."
    )
    _one_live = models.UniqueIndex(
        "(case_id) WHERE state IN ('booked', 'arrived')",
        "This free service is booked already: reschedule that booking.",
    )
    _seat_positive = models.Constraint("CHECK(seat > 0)", "Seats are counted from 1.")
    _home_has_address = models.Constraint(
        "CHECK(kind != 'home' OR (street IS NOT NULL AND btrim(street) != ''))",
        "For a home service enter the street to which the mechanic comes.",
    )
    _phone_e164 = models.Constraint(
        r"CHECK(phone ~ '^\+[1-9][0-9]{6,14}$')", "Write the phone number with its country code: +62…"
    )
    _done_when = models.Constraint(
        "CHECK(state != 'done' OR done_on IS NOT NULL)", "Say on which day the service was done."
    )
    _slot_idx = models.Index("(slot_id, day)")
    _branch_idx = models.Index("(branch_id, day)")
    _remind_idx = models.Index("(day, branch_id) WHERE state = 'booked' AND reminded_at IS NULL")

    # === COMPUTE METHODS === #

    @api.depends("day", "slot_id", "customer_name", "plate")
    @api.depends_context("booking_without_time")
    def _compute_display_name(self):
        timeless = self.env.context.get("booking_without_time")  # where the screen shows it anyway
        for booking in self:
            known = booking.day and not timeless
            when = f"{booking.day:%d/%m} {clock(booking.slot_id.sudo().hour_from)}" if known else ""
            words = (when, booking.customer_name, booking.sudo().plate)
            booking.display_name = " · ".join(word for word in words if word)

    @api.depends("starts_at", "ends_at", "branch_id")
    def _compute_hours(self):
        for booking in self:
            branch = booking.branch_id.sudo()
            moments = (booking.starts_at, booking.ends_at) if branch else ()
            booking.hours = "–".join(f"{branch._local(moment):%H:%M}" for moment in moments if moment)

    @api.depends("day", "case_id.expires_on")
    def _compute_is_late(self):
        for booking in self:
            ends = booking.case_id.expires_on
            booking.is_late = bool(booking.day and ends and booking.day > ends)

    @api.depends("kind", "state")
    def _compute_color(self):
        for booking in self:
            booking.color = STATE_COLORS.get(booking.state, COLORS.get(booking.kind, 0))

    # === CONSTRAINS METHODS === #

    @api.constrains("user_id")
    def _check_user(self):
        """Check that the admin sees the branch: who is put down is written to, with the customer's name (H23-2)."""
        for booking in self.sudo():
            if booking.user_id and not booking.branch_id._has_admin(booking.user_id):
                raise ValidationError(
                    self.env._(
                        "%(user)s doesn’t work for %(branch)s: choose one of its admins.",
                        user=booking.user_id.name,
                        branch=booking.branch_id.name,
                    )
                )

    # === CRUD METHODS === #

    def write(self, vals):
        """Override: what our own code notes nobody writes; phone numbers are kept in one form."""
        if any(name in NOTED and self._is_changed(name, vals[name]) for name in vals):
            self._check_own_step()
        if vals.get("phone") and len(self.branch_id) == 1:
            vals = {**vals, "phone": self.branch_id._e164(vals["phone"])}
        return super().write(vals)

    def _is_changed(self, name, value):
        return any(record._would_change(name, value) for record in self)

    def _check_own_step(self):
        if self.env.context.get("booking_step") is not STEP:
            raise UserError(self.env._("This is noted by the booking itself: use its buttons."))

    def copy_data(self, default=None):
        """Override: a seat is for one booking."""
        raise UserError(self.env._("A booking isn't copied: book the next one from its free service."))

    # === ACTION METHODS === #

    def action_arrive(self):
        """Note that the customer is here, or the mechanic there."""
        self._workflow_do("arrive")

    def action_finish(self):
        """Note that the service is done: the free service is settled."""
        self._workflow_do("finish")

    def action_miss(self):
        """Note that the customer didn't come: the free service is in follow-up again."""
        self._workflow_do("miss")

    def action_reschedule(self):
        """Ask for another day and time."""
        self.ensure_one()
        return self.env["crm.service.book"]._open_for(self.case_id, self)

    @api.model
    def action_book(self):
        """Ask for whom, and when."""
        return self.env["crm.service.book"]._open_for()

    def action_view_case(self):
        """Open the free service that is booked."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "crm.followup.case",
            "res_id": self.case_id.id,
            "views": [[False, "form"]],
        }

    def action_print_day(self):
        """Print the lists of the days and branches of these bookings."""
        pairs = {(booking.branch_id.id, booking.day) for booking in self}
        days = self.search([("branch_id", "in", self.branch_id.ids), ("day", "in", list({day for __, day in pairs}))])
        wanted = days.filtered(lambda booking: (booking.branch_id.id, booking.day) in pairs)
        return self.env.ref("crm_h23_followup.crm_service_booking_report").report_action(wanted, config=False)

    # === BUSINESS METHODS === #

    def _note(self, vals):
        """Write what our own code notes. It has checked who acts."""
        return self.sudo().with_context(booking_step=STEP).write(vals)

    def _check_transition(self, transition):
        for booking in self.sudo():
            today = booking.branch_id._today()
            if transition.name == "arrive" and booking.day > today:
                raise UserError(
                    self.env._("%s: that day is still to come. Reschedule the booking to today.", booking.display_name)
                )
            if transition.name == "miss" and booking.starts_at > fields.Datetime.now():
                raise UserError(self.env._("%s: the time hasn’t begun yet.", booking.display_name))
            if transition.name == "finish":
                booking._note({"done_on": booking.branch_id._local(booking.arrived_at).date()})
        return super()._check_transition(transition)

    def _after_transition(self, transition):
        result = super()._after_transition(transition)
        bookings = self.sudo()
        if transition.name == "arrive":
            bookings._note({"arrived_at": fields.Datetime.now()})
        elif transition.name == "finish":
            for day, done in bookings.grouped("done_on").items():
                done.case_id._serviced(day, "booking")
        elif transition.name in ("miss", "cancel"):
            bookings._come_to_nothing(transition)
        return result

    def _come_to_nothing(self, transition):
        """Put the free services back into follow-up; where none comes by itself, somebody is asked to call."""
        reason = self._workflow_label(transition.target)
        self.case_id.filtered(lambda case: case.state == "booked")._unbooked(reason)
        for booking in self:
            case = booking.case_id
            agent = booking._who_calls()
            if case.state == "open" and not case.next_step and agent:
                booking.activity_schedule(
                    "mail.mail_activity_data_call",
                    user_id=agent.id,
                    summary=self.env._("Agree on another day"),
                )

    def _who_calls(self):
        """Return who agrees on another day: the first of admin and leaders who is still there and sees the booking."""
        branch = self.branch_id
        for user in (self.user_id, self.case_id.user_id, branch.pic_id, branch.head_id):
            if user.active and self.with_user(user).has_access("write"):
                return user
        return self.env["res.users"]

    def _settle(self):
        """Close what is booked for services that are done, whoever says so: a later import, or a person."""
        if not self:
            return
        bookings = self.sudo()
        bookings._wait_for()
        bookings = bookings.filtered(lambda booking: booking.state in LIVE)
        for day, done in bookings.grouped(lambda booking: booking.case_id.serviced_on).items():
            done._note({"done_on": day})
        if bookings:
            bookings._workflow_do("settle")

    def _wait_for(self):
        """Wait until nobody else changes these bookings: an import doesn't fail because somebody is at work."""
        self.env.flush_all()
        self.env.cr.execute("SELECT FROM crm_service_booking WHERE id = ANY(%s) ORDER BY id FOR UPDATE", [self.ids])
        self.invalidate_recordset(["state"])

    def _whatsapp_agent(self):
        """Override: whoever booked answers."""
        return self.user_id or self.case_id.user_id

    def _mail_get_partner_fields(self, introspect_fields=False):
        """Override: the owner is whom it is about; nobody is sent an e-mail by it."""
        return ["partner_id"]

    # === REPORT === #

    def _list_name(self):
        """Return what the file of the list is called."""
        return self.env._("Bookings %s", self[:1].day)

    def _by_day(self):
        """Return (branch, day, bookings) for each list of the workshop; what was called off isn't on it."""
        kept = self.filtered(lambda booking: booking.state not in ("cancelled", "rescheduled"))
        groups = kept.sorted("starts_at").grouped(lambda booking: (booking.branch_id, booking.day))
        return [
            (branch, day, bookings)
            for (branch, day), bookings in sorted(groups.items(), key=lambda item: (item[0][1], item[0][0].id))
        ]
