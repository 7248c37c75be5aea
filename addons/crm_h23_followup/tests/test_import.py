import io
import zipfile
from unittest.mock import patch

from python_calamine import CalamineWorkbook

from odoo.exceptions import UserError

from ..models import crm_vehicle_import_apply
from .import_common import CDB_HEADER, ImportCase, csv_file, xlsx


class TestImport(ImportCase):
    """A CDB is read, looked at, taken over, and read again."""

    def test_first_and_second_time(self):
        """H23-4.1.1: new vehicles are taken over; the same file again changes nothing."""
        content = self._cdb(*(self._cdb_row(number) for number in range(1, 8)))
        document = self._upload(content)
        self.assertEqual((document.state, self._figures(document)), ("preview", {"new": 7}))
        self.assertFalse(self._vehicle(1))
        document.action_apply()
        self.assertEqual((document.state, document.done_count, document.left_count), ("done", 7, 0))
        vehicle = self._vehicle(1)
        self.assertEqual(
            (vehicle.frame_number, vehicle.owner_phone, vehicle.purchase_date, vehicle.branch_id, vehicle.company_id),
            ("MH1JM8110KK100001", "+6281270000001", self.day, self.branch_a, self.branch_a.company_id),
        )
        self.assertEqual((vehicle.create_uid, vehicle.plate, vehicle.active), (self.manager_a, "D 1001 ABC", True))
        again = self._upload(content)
        self.assertEqual(self._figures(again), {"unchanged": 7})
        before = self._vehicles_as_they_are()
        again.action_apply()
        self.assertEqual((again.state, again.done_count), ("done", 0))
        self.assertEqual(self._vehicles_as_they_are(), before)

    def _vehicles_as_they_are(self):
        self.env.flush_all()
        self.env.cr.execute("SELECT to_jsonb(v) FROM crm_vehicle v ORDER BY id")
        return self.env.cr.fetchall()

    def test_changes(self):
        """H23-4.1.1: what changed is shown with old and new value; a blank cell erases nothing."""
        self._import(self._cdb_row(1), self._cdb_row(2))
        changed = self._cdb_row(1, **{"No HP": "0813-9999-0001", "Kota": "Cimahi", "Alamat": ""})
        document = self._upload(self._cdb(changed, self._cdb_row(2, Nama="OWNER  2")))
        self.assertEqual(self._figures(document), {"changed": 1, "unchanged": 1})
        message = self._statuses(document)[2][1]
        self.assertIn("+6281270000001 → +6281399990001", message)
        self.assertIn("Bandung → Cimahi", message)
        document.action_apply()
        vehicle = self._vehicle(1)
        self.assertEqual(
            (vehicle.owner_phone, vehicle.owner_city, vehicle.owner_street),
            ("+6281399990001", "Cimahi", "Jl. Merdeka 1"),
        )
        self.assertEqual(self._vehicle(2).owner_name, "Owner 2")

    def test_contact_gets_the_new_number(self):
        self._import(self._cdb_row(1))
        partner = self._vehicle(1)._ensure_partners()
        self._import(self._cdb_row(1, **{"No HP": "0813 9999 0001"}))
        self.assertEqual((partner.phone, self._vehicle(1).partner_id), ("+6281399990001", partner))

    def test_contact_that_wrote_itself_is_not_the_owner(self):
        """H23-4.2.5: who has a login to the portal, and writes an owner's name and number, gets no motorcycle by it."""
        self._import(self._cdb_row(1), self._cdb_row(2))
        owners = {number: self._vehicle(number) for number in (1, 2)}
        same = [
            {"name": owner.owner_name, "phone": owner.owner_phone, "tz": "Asia/Jakarta"} for owner in owners.values()
        ]
        thief, honest = self.env["res.partner"].create(same)
        group = self.env.ref("base.group_portal").id
        self.env["res.users"].create({"login": "thief", "partner_id": thief.id, "group_ids": [(6, 0, [group])]})
        (owners[1] | owners[2])._ensure_partners()
        self.assertNotIn(owners[1].partner_id, thief | honest)
        self.assertEqual(owners[2].partner_id, honest)

    def test_corrected_purchase_date_is_told(self):
        """H23-4.1.1: whoever counts days from the purchase hears of its correction."""
        self._import(self._cdb_row(1), self._cdb_row(2))
        told = []
        with patch.object(type(self.vehicles), "_purchase_date_changed", lambda vehicles: told.append(vehicles.sudo())):
            self._import(self._cdb_row(1, **{"Tgl Jual": self._days_ago(41)}), self._cdb_row(2, Kota="Cimahi"))
        self.assertEqual([vehicles for vehicles in told if vehicles], [self._vehicle(1)])

    def test_in_batches(self):
        """H23-4.1.1: many rows are left to the scheduler, which goes on where it was interrupted, each row once."""
        content = self._cdb(*(self._cdb_row(number) for number in range(1, 26)))
        document = self._upload(content)
        with patch.multiple(crm_vehicle_import_apply, AT_ONCE=5, BATCH=10):
            document.action_apply()
            self.assertEqual((document.state, document.todo_count, document.done_count), ("applying", 25, 0))
            self.assertEqual(document._apply_batch(), 10)
            self.assertEqual((document.done_count, document.progress), (10, 40))
            before = self.vehicles.search([], order="id")
            with self.enter_registry_test_mode():
                self.env.ref("crm_h23_followup.ir_cron_import").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual((document.state, document.done_count), ("done", 25))
        self.assertEqual(len(self.vehicles.search([]) - before), 15)
        self.assertTrue(all(document.row_ids.mapped("done")))

    def test_somebody_was_faster(self):
        """H23-4.1.1: a vehicle entered between check and taking over isn't overwritten; the row says so."""
        document = self._upload(self._cdb(self._cdb_row(1), self._cdb_row(2)))
        self._create_vehicle(1, owner_name="Typed by hand")
        document.action_apply()
        self.assertEqual(self._vehicle(1).owner_name, "Typed by hand")
        self.assertEqual(self._figures(document), {"new": 1, "conflict": 1})
        self.assertEqual((document.done_count, document.left_count), (1, 1))
        self.assertIn("meanwhile", self._statuses(document)[2][1])
        document.action_recheck()
        self.assertEqual((document.state, self._figures(document)), ("preview", {"changed": 1, "unchanged": 1}))

    def test_columns_are_found_remembered_and_chosen(self):
        """H23-4.1.1: columns map by name; what a person chose is remembered for files with the same columns."""
        header = ["KODE A", "no. rangka", "Tanggal  Jual", "Nama"]
        rows = [["JM81E1000001", "MH1JM8110KK100001", self.day, "Budi"]]
        document = self._upload(xlsx([header, *rows]))
        self.assertEqual(document.state, "draft")
        self.assertIn("Engine Number", document.question_words)
        self.assertEqual(document.column_ids.mapped("target"), [False, "frame_number", "purchase_date", "owner_name"])
        self.assertEqual(document.column_ids[0].sample, "JM81E1000001")
        document.write({"column_ids": [[1, document.column_ids[0].id, {"target": "engine_number"}]]})
        document.action_read()
        self.assertEqual((document.state, self._figures(document)), ("preview", {"new": 1}))
        again = self._upload(xlsx([["Kode A", "No Rangka", "Tanggal Jual", "NAMA"], *rows]))
        self.assertEqual(again.state, "preview")
        document.action_redraft()
        self.assertEqual((document.state, document.row_count, len(document.row_ids)), ("draft", 0, 0))
        document.column_ids[3].target = "engine_number"
        document.action_read()
        self.assertIn("Several columns", document.question_words)

    def test_ambiguous_dates_ask(self):
        """H23-4.1.1: 03/04 asks for the format; a column that says it itself doesn't."""
        ambiguous = self._cdb_row(1, **{"Tgl Jual": "03/04/2024"})
        document = self._upload(csv_file([CDB_HEADER, ambiguous]))
        self.assertEqual(document.state, "draft")
        self.assertIn("03/04/2024", document.question_words)
        document.date_order = "mdy"
        document.action_read()
        self.assertEqual(str(document.row_ids.purchase_date), "2024-03-04")
        for telling, expected in (("25/04/2024", "2024-04-03"), ("04/25/2024", "2024-03-04")):
            with self.subTest(telling):
                rows = [ambiguous, self._cdb_row(2, **{"Tgl Jual": telling})]
                document = self._upload(csv_file([CDB_HEADER, *rows]))
                self.assertEqual(self._figures(document), {"new": 2})
                self.assertEqual(str(document.row_ids.sorted("number")[0].purchase_date), expected)
        both = [self._cdb_row(1, **{"Tgl Jual": "25/04/2024"}), self._cdb_row(2, **{"Tgl Jual": "04/25/2024"})]
        document = self._upload(csv_file([CDB_HEADER, *both]))
        self.assertIn("25/04/2024", document.question_words)
        document.date_order = "dmy"
        document.action_read()
        self.assertEqual(self._figures(document), {"new": 1, "faulty": 1})

    def test_rows_to_correct(self):
        """H23-4.1.1: what can't be taken is downloaded, corrected and imported again; nothing in it is a formula."""
        rows = [
            self._cdb_row(1),
            self._cdb_row(2, **{"No HP": "8.12346E+09"}),
            [],
            self._cdb_row(3, Nama="=HYPERLINK(1)", Alamat='+cmd|" /C calc"!A0'),
        ]
        document = self._upload(self._cdb(*rows), file_name="cdb november.xlsx")
        document.action_apply()
        content = document._left_file()
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
        self.assertEqual(sheet[0], ["Row in the file", "What is wrong", *CDB_HEADER])
        self.assertEqual([row[0] for row in sheet[1:]], ["3", "5"])
        self.assertIn("rounded", sheet[1][1])
        self.assertEqual(sheet[2][7], "=HYPERLINK(1)")
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            self.assertNotIn(b"<f>", archive.read("xl/worksheets/sheet1.xml"))
        sheet[1][8], sheet[2][7] = "0812 3460 0002", "Owner 3"
        corrected = self._upload(xlsx(sheet))
        self.assertEqual(self._figures(corrected), {"new": 2})
        corrected.action_apply()
        self.assertEqual(self._vehicle(2).owner_phone, "+6281234600002")

    def test_number_of_queries_is_the_same(self):
        """H23-4.1.1: reading and taking over cost no more statements for 60 rows than for 10."""
        self._import(self._cdb_row(900))
        counts = []
        for begin, end in ((1, 11), (11, 21), (21, 81)):
            content = self._cdb(*(self._cdb_row(number) for number in range(begin, end)))
            document = self._upload(content, read=False)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            document.action_read()
            document.action_apply()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLess(counts[2], counts[1] + 10)

    def test_cancel_and_cleaning(self):
        """Copies of personal data don't stay for ever."""
        document = self._upload(self._cdb(self._cdb_row(1)))
        document.action_cancel()
        self.assertFalse(document.row_ids)
        with self.assertRaises(UserError):
            document.action_read()
        document = self._import(self._cdb_row(2))
        self.env.flush_all()
        self.env.cr.execute("UPDATE crm_vehicle_import SET write_date = write_date - INTERVAL '91 days'")
        self.env.invalidate_all()
        document.sudo()._gc_rows()
        self.env.invalidate_all()
        self.assertFalse(document.row_ids or document.file)
        self.assertEqual((document.row_count, document.done_count), (1, 1))
