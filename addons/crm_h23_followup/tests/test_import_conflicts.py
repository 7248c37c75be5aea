from odoo.exceptions import AccessError, UserError

from .import_common import ImportCase

OTHER = {"Nama": "Siti Rahma", "No HP": "0813 7777 0001"}


class TestConflicts(ImportCase):
    """What contradicts what is known is listed, and decided by a person (H23-4.1.1)."""

    def setUp(self):
        super().setUp()
        self._import(self._cdb_row(1), self._cdb_row(2))

    def _conflict(self, *rows, code, **options):
        document = self._upload(self._cdb(*rows), **options)
        conflicts = document.row_ids.filtered(lambda row: row.status == "conflict")
        self.assertIn(code, [problem[0] for row in conflicts for problem in row.problems])
        return document, conflicts

    def test_nothing_is_taken_silently(self):
        """H23-4.1.1: an undecided conflict changes nothing; decided to keep, neither."""
        document, row = self._conflict(self._cdb_row(1, **OTHER), code="owner_changed")
        self.assertIn("Owner 1", row.message)
        document.action_apply()
        self.assertEqual((self._vehicle(1).owner_name, document.left_count), ("Owner 1", 1))
        document.action_recheck()
        document.row_ids.action_keep()
        document.action_apply()
        self.assertEqual((self._vehicle(1).owner_name, document.left_count), ("Owner 1", 0))

    def test_sold_on(self):
        """H23-4.1.1: a new owner with another number is a resale: another contact, and a line in the history."""
        old = self._vehicle(1)._ensure_partners()
        document, row = self._conflict(self._cdb_row(1, **OTHER), code="owner_changed")
        row.action_take()
        document.action_apply()
        vehicle = self._vehicle(1)
        self.assertEqual((vehicle.owner_name, vehicle.owner_phone), ("Siti Rahma", "+6281377770001"))
        self.assertFalse(vehicle.partner_id)
        self.assertEqual(vehicle._ensure_partners().name, "Siti Rahma")
        self.assertEqual(old.phone, "+6281270000001")
        self.env.flush_all()
        self.assertTrue(row.done)

    def test_corrected_name_is_no_resale(self):
        document = self._upload(self._cdb(self._cdb_row(1, Nama="Owner Satu")))
        self.assertEqual(self._figures(document), {"changed": 1})

    def test_engine_with_another_frame(self):
        row = self._cdb_row(1, **{"No Rangka": "MH1JM8110KK199999"})
        document, conflict = self._conflict(row, code="other_frame")
        self.assertIn("MH1JM8110KK100001", conflict.message)
        conflict.action_take()
        document.action_apply()
        self.assertEqual(self._vehicle(1).frame_number, "MH1JM8110KK199999")

    def test_frame_with_another_engine(self):
        row = self._cdb_row(1, **{"No Mesin": "JM81E1999999"})
        document, conflict = self._conflict(row, code="other_engine")
        conflict.action_keep()
        document.action_apply()
        self.assertTrue(self._vehicle(1))

    def test_two_vehicles(self):
        """H23-4.1.1: where both numbers are known on different vehicles there is nothing to take."""
        row = self._cdb_row(1, **{"No Rangka": "MH1JM8110KK100002"})
        document, conflict = self._conflict(row, code="two_vehicles")
        with self.assertRaises(UserError):
            conflict.action_take()
        document.action_apply()
        self.assertEqual(self._vehicle(1).frame_number, "MH1JM8110KK100001")

    def test_twice_in_the_file(self):
        """H23-4.1.1: the same frame number twice: repeated rows count once, contradicting ones are decided."""
        document = self._upload(self._cdb(self._cdb_row(3), self._cdb_row(3)))
        self.assertEqual(self._figures(document), {"new": 1, "unchanged": 1})
        self.assertIn("same as row 2", self._statuses(document)[3][1])
        rows = [self._cdb_row(4), self._cdb_row(4, **{"No Mesin": "JM81E1777777"})]
        document, conflicts = self._conflict(*rows, code="twice")
        self.assertEqual(len(conflicts), 2)
        self.assertIn("Row 3", self._statuses(document)[2][1])
        self.assertIn("Row 2", self._statuses(document)[3][1])
        conflicts[0].action_take()
        document.action_apply()
        self.assertEqual(self._vehicle(4).frame_number, "MH1JM8110KK100004")
        self.assertEqual(document.left_count, 1)

    def test_both_of_two_taken(self):
        """H23-4.1.1: who takes both contradicting rows of new vehicles gets the first; the second says why not."""
        rows = [self._cdb_row(4), self._cdb_row(4, **{"No Mesin": "JM81E1777777"})]
        document, conflicts = self._conflict(*rows, code="twice")
        conflicts.action_take()
        document.action_apply()
        self.assertEqual(self._figures(document), {"conflict": 1, "faulty": 1})
        self.assertIn("Refused", self._statuses(document)[3][1])

    def test_vehicle_of_another_branch(self):
        """H23-2: a vehicle moves only by decision, and only by who sees both branches."""
        self._create_vehicle(5, branch_id=self.branch_b.id, owner_name="Kenari7341")
        row = self._cdb_row(5)
        document, conflict = self._conflict(row, code="hidden_branch")
        self.assertNotIn("Kenari7341", str(conflict.read()))
        self.assertFalse(conflict.vehicle_id)
        with self.assertRaises(UserError):
            conflict.action_take()
        document.action_apply()
        self.assertEqual(self._vehicle(5).branch_id, self.branch_b)
        document, conflict = self._conflict(row, code="other_branch", user=self.manager_hq)
        conflict.action_take()
        document.action_apply()
        self.assertEqual(self._vehicle(5).branch_id, self.branch_a)

    def test_branch_lost_meanwhile(self):
        """H23-2: what counts is what the importer sees when the rows are taken over."""
        document = self._upload(self._cdb(self._cdb_row(6)), user=self.manager_hq)
        self.manager_hq.branch_ids = self.branch_b
        with self.assertRaises(AccessError):
            document.action_apply()
        self.assertFalse(self._vehicle(6))
