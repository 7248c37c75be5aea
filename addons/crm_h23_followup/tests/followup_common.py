from datetime import timedelta

from odoo import fields

from ..service_const import WEEKDAYS
from .common import FollowUpCase

#: H+n of FU-1 of each KPB, and the days after it of FU-1, FU-2 and FU-3, as the document has them.
BASES = {"1": 30, "2": 90, "3": 210, "4": 330}
OFFSETS = {"1": 0, "2": 15, "3": 23}


class ScheduleCase(FollowUpCase):
    """The document's schedule, and two admins beside the leaders of branch A."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.admin_1 = cls.officer_a
        cls.admin_2 = cls._create_user("test_admin_2", "crm_base.group_officer", cls.branch_a)
        cls.schedule = cls.env.ref("crm_h23_followup.crm_followup_schedule_document")
        cls.reasons = {reason.code: reason for reason in cls.schedule.reason_ids}
        cls.cases = cls.env["crm.followup.case"]
        cls.followups = cls.env["crm.followup"]
        cls.runs = cls.env["crm.followup.run"]
        cls.today = cls.branch_a._today()
        cls.slots = cls._create_week(cls.branch_a)

    @classmethod
    def _create_week(cls, branch, kinds=("workshop", "home"), capacity=10):
        """Create a time of each kind from 8 to 10 and from 13 to 15 on each day of the week."""
        return cls.env["crm.service.slot"].create(
            [
                {
                    "branch_id": branch.id,
                    "kind": kind,
                    "weekday": weekday,
                    "hour_from": hour,
                    "hour_to": hour + 2,
                    "capacity": capacity,
                    "valid_from": cls.today - timedelta(days=90),
                }
                for kind in kinds
                for weekday, __ in WEEKDAYS
                for hour in (8, 13)
            ]
        )

    @classmethod
    def _time(cls, weekend=False, kind="workshop", branch=None, place=0):
        """Return what is said of a booking for the first free time of the kind, or a later one."""
        times = cls.env["crm.service.time"]
        domain = times._free_domain(branch or cls.branch_a, kind, weekend)
        found = times.search([*domain, ("is_weekend", "=", weekend)])[place]
        return {"slot_id": found.slot_id.id, "day": found.day}

    @classmethod
    def _generate(cls, days=0, branches=None):
        """Run the schedule as of so many days from today."""
        run = cls.runs._generate(branches or cls.branch_a, today=cls.today + timedelta(days=days))
        cls.env.invalidate_all()
        return run

    @classmethod
    def _bought(cls, days, number=1, **values):
        """Create a motorcycle that was bought so many days ago."""
        return cls._create_vehicle(number, purchase_date=cls._days_ago(days), **values)

    @classmethod
    def _due(cls, step="2", number=1, kpb="1", **values):
        """Return the follow-up of that step, due today, of a new vehicle; it is handed to an admin."""
        vehicle = cls._bought(BASES[kpb] + OFFSETS[step], number, **values)
        cls._generate()
        followup = vehicle.case_ids.followup_ids.filtered(lambda f: f.step == step)
        followup._note({"user_id": cls.admin_1.id})
        return followup.with_user(cls.admin_1)

    def _steps(self, vehicle):
        """Return (kpb, step, state) of the vehicle's follow-ups, in order."""
        followups = self.followups.search([("vehicle_id", "=", vehicle.id)], order="kpb, step")
        return [(f.kpb, f.step, f.state) for f in followups]

    @classmethod
    def _willing(cls, followup, words="Comes", **values):
        """Let the customer be willing, and book the first free time."""
        return followup._answer("willing", words, booking={**cls._time(), **values})

    def _refuse(self, followup, code="time", answer="refused", sure=True, **booking):
        kind = "home" if code == "distance" else "workshop"
        return followup._answer(
            "refused",
            "Not now",
            reason=self.reasons[code],
            offer={"answer": answer, "weekdays_impossible": sure},
            booking={**self._time(kind=kind), "street": "Jl. Kopo 12", **booking} if answer == "accepted" else None,
        )

    @staticmethod
    def _in(**delta):
        return fields.Datetime.now() + timedelta(**delta)
