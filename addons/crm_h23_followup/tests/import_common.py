import io
from base64 import b64encode
from datetime import date, datetime

import xlsxwriter

from .common import FollowUpCase

CDB_HEADER = [
    "No Mesin",
    "No Rangka",
    "Tipe",
    "No Polisi",
    "Tgl Jual",
    "Nama",
    "No HP",
    "Alamat",
    "Kota",
    "Kode Dealer",
]
A2_HEADER = ["No Rangka", "No Mesin", "KPB Ke", "Tgl Servis", "Nama AHASS"]


def xlsx(*sheets, **options):
    """Return a workbook with these sheets, each a list of rows; dates become date cells."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_formulas": False, **options}) as book:
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        for rows in sheets:
            sheet = book.add_worksheet()
            for line, row in enumerate(rows):
                for column, cell in enumerate(row):
                    if isinstance(cell, (date, datetime)):
                        sheet.write_datetime(line, column, cell, day)
                    elif cell is not None:
                        sheet.write(line, column, cell)
    return stream.getvalue()


def csv_file(rows, delimiter=";", encoding="utf-8"):
    return "\r\n".join(delimiter.join(map(str, row)) for row in rows).encode(encoding)


class ImportCase(FollowUpCase):
    """Files of vehicles and services, imported by the person in charge of branch A."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.imports = cls.env["crm.vehicle.import"]
        cls.day = cls._days_ago(40)

    def _cdb_row(self, number, **values):
        """Return a row of a CDB as the test's vehicle of that number has it."""
        row = {
            "No Mesin": f"JM81E{1000000 + number}",
            "No Rangka": f"MH1JM8110KK{100000 + number}",
            "Tipe": "BeAT Sporty CBS",
            "No Polisi": f"D {1000 + number} ABC",
            "Tgl Jual": self.day,
            "Nama": f"Owner {number}",
            "No HP": f"08127{number:07}",
            "Alamat": "Jl. Merdeka 1",
            "Kota": "Bandung",
            "Kode Dealer": "TA",
            **values,
        }
        return list(row.values())

    def _cdb(self, *rows):
        return xlsx([CDB_HEADER, *rows])

    def _upload(self, content, kind="cdb", user=None, read=True, **values):
        """Upload a file and read it."""
        document = self.imports.with_user(user or self.manager_a).create(
            {
                "kind": kind,
                "file": b64encode(content),
                "file_name": "report.xlsx",
                "branch_id": self.branch_a.id,
                **values,
            }
        )
        if read:
            document.action_read()
        return document

    def _statuses(self, document):
        """Return row number → status and message."""
        return {row.number: (row.status, row.message or "") for row in document.row_ids.sorted("number")}

    def _figures(self, document):
        """Return the figures that aren't 0, by status."""
        names = ("new", "changed", "unchanged", "conflict", "orphan", "faulty")
        return {name: document[f"{name}_count"] for name in names if document[f"{name}_count"]}

    def _import(self, *rows, user=None):
        """Import a CDB with these rows, all of which are to be taken."""
        document = self._upload(self._cdb(*rows), user=user)
        document.action_apply()
        self.assertEqual((document.state, document.left_count), ("done", 0))
        return document

    def _vehicle(self, number):
        return self.vehicles.search([("engine_number", "=", f"JM81E{1000000 + number}")])
