"""A file with calls of the past, or counts of them, as rows of cells (CC-8a). No ORM, no database.

What is unpacked is limited while it is unpacked: a small file can hold very much of nothing.
"""

import csv
import io
import zipfile
import zlib

MEGABYTE = 1 << 20
#: Bytes of an upload, and of what may be inside it.
MAX_FILE, MAX_INSIDE = 20 * MEGABYTE, 64 * MEGABYTE
MAX_ROWS, MAX_COLUMNS, MAX_CELL = 300_000, 100, 1_000
MAX_MEMBERS = 1_000
DELIMITERS = "\t;,|"


class Refused(Exception):
    """The file isn't read.

    :param code: ``empty``, ``too_big``, ``too_big_inside``, ``too_many_rows``, ``too_many_columns``, ``not_table`` or
        ``broken``
    """


def rows(content):
    """Yield (row number, cells) of each row that isn't blank; the header is one of them. Cells are stripped texts.

    :param bytes content: .tsv, .csv, either of them packed by gzip, or .xlsx: the first sheet
    :raise Refused: also while the rows are taken
    """
    if len(content) > MAX_FILE:
        raise Refused("too_big")
    if not content.strip():
        raise Refused("empty")
    if content.startswith(b"\x1f\x8b"):
        content = unpack(content)
    found = _workbook(content) if content.startswith(b"PK\x03\x04") else _text(content)
    for number, cells in enumerate(found, 1):
        if number > MAX_ROWS:
            raise Refused("too_many_rows")
        if len(cells) > MAX_COLUMNS:
            raise Refused("too_many_columns")
        texts = [_plain(cell) for cell in cells]
        if any(texts):
            yield number, texts


def unpack(content):
    """Return what a gzip file holds, and stop where it is too much."""
    pieces, inside, rest = [], 0, content
    while rest:
        inflate = zlib.decompressobj(31)
        try:
            piece = inflate.decompress(rest, MAX_INSIDE + 1 - inside)
        except zlib.error:
            raise Refused("broken") from None
        inside += len(piece)
        if inside > MAX_INSIDE:
            raise Refused("too_big_inside")
        if not inflate.eof:
            raise Refused("broken")
        pieces.append(piece)
        rest = inflate.unused_data.lstrip(b"\0")
    return b"".join(pieces)


def _text(content):
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = content.decode("utf-16", "replace")
    elif b"\0" in content[:65_536] or content.startswith((b"%PDF", b"\xd0\xcf\x11\xe0", b"\x89PNG", b"PK")):
        raise Refused("not_table")
    else:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = content.decode("cp1252", "replace")
    first = text.lstrip().split("\n", 1)[0]
    if first.startswith("<"):
        raise Refused("not_table")
    if text.count("\n") > MAX_ROWS + 1:
        raise Refused("too_many_rows")
    delimiter = max(DELIMITERS, key=first.count)
    # no quoting across lines: one quotation mark that isn't closed would swallow the rest of the file
    for line in io.StringIO(text.replace("\0", "")):
        if len(line) > MAX_COLUMNS * MAX_CELL:
            raise Refused("broken")
        if '"' not in line:
            yield line.rstrip("\r\n").split(delimiter)
            continue
        try:
            yield next(csv.reader([line.rstrip("\r\n")], delimiter=delimiter), [])
        except csv.Error:
            raise Refused("broken") from None


def _workbook(content):
    import openpyxl

    _check_archive(content)
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        yield from sheet.iter_rows(max_col=MAX_COLUMNS, values_only=True)
    except Exception:  # noqa: BLE001 - whatever the library stumbles over, the file is to blame
        raise Refused("broken") from None


def _check_archive(content):
    """Refuse an archive that holds too much: by what it says first, then by unpacking it and keeping nothing."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            if len(members) > MAX_MEMBERS or sum(member.file_size for member in members) > MAX_INSIDE:
                raise Refused("too_big_inside")
            if "xl/workbook.xml" not in {member.filename for member in members}:
                raise Refused("not_table")
            for member in members:
                with archive.open(member) as file:
                    while piece := file.read(MEGABYTE):
                        if b"<!DOCTYPE" in piece or b"<!ENTITY" in piece:
                            raise Refused("broken")
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError):
        raise Refused("broken") from None


def _plain(cell):
    """Return a cell as text, a whole number without its ``.0``."""
    if isinstance(cell, str):
        return cell.strip()[:MAX_CELL]
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return str(cell).strip()[:MAX_CELL]
