from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date

#: Days on which the next free times are named at once, and how far ahead they are looked for.
PICKS, SOON_DAYS = 3, 21
#: So many days with free times stand on a page.
DAYS_SHOWN = 8
#: So often a customer may book the same free service within a day.
TURNS = 6
#: How much may be written, field by field.
LIMITS = {"street": 120, "city": 60, "note": 500}


class ResPartner(models.Model):
    """Free services (KPB) that customers book themselves, where `crm_h23_followup` is installed (CC-4, H23-4.2.5).

    Portal users read neither cases nor times. Each method picks what is the customer's own first, then takes the one
    step with all rights; what may be booked is decided where admins' bookings are decided too.
    """

    _inherit = "res.partner"

    # === WHAT IS THEIRS === #

    def _has_free_services(self):
        return "crm.service.booking" in self.env and "crm.followup.case" in self.env

    def _is_family(self, partner):
        """Return whether it is this customer, or a colleague."""
        return bool(partner) and partner.sudo().commercial_partner_id == self.sudo().commercial_partner_id

    def _own_cases(self, domain):
        """Return the free services of this customer's motorcycles for which the domain holds, with all rights."""
        if not self._has_free_services():
            return None
        own = Domain("vehicle_id.partner_id", "child_of", self.sudo().commercial_partner_id.ids)
        return self.env["crm.followup.case"].sudo().search(own & Domain(domain), order="due_date, id", limit=50)

    def _own_case(self, case_id):
        """Return the free service with that id, if it is this customer's."""
        return self._own_cases([("id", "=", case_id)])

    def _may_book(self, case):
        return case.may_book and case.vehicle_id.active and case.expires_on >= case.branch_id._today()

    def _may_change(self, booking):
        """Return whether the customer may choose another time or cancel: it is theirs, and hasn't begun."""
        ahead = booking.state == "booked" and booking.starts_at > fields.Datetime.now()
        return ahead and self._is_family(booking.partner_id)

    def _may_choose(self, case):
        """Return whether the customer may choose a time now, for the first time or another one."""
        return self._may_change(case.booking_id) if case.booking_id else self._may_book(case)

    # === WHAT THEY SEE === #

    def _free_services(self):
        """Return the free services that this customer may book or has booked, the most urgent first.

        The number of queries doesn't grow with them.
        """
        if not self._has_free_services():
            return []
        startable = self.env["crm.followup.case"]._workflow.find("book").source
        live = Domain("booking_ids.state", "in", ("booked", "arrived"))
        cases = self._own_cases(live | (Domain("state", "in", startable) & Domain("expires_on", ">=", self._day_ago())))
        cases = cases.filtered(lambda case: case.booking_id or self._may_book(case))
        picks = self._next_times(cases.filtered(lambda case: not case.booking_id))
        return [{**self._free_service(case), "picks": picks.get(case, [])} for case in cases]

    def _day_ago(self):
        """Return yesterday by UTC: whatever the branch's clock says, its today isn't before."""
        return fields.Date.subtract(fields.Date.today(), days=1)

    def _free_service(self, case):
        """Return what the customer is shown of one free service."""
        kpbs = dict(case._fields["kpb"]._description_selection(self.env))
        vehicle, booking = case.vehicle_id, case.booking_id
        return {
            "id": case.id,
            "kpb": kpbs.get(case.kpb),
            "vehicle": " · ".join(filter(None, (vehicle.model_name, vehicle.plate or vehicle.frame_number))),
            "expires_on": case.expires_on,
            "branch": case.branch_id.name,
            "address": self._branch_address(case.branch_id),
            "can_book": self._may_book(case),
            "booking": self._booked(booking) if booking else None,
        }

    def _branch_address(self, branch):
        return ", ".join(filter(None, (branch.partner_id.street, branch.partner_id.city)))

    def _booked(self, booking):
        own = self._is_family(booking.partner_id)
        return {
            "id": booking.id,
            "day": self._day_words(booking.day),
            "hours": booking.hours,
            "kind": dict(self._kinds()).get(booking.kind),
            "is_home": booking.kind == "home",
            "where": ", ".join(filter(None, (booking.street, booking.city))) if own else "",
            "note": booking.note if own else "",
            "is_late": booking.is_late,
            "can_change": self._may_change(booking),
        }

    def _booked_words(self, booking):
        """Return what the customer is told of a booking that was made."""
        booked = self._booked(booking)
        where = booked["where"] if booked["is_home"] else booking.branch_id.name
        return self.env._("Booked: %(day)s, %(hours)s, %(where)s.", **{**booked, "where": where})

    def _day_words(self, day):
        return format_date(self.env, day, date_format="EEEE, d MMMM")

    # === TIMES === #

    def _kinds(self):
        return self.env["crm.service.time"]._fields["kind"]._description_selection(self.env)

    def _times_domain(self, case, *kinds):
        """Return the domain of the times that the customer may choose, as an admin's screen has it.

        Saturday and Sunday are for who can't come from Monday to Friday: an admin has made sure of it (H23-4.2.6).
        """
        times, weekend = self.env["crm.service.time"], case._weekend_allowed()
        return Domain.OR(Domain(times._free_domain(case.branch_id, kind, weekend)) for kind in kinds)

    def _next_times(self, cases):
        """Return case → the first free time of each of the next days, at the workshop; of all cases by one query."""
        if not cases:
            return {}
        allowed = {case: self._times_domain(case, "workshop") for case in cases}
        soon = Domain("day", "<=", fields.Date.add(fields.Date.today(), days=SOON_DAYS))
        found = self.env["crm.service.time"].sudo().search(soon & Domain.OR(allowed.values()), order="starts_at")
        result = {}
        for case, domain in allowed.items():
            first = {}
            for moment in found.filtered_domain(domain):
                first.setdefault(moment.day, moment)
            result[case] = [self._time_words(moment, "E d MMM") for moment in list(first.values())[:PICKS]]
        return result

    def _free_times(self, case):
        """Return kind → day → the times that are free, in order; only kinds and days on which something is."""
        names, booked = [name for name, __ in self._kinds()], case.booking_id
        found = self.env["crm.service.time"].sudo().search(self._times_domain(case, *names), order="starts_at, slot_id")
        kinds = {name: {} for name in names}
        for moment in found:
            if (moment.slot_id, moment.day) != (booked.slot_id, booked.day):
                kinds[moment.kind].setdefault(moment.day, []).append(moment)
        return {kind: days for kind, days in kinds.items() if days}

    def _service_page(self, case, kind="", page=0, time_id=0):
        """Return what the page on which a time is chosen shows.

        :param kind, page, time_id: what was chosen so far; what isn't offered is passed over
        """
        times, booking, labels = self._free_times(case), case.booking_id, dict(self._kinds())
        kind = next((one for one in (kind, booking.kind, *times) if one in times), None)
        days = list(times.get(kind, {}).items())
        chosen = [place for place, (__, moments) in enumerate(days) if time_id in [one.id for one in moments]]
        last = max(len(days) - 1, 0) // DAYS_SHOWN
        page = chosen[0] // DAYS_SHOWN if chosen else min(page, last)
        shown = days[page * DAYS_SHOWN : (page + 1) * DAYS_SHOWN]
        first = 0 if booking or not shown else shown[0][1][0].id  # what is booked isn't changed by an idle click
        vehicle = case.vehicle_id
        return {
            "kpb": self._free_service(case),
            "kinds": [(name, labels[name]) for name in times],
            "kind": kind,
            "days": [
                {
                    "name": self._day_words(day),
                    "is_late": day > case.expires_on,
                    "times": [self._time_words(moment) for moment in moments],
                }
                for day, moments in shown
            ],
            "chosen": time_id if chosen else first,
            "place": page,
            "has_more": page < last,
            "typed": {
                "street": booking.street or self.street or vehicle.owner_street or "",
                "city": booking.city or self.city or vehicle.owner_city or "",
                "note": booking.note or "",
            },
        }

    def _time_words(self, moment, pattern="EEEE, d MMMM"):
        """Return what is shown of a time: by the branch's clock."""
        begins, ends = (moment.branch_id._local(at) for at in (moment.starts_at, moment.ends_at))
        day = format_date(self.env, moment.day, date_format=pattern)
        return {"id": moment.id, "day": day, "start": f"{begins:%H:%M}", "hours": f"{begins:%H:%M}–{ends:%H:%M}"}

    # === BOOK, CHOOSE ANOTHER TIME, CANCEL === #

    def _book_free_service(self, case, time_id, instead, typed):
        """Book a free service of theirs, or another time for it; return the booking.

        :param case: of :meth:`_own_case`
        :param int time_id: of ``crm.service.time``, as the form says
        :param int instead: the booking that the form showed, or 0
        :param dict typed: ``street``, ``city`` and ``note``, as they were typed
        :raise UserError: it can't be booked, the time isn't offered or taken meanwhile, no street, too much text
        """
        booking = case.booking_id
        moment = self.env["crm.service.time"].sudo().search([("id", "=", time_id)], limit=1)
        if booking and booking.id != instead:
            if (booking.slot_id, booking.day, booking.create_uid) == (moment.slot_id, moment.day, self.env.user):
                return booking  # the button was pressed twice
            raise UserError(self.env._("This free service is booked already: look at its time below."))
        if instead and not booking:
            raise UserError(self.env._("This appointment was cancelled meanwhile: choose a time again."))
        if booking and not self._may_change(booking):
            raise UserError(self.env._("This appointment can't be changed here any more: please call us."))
        if not booking and not self._may_book(case):
            raise UserError(self.env._("This free service can't be booked here any more: please call us."))
        if not moment.filtered_domain(self._times_domain(case, *(name for name, __ in self._kinds()))):
            raise UserError(self.env._("This time was taken meanwhile, or isn't offered: choose another one."))
        vals = {"slot_id": moment.slot_id.id, "day": moment.day, **self._typed(typed, moment.kind == "home")}
        self._check_turns(case)
        self._check_promo(case, moment)
        if booking:
            return booking._reschedule(vals)
        return self.env["crm.service.booking"].sudo().create([{**vals, "case_id": case.id}])

    def _typed(self, typed, at_home):
        """Return what was typed, as values of a booking; the address only where we come to it."""
        names = ("street", "city", "note") if at_home else ("note",)
        vals = {name: (typed.get(name) or "").strip() for name in names}
        if too_long := [name for name, text in vals.items() if len(text) > LIMITS[name]]:
            raise UserError(self.env._("Write less: at most %s characters.", LIMITS[too_long[0]]))
        if at_home and not vals["street"]:
            raise UserError(self.env._("Write the street and number to which our mechanic comes."))
        return vals

    def _check_turns(self, case):
        """Check that nobody keeps the branch busy by choosing anew again and again."""
        since = fields.Datetime.subtract(fields.Datetime.now(), days=1)
        domain = [("case_id", "=", case.id), ("create_uid", "=", self.env.uid), ("create_date", ">", since)]
        if self.env["crm.service.booking"].sudo().search_count(domain, limit=TURNS) >= TURNS:
            raise UserError(self.env._("You have changed this appointment often today: please call us."))

    def _check_promo(self, case, moment):
        """Check that what was promised holds on that day (H23-4.2.7b): admins are told the same in other words."""
        if case.booking_id.promo_id or not case._is_promo_promised():
            return
        if not self.env["crm.service.promo"].sudo()._in_force(moment.company_id, moment.day):
            raise UserError(self.env._("Your promotion doesn't hold on this day: choose another day, or call us."))

    def _cancel_free_service(self, case, booking_id):
        """Cancel the booking of a free service of theirs: it is in follow-up again.

        :param case: of :meth:`_own_case`
        :param int booking_id: the booking that the form showed
        :raise UserError: it is another one now, or can't be cancelled any more
        """
        booking = case.booking_id
        if not booking or booking.id != booking_id:
            raise UserError(self.env._("This appointment was changed meanwhile: look at it again."))
        if not self._may_change(booking):
            raise UserError(self.env._("This appointment can't be changed here any more: please call us."))
        booking._workflow_do("cancel", self.env._("Cancelled by the customer on the portal."))
