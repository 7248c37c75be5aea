from datetime import date, datetime, timedelta

from odoo import fields
from odoo.tests import tagged

from ..models.crm_followup_figures import FIGURES
from .report_common import ReportCase


@tagged("post_install", "-at_install")
class TestDailyFigures(ReportCase):
    def test_figures_equal_counted_rows(self):
        """H23-4.5.2: every figure of the report is the number of rows that a search finds."""
        results = {
            2: ("no_response", {}),
            3: ("no_response", {}),
            4: ("wrong_number", {}),
            5: ("already_serviced", {"serviced_on": self.today}),
            6: ("opted_out", {}),
        }
        self._willing(self._due(number=1))
        for number, (result, more) in results.items():
            self._due(number=number)._answer(result, "Said so", **more)
        self._refuse(self._due(number=7))
        self._due(number=8)._answer("call_back", "Later", call_back_at=self._in(days=1))
        last = self._due("3", number=9)
        last._answer("no_response", "Rang out")
        booked = self._due(number=10)
        self._willing(booked)
        booked.sudo().case_id._serviced(self.today, "booking")
        self._due(number=11)
        report = self._report()
        report.action_send()
        mine = [("user_id", "=", self.admin_1.id), ("branch_id", "=", self.branch_a.id)]
        count = self.followups.search_count
        start, stop = self.branch_a._day_bounds(self.today)
        done = [*mine, ("done_at", ">=", start), ("done_at", "<", stop)]
        for result in ("willing", "refused", "no_response", "wrong_number", "opted_out", "already_serviced"):
            with self.subTest(result=result):
                self.assertEqual(report[f"{result}_count"], count([*done, ("result", "=", result)]))
        called = self.env["crm.interaction"].search([("res_model", "=", "crm.followup"), ("ended_at", ">=", start)])
        self.assertEqual(report.contacted_count, len(set(called.mapped("res_id"))))
        cases = self.cases.search(mine)
        self.assertEqual(report.unreachable_count, len(cases.filtered(lambda case: case.state == "unreachable")))
        self.assertEqual(report.booked_count, len(cases.filtered("booked_at")))
        self.assertEqual(self._figures(report, "due", "contacted", "responded", "open"), (11, 10, 6, 1))
        self.assertEqual(self._figures(report, "unreachable", "booked", "serviced", "call_back"), (2, 2, 1, 1))

    def test_blast(self):
        """H23-4.5.2: a WhatsApp that arrived is a customer followed up, one that didn't isn't; nor is what expired."""
        followups = self.followups
        for number, state in enumerate(("delivered", "failed", "read"), start=1):
            followup = self._due("1", number=number).sudo()
            followup._workflow_do("send")
            followup._note({"sent_at": fields.Datetime.now(), "delivery_state": state})
            followups |= followup
        followups[1]._answer_all("not_delivered", "WhatsApp: number unknown")
        waiting = self._due("1", number=4).sudo()
        waiting._workflow_do("send")
        waiting._note({"sent_at": self._in(days=-8), "delivery_state": "delivered"})
        waiting._answer_all("no_response", "No answer within 7 days")
        report = self._report()
        report.action_send()
        names = ("due", "contacted", "not_delivered", "no_response", "responded", "open")
        self.assertEqual(self._figures(report, *names), (3, 2, 1, 1, 0, 0))

    def test_a_late_report_counts_the_day_as_it_was(self):
        """H23-4.5.2: a report that is sent late counts what was open that day, though it is done since."""
        day = self.today - timedelta(days=1)
        with self._at(9, days=-1):
            vehicle = self._bought(30 + 15, 3)
            self.runs._generate(self.branch_a, today=day)
            followup = vehicle.case_ids.followup_ids.filtered(lambda f: f.state == "todo")
        followup.sudo()._note({"user_id": self.admin_1.id, "due_date": day})
        followup.with_user(self.admin_1)._answer("no_response", "Rang out")
        report = self._report(day=day)
        report.action_send()
        self.assertEqual(self._figures(report, "due", "contacted", "no_response", "open"), (1, 0, 0, 1))
        today = self._report()
        today.action_send()
        self.assertEqual(self._figures(today, "due", "contacted", "no_response", "open"), (1, 1, 1, 0))

    def test_days_of_the_branch(self):
        """H23-4.5.2: a day begins and ends at the branch's midnight: Jakarta, Warsaw, and when clocks change."""
        jakarta, warsaw = self.branch_a, self._create_branch(code="WAW", tz="Europe/Warsaw")
        hours = {
            (jakarta, date(2026, 11, 22)): (datetime(2026, 11, 21, 17), datetime(2026, 11, 22, 17)),
            (warsaw, date(2026, 11, 22)): (datetime(2026, 11, 21, 23), datetime(2026, 11, 22, 23)),
            (warsaw, date(2026, 7, 1)): (datetime(2026, 6, 30, 22), datetime(2026, 7, 1, 22)),
            (warsaw, date(2026, 3, 29)): (datetime(2026, 3, 28, 23), datetime(2026, 3, 29, 22)),
            (warsaw, date(2026, 10, 25)): (datetime(2026, 10, 24, 22), datetime(2026, 10, 25, 23)),
        }
        for (branch, day), bounds in hours.items():
            with self.subTest(branch=branch.code, day=day):
                self.assertEqual(branch._day_bounds(day), bounds)

    def test_around_midnight(self):
        """H23-4.5.2: what is done a minute before midnight counts for that day, a minute later for the next."""
        for tz in ("Asia/Jakarta", "Europe/Warsaw"):
            self.branch_a.tz = tz
            day = self.branch_a._today()
            __, midnight = self.branch_a._day_bounds(day)
            first, second = (self._due(number=number) for number in ((1, 2) if tz == "Asia/Jakarta" else (3, 4)))
            for followup, minutes in ((first, -1), (second, 1)):
                self._willing(followup)
                followup.sudo()._note({"done_at": midnight + timedelta(minutes=minutes)})
            counts = []
            for days in (0, 1):
                report = self._report(day=day + timedelta(days=days)).sudo()
                report._count()
                counts.append(report.willing_count)
            with self.subTest(tz=tz):
                self.assertEqual(counts, [1, 1])
            (first | second).sudo()._note({"done_at": midnight - timedelta(days=9)})

    def test_queries_do_not_grow(self):
        """H23-4.5.2: counting costs the same number of queries for one admin as for all of two branches."""
        self._due()
        self._due(number=2).sudo()._note({"user_id": self.admin_2.id})
        self._bought(30, 3, branch_id=self.branch_b.id)
        self._generate(branches=self.branch_b)
        one = self._report()
        many = (
            one.sudo() | self._report(self.admin_2).sudo() | self._report(self.officer_b, branch=self.branch_b).sudo()
        )
        for reports in (one.sudo(), many):
            reports.mapped("branch_id.tz")
            self.env.flush_all()
            with self.assertQueryCount(2):
                reports._count()
                reports.mapped("due_count")
            self.assertEqual(reports.mapped("due_count"), [1] * len(reports))

    def test_names(self):
        """H23-1.2: every figure has a field that says what it counts."""
        labels = self.reports.fields_get(FIGURES, ["string"])
        self.assertEqual(set(labels), set(FIGURES))
