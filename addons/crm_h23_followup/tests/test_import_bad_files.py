import io
import struct
import zipfile
import zlib
from datetime import date

import xlwt

from odoo.exceptions import UserError

from .import_common import CDB_HEADER, ImportCase, csv_file, xlsx

SHEET = "xl/worksheets/sheet1.xml"


def with_member(content, name, data, declared=None, compression=zipfile.ZIP_DEFLATED):
    """Return the workbook with another member; ``declared`` lies about its size."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(stream, "w", compression, compresslevel=9) as new,
    ):
        for member in old.namelist():
            if member != name:
                new.writestr(member, old.read(member))
        new.writestr(name, data)
    content = stream.getvalue()
    if declared is not None:
        size = struct.pack("<I", len(data))
        content = content.replace(size, struct.pack("<I", declared))
    return content


def xls(*rows):
    """Return an old workbook."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("Data")
    day = xlwt.easyxf(num_format_str="dd/mm/yyyy")
    for line, row in enumerate(rows):
        for column, cell in enumerate(row):
            sheet.write(line, column, cell, *([day] if isinstance(cell, date) else []))
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


class TestBadFiles(ImportCase):
    """Files that aren't what they should be: a clear message, and nothing lost (H23-4.1.1)."""

    def _refused(self, content, words, **options):
        document = self._upload(content, read=False, **options)
        with self.assertRaisesRegex(UserError, words):
            document.action_read()
        self.assertEqual((document.state, document.row_count), ("draft", 0))

    def test_refused(self):
        """H23-4.1.1: what can't be read is refused in words that say what to do."""
        good = self._cdb(self._cdb_row(1))
        table = b"<table><tr><td>No Mesin</td></tr></table>"
        ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
        cases = {
            "empty": b" \n ",
            "The file is empty": b"\xef\xbb\xbf;;;\n;;\n",
            "password": ole + "EncryptedPackage".encode("utf-16-le") + bytes(600),
            "damaged": ole,
            "damaged ": good[: len(good) // 2],
            "damaged  ": good[:60],
            "web page": b"\xef\xbb\xbf\n" + table,
            "XML": b'<?xml version="1.0"?><Workbook/>',
            "no table": b"%PDF-1.7 ...",
            "no table ": bytes(range(256)) * 20,
            "no table  ": with_member(xlsx([["x"]]), "x", b"").replace(b"xl/workbook.xml", b"xl/wurkbook.xml"),
            "too big": with_member(good, "xl/media/bomb", bytes(80 << 20)),
            "too big ": with_member(good, SHEET, bytes(30 << 20), declared=1000),
            "300 columns": csv_file([[f"c{number}" for number in range(300)]]),
            "Row 3: a quotation mark": csv_file([CDB_HEADER, self._cdb_row(1), ['"Budi'], self._cdb_row(2)]),
            "20 MB": bytes(1 << 20) * 21,
            "has 300 columns": xlsx([[f"c{number}" for number in range(300)]]),
            "damaged   ": with_member(good, SHEET, b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet>&a;</worksheet>'),
        }
        for words, content in cases.items():
            with self.subTest(words):
                self._refused(content, words.strip())

    def test_far_cell(self):
        """A table of two cells a million rows apart takes no memory."""
        sheet = (
            b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
            b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
            b"</sheetData></worksheet>"
        )
        self._refused(with_member(self._cdb(), SHEET, sheet), "too big|columns")

    def test_many_copies_of_one_text(self):
        """A text that a million cells share takes no more memory than the file deserves."""
        cells = b'<c t="s"><v>0</v></c>' * 200_000
        sheet = (
            b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
            + b"".join(b"<row>%s</row>" % cells[at : at + 4200] for at in range(0, len(cells), 4200))
            + b"</sheetData></worksheet>"
        )
        texts = (
            b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>'
            + zlib.compress(bytes(30_000)).hex().encode() * 500
            + b"</t></si></sst>"
        )
        content = with_member(with_member(xlsx([["a"]]), SHEET, sheet), "xl/sharedStrings.xml", texts)
        self._refused(content, "too big")

    def test_read_whatever_it_is_called(self):
        """H23-4.1.1: the content counts, not the name: xls as xlsx, csv in any encoding with any delimiter."""
        rows = [CDB_HEADER, self._cdb_row(1), self._cdb_row(2)]
        texts = [[str(cell) for cell in row] for row in rows]
        cases = {
            "xls": xls(*rows),
            "xlsx": xlsx(rows),
            "second sheet": xlsx([["Notes"], ["Read the other sheet"]], rows),
            "title above": xlsx([["LAPORAN CDB"], [], *rows]),
            "sep=": b"sep=|\r\n" + csv_file(texts, "|"),
        }
        for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"):
            for delimiter in (";", ",", "\t"):
                cases[f"{encoding} {delimiter!r}"] = csv_file(texts, delimiter, encoding)
        for name, content in cases.items():
            with self.subTest(name):
                document = self._upload(content, file_name="data.xls")
                self.assertEqual(self._figures(document), {"new": 2}, document.question_words)
                self.assertEqual(document.row_ids.mapped("purchase_date"), [self.day] * 2)

    def test_rows_are_numbered_as_seen(self):
        """H23-4.1.1: row numbers are those of the spreadsheet program: titles, blank rows, line breaks in cells."""
        bad = self._cdb_row(1, **{"Tgl Jual": "31/02/2024"})
        document = self._upload(xlsx([["LAPORAN"], [], CDB_HEADER, [], self._cdb_row(2), [], bad]))
        self.assertEqual(dict(document.row_ids.mapped(lambda row: (row.number, row.status))), {5: "new", 7: "faulty"})
        text = [CDB_HEADER, [], self._cdb_row(2, Alamat='"Jl. A\nRT 1"', **{"Tgl Jual": "2024-04-30"}), [";;;"], bad]
        document = self._upload(csv_file(text))
        self.assertEqual(dict(document.row_ids.mapped(lambda row: (row.number, row.status))), {3: "new", 5: "faulty"})
        self.assertEqual(document.row_ids.sorted("number")[0].owner_street, "Jl. A RT 1")

    def test_bad_cells(self):
        """H23-4.1.1: each cell that can't be taken says why, in the row where the person sees it."""
        cases = [
            ({"No Mesin": ""}, "Engine Number is missing"),
            ({"No Mesin": "---"}, "missing"),
            ({"No Rangka": "ABC"}, "5 to 25"),
            ({"No Rangka": 1.23457e16}, "rounded"),
            ({"No Rangka": "1.23457E+16"}, "rounded"),
            ({"No Mesin": "1234567890.0"}, "rounded"),
            ({"Tgl Jual": ""}, "Purchase Date is missing"),
            ({"Tgl Jual": "31/02/2024"}, "no date"),
            ({"Tgl Jual": "soon"}, "no date"),
            ({"Tgl Jual": self._days_ago(-2)}, "future"),
            ({"Tgl Jual": "1/1/1970"}, "too long ago"),
            ({"No HP": "8.12346E+09"}, "rounded"),
            ({"No HP": 8123460000}, "rounded"),
            ({"No HP": 8123456.5}, "rounded"),
            ({"No HP": "08123456789.0"}, "column as text"),
            ({"No HP": "0812345678.90"}, "column as text"),
            ({"No HP": "call him"}, "no phone number"),
            ({"No HP": "0812345"}, "no phone number"),
            ({"Nama": "=HYPERLINK(1)"}, "formula"),
            ({"Nama": "x" * 251}, "251 characters"),
            ({"Nama": "a\x01b"}, "no text"),
            ({"Kode Dealer": "XX"}, "no branch of yours"),
            ({"Kode Dealer": "TB"}, "no branch of yours"),
            (dict(zip(CDB_HEADER, CDB_HEADER, strict=True)), "column names again"),
        ]
        rows = [self._cdb_row(number, **values) for number, (values, __) in enumerate(cases, 1)]
        document = self._upload(self._cdb(*rows))
        statuses = self._statuses(document)
        self.assertEqual(len(statuses), len(cases))
        for (number, (status, message)), (values, words) in zip(statuses.items(), cases, strict=True):
            with self.subTest(f"{number} {values}"):
                self.assertEqual(status, "faulty")
                self.assertIn(words, message)
        document.action_apply()
        self.assertFalse(self.vehicles.search([("id", "!=", self.vehicle.id)]))

    def test_good_cells(self):
        """H23-4.1.1: dates and phone numbers in any usual spelling; none is no fault; a landline is kept and marked."""
        cases = [
            ({"Tgl Jual": "5 Mei 2024"}, {"purchase_date": date(2024, 5, 5)}),
            ({"Tgl Jual": "05-Agu-24"}, {"purchase_date": date(2024, 8, 5)}),
            ({"Tgl Jual": "2024-04-30 00:00:00"}, {"purchase_date": date(2024, 4, 30)}),
            ({"Tgl Jual": "20240430"}, {"purchase_date": date(2024, 4, 30)}),
            ({"Tgl Jual": 45412}, {"purchase_date": date(2024, 4, 30)}),
            ({"Tgl Jual": "45412"}, {"purchase_date": date(2024, 4, 30)}),
            ({"Tgl Jual": "30.4.24"}, {"purchase_date": date(2024, 4, 30)}),
            ({"No HP": 81234567891}, {"owner_phone": "+6281234567891"}),
            ({"No HP": "'081234567891"}, {"owner_phone": "+6281234567891"}),
            ({"No HP": "62812-3456-7891"}, {"owner_phone": "+6281234567891"}),
            ({"No HP": "+48 601 234 567"}, {"owner_phone": "+48601234567"}),
            ({"No HP": "(021) 5270 7001"}, {"owner_phone": "+622152707001", "phone_problem": "landline"}),
            ({"No HP": "-"}, {"owner_phone": False}),
            ({"No HP": ""}, {"owner_phone": False}),
            ({"Kode Dealer": ""}, {"branch_id": self.branch_a}),
            ({"Kode Dealer": "shop ta"}, {"branch_id": self.branch_a}),
            ({"No Polisi": "d1234xyz"}, {"plate": "D 1234 XYZ"}),
        ]
        rows = [self._cdb_row(number, **values) for number, (values, __) in enumerate(cases, 1)]
        document = self._upload(self._cdb(*rows))
        self.assertEqual(self._figures(document), {"new": len(cases)}, self._statuses(document))
        for row, (values, expected) in zip(document.row_ids.sorted("number"), cases, strict=True):
            with self.subTest(values):
                self.assertEqual({name: row[name] for name in expected}, expected)
        document.action_apply()
        self.assertEqual(self._vehicle(12).phone_problem, "landline")

    def test_days_from_1904(self):
        content = xlsx([CDB_HEADER, self._cdb_row(1, **{"Tgl Jual": 45412 - 1462})], date_1904=True)
        self.assertIn(b"date1904", zipfile.ZipFile(io.BytesIO(content)).read("xl/workbook.xml"))
        self.assertEqual(self._upload(content).row_ids.purchase_date, date(2024, 4, 30))
