"""Demo: a week's plan of both branches, who came and who didn't, today's customers and those to come."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools import SQL

from ..service_const import LIVE, WEEKEND
from .followup_story import BRANCHES, REFUSED

#: kind, weekdays, from, to, capacity at Bandung and at Cimahi.
PLAN = (
    ("workshop", "01234", 8, 10, 4, 2),
    ("workshop", "01234", 10, 12, 4, 2),
    ("workshop", "01234", 13, 15, 3, 2),
    ("workshop", "01234", 15, 16.5, 2, 1),
    ("workshop", "5", 8, 10, 4, 3),
    ("workshop", "5", 10, 13, 4, 3),
    ("workshop", "6", 9, 12, 2, 1),
    ("home", "01234", 9, 12, 1, 1),
    ("home", "01234", 13, 16, 1, 1),
    ("home", "5", 9, 12, 1, 1),
)
TEXTS = {
    "id": (
        "Pengingat booking servis",
        "Halo {{1}}, kami tunggu servis {{2}} motor {{3}} Anda di {{4}} pada {{5}} pukul {{6}}. Balas pesan ini bila "
        "ingin ganti jadwal, atau BERHENTI bila tidak ingin menerima pesan.",
    ),
    "en": (
        "Reminder of a booked service",
        "Hello {{1}}, we expect you for the service {{2}} of your {{3}} at {{4}} on {{5}}, {{6}}. Answer this "
        "message if you want another time, or STOP to get no messages.",
    ),
    "pl": (
        "Przypomnienie o umówionym przeglądzie",
        "Dzień dobry, {{1}}! Czekamy na Państwa: przegląd {{2}} motocykla {{3}} w {{4}}, {{5}}, godz. {{6}}. Proszę "
        "odpisać, jeśli termin trzeba zmienić, albo STOP, aby nie dostawać wiadomości.",
    ),
}
VARIABLES = (
    ("customer_name", "Bapak/Ibu", "Asep"),
    ("kpb", False, "KPB 1"),
    ("model_name", "Anda", "Kancil 110"),
    ("branch_id.name", False, "Kenari Motor Bandung"),
    ("day", False, "31/12/2026"),
    ("hours", False, "08:00–10:00"),
)
TODAY, MISSED, SOON = 3, 2, 4


class CrmDemoFollowup(models.AbstractModel):
    _inherit = "crm.demo.followup"

    # === WHAT THERE IS === #

    @api.model
    def _make_service_times(self):
        """Enter the week's plan of both branches."""
        begin = fields.Date.subtract(self.env.ref(BRANCHES[0])._today(), days=60)
        self.env["crm.service.slot"].create(
            [
                {
                    "branch_id": self.env.ref(branch).id,
                    "kind": kind,
                    "weekday": weekday,
                    "hour_from": start,
                    "hour_to": end,
                    "capacity": capacities[place],
                    "valid_from": begin,
                }
                for kind, weekdays, start, end, *capacities in PLAN
                for weekday in weekdays
                for place, branch in enumerate(BRANCHES)
            ]
        )

    @api.model
    def _load(self):
        """Override: with the reminder, and what the customers of today and of the next days have booked."""
        self = self.with_context(tracking_disable=True)  # noqa: PLW0642
        self._make_reminders()
        result = super()._load()
        for place, name in enumerate(BRANCHES):
            self._book_some(self.env.ref(name), place)
        return result

    def _make_reminders(self):
        account = self.env.ref("crm_h23_followup.crm_whatsapp_account_kenari")
        templates = self.env["crm.whatsapp.template"].create(
            [
                {
                    "title": title,
                    "name": "service_booking_reminder",
                    "language": language,
                    "account_id": account.id,
                    "model_id": self.env["ir.model"]._get("crm.service.booking").id,
                    "body": body,
                    "variable_ids": [
                        Command.create({"number": number, "field_path": path, "value": value, "sample": sample})
                        for number, (path, value, sample) in enumerate(VARIABLES, 1)
                    ],
                }
                for language, (title, body) in TEXTS.items()
            ]
        )
        for template in templates:
            template.with_user(self.env.ref("crm_h23_followup.user_rina")).action_approve()
        self.env.company.service_reminder_template_id = templates[0]

    # === HOOKS OF THE STORY === #

    def _book(self, followup, kind="workshop", weekend=False):
        """Override: the first free time of the kind; at the weekend, for who can't come otherwise."""
        times = self.env["crm.service.time"]
        domain = times._free_domain(followup.sudo().branch_id, kind, weekend)
        chosen = times.search([*domain, ("is_weekend", "=", weekend)], limit=1)
        return {"slot_id": chosen.slot_id.id, "day": chosen.day}

    def _say_willing(self, followup, words):
        """Override: who came in the past had booked for the day on which they came."""
        result = super()._say_willing(followup, words)
        case = followup.sudo().case_id
        service = self.env["crm.vehicle.service"].search(
            [("vehicle_id", "=", case.vehicle_id.id), ("kpb", "=", int(case.kpb))], limit=1
        )
        if service and case.booking_id:
            self._move(case.booking_id, service.day)
        return result

    # === BOOKINGS === #

    def _book_some(self, branch, place):
        """Let some of those who wait for a call be spoken to: some were to come, some come today, others soon."""
        waiting = self.env["crm.followup"].search(
            [("branch_id", "=", branch.id), ("state", "=", "waiting"), ("user_id", "!=", False)],
            limit=TODAY + MISSED + SOON + 2,
        )
        asked = iter(waiting)
        today = branch._today()
        for __, followup in zip(range(MISSED), asked, strict=False):
            booking = self._willing(followup, "Besok pagi bisa")
            self._move(booking, today - timedelta(days=2 + place))
            booking.action_miss()
        weekend = str(today.weekday()) in WEEKEND
        for number, followup in zip(range(TODAY), asked, strict=False):
            if weekend:
                self._take_offer(followup, "time", "workshop", weekend=True)
            else:
                self._willing(followup, "Hari ini sepulang kerja")
            booking = followup.case_id.booking_id
            self._move(booking, today)
            if not number and booking.day == today:
                booking.action_arrive()
        for __, followup in zip(range(SOON), asked, strict=False):
            self._willing(followup, "Bisa, terima kasih")
        if followup := next(asked, None):
            self._take_offer(followup, "distance", "home")
        if followup := next(asked, None):
            self._take_offer(followup, "disappointed", "workshop")

    def _willing(self, followup, words):
        followup.with_user(followup.user_id)._answer("willing", words, booking=self._book(followup))
        return followup.case_id.booking_id

    def _take_offer(self, followup, code, kind, weekend=False):
        reasons = {reason.code: reason for reason in followup.case_id.schedule_id.reason_ids}
        followup.with_user(followup.user_id)._answer(
            "refused",
            REFUSED[code],
            reason=reasons[code],
            offer={"answer": "accepted", "weekdays_impossible": weekend},
            booking=self._book(followup, kind, weekend),
        )

    def _move(self, booking, day):
        """Let a booking have been made for another day: the time of that weekday with most places left.

        Who came at a weekend stays on it only if they may; otherwise they come on the Friday before.
        """
        if str(day.weekday()) in WEEKEND and not booking.case_id._weekend_allowed():
            day -= timedelta(days=day.weekday() - 4)
        domain = [("branch_id", "=", booking.branch_id.id), ("kind", "=", booking.kind)]
        slots = self.env["crm.service.slot"].search([*domain, ("weekday", "=", str(day.weekday()))])
        booking.env.flush_all()
        free = {pair: seats for pair, seats in booking._free_seats({(slot.id, day) for slot in slots}).items() if seats}
        if not free:
            return
        slot_id, __ = max(free, key=lambda pair: (len(free[pair]), -pair[0]))
        starts_at, ends_at = slots.browse(slot_id)._span(day)
        self.env.cr.execute(
            SQL(
                "UPDATE crm_service_booking SET slot_id = %s, day = %s, seat = %s, starts_at = %s, ends_at = %s"
                " WHERE id = %s AND state IN %s",
                slot_id,
                day,
                free[slot_id, day][0],
                starts_at,
                ends_at,
                booking.id,
                LIVE,
            )
        )
        booking.invalidate_recordset()
