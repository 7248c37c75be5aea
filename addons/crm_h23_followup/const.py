"""Names that several files of the import share (H23-4.1.1)."""

from odoo.tools import LazyTranslate

_lt = LazyTranslate(__name__)

CDB, A2 = "cdb", "a2"
KINDS = [(CDB, "CDB: vehicles sold"), (A2, "A2: services done")]

#: What a column of a file may hold.
TARGETS = [
    ("engine_number", "Engine Number"),
    ("frame_number", "Frame Number"),
    ("purchase_date", "Purchase Date"),
    ("owner_name", "Owner"),
    ("owner_phone", "Phone"),
    ("model_name", "Model"),
    ("plate", "License Plate"),
    ("owner_street", "Street"),
    ("owner_city", "City"),
    ("branch", "Branch"),
    ("kpb", "KPB Number"),
    ("service_date", "Service Date"),
    ("dealer", "Service Dealer"),
]
OF_KIND = {
    CDB: tuple(name for name, __ in TARGETS[:10]),
    A2: ("engine_number", "frame_number", "kpb", "service_date", "dealer"),
}
REQUIRED = {CDB: ("engine_number", "frame_number", "purchase_date"), A2: ("kpb", "service_date")}

#: What becomes of a row.
NEW, CHANGED, UNCHANGED, CONFLICT, ORPHAN, FAULTY = "new", "changed", "unchanged", "conflict", "orphan", "faulty"
STATUSES = [
    (CONFLICT, "Conflict"),
    (ORPHAN, "Without Vehicle"),
    (FAULTY, "Faulty"),
    (CHANGED, "Changed"),
    (NEW, "New"),
    (UNCHANGED, "Unchanged"),
]

#: Why a row is as it is: code → words. ``field`` is the column's label, ``value`` what the cell says.
PROBLEMS = {
    "missing": _lt("%(field)s is missing."),
    "serial": _lt("%(field)s “%(value)s”: 5 to 25 letters and digits are expected."),
    "rounded": _lt(
        "%(field)s “%(value)s” was rounded by a spreadsheet program: take it from the source again, as text."
    ),
    "point": _lt("%(field)s “%(value)s”: a spreadsheet program made an amount of it. Format the column as text."),
    "phone": _lt("%(field)s “%(value)s” is no phone number."),
    "date": _lt("%(field)s “%(value)s” is no date."),
    "future": _lt("%(field)s %(value)s is in the future."),
    "old": _lt("%(field)s %(value)s is too long ago."),
    "kpb": _lt("%(field)s “%(value)s”: 1, 2, 3 or 4 is expected."),
    "branch": _lt("%(field)s “%(value)s”: no branch of yours has this code or name."),
    "long": _lt("%(field)s has %(value)s characters; 250 are the most."),
    "not_text": _lt("%(field)s holds characters that are no text."),
    "formula": _lt("%(field)s “%(value)s” is a formula: write its result."),
    "header_again": _lt("This is the row with the column names again."),
    "before_purchase": _lt("The service is older than the purchase, %(value)s."),
    "same_row": _lt("The same as row %(value)s."),
    "twice": _lt("Row %(value)s of this file has the same engine or frame number and says something else."),
    "other_frame": _lt("This engine is known with the frame number %(value)s."),
    "other_engine": _lt("This frame is known with the engine number %(value)s."),
    "two_vehicles": _lt("Engine and frame number belong to two different vehicles."),
    "other_branch": _lt("The vehicle belongs to %(value)s."),
    "hidden_branch": _lt("The vehicle belongs to a branch that you don’t see."),
    "owner_changed": _lt("The vehicle belongs to %(value)s: has it been sold on?"),
    "service_differs": _lt("This service is known as done on %(value)s."),
    "no_vehicle": _lt("No vehicle has this engine or frame number: import the CDB first."),
    "refused": _lt("Refused: %(value)s"),
    "taken_meanwhile": _lt("Somebody else entered this vehicle meanwhile. Check the file again."),
}
#: Conflicts that a person may decide for the file; the others must be mended elsewhere.
DECIDABLE = ("twice", "other_frame", "other_engine", "other_branch", "owner_changed", "service_differs")

#: Why a file isn't read at all.
REFUSALS = {
    "empty": _lt("The file is empty."),
    "too_big": _lt("The file has more than 20 MB. Split it."),
    "too_big_inside": _lt(
        "The file is too big when it is unpacked. Delete what isn’t needed, also far below and beside the table, and "
        "save it as a new .xlsx file."
    ),
    "too_many_columns": _lt("The file has %(count)s columns; 256 are the most. Delete those that aren’t needed."),
    "too_many_rows": _lt("The file has %(count)s rows; 300,000 are the most. Split it."),
    "encrypted": _lt("The file is protected by a password. Save it without one."),
    "html": _lt("This is a web page, whatever its name says. Open it in a spreadsheet program and save it as .xlsx."),
    "xml": _lt("This is an XML file. Open it in a spreadsheet program and save it as .xlsx."),
    "not_table": _lt("This is no table: .xlsx, .xls and .csv files can be read."),
    "quote": _lt("Row %(row)s: a quotation mark isn’t closed. Add the second one or delete it."),
    "broken": _lt("The file is damaged. Open it in a spreadsheet program and save it as a new .xlsx file."),
}
