"""Malformed files, and what reading them should say. Plain Python: the benchmark and a test use it.

What :func:`malformed` returns is reproducible from the random generator that it gets.
"""

import csv
import io
import random
import zipfile

import xlsxwriter

HEADER = ["No Mesin", "No Rangka", "Tgl Jual", "Nama", "No HP", "Alamat"]
#: Cells that make a row faulty: column → values.
BAD = {
    0: ["", "---", "AB", "X" * 26, "00000000", "1.23457E+16"],
    1: ["", "..", "A1", "=1+1"],
    2: ["", "31/02/2024", "32/01/2024", "2024-13-01", "soon", "99/99/9999", "31/12/2199", "1/1/1900", "0", "24"],
    3: ["=HYPERLINK(1)", "x" * 251, "a\x01b", "\ufffd"],
    4: ["8.12346E+09", "08123456789.0", "8,12346E+09", "abc", "0812", "++62", "08123456789012345", "0812345678.90"],
    5: ["y" * 300, "=cmd|' /C calc'!A0"],
}
#: Unusual cells that do no harm.
GOOD_EXTRAS = {
    3: ["", "Ćwiek", "O'Brien", '"Bos" Budi', "-", "王小明"],
    4: ["", "-", "(021) 5270 7001"],
    5: ["a\nb", "a;b", "a,b"],
}
DELIMITERS = ";,\t|"
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be")


def good_row(number):
    """Return the cells of a row that is taken."""
    return [
        f"FZ11E{1_000_000 + number}",
        f"MKMFZ1110KK{100_000 + number}",
        f"{number % 28 + 1:02}/{number % 12 + 1:02}/2024",
        f"Nama {number}",
        f"0812{10_000_000 + number}",
        f"Jl. {number}",
    ]


def table(chance):
    """Return rows of cells with titles, blank rows and bad cells, and the expected status by row number."""
    rows, expected = [], {}
    for __ in range(chance.choice((0, 0, 1, 2))):
        rows.append(chance.choice(([], ["LAPORAN CDB"], ["", "Periode", "2024"])))
    rows.append(HEADER)
    numbers = chance.sample(range(100_000), chance.randrange(1, 12))
    for number in numbers:
        for __ in range(chance.choice((0, 0, 0, 1, 3))):
            rows.append([])
        row, status = good_row(number), "new"
        if chance.random() < 0.4:
            column = chance.choice(list(BAD))
            row[column], status = chance.choice(BAD[column]), "faulty"
        elif chance.random() < 0.4:
            column = chance.choice(list(GOOD_EXTRAS))
            row[column] = chance.choice(GOOD_EXTRAS[column])
        elif chance.random() < 0.1:
            row, status = list(HEADER), "faulty"
        rows.append(row)
        expected[len(rows)] = status
    return rows, expected


def as_text(rows, chance):
    """Return the rows as delimited text in one of the encodings."""
    stream = io.StringIO(newline="")
    delimiter = chance.choice(DELIMITERS)
    if chance.random() < 0.1:
        stream.write(f"sep={delimiter}\r\n")
    writer = csv.writer(stream, delimiter=delimiter, lineterminator=chance.choice(("\r\n", "\n")))
    writer.writerows(rows)
    return stream.getvalue().encode(chance.choice(ENCODINGS))


def as_workbook(rows, chance):
    """Return the rows as an xlsx, perhaps not from the first column on, perhaps with other sheets."""
    stream, left = io.BytesIO(), chance.choice((0, 0, 1, 3))
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        if chance.random() < 0.2:
            book.add_worksheet("Catatan").write(0, 0, "Lihat lembar lain")
        sheet = book.add_worksheet("Data")
        for line, row in enumerate(rows):
            for column, cell in enumerate(row):
                sheet.write_string(line, column + left, cell)
    return stream.getvalue()


def broken(content, chance):
    """Return the bytes damaged."""
    kind = chance.randrange(5)
    if kind == 0:
        return content[: chance.randrange(len(content))]
    if kind == 1:
        return chance.randbytes(chance.randrange(1, 3000))
    if kind == 2:
        return content[chance.randrange(1, len(content)) :]
    damaged = bytearray(content)
    for __ in range(chance.choice((1, 5, 50))):
        damaged[chance.randrange(len(damaged))] = chance.randrange(256)
    return bytes(damaged)


def rewritten(content, chance):
    """Return a workbook one of whose parts is gone, cut or changed, the archive itself being whole."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        chosen = chance.choice(old.namelist())
        for name in old.namelist():
            data = old.read(name)
            if name == chosen:
                data = broken(data, chance)
            new.writestr(name, data)
    return stream.getvalue()


def malformed(chance):
    """Return a file, and the status by row number, or None where only a message in words is expected."""
    rows, expected = table(chance)
    kind = chance.random()
    if kind < 0.35:
        return as_text(rows, chance), expected
    content = as_workbook(rows, chance)
    if kind < 0.65:
        return content, expected
    if kind < 0.8:
        return rewritten(content, chance), None
    return broken(content if chance.random() < 0.5 else as_text(rows, chance), chance), None


# === BOMBS === #

SPREADSHEET = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'


def workbook_with(**parts):
    """Return a workbook with these parts, given as iterables of bytes, in place of its own."""
    stream, base = io.BytesIO(), io.BytesIO()
    with xlsxwriter.Workbook(base, {"in_memory": True}) as book:
        book.add_worksheet().write_string(0, 0, "a")
    names = {"sheet": "xl/worksheets/sheet1.xml", "strings": "xl/sharedStrings.xml"}
    chosen = {names.get(name, name): pieces for name, pieces in parts.items()}
    with zipfile.ZipFile(base) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as new:
        for name in {*old.namelist(), *chosen}:
            with new.open(name, "w") as member:
                for piece in chosen.get(name) or [old.read(name)]:
                    member.write(piece)
    return stream.getvalue()


def lying(content):
    """Return the archive with sizes declared a thousand times too small."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sizes = {info.file_size for info in archive.infolist() if info.file_size > 1 << 20}
    for size in sizes:
        content = content.replace(size.to_bytes(4, "little"), (size // 1000).to_bytes(4, "little"))
    return content


def bombs():
    """Return name → file that would fill the memory."""
    zeros = bytes(1 << 20)
    cells = b"<row>" + b'<c t="s"><v>0</v></c>' * 200 + b"</row>"
    chance = random.Random(5)
    noise = ("".join(chance.choices("abcdefghijklmnop", k=30_000))).encode()
    far = b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    many = io.BytesIO()
    with zipfile.ZipFile(many, "w") as archive:
        for number in range(60_000):
            archive.writestr(str(number), b"")
    entities = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    return {
        "a gigabyte of zeros": workbook_with(sheet=(zeros for __ in range(1024))),
        "the same, declared small": lying(workbook_with(sheet=(zeros for __ in range(1024)))),
        "one text in 1,000,000 cells": workbook_with(
            sheet=[SPREADSHEET, *[cells] * 5000, b"</sheetData></worksheet>"],
            strings=[
                b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>',
                noise,
                b"</t></si></sst>",
            ],
        ),
        "two cells a million rows apart": workbook_with(sheet=[SPREADSHEET, far, b"</sheetData></worksheet>"]),
        "60,000 members": many.getvalue(),
        "entities": workbook_with(sheet=[entities, SPREADSHEET, b"&b;</sheetData></worksheet>"]),
    }
