from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import mute_logger

from .common import FollowUpCase


class TestVehicle(FollowUpCase):
    """A vehicle's numbers and owner, and who may see and change them."""

    def test_numbers_are_kept_in_one_form(self):
        """H23-4.1.1: rows join on engine and frame number, however they are spelt."""
        vehicle = self._create_vehicle(
            1, engine_number=" jm81e-1000001 ", frame_number="mh1 jm8110kk/100001", plate="d1234abc"
        )
        self.assertEqual((vehicle.engine_number, vehicle.frame_number), ("JM81E1000001", "MH1JM8110KK100001"))
        self.assertEqual(vehicle.plate, "D 1234 ABC")
        self.assertEqual(vehicle.company_id, self.branch_a.company_id)

    def test_numbers_are_unique(self):
        """H23-4.1.1: one motorcycle is one record, in any spelling."""
        for values in ({"engine_number": "JM81E-1000000"}, {"frame_number": "mh1jm8110kk100000"}):
            with self.subTest(values), mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
                self._create_vehicle(2, **values)
                self.env.flush_all()

    def test_bad_numbers(self):
        for values in (
            {"engine_number": "----"},
            {"frame_number": "ABC"},
            {"frame_number": "0000000000"},
            {"engine_number": "X" * 26},
        ):
            with self.subTest(values), mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
                self._create_vehicle(3, **values)
        with self.assertRaises(ValidationError):
            self._create_vehicle(3, purchase_date=self._days_ago(-1))
        for phone in ("8.12346E+09", "08123456789.0", "12", "call me"):
            with self.subTest(phone), self.assertRaises(UserError):
                self._create_vehicle(3, owner_phone=phone)

    def test_phone(self):
        """A local number is the branch's country's; a landline is kept, and not for WhatsApp."""
        vehicle = self._create_vehicle(4, owner_phone="0812 3456-7890")
        self.assertEqual((vehicle.owner_phone, vehicle.phone_problem), ("+6281234567890", False))
        vehicle.owner_phone = "(021) 5270 7001"
        self.assertEqual((vehicle.owner_phone, vehicle.phone_problem), ("+622152707001", "landline"))

    def test_stop(self):
        """A stop says why, and no reason is kept without a stop."""
        self.vehicle._stop_follow_up("sold")
        for values in ({"follow_up_stop_reason": False}, {"follow_up_stopped": False}):
            with self.subTest(values), mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
                self.vehicle.write(values)
                self.env.flush_all()

    def test_rights(self):
        """H23-2: each branch sees its own, the dealer sees all; officers read, managers keep."""
        self.assertTrue(self.vehicle.with_user(self.officer_a).read(["owner_phone"]))
        self.assertTrue(self.vehicle.with_user(self.manager_hq).read(["owner_phone"]))
        self.vehicle.with_user(self.manager_a).plate = "D 1 A"
        for user in (self.officer_b, self.manager_b, self.internal, self.portal):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.vehicle.with_user(user).read(["owner_phone"])
        with self.assertRaises(AccessError):
            self.vehicle.with_user(self.officer_a).plate = "D 2 A"
        with self.assertRaises(AccessError):
            self.vehicle.with_user(self.manager_a).branch_id = self.branch_b
        with self.assertRaises(AccessError):
            self.vehicles.with_user(self.manager_a).create(self._vehicle_vals(5, branch_id=self.branch_b.id))
