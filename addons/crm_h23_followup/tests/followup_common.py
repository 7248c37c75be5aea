from datetime import timedelta

from odoo import fields

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

    def _refuse(self, followup, code="time", answer="refused", sure=True):
        return followup._answer(
            "refused",
            "Not now",
            reason=self.reasons[code],
            offer={"answer": answer, "weekdays_impossible": sure},
        )

    @staticmethod
    def _in(**delta):
        return fields.Datetime.now() + timedelta(**delta)
