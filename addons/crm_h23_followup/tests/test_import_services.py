from unittest.mock import patch

from .import_common import A2_HEADER, ImportCase, csv_file, xlsx


class TestServices(ImportCase):
    """An A2 says which services were done on which vehicle."""

    def setUp(self):
        super().setUp()
        self._import(*(self._cdb_row(number) for number in range(1, 4)))
        self.done = self.env["crm.vehicle.service"]

    def _a2_row(self, number, **values):
        row = {
            "No Rangka": f"MH1JM8110KK{100000 + number}",
            "No Mesin": f"JM81E-{1000000 + number}",
            "KPB Ke": "KPB 1",
            "Tgl Servis": self._days_ago(5),
            "Nama AHASS": "AHASS Kenari",
            **values,
        }
        return list(row.values())

    def _a2(self, *rows, **options):
        return self._upload(xlsx([A2_HEADER, *rows]), kind="a2", **options)

    def test_join(self):
        """H23-4.1.1: rows join on engine or frame number; the services are told once; again they change nothing."""
        rows = [
            self._a2_row(1),
            self._a2_row(2, **{"No Mesin": ""}),
            self._a2_row(3, **{"No Rangka": "", "KPB Ke": 2}),
            self._a2_row(99),
        ]
        document = self._a2(*rows)
        self.assertEqual(self._figures(document), {"new": 3, "orphan": 1})
        self.assertIn("CDB", self._statuses(document)[5][1])
        told = []
        with patch.object(type(self.done), "_services_imported", lambda services: told.append(services.sudo())):
            document.action_apply()
        self.assertEqual(len(told), 1)
        self.assertEqual(sorted(told[0].mapped("kpb")), [1, 1, 2])
        service = self._vehicle(1).service_ids
        self.assertEqual(
            (service.kpb, service.day, service.dealer, service.branch_id, service.import_id),
            (1, self._days_ago(5), "AHASS Kenari", self.branch_a, document),
        )
        again = self._a2(*rows)
        self.assertEqual(self._figures(again), {"unchanged": 3, "orphan": 1})

    def test_orphan_finds_its_vehicle_later(self):
        """H23-4.1.1: a service without vehicle is listed, and taken once the CDB has brought the vehicle."""
        document = self._a2(self._a2_row(9))
        document.action_apply()
        self.assertEqual((document.state, document.left_count), ("done", 1))
        self._import(self._cdb_row(9))
        document.action_recheck()
        self.assertEqual(self._figures(document), {"new": 1})
        document.action_apply()
        self.assertEqual(self._vehicle(9).service_ids.kpb, 1)

    def test_another_day(self):
        """H23-4.1.1: a service known on another day is a conflict; decided, its day is corrected and told."""
        self._a2(self._a2_row(1)).action_apply()
        document = self._a2(self._a2_row(1, **{"Tgl Servis": self._days_ago(4)}))
        self.assertEqual(self._figures(document), {"conflict": 1})
        document.row_ids.action_take()
        told = []
        with patch.object(type(self.done), "_services_imported", lambda services: told.append(services.sudo())):
            document.action_apply()
        self.assertEqual(self._vehicle(1).service_ids.day, self._days_ago(4))
        self.assertEqual(told[0], self._vehicle(1).service_ids)

    def test_other_dealer(self):
        self._a2(self._a2_row(1)).action_apply()
        document = self._a2(self._a2_row(1, **{"Nama AHASS": "AHASS Merpati"}))
        self.assertEqual(self._figures(document), {"changed": 1})
        document.action_apply()
        self.assertEqual(self._vehicle(1).service_ids.dealer, "AHASS Merpati")

    def test_faults(self):
        """H23-4.1.1: each row that can't be taken says why, by its number."""
        self._create_vehicle(5, branch_id=self.branch_b.id)
        rows = [
            self._a2_row(1, **{"KPB Ke": "KPB 5"}),
            self._a2_row(1, **{"KPB Ke": ""}),
            self._a2_row(1, **{"Tgl Servis": self._days_ago(-1)}),
            self._a2_row(1, **{"Tgl Servis": self._days_ago(41)}),
            self._a2_row(1, **{"No Rangka": "", "No Mesin": ""}),
            self._a2_row(1, **{"No Rangka": "MH1JM8110KK100002"}),
            self._a2_row(1, **{"No Rangka": "MH1JM8110KK188888"}),
            self._a2_row(2),
            self._a2_row(2),
            self._a2_row(2, **{"KPB Ke": 2}),
            self._a2_row(2, **{"KPB Ke": 2, "Tgl Servis": self._days_ago(3)}),
            self._a2_row(5),
        ]
        document = self._a2(*rows)
        statuses = self._statuses(document)
        expected = ["faulty"] * 5 + ["conflict"] * 2 + ["new", "unchanged"] + ["conflict"] * 3
        self.assertEqual([status for status, __ in statuses.values()], expected)
        words = ["1, 2, 3 or 4", "missing", "future", "older", "missing", "two different", "known with the frame"]
        words += ["", "same as row 9", "Row 12", "Row 11", "don’t see"]
        for (number, (__, message)), word in zip(statuses.items(), words, strict=True):
            self.assertIn(word, message, number)
        document.action_apply()
        self.assertEqual(self.done.search_count([]), 1)

    def test_rights(self):
        """H23-2: a service belongs to its vehicle's branch."""
        self._a2(self._a2_row(1)).action_apply()
        service = self._vehicle(1).service_ids
        self.assertEqual(service.with_user(self.officer_a).kpb, 1)
        self.assertFalse(self.done.with_user(self.officer_b).search([]))

    def test_text_file(self):
        """H23-4.1.1: the portal's csv in Indonesian Excel's form: semicolons, day first, cp1252."""
        day = self._days_ago(5).strftime("%d-%b-%Y")
        rows = [A2_HEADER, self._a2_row(1, **{"Tgl Servis": day, "Nama AHASS": "Bengkel é"})]
        document = self._upload(csv_file(rows, encoding="cp1252"), kind="a2")
        document.action_apply()
        self.assertEqual(self._vehicle(1).service_ids.dealer, "Bengkel é")
