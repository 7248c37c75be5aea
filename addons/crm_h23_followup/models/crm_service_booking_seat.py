import psycopg2.errors

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date, mute_logger

from ..service_const import LIVE, WEEKEND
from .crm_service_booking import CHOSEN, LOOSE

SEAT_TAKEN, LIVE_TAKEN = "crm_service_booking_one_seat", "crm_service_booking_one_live"
#: How many free times are named where one is full.
NEXT = 3


class CrmServiceBooking(models.Model):
    """A new booking: what may be chosen, and the seat (H23-4.2.5, H23-4.2.6, H23-4.2.7)."""

    _inherit = "crm.service.booking"

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):  # pylint: disable=method-required-super
        """Override: check what was chosen, fill in what follows from it, and take the lowest free seat.

        :raise UserError: the time isn't one of the branch's on that day, has passed, is full or isn't for this customer
        :raise AccessError: the user may not change the free service
        """
        return self._book_all(vals_list, super().create)

    # === BUSINESS METHODS === #

    def _reschedule(self, vals):
        """Take a new seat for these customers instead of the old one; return the new booking.

        :param dict vals: as for a new booking: ``slot_id``, ``day`` and what a user may say besides
        """
        self.ensure_one()
        self._workflow_do("reschedule")
        self.flush_recordset()
        kept = {name: self[name] for name in ("customer_name", "phone", "street", "city", "note")}
        return self._book_all([{**kept, **vals, "case_id": self.case_id.id}], super().create, former=self)

    def _book_all(self, vals_list, create, former=None):
        """Book, see :meth:`create`.

        :param create: makes the records, with their seats
        :param former: the booking instead of which this one is made
        """
        self.browse().check_access("create")
        complete = self._complete(vals_list, former)
        bookings = self._take_seats(complete, create)
        if former:  # the case stays as it is: who wants no follow-up any more keeps what they have booked
            return bookings
        unbooked = bookings.sudo().case_id.filtered(lambda case: case.state != "booked")
        for booking in bookings.sudo().filtered(lambda booking: booking.case_id in unbooked):
            booking.case_id._booked(booking)
        return bookings

    def _complete(self, vals_list, former=None):
        """Return the values with everything that follows from case, time and day."""
        allowed = {*CHOSEN, *LOOSE, "message_follower_ids", "activity_ids"}
        for vals in vals_list:
            if surplus := [name for name in vals if name not in allowed and vals[name]]:
                labels = self.fields_get(surplus, ["string"])
                names = ", ".join(labels[name]["string"] for name in surplus if name in labels) or surplus[0]
                raise UserError(self.env._("%s: this follows from what is booked, leave it out.", names))
            if not all(vals.get(name) for name in ("case_id", "slot_id", "day")):
                raise UserError(self.env._("Choose the customer’s free service, a day and a time."))
        cases = self.env["crm.followup.case"].browse({vals["case_id"] for vals in vals_list}).exists()
        cases.check_access("write")
        slots = self.env["crm.service.slot"].browse({vals["slot_id"] for vals in vals_list}).exists()
        slots.check_access("read")
        choices = []
        for vals in vals_list:
            case, slot = cases.browse(vals["case_id"]).sudo(), slots.browse(vals["slot_id"]).sudo()
            if case not in cases or slot not in slots:
                raise UserError(self.env._("The free service or the time is there no more."))
            choices.append((case, slot, fields.Date.to_date(vals["day"])))
        self._check_choices(choices, former)
        cases.sudo().vehicle_id._ensure_partners()
        return [
            {**vals, **self._prepare_booking_vals(vals, *choice, former)}
            for vals, choice in zip(vals_list, choices, strict=True)
        ]

    def _prepare_booking_vals(self, vals, case, slot, day, former):
        vehicle, branch = case.vehicle_id, slot.branch_id
        starts_at, ends_at = slot._span(day)
        offer = former.sudo().offer_id if former else case._accepted_offer()
        phone = vals.get("phone", vehicle.owner_phone)
        unnamed = self.env._("Owner of %s", vehicle.plate or vehicle.frame_number)
        values = {
            "vehicle_id": vehicle.id,
            "branch_id": branch.id,
            "kpb": case.kpb,
            "kind": slot.kind,
            "day": day,
            "starts_at": starts_at,
            "ends_at": ends_at,
            "partner_id": vehicle.partner_id.id,
            "customer_name": vals.get("customer_name") or vehicle.owner_name or unnamed,
            "phone": branch._e164(phone) if phone else False,
            "street": vals.get("street", vehicle.owner_street) or False,
            "city": vals.get("city", vehicle.owner_city) or False,
            "user_id": vals.get("user_id") or self._admin_for(case, former).id,
            "offer_id": offer.id,
            "promo_id": self._promo_for(vals, case, slot, day, former).id,
            "rescheduled_from_id": former.id if former else False,
            "arrived_at": False,
            "done_on": False,
            "reminded_at": False,
        }
        if slot.kind == "home" and not (values["street"] or "").strip():
            raise UserError(self.env._("For a home service enter the street to which the mechanic comes."))
        return values

    def _admin_for(self, case, former=None):
        """Return who looks after a new booking: who makes it; where customers book themselves, the admin of before."""
        branch = case.branch_id
        if branch._has_admin(self.env.user):
            return self.env.user
        before = (former.sudo().user_id if former else case.user_id) | case.user_id
        return before.filtered(lambda user: user.active and branch._has_admin(user))[:1]

    def _promo_for(self, vals, case, slot, day, former):
        """Return the promotion that was promised; it comes with its offer alone (H23-4.2.7b).

        What was promised once holds when the customer takes another day.
        """
        promos = self.env["crm.service.promo"].sudo()
        chosen = promos.browse(vals.get("promo_id") or [])
        if not case._is_promo_promised():
            if chosen:
                raise UserError(self.env._("A promotion is for who was offered one after a refusal, and accepted it."))
            return promos
        if former and former.sudo().promo_id:
            return former.sudo().promo_id
        valid = promos._in_force(slot.company_id, day)
        if not valid or not chosen <= valid:
            raise UserError(
                self.env._(
                    "The booking promotion was offered, but it isn’t in force on %s: choose another one, or have a "
                    "manager enter one (Configuration → Booking Promotions).",
                    format_date(self.env, day),
                )
            )
        return chosen or valid[0]

    # === CHECKS === #

    def _check_choices(self, choices, former=None):
        """Check each (case, slot, day) by what the calendar, the branch and the procedure say."""
        now = fields.Datetime.now()
        for case, slot, day in choices:
            if case._has_live_booking():
                raise UserError(self.env._("%s is booked already: reschedule that booking.", case.display_name))
            words = {"slot": slot.display_name, "day": format_date(self.env, day), "branch": slot.branch_id.name}
            if slot.branch_id != case.branch_id:
                raise UserError(self.env._("%(slot)s is a time of %(branch)s, not of the customer’s branch.", **words))
            if not slot._is_on(day):
                raise UserError(self.env._("%(branch)s has no %(slot)s on %(day)s.", **words))
            if slot._span(day)[0] <= now:
                raise UserError(self.env._("%(slot)s on %(day)s has passed: choose a time to come.", **words))
            if slot.weekday in WEEKEND and not case._weekend_allowed():
                raise UserError(
                    self.env._(
                        "Saturday and Sunday are for who really can’t come from Monday to Friday: make sure of it, and "
                        "tick it with the offer."
                    )
                )
        closed = self.env["crm.service.closing"]._closed_pairs([(slot, day) for __, slot, day in choices])
        for __, slot, day in choices:
            if (slot.id, day) in closed:
                raise UserError(
                    self.env._(
                        "%(branch)s is closed on %(day)s. %(next)s",
                        branch=slot.branch_id.name,
                        day=format_date(self.env, day),
                        next=self._next_words(slot, day),
                    )
                )

    # === SEATS === #

    def _take_seats(self, vals_list, create):
        """Create the bookings, each on the lowest free seat of its time.

        Somebody else may take a seat that this transaction sees as free: the database refuses the second one, and the
        next seat is tried.
        """
        tried = set()
        while True:
            seated = self._seated(vals_list, tried)
            try:
                with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                    return create(seated)
            except psycopg2.errors.UniqueViolation as error:
                if error.diag.constraint_name == LIVE_TAKEN:
                    raise UserError(
                        self.env._("This free service is booked already: reschedule that booking.")
                    ) from error
                if error.diag.constraint_name != SEAT_TAKEN:
                    raise
            if len(seated) > 1:
                return self.union(*(self._take_seats([vals], create) for vals in vals_list))
            tried.add(seated[0]["seat"])

    def _seated(self, vals_list, tried):
        """Return the values with seats, found by one query.

        :raise UserError: a time is full; it names the next free ones
        """
        free = self._free_seats({(vals["slot_id"], vals["day"]) for vals in vals_list})
        seated = []
        for vals in vals_list:
            seats = [seat for seat in free[vals["slot_id"], vals["day"]] if seat not in tried]
            if not seats:
                slot = self.env["crm.service.slot"].sudo().browse(vals["slot_id"])
                raise UserError(
                    self.env._(
                        "%(slot)s on %(day)s is full. %(next)s",
                        slot=slot.display_name,
                        day=format_date(self.env, vals["day"]),
                        next=self._next_words(slot, vals["day"], self._weekend_of(vals["case_id"])),
                    )
                )
            free[vals["slot_id"], vals["day"]] = [seat for seat in seats if seat != seats[0]]
            seated.append({**vals, "seat": seats[0]})
        return seated

    @api.model
    def _free_seats(self, pairs):
        """Return (slot id, day) → free seats, the lowest first. The times can't change until the transaction ends."""
        self.env.flush_all()
        slots = sorted({slot for slot, __ in pairs})
        self.env.cr.execute("SELECT FROM crm_service_slot WHERE id = ANY(%s) ORDER BY id FOR SHARE", [slots])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT given.slot_id, given.day, array_agg(seats.number ORDER BY seats.number)
                  FROM unnest(%s::int[], %s::date[]) AS given (slot_id, day)
                  JOIN crm_service_slot slot ON slot.id = given.slot_id
                 CROSS JOIN generate_series(1, slot.capacity) AS seats (number)
                 WHERE NOT EXISTS (
                        SELECT FROM crm_service_booking taken
                         WHERE taken.slot_id = given.slot_id AND taken.day = given.day AND taken.seat = seats.number
                           AND taken.state IN %s)
                 GROUP BY given.slot_id, given.day
                """,
                [slot for slot, __ in pairs],
                [day for __, day in pairs],
                LIVE,
            )
        )
        found = {(slot, day): seats for slot, day, seats in rows}
        return {pair: found.get(pair, []) for pair in pairs}

    def _weekend_of(self, case):
        return self.env["crm.followup.case"].browse(case)._weekend_allowed()

    def _next_words(self, slot, day, weekend=False):
        """Return which times of the kind are free next, in words."""
        times = self.env["crm.service.time"].sudo()
        domain = [*times._free_domain(slot.branch_id, slot.kind, weekend), ("day", ">=", day)]
        if found := times.search(domain, limit=NEXT):
            return self.env._("Free next: %s", "; ".join(found.mapped("display_name")))
        return self.env._("No other time is free then: have a manager add some.")
