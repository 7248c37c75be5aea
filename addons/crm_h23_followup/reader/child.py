"""Read a spreadsheet from outside, in a process of its own that can't take more memory or time than the file deserves.

Run as a script with a path. It knows nothing of Odoo. Standard output gets one JSON value a line: ``{"sheet": name}``
where a sheet begins, lists of ``[row number, cells]``, at the end ``{"end": true}``; or ``{"error": code, …}``. Rows
are numbered as a spreadsheet program shows them, blank ones aren't sent. A date is ``{"d": "2026-11-22"}``.
"""

import csv
import io
import itertools
import json
import re
import resource
import struct
import sys
import zipfile
import zlib
from collections import Counter
from contextlib import suppress
from datetime import date, datetime, time, timedelta

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
WORKBOOK = "xl/workbook.xml"
MEGABYTE = 1 << 20
#: Bytes of all members of an xlsx together, unpacked: about 200,000 rows of twelve columns.
MAX_INSIDE = 160 * MEGABYTE
#: Repetitive tables are packed 20 to 40 times; from this size on, more than that is no table.
MAX_RATIO, RATIO_FROM = 100, 2 * MEGABYTE
MAX_MEMBERS, MAX_DIRECTORY = 2_000, MEGABYTE
MAX_ROWS, MAX_COLUMNS, MAX_CELL = 300_000, 256, 32_767
#: Memory: what the interpreter takes, and what a table needs for each byte that it holds.
BASE_MEMORY, MEMORY_PER_BYTE = 56 * MEGABYTE, 2
CPU_SECONDS = 60
CHUNK = 500
DELIMITERS = ";\t,|"
NUL, REPLACEMENT = "\0", "\ufffd"
HTML = re.compile(rb"\s*(<!doctype|<html|<head|<meta|<table|<style|<body|<div|<script)", re.IGNORECASE)
XML = re.compile(rb"\s*<\?xml|\s*<\w+:?\w*[\s>]")
UNTEXT = re.compile("[\x00-\x08\x0e-\x1f]")


class RefusedFile(Exception):
    """The file isn't read; the first argument says why, the second holds what the words need."""

    def __init__(self, code, **details):
        super().__init__(code)
        self.details = details


def limit(kind, amount):
    """Give this process no more of something; where the system can't, go on without."""
    with suppress(ValueError, OSError):
        resource.setrlimit(kind, (amount, amount))


# === XLSX: LOOK BEFORE IT IS UNPACKED === #


def check_directory(data):
    """Refuse an archive whose table of contents is itself too long, before it is read."""
    end = data.rfind(b"PK\x05\x06", max(0, len(data) - 65_557))
    if end < 0 or end + 22 > len(data):
        raise RefusedFile("broken")
    members, size = struct.unpack_from("<HI", data, end + 10)
    if members > MAX_MEMBERS or size > MAX_DIRECTORY:
        raise RefusedFile("too_big_inside")


def unpacked(data, member):
    """Yield the member's bytes in pieces, and refuse it where there are more than it says."""
    name, extra = struct.unpack_from("<HH", data, member.header_offset + 26)
    begin = member.header_offset + 30 + name + extra
    packed = memoryview(data)[begin : begin + member.compress_size]
    if member.compress_type == zipfile.ZIP_STORED:
        yield bytes(packed)
        return
    if member.compress_type != zipfile.ZIP_DEFLATED:
        raise RefusedFile("broken")
    inflate, left, pending = zlib.decompressobj(-15), member.file_size, packed
    while left >= 0 and not inflate.eof:
        piece = inflate.decompress(pending, MEGABYTE)
        if not piece and not inflate.unconsumed_tail:
            break
        left, pending = left - len(piece), inflate.unconsumed_tail
        yield piece
    if left < 0:
        raise RefusedFile("too_big_inside")


def check_members(data, members):
    """Refuse what declares more than a table can have inside."""
    inside = sum(member.file_size for member in members)
    if inside > MAX_INSIDE or sum(member.compress_size for member in members) > len(data):
        raise RefusedFile("too_big_inside")
    for member in members:
        if member.file_size > max(RATIO_FROM, MAX_RATIO * member.compress_size):
            raise RefusedFile("too_big_inside")
        if member.flag_bits & 1:
            raise RefusedFile("encrypted")
    if WORKBOOK not in {member.filename for member in members}:
        raise RefusedFile("not_table")
    return inside


def check_archive(data):
    """Unpack all members, keeping nothing; return how many bytes they are, and whether days count from 1904."""
    check_directory(data)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = archive.infolist()
    inside, since_1904 = check_members(data, members), False
    for member in members:
        last = b""
        for piece in unpacked(data, member):
            if b"<!DOCTYPE" in last + piece or b"<!ENTITY" in last + piece:
                raise RefusedFile("broken")
            if member.filename == WORKBOOK:
                since_1904 |= bool(re.search(rb'date1904="(1|true)"', last + piece))
            last = piece[-64:]
    return inside, since_1904


# === WORKBOOKS === #


def plain(cell):
    """Return a cell as JSON takes it."""
    match cell:
        case datetime() | date():
            return {"d": cell.strftime("%Y-%m-%d") if cell.year >= 1000 else str(cell)}
        case time() | timedelta():
            return str(cell)
        case float() if cell.is_integer() and abs(cell) < 1e15:
            return int(cell)
        case str() if NUL in cell:
            return cell.replace(NUL, REPLACEMENT)
    return cell


def workbook_sheets(path):
    """Yield name and rows of each visible sheet with something on it."""
    import python_calamine as calamine

    with calamine.CalamineWorkbook.from_path(path) as workbook:
        for place, meta in enumerate(workbook.sheets_metadata):
            if meta.typ != calamine.SheetTypeEnum.WorkSheet or meta.visible != calamine.SheetVisibleEnum.Visible:
                continue
            sheet = workbook.get_sheet_by_index(place)
            if not sheet.start:
                continue
            if sheet.width > MAX_COLUMNS:
                raise RefusedFile("too_many_columns", count=sheet.end[1] + 1)
            if sheet.total_height > MAX_ROWS:
                raise RefusedFile("too_many_rows", count=sheet.total_height)
            yield meta.name, ([plain(cell) for cell in row] for row in sheet.iter_rows())


def read_workbook(path, data):
    if data.startswith(ZIP):
        inside, since_1904 = check_archive(data)
    else:
        if ENCRYPTED in data:
            raise RefusedFile("encrypted")
        inside, since_1904 = 2 * len(data), False
    limit(resource.RLIMIT_DATA, BASE_MEMORY + MEMORY_PER_BYTE * inside)
    del data
    if since_1904:
        send({"since_1904": True})
    for name, rows in workbook_sheets(path):
        send({"sheet": name})
        send_rows(rows)


# === TEXT === #


def encoding_of(data):
    """Return the encoding of a text file."""
    head = data[:4096]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    even, odd = head[::2].count(0), head[1::2].count(0)
    if odd > len(head) / 6 and even < odd / 8:
        return "utf-16-le"
    if even > len(head) / 6 and odd < even / 8:
        return "utf-16-be"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


def delimiter_of(sample):
    """Return what separates the columns: what makes most lines equally wide, and wide."""

    def score(delimiter):
        widths = Counter(len(row) for row in csv.reader(sample, delimiter=delimiter) if row)
        width, count = max(widths.items(), key=lambda item: (item[1] * (item[0] > 1), item[0]), default=(0, 0))
        return width * count if width > 1 else 0

    return max(DELIMITERS, key=score)


class Lines:
    """The lines of a text, and where in it the present record began."""

    def __init__(self, text):
        self.file, self.record = io.StringIO(text, newline=""), []

    def __iter__(self):
        for line in self.file:
            self.record.append(line)
            yield line


def text_rows(text):
    """Yield the records of delimited text, blank ones too. One over several lines is one row, as spreadsheets count."""
    sample = list(itertools.islice(io.StringIO(text, newline=""), 51))
    if sample and (match := re.fullmatch(r"\ufeff?sep=(.)\s*", sample[0])):
        delimiter, text = match.group(1), text[len(sample[0]) :]
    else:
        delimiter = delimiter_of(sample)
    lines, number = Lines(text), 0
    try:
        for number, row in enumerate(csv.reader(lines, delimiter=delimiter), 1):
            if len(row) > MAX_COLUMNS:
                raise RefusedFile("too_many_columns", count=len(row))
            if number > MAX_ROWS:
                raise RefusedFile("too_many_rows", count=number)
            if len(lines.record) > 1:
                check_quotes(lines.record, delimiter, number)
            lines.record.clear()
            yield row
    except csv.Error:
        raise RefusedFile("quote", row=number + 1) from None


def check_quotes(record, delimiter, number):
    """Refuse a record that goes on to the end of the file because a quotation mark isn't closed: rows would be lost."""
    try:
        list(csv.reader(record, delimiter=delimiter, strict=True))
    except csv.Error as error:
        if "end of data" in str(error):
            raise RefusedFile("quote", row=number) from None


def read_text(data):
    if HTML.match(data[:512].lstrip(b"\xef\xbb\xbf")):
        raise RefusedFile("html")
    if XML.match(data[:512].lstrip(b"\xef\xbb\xbf")):
        raise RefusedFile("xml")
    text = data.decode(encoding_of(data), "replace")
    del data
    if len(UNTEXT.findall(text[:65_536])) > max(8, len(text[:65_536]) / 100):
        raise RefusedFile("not_table")
    csv.field_size_limit(MAX_CELL)
    send({"sheet": ""})
    send_rows(text_rows(text.replace(NUL, REPLACEMENT)))


# === THE PROCESS === #


def send(value):
    sys.stdout.write(json.dumps(value, ensure_ascii=False))
    sys.stdout.write("\n")


def send_rows(rows):
    """Send the rows in chunks, those without any text left out."""
    chunk = []
    for number, row in enumerate(rows, 1):
        if any(cell if not isinstance(cell, str) else cell.strip() for cell in row) or 0 in row:
            chunk.append([number, row])
        if len(chunk) == CHUNK:
            send(chunk)
            chunk = []
    send(chunk)


def read(path):
    """Send the file's tables."""
    with open(path, "rb") as file:
        data = file.read()
    if not data.strip():
        raise RefusedFile("empty")
    if data.startswith((ZIP, OLE)):
        read_workbook(path, data)
    elif data.startswith((b"PK", b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"Rar!", b"7z\xbc", b"\x1f\x8b")):
        raise RefusedFile("not_table")
    else:
        read_text(data)
    send({"end": True})


def main(path):
    sys.stdout.reconfigure(encoding="utf-8", errors="replace", newline="\n")
    limit(resource.RLIMIT_CORE, 0)
    limit(resource.RLIMIT_CPU, CPU_SECONDS)
    limit(resource.RLIMIT_DATA, BASE_MEMORY + MEMORY_PER_BYTE * MAX_INSIDE)
    try:
        read(path)
    except RefusedFile as error:
        send({"error": str(error), **error.details})
    except MemoryError:
        send({"error": "too_big_inside"})
    except BrokenPipeError:
        sys.stdout = None
    except BaseException as error:  # noqa: BLE001 - a panic of the library too: the file is to blame
        send({"error": "encrypted" if type(error).__name__ == "PasswordError" else "broken"})


if __name__ == "__main__":
    main(sys.argv[1])
