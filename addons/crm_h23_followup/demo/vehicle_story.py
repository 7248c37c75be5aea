"""Demo: 500 motorcycles sold in 14 months, their services, as files that Rina imported, and a file that waits.

The same every time, with days counted back from today.
"""

import io
import random
from base64 import b64encode
from datetime import timedelta

import xlsxwriter

from odoo import api, models

COUNT, DAYS = 500, 425
RINA = "crm_h23_followup.user_rina"
CDB_HEADER = ("No Mesin", "No Rangka", "Tipe", "No Polisi", "Tgl Faktur", "Nama Konsumen", "No HP", "Alamat", "Kota")
CDB_HEADER = (*CDB_HEADER, "Kode Dealer", "Warna")  # the colour is a column that nobody needs
A2_HEADER = ("No Rangka", "No Mesin", "KPB Ke", "Tgl Servis", "Nama AHASS")
MODELS = (("Kancil 110", "KC11E"), ("Merpati 125", "MP12E"), ("Rajawali 150", "RJ15E"), ("Elang 160", "EL16E"))
COLOURS = ("Hitam", "Merah", "Putih", "Biru")
FIRST = (
    "Ade Agung Ahmad Anisa Asep Ayu Bambang Budi Cecep Citra Dadan Dede Dewi Dian Dimas Eka Endang Fajar Fitri "
    "Galih Gita Hendra Ika Imas Indra Iwan Jajang Joko Kartika Lina Lilis Maman Mega Nandang Nia Nurul Oki Putri "
    "Rahmat Rani Ratih Rizky Rudi Sinta Siti Susi Tatang Teguh Titin Ujang Vina Wahyu Wawan Yanti Yudi Yuli "
    "Zaenal"
)
LAST = (
    "Abdullah Firmansyah Gunawan Hakim Handayani Hidayat Iskandar Kurnia Kusnadi Lestari Maulana Mulyana Nugraha "
    "Nurhayati Permana Pratama Purnama Rahayu Ramdani Rohmat Rosmiati Santika Saputra Setiawan Sobari Sopandi "
    "Sukmana Suryana Wibowo Wijaya Yuliani"
)
STREETS = ("Merdeka", "Cihampelas", "Pasteur", "Gatot Subroto", "Cibabat", "Leuwigajah", "Kopo", "Buah Batu")
TOWNS = {"KMB": ("Bandung", "Kab. Bandung"), "KMC": ("Cimahi", "Bandung Barat")}
#: Of each free service: first day after the purchase, days that it takes, share of those who come.
SERVICES = ((1, 25, 25, 0.8), (2, 85, 30, 0.65), (3, 205, 40, 0.5), (4, 325, 40, 0.4))


class CrmDemoVehicles(models.AbstractModel):
    _name = "crm.demo.vehicles"
    _description = "Vehicle Demo"

    @api.model
    def _load(self):
        """Import both reports as Rina, and leave a third file for whoever wants to try."""
        self = self.with_user(self.env.ref(RINA)).with_context(tracking_disable=True)  # noqa: PLW0642
        sold = self._sold()
        self._import("CDB 14 bulan.xlsx", "cdb", [CDB_HEADER, *sold]).action_apply()
        self._import("A2 14 bulan.xlsx", "a2", [A2_HEADER, *self._serviced(sold)]).action_apply()
        self._import("CDB minggu ini.xlsx", "cdb", [CDB_HEADER, *self._this_week(sold)])

    def _import(self, name, kind, rows):
        document = self.env["crm.vehicle.import"].create(
            {
                "kind": kind,
                "file_name": name,
                "file": b64encode(self._workbook(rows)),
                "branch_id": self.env.ref("crm_h23_followup.crm_branch_bandung").id,
            }
        )
        document.action_read()
        return document

    def _workbook(self, rows):
        stream = io.BytesIO()
        with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
            day = book.add_format({"num_format": "dd/mm/yyyy"})
            sheet = book.add_worksheet("Data")
            for line, row in enumerate(rows):
                for column, cell in enumerate(row):
                    write = sheet.write_datetime if hasattr(cell, "year") else sheet.write
                    write(line, column, cell, *([day] if hasattr(cell, "year") else []))
        return stream.getvalue()

    def _sold(self):
        """Return the rows of a CDB, oldest first."""
        chance = random.Random(23)  # noqa: S311
        today = self.env.ref("crm_h23_followup.crm_branch_bandung")._today()
        days = sorted((chance.randrange(1, DAYS) for __ in range(COUNT)), reverse=True)
        return [self._buyer(chance, number, today - timedelta(days=day)) for number, day in enumerate(days)]

    def _buyer(self, chance, number, day):
        dealer = "KMB" if chance.random() < 0.6 else "KMC"
        model, engine = chance.choice(MODELS)
        phone = f"08{chance.choice(('12', '13', '21', '57', '78'))}555{number:05}"
        if number % 60 == 7:
            phone = f"022 5207{number:03}"  # a landline
        elif number % 75 == 11:
            phone = "-"
        return (
            f"{engine}{1_200_000 + number * 7}",
            f"MKM{engine[:4]}10KK{400_000 + number * 3}",
            model,
            f"D {2000 + number} {chance.choice('ABCDEF')}{chance.choice('XYZ')}{chance.choice('KLM')}",
            day,
            f"{chance.choice(FIRST.split())} {chance.choice(LAST.split())}",
            phone,
            f"Jl. {chance.choice(STREETS)} No. {chance.randrange(1, 200)}",
            chance.choice(TOWNS[dealer]),
            dealer,
            chance.choice(COLOURS),
        )

    def _serviced(self, sold):
        """Return the rows of an A2: what was done until yesterday."""
        chance = random.Random(24)  # noqa: S311
        today = self.env.ref("crm_h23_followup.crm_branch_bandung")._today()
        rows = []
        for row in sold:
            engine, frame, bought, dealer = row[0], row[1], row[4], row[9]
            for kpb, begin, length, share in SERVICES:
                day = bought + timedelta(days=begin + chance.randrange(length))
                if chance.random() < share and day < today:
                    where = {"KMB": "AHASS Kenari Bandung", "KMC": "AHASS Kenari Cimahi"}[dealer]
                    rows.append((frame, engine, f"KPB {kpb}", day, where))
        return rows

    def _this_week(self, sold):
        """Return a file with something of everything: new, changed, unchanged, sold on, moved, repeated, faulty."""
        chance = random.Random(25)  # noqa: S311
        today = self.env.ref("crm_h23_followup.crm_branch_bandung")._today()
        new = [self._buyer(chance, COUNT + number, today - timedelta(days=number)) for number in range(1, 9)]
        bandung = [row for row in sold if row[9] == "KMB" and row[6] != "-"]
        moved = (*bandung[3][:9], "KMC", bandung[3][10])
        sold_on = (*bandung[5][:5], "Ratna Ningsih", "0813 5550 9001", *bandung[5][7:])
        changed = [(*row[:6], f"0857 5550 80{place:02}", *row[7:]) for place, row in enumerate(bandung[8:11])]
        rounded = (*new[1][:6], "8.12346E+09", *new[1][7:])
        no_day = (*new[2][:4], "31/02/2026", *new[2][5:])
        other_frame = (bandung[15][0], "MKMKC1110KK499999", *bandung[15][2:])
        rows = [new[0], rounded, no_day, *new[3:], new[4], *changed, *bandung[20:26], sold_on, moved, other_frame]
        return [list(row) for row in rows]
