from contextlib import contextmanager
from datetime import timedelta

from freezegun import freeze_time

from odoo import fields

from .followup_common import ScheduleCase


class ReportCase(ScheduleCase):
    """Branch A with a person in charge, a head and an area coordinator of its own, and two admins."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.vehicle.active = False
        manager = "crm_base.group_manager"
        cls.pic = cls.manager_a
        cls.head = cls._create_user("test_head", manager, cls.branch_a, email="head@example.com")
        cls.coordinator = cls._create_user("test_coordinator", manager, cls.branch_a, email="area@example.com")
        cls.pic.email = "pic@example.com"
        cls.branch_a.write({"head_id": cls.head.id, "coordinator_id": cls.coordinator.id})
        cls.reports = cls.env["crm.followup.report"]
        cls.summaries = cls.env["crm.followup.summary"]

    @classmethod
    def _report(cls, user=None, day=None, branch=None):
        """Return the user's report of the day (today by default), open, as that user."""
        user = user or cls.admin_1
        owed = [(branch or cls.branch_a, day or cls.today, user)]
        cls.reports._insert(owed)
        return cls.reports._find(owed).with_user(user)

    @classmethod
    def _summary(cls, day=None):
        return cls.summaries._make_days([(cls.branch_a, day or cls.today)]).with_user(cls.pic)

    @classmethod
    def _sent(cls, day=None):
        """Return the summary of a day on which something was done, sent."""
        cls._due(number=70)._answer("no_response", "Rang out")
        cls._report().action_send()
        summary = cls._summary(day)
        summary.action_send()
        return summary

    @classmethod
    def _reply(cls, followup, moment=None):
        """Let the customer have answered, so that the admin owes a result."""
        followup.sudo()._note({"replied_at": moment or fields.Datetime.now(), "reply": "Ya", "result": False})

    @staticmethod
    def _figures(record, *names):
        return tuple(record[f"{name}_count"] for name in names)

    @contextmanager
    def _at(self, hour, days=0, branch=None):
        """Let it be that hour of the branch's clock, so many days from today."""
        start = (branch or self.branch_a)._day_bounds(self.today + timedelta(days=days))[0]
        with freeze_time(start + timedelta(hours=hour)):
            yield

    def _mails(self, record):
        return self.env["mail.mail"].sudo().search([("model", "=", record._name), ("res_id", "in", record.ids)])

    def _activities(self, record, kind):
        """Return the users who have an activity of that kind on the record."""
        kind = self.env.ref(f"crm_h23_followup.mail_activity_type_{kind}")
        found = record.sudo().activity_ids.filtered(lambda activity: activity.activity_type_id == kind)
        return found.user_id
