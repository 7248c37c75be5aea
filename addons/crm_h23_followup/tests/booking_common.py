from datetime import timedelta

from odoo import fields

from .followup_common import ScheduleCase


class BookingCase(ScheduleCase):
    """A follow-up that is due, and the branch's week."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bookings = cls.env["crm.service.booking"]
        cls.followup = cls._due("2")
        cls.case = cls.followup.sudo().case_id

    @classmethod
    def _book(cls, case=None, user=None, **values):
        """Book the first free time for the case, as an admin of branch A."""
        bookings = cls.bookings.with_user(user or cls.admin_1)
        return bookings.create([{"case_id": (case or cls.case).id, **cls._time(), **values}])

    @classmethod
    def _case(cls, number):
        return cls._due("2", number).sudo().case_id

    @classmethod
    def _sure(cls, case=None):
        """Let it have been made sure that the customer can't come from Monday to Friday."""
        (case or cls.case).with_user(cls.admin_1)._make_sure_of_weekdays()

    @classmethod
    def _day(cls, weekday, weeks=1):
        """Return the date of that weekday (0 is Monday) in so many weeks."""
        monday = cls.today - timedelta(days=cls.today.weekday()) + timedelta(weeks=weeks)
        return monday + timedelta(days=weekday)

    @classmethod
    def _slot(cls, weekday, kind="workshop", hour=8):
        return cls.slots.filtered(
            lambda slot: (slot.weekday, slot.kind, slot.hour_from) == (str(weekday), kind, float(hour))
        )

    @classmethod
    def _at(cls, weekday, kind="workshop", hour=8, weeks=1):
        """Return what is said of a booking for that time of the week."""
        return {"slot_id": cls._slot(weekday, kind, hour).id, "day": cls._day(weekday, weeks)}

    @classmethod
    def _date_back(cls, booking, days):
        """Let the booking have been for so many days earlier than today, by SQL."""
        delta = timedelta(days=days) + (booking.day - cls.today)
        cls.env.flush_all()
        cls.env.cr.execute(
            "UPDATE crm_service_booking SET day = day - %s, starts_at = starts_at - %s, ends_at = ends_at - %s"
            " WHERE id = %s",
            [delta.days, delta, delta, booking.id],
        )
        cls.env.invalidate_all()

    @staticmethod
    def _now():
        return fields.Datetime.now()
