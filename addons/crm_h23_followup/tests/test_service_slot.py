import psycopg2.errors

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .booking_common import BookingCase


@tagged("post_install", "-at_install")
class TestServiceSlot(BookingCase):
    def test_no_twins(self):
        """H23-4.2.5: times of a branch, kind and weekday don't overlap while both are valid: the database says so."""
        slot = self._slot(0)
        twins = (
            {},
            {"hour_from": 9, "hour_to": 11},
            {"hour_from": 7, "hour_to": 8.5},
            {"hour_from": 8.5, "hour_to": 9},
        )
        for twin in twins:
            with (
                self.subTest(twin=twin),
                mute_logger("odoo.sql_db"),
                self.assertRaises(psycopg2.errors.ExclusionViolation),
                self.cr.savepoint(),
            ):
                slot.copy(twin)
        for other in (
            {"hour_from": 10, "hour_to": 12},
            {"kind": "home", "hour_from": 10, "hour_to": 12},
            {"branch_id": self.branch_b.id},
        ):
            self.assertTrue(slot.copy(other))
        slot.valid_to = self._day(0, 2)
        slot.flush_recordset()
        self.assertTrue(slot.copy({"valid_from": self._day(0, 3), "valid_to": False}))

    def test_hours_and_capacity(self):
        """H23-4.2.5: a time ends after it begins, within a day, and has places."""
        for vals in ({"hour_to": 8}, {"hour_to": 25}, {"hour_from": -1}, {"capacity": 0}, {"valid_to": "2000-01-01"}):
            with (
                self.subTest(vals=vals),
                mute_logger("odoo.sql_db"),
                self.assertRaises(psycopg2.errors.CheckViolation),
                self.cr.savepoint(),
            ):
                self._slot(0).write(vals)
                self.env.flush_all()

    def test_who_has_booked_is_heeded(self):
        """H23-4.2.5: a time doesn't change over the heads of those who have booked it."""
        at = self._at(1)
        self._book(**at)
        self._book(self._case(2), **at)
        slot = self._slot(1)
        for vals in (
            {"capacity": 1},
            {"hour_from": 9},
            {"weekday": "2", "hour_from": 17, "hour_to": 18},
            {"valid_to": self._day(0)},
            {"kind": "home", "hour_from": 17, "hour_to": 18},
        ):
            with self.subTest(vals=vals), self.assertRaises(ValidationError), self.cr.savepoint():
                slot.write(vals)
        slot.capacity = 2
        slot.valid_to = self._day(1)
        with self.assertRaisesRegex(UserError, "last day"):
            slot.unlink()

    def test_who_plans(self):
        """H23-2: a manager plans their own branch's week; officers read; another branch's manager does neither."""
        vals = {"branch_id": self.branch_a.id, "weekday": "0", "hour_from": 17, "hour_to": 18}
        slots = self.env["crm.service.slot"]
        self.assertTrue(slots.with_user(self.admin_1).search([]))
        for user in (self.admin_1, self.officer_b, self.manager_b, self.internal, self.portal):
            with self.subTest(user=user.login), self.assertRaises(AccessError), self.cr.savepoint():
                slots.with_user(user).create(vals)
            with self.subTest(user=user.login), self.assertRaises(AccessError), self.cr.savepoint():
                self._slot(0).with_user(user).capacity = 3
        slot = slots.with_user(self.manager_a).create(vals)
        slot.capacity = 3
        with self.assertRaises(AccessError), self.cr.savepoint():
            slot.branch_id = self.branch_b
        slot.unlink()

    def test_copy_a_plan(self):
        """H23-2: a branch's week is copied to another from a day on, beside its plan or instead of it."""
        self._create_week(self.branch_b, ("workshop",), capacity=2)
        wizards = self.env["crm.service.slot.copy"].with_user(self.manager_hq)
        vals = {"source_id": self.branch_a.id, "target_ids": [(6, 0, self.branch_b.ids)], "valid_from": self._day(0, 2)}
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.errors.ExclusionViolation),
            self.cr.savepoint(),
        ):
            wizards.create(vals).action_copy()
        wizards.create({**vals, "replace": True}).action_copy()
        slots = self.env["crm.service.slot"]
        self.assertEqual(len(slots._in_force(self.branch_b, self._day(0, 2))), len(self.slots))
        before = slots._in_force(self.branch_b, self._day(0, 1)).filtered(
            lambda slot: slot.valid_from <= self._day(0, 1)
        )
        self.assertEqual(set(before.mapped("capacity")), {2})
        with self.assertRaises(AccessError), self.cr.savepoint():
            wizards.with_user(self.manager_a).create({**vals, "replace": True}).action_copy()

    def test_free_capacity(self):
        """H23-4.2.5: places, taken and free, by day; what is called off is free, what is done was taken."""
        at = self._at(1)
        booking = self._book(**at)
        times = self.env["crm.service.time"].with_user(self.admin_1)
        time = times.search([("slot_id", "=", at["slot_id"]), ("day", "=", at["day"])])
        self.assertEqual((time.capacity, time.taken, time.free), (10, 1, 9))
        self.assertIn("9 of 10 free", time.display_name)
        booking._workflow_do("cancel", "Ill")
        self.env.invalidate_all()
        self.assertEqual((time.taken, time.free), (0, 10))
        groups = times._read_group([("day", "=", at["day"])], ["kind"], ["capacity:sum", "free:sum"])
        self.assertEqual(groups, [("home", 20, 20), ("workshop", 20, 20)])

    def test_times_of_a_plan(self):
        """H23-4.2.5: every week within the validity, from a month ago to two months ahead, each day once."""
        slot = self._slot(3)
        slot.write({"valid_from": self._day(3, 1), "valid_to": self._day(3, 3)})
        times = self.env["crm.service.time"].search([("slot_id", "=", slot.id)])
        self.assertEqual(times.mapped("day"), [self._day(3, 1), self._day(3, 2), self._day(3, 3)])
        others = self.env["crm.service.time"].search([("slot_id", "=", self._slot(2).id)])
        self.assertTrue(all(day.weekday() == 2 for day in others.mapped("day")))
        self.assertEqual(len(others), len(set(others.mapped("day"))))
        self.assertLessEqual(max(others.mapped("day")), self._days_ago(-60))
        self.assertGreaterEqual(min(others.mapped("day")), self._days_ago(30))
