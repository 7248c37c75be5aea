from .import_common import ImportCase


class TestImport(ImportCase):
    """A CDB is read, looked at, taken over, and read again."""

    def test_first_and_second_time(self):
        """H23-4.1.1: new vehicles are taken over; the same file again changes nothing."""
        content = self._cdb(*(self._cdb_row(number) for number in range(1, 8)))
        document = self._upload(content)
        self.assertEqual((document.state, self._figures(document)), ("preview", {"new": 7}))
        self.assertFalse(self.vehicles.search([("engine_number", "=", "JM81E1000001")]))
        document.action_apply()
        self.assertEqual((document.state, document.done_count, document.left_count), ("done", 7, 0))
        vehicle = self.vehicles.search([("engine_number", "=", "JM81E1000001")])
        self.assertEqual(
            (vehicle.frame_number, vehicle.owner_phone, vehicle.purchase_date, vehicle.branch_id, vehicle.company_id),
            ("MH1JM8110KK100001", "+6281270000001", self.day, self.branch_a, self.branch_a.company_id),
        )
        again = self._upload(content)
        self.assertEqual(self._figures(again), {"unchanged": 7})
        stamps = self.vehicles.search([]).mapped("write_date")
        again.action_apply()
        self.assertEqual((again.state, again.done_count), ("done", 0))
        self.env.invalidate_all()
        self.assertEqual(self.vehicles.search([]).mapped("write_date"), stamps)
