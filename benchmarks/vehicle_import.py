"""The import of a CDB with 100,000 rows beside Odoo's own import of the same owners and vehicles; bad files; bombs.

- First time: upload, check and taking over. Odoo: its own import of a file of contacts and of one of vehicles, with
  external ids, of fewer rows. The same file again, likewise. “At work” is what process, reading child and database
  backends were busy. Peak memory, all told.
- 1,000 malformed files: titles, blank rows, encodings, bad cells, broken bytes. Nothing but a message in words; of the
  files that can be read, every row number and status right.
- Bombs: refused within a second; memory of the reading child.
- Contacts of 2,000 vehicles, made when they are needed.

Parts may be named: ``speed``, ``malformed``, ``bombs``.

Goals: first time ≥ 20 × Odoo, again ≥ 100 ×, below 500 MB; 0 tracebacks, 0 wrong rows; bombs below 150 MB and 1 s.
"""

import base64
import contextlib
import importlib.util
import io
import json
import random
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path

import xlsxwriter

from tools import database, postgres, templates
from tools.console import step
from tools.paths import ADDONS, PYTHON

from .common import main, measured, processes, table, transaction, verdict

ADDON = "crm_h23_followup"
NAME = "bench_import"
ROWS = 100_000
#: Rows that Odoo's own import gets: first time, and the first of them again.
ODOO = {1: 1_500, 2: 500}
FILES = 1_000
HEADER = ["No Mesin", "No Rangka", "Tipe", "No Polisi", "Tgl Faktur", "Nama Konsumen", "No HP"]
HEADER += ["Alamat", "Kota", "Warna"]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
OWNER = ["id", "name", "phone", "street", "city"]
VEHICLE = ["id", "engine_number", "frame_number", "model_name", "plate", "purchase_date", "owner_name", "owner_phone"]
VEHICLE += ["partner_id/id", "branch_id/.id"]
MEMORY, CHILD_MEMORY, SECONDS = 500, 150, 1


def _fuzz_module():
    specification = importlib.util.spec_from_file_location("fuzz", ADDONS / ADDON / "tests/fuzz.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


# === FILES === #


def _row(number):
    """Return the cells of one buyer."""
    return [
        f"KC11E{1_000_000 + number}",
        f"MKMKC1110KK{100_000 + number}",
        ("Kancil 110", "Merpati 125", "Rajawali 150")[number % 3],
        f"D {number % 9999 + 1} ABC",
        date(2024, 1, 1) + timedelta(days=number % 600),
        f"Pembeli Nomor {number}",
        f"0812{10_000_000 + number * 7}",
        f"Jl. Merdeka No. {number % 500} RT 01 RW 02",
        "Bandung",
        "Hitam",
    ]


def _cdb():
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        sheet, day = book.add_worksheet(), book.add_format({"num_format": "dd/mm/yyyy"})
        sheet.write_row(0, 0, HEADER)
        for line in range(1, ROWS + 1):
            for column, cell in enumerate(_row(line)):
                if column == 4:
                    sheet.write_datetime(line, column, cell, day)
                else:
                    sheet.write_string(line, column, cell)
    return stream.getvalue()


# === INSIDE AN ODOO PROCESS === #


def _make_branch(registry):
    def make(env):
        env.company.country_id = env.ref("base.id")
        values = {"name": "Bench", "code": "BNC", "tz": "Asia/Jakarta"}
        return env["crm.branch"].create(values).id

    return transaction(registry, make)[0]


def _peak():
    """Return the most memory that this process has had since the last call, in megabytes."""
    status = Path("/proc/self/status").read_text()
    peak = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
    Path("/proc/self/clear_refs").write_text("5")
    return peak / 1024


def _import(registry, branch, content):
    """Import the file as the PIC does; return the costs, the figures, the peak of memory."""
    import resource  # noqa: PLC0415

    _peak()

    def upload(env):
        values = {"branch_id": branch, "file_name": "cdb.xlsx", "file": base64.b64encode(content)}
        return env["crm.vehicle.import"].with_user(env.ref("base.user_admin")).create(values).id

    def read(env):
        _document(env, document).action_read()

    def apply(env):
        _document(env, document).action_apply()
        env["crm.vehicle.import"]._cron_apply()

    uploaded, document = measured(registry, upload)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    checked, __ = measured(registry, read)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    child = (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000
    taken, __ = measured(registry, apply)
    names = ("state", "new_count", "unchanged_count", "done_count", "left_count")
    figures = transaction(registry, lambda env: {name: _document(env, document)[name] for name in names})[0]
    memory = after.ru_maxrss / 1024
    return {
        "check": (uploaded.busy + checked.busy + child) / 1000,
        "apply": taken.busy / 1000,
        "wall": (uploaded.wall + checked.wall + taken.wall) / 1000,
        "figures": figures,
        "peak": _peak() + memory,
        "child": memory,
    }


def _document(env, id_):
    return env["crm.vehicle.import"].with_user(env.ref("base.user_admin")).browse(id_)


def _workbook(header, rows):
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for line, row in enumerate([header, *rows]):
            sheet.write_row(line, 0, row)
    return stream.getvalue()


def _load(registry, branch, begin, count):
    """Import rows by Odoo’s import: a file of contacts, then one of vehicles that refer to them; return the cost."""
    owners, vehicles = [], []
    for number in range(begin, begin + count):
        engine, frame, model, plate, day, name, phone, street, city, __ = _row(number)
        owner = f"__import__.owner_{number}"
        owners.append([owner, name, phone, street, city])
        vehicle = [f"__import__.vehicle_{number}", engine, frame, model, plate, str(day), name, phone, owner]
        vehicles.append([*vehicle, str(branch)])
    files = (("res.partner", OWNER, _workbook(OWNER, owners)), ("crm.vehicle", VEHICLE, _workbook(VEHICLE, vehicles)))

    def load(env):
        env = env(user=env.ref("base.user_admin"), context={"tracking_disable": True})
        for model, header, content in files:
            values = {"res_model": model, "file": content, "file_name": "x.xlsx", "file_type": XLSX}
            wizard = env["base_import.import"].create(values)
            options = {"has_headers": True, "quoting": '"', "date_format": "%Y-%m-%d", "float_thousand_separator": ","}
            options |= {"float_decimal_separator": ".", "separator": ",", "sheet": "Sheet1", "sheets": ["Sheet1"]}
            result = wizard.execute_import(header, header, options)
            assert result["ids"], result["messages"][:3]

    return measured(registry, load)[0]


def _read(registry, branch, content):
    """Read one file; return the status by row number, the message of a refusal, or the traceback."""
    import traceback  # noqa: PLC0415

    from odoo.exceptions import UserError  # noqa: PLC0415

    def read(env):
        values = {"branch_id": branch, "file_name": "x", "file": base64.b64encode(content), "date_order": "dmy"}
        document = env["crm.vehicle.import"].with_user(env.ref("base.user_admin")).create(values)
        with env.cr.savepoint(flush=True):
            document.action_read()
        if document.state != "preview":
            return {"asked": document.question_words}
        return {"rows": {row.number: row.status for row in document.row_ids}}

    try:
        return transaction(registry, read)[0]
    except UserError as error:
        return {"refused": str(error)}
    except Exception:  # noqa: BLE001 - that is what is counted
        return {"traceback": traceback.format_exc()}


def _contacts(registry, count):
    def make(env):
        vehicles = env["crm.vehicle"].search([("partner_id", "=", False)], limit=count)
        queries, began = env.cr.sql_log_count, time.monotonic()
        assert len(vehicles._ensure_partners()) == count
        env.flush_all()
        return time.monotonic() - began, env.cr.sql_log_count - queries

    return transaction(registry, make)[0]


# === PARTS === #


def _hold_beside_odoo(odoo, branch, rows, goals):
    with step("A file with 100,000 rows"):
        content = _cdb()
    theirs, ours = [], []
    for turn in (1, 2):  # in turns: what disturbs one disturbs the other
        theirs.append(odoo.call(_load, branch, ROWS + 1, ODOO[turn]))
        ours.append(odoo.call(_import, branch, content))
        done = {"new_count": ROWS, "done_count": ROWS} if turn == 1 else {"unchanged_count": ROWS}
        nothing = {"new_count": 0, "unchanged_count": 0, "done_count": 0, "left_count": 0}
        assert ours[-1]["figures"] == {"state": "done", **nothing, **done}
    for name, own, their, rows_loaded, factor in (
        ("first time", ours[0], theirs[0], ODOO[1], 20),
        ("the same again", ours[1], theirs[1], ODOO[2], 100),
    ):
        busy, clock = 1000 * rows_loaded / their.busy, 1000 * rows_loaded / their.wall
        speed, own_clock = ROWS / (own["check"] + own["apply"]), ROWS / own["wall"]
        rows.append([f"{name}: rows a second at work", f"{busy:,.0f}", f"{speed:,.0f}", f"{speed / busy:,.0f} ×"])
        rows.append(["… by the clock", f"{clock:,.0f}", f"{own_clock:,.0f}", f"{own_clock / clock:,.0f} ×"])
        rows.append(["… seconds at work to check, to take over", "", f"{own['check']:.1f}, {own['apply']:.1f}", ""])
        goals.append((f"{name}: at least {factor} × Odoo's own import", speed >= factor * busy))
    first, again = ours
    peak = max(first["peak"], again["peak"])
    rows.append(["peak memory, MB (the reading child's)", "", f"{peak:.0f} ({first['child']:.0f})", ""])
    goals.append((f"peak memory below {MEMORY} MB", peak < MEMORY))
    seconds, queries = odoo.call(_contacts, 2_000)
    rows.append(["contacts of 2,000 vehicles: seconds, queries", "", f"{seconds:.1f}, {queries}", ""])


def _read_malformed(odoo, branch, rows, goals):
    fuzz, chance = _fuzz_module(), random.Random(1729)
    ended, wrong = {"rows": 0, "refused": 0, "asked": 0, "traceback": 0}, []
    with step(f"{FILES:,} malformed files"):
        for number in range(FILES):
            content, expected = fuzz.malformed(chance)
            answer = odoo.call(_read, branch, content)
            ended[next(iter(answer))] += 1
            if "traceback" in answer or (expected is not None and answer.get("rows") != expected):
                wrong.append((number, answer, expected))
    for number, answer, expected in wrong[:3]:
        print(number, answer, expected)
    words = ", ".join(f"{count} {kind}" for kind, count in ended.items())
    rows.append([f"{FILES:,} malformed files", "", words, f"{len(wrong)} wrong"])
    goals.append(("0 tracebacks, every row number right", not wrong))


def _refuse_bombs(rows, goals):
    code = (
        "import json, resource, sys, time; sys.path.insert(0, sys.argv[1]); from reader import Refused, TableFile\n"
        "content = open(sys.argv[2], 'rb').read(); began = time.monotonic()\n"
        "try:\n    with TableFile(content, lambda names: False).rows() as rows: list(rows); code = 'read'\n"
        "except Refused as error: code = error.code\n"
        "usage = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024\n"
        "print(json.dumps([code, time.monotonic() - began, usage]))"
    )
    fuzz = _fuzz_module()
    for name, content in fuzz.bombs().items():
        path = Path(f"/tmp/{NAME}.bin")  # noqa: S108
        path.write_bytes(content)
        with contextlib.ExitStack() as stack:
            stack.callback(path.unlink)
            command = [str(PYTHON), "-c", code, str(ADDONS / ADDON), str(path)]
            answer = subprocess.run(command, capture_output=True, check=True, text=True).stdout
        end, seconds, memory = json.loads(answer)
        rows.append([f"bomb, {name}: {len(content) / 1e6:.1f} MB", "", f"{end}, {seconds:.2f} s, {memory:.0f} MB", ""])
        refused = end != "read" and seconds < SECONDS and memory < CHILD_MEMORY
        goals.append((f"{name}: refused within a second, below {CHILD_MEMORY} MB", refused))


def _measure(odoo):
    branch, rows, goals = odoo.call(_make_branch), [], []
    parts = {
        "speed": lambda: _hold_beside_odoo(odoo, branch, rows, goals),
        "malformed": lambda: _read_malformed(odoo, branch, rows, goals),
        "bombs": lambda: _refuse_bombs(rows, goals),
    }
    for name, part in parts.items():
        if not sys.argv[1:] or name in sys.argv[1:]:
            part()
    table("Import of vehicles", ("", "Odoo", "ours", ""), rows)
    return verdict(*goals)


def run():
    with postgres.running("pg-test", throw_away=True):
        try:
            with step("Database"):
                database.drop(NAME)
                database.clone(templates.template([ADDON]), NAME)
                database.run_odoo(NAME, "-i", ADDON, log="bench-install.log")
            with processes(NAME) as [odoo]:
                return _measure(odoo)
        finally:
            database.drop(NAME)


if __name__ == "__main__":
    main(run)
