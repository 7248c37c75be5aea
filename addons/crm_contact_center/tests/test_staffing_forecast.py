import logging
from datetime import date, timedelta
from unittest import skipUnless

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .. import forecast as forecasting
from ..demo.staffing_calls import invented_calls
from ..erlang import Terms, agents_for, staff
from .staffing_common import REAL, StaffingCase

_logger = logging.getLogger(__name__)


@tagged("post_install", "-at_install")
class TestStaffingForecast(StaffingCase):
    """CC-8a: contacts to expect, and the agents that they need."""

    def test_invented(self):
        """CC-8a: a usual week comes again, more exactly than taking last week's, which the test on history says."""
        self._past_calls()
        forecast = self._forecast(self.past + timedelta(days=21))
        self.assertEqual(len(forecast.line_ids), 7 * 48)
        actual = forecasting.by_day((call[0] for call in invented_calls(self.past, 28)), 1800)
        came = sum(sum(counts) for day, counts in actual.items() if day >= forecast.date_from)
        self.assertAlmostEqual(forecast.contacts, came, delta=came * 0.1)
        self.assertEqual(forecast.history_days, 21)
        self.assertTrue(0 < forecast.wape < forecast.naive_wape)
        night = forecast.line_ids.filtered(lambda line: self.branch_a._local(line.interval_at).hour == 3)
        self.assertEqual(set(night.mapped("agents")), {0})

    @skipUnless(REAL.exists(), "the real calls aren't there")
    def test_real(self):
        """CC-8a: 15 to 21 February 1999 from the two weeks before, hour by hour, better than the same hours a week
        before.
        """
        self.queue.staffing_minutes = "60"
        self._take_over(REAL.read_bytes(), minutes="60")
        forecast = self._forecast(date(1999, 2, 15))
        history, _handling = self._forecast(date(1999, 2, 22))._history(60)
        actual = {day: counts for day, counts in history.items() if day >= date(1999, 2, 15)}
        self.assertEqual(len(actual), 7)
        expected = {day: [0.0] * 24 for day in actual}
        for line in forecast.line_ids:
            local = self.branch_a._local(line.interval_at)
            expected[local.date()][local.hour] = line.contacts
        error = forecasting.wape(expected, actual)
        naive = forecasting.wape(forecasting.naive(history, list(actual), intervals=24), actual)
        _logger.info("15–21 February 1999 by hour: WAPE %.1f %%, naive %.1f %%", 100 * error, 100 * naive)
        self.assertLess(error, naive)
        self.assertLess(error, 0.25)

    def test_too_little(self):
        """CC-8a: without a week of history nothing is forecast, in words."""
        self._past_calls(days=4)
        with self.assertRaisesRegex(UserError, "4 days of history"):
            self._forecast()

    def test_special_days(self):
        """CC-8a: a campaign raises its days only, and isn't taken for usual when it is over; 0 closes."""
        self._past_calls()
        first = self.past + timedelta(days=21)
        usual = self._forecast(first)
        by_day = self._by_day(usual)
        factors = self.env["crm.staffing.factor"].with_user(self.supervisor)
        values = {"branch_id": self.branch_a.id, "queue_id": self.queue.id}
        factors.create({"name": "Campaign", "factor": 2, "date_from": first, "date_to": first, **values})
        closed = first + timedelta(days=1)
        factors.create(
            {"name": "Closed", "kind": "holiday", "factor": 0, "date_from": closed, "date_to": closed, **values}
        )
        usual.action_compute()
        special = self._by_day(usual)
        self.assertAlmostEqual(special[first], 2 * by_day[first], delta=1)
        self.assertEqual(special[closed], 0)
        other = first + timedelta(days=3)
        self.assertAlmostEqual(special[other], by_day[other], delta=0.5)
        # last Thursday was a campaign of twice as much: the next one is expected to have fewer than if it was usual
        past = first - timedelta(days=4)
        factors.create({"name": "Was", "factor": 2, "date_from": past, "date_to": past, **values})
        usual.action_compute()
        self.assertLess(self._by_day(usual)[other], by_day[other] - 5)

    def _by_day(self, forecast):
        found = {}
        for line in forecast.line_ids:
            day = self.branch_a._local(line.interval_at).date()
            found[day] = found.get(day, 0) + line.contacts
        return found

    def test_closed_hours(self):
        """CC-8a: nothing is expected while the queue is closed, on a public holiday of its calendar too."""
        self._past_calls()
        calendar = self.env["resource.calendar"].create({"name": "Test hours", "tz": "Asia/Jakarta"})
        self.queue.calendar_id = calendar
        first = self.past + timedelta(days=21)
        begin = self.branch_a._moment(first)
        self.env["resource.calendar.leaves"].create(
            {"name": "Holiday", "calendar_id": calendar.id, "date_from": begin, "date_to": begin + timedelta(days=1)}
        )
        forecast = self._forecast(first)
        days = self._by_day(forecast)
        self.assertEqual(days[first], 0)
        self.assertEqual(days[first + timedelta(days=5)], 0, "Saturday")
        self.assertTrue(days[first + timedelta(days=1)])
        late = forecast.line_ids.filtered(lambda line: self.branch_a._local(line.interval_at).hour == 19)
        self.assertEqual(sum(late.mapped("contacts")), 0)

    def test_naive_method(self):
        """CC-8a: the same as a week before, also two weeks ahead."""
        self._past_calls()
        first = self.past + timedelta(days=21)
        forecast = self._forecast(first, days=14, method="naive")
        days = self._by_day(forecast)
        self.assertEqual(days[first], days[first + timedelta(days=7)])
        actual = forecasting.by_day((call[0] for call in invented_calls(self.past, 21)), 1800)
        self.assertAlmostEqual(days[first], sum(actual[first - timedelta(days=7)]), delta=0.5)
        self.assertEqual(forecast.wape, forecast.naive_wape)

    def test_staff(self):
        """CC-8a: agents by Erlang C or A, no more in contact than allowed, several chats at a time, some missing."""
        least = agents_for(100, 1800, 180, level=0.8, target=20)
        self.assertEqual(staff(100, 1800, 180, Terms()), (least, least))
        self.assertLess(staff(100, 1800, 180, Terms(patience=60))[0], least)
        self.assertEqual(staff(100, 1800, 180, Terms(occupancy=0.5))[0], 20)
        self.assertEqual(staff(100, 1800, 180, Terms(at_once=3))[0], -(-least // 3))
        self.assertEqual(staff(100, 1800, 180, Terms(shrinkage=0.3)), (14, 20))
        self.assertEqual(staff(0, 1800, 180, Terms()), (0, 0))
        self.assertEqual(self.queue._terms("chat").at_once, 2)
        self.assertEqual(self.queue._terms("call").at_once, 1)
        self.queue.staffing_model = "a"
        self.assertEqual(self.queue._terms("call").patience, 180)

    def test_rights(self):
        """CC-8a: agents forecast nothing; a supervisor forecasts for own branches, and types no figures."""
        self._past_calls()
        forecast = self._forecast(self.past + timedelta(days=21))
        with self.assertRaises(AccessError):
            forecast.with_user(self.agent_1.user_id).action_compute()
        with self.assertRaises(AccessError):
            self._forecast(queue_id=self.queue_b.id)
        for vals in ({"wape": 1}, {"line_ids": [Command.clear()]}, {"contacts": 5}):
            with self.assertRaises(UserError):
                forecast.write(vals)
        with self.assertRaises(AccessError):
            forecast.line_ids[0].with_user(self.supervisor).write({"agents": 0})
        forecast.date_to = forecast.date_to + timedelta(days=1)
        self.assertFalse(forecast.line_ids)
