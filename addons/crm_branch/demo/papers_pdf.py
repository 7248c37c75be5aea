"""Small PDF files of one page, for the demo: plain Python, no Odoo."""

#: Letters that PDF's standard encoding lacks → code, name of the glyph.
POLISH = {
    "Ą": (128, "Aogonek"),
    "Ć": (129, "Cacute"),
    "Ę": (130, "Eogonek"),
    "Ł": (131, "Lslash"),
    "Ń": (132, "Nacute"),
    "Ó": (133, "Oacute"),
    "Ś": (134, "Sacute"),
    "Ź": (135, "Zacute"),
    "Ż": (136, "Zdotaccent"),
    "ą": (137, "aogonek"),
    "ć": (138, "cacute"),
    "ę": (139, "eogonek"),
    "ł": (140, "lslash"),
    "ń": (141, "nacute"),
    "ó": (142, "oacute"),
    "ś": (143, "sacute"),
    "ź": (144, "zacute"),
    "ż": (145, "zdotaccent"),
}


def pdf(title, lines):
    """Return the bytes of an A4 page with a title and lines of text."""
    differences = " ".join(f"/{name}" for __, name in POLISH.values())
    text = [b"BT /F1 22 Tf 60 770 Td (%s) Tj ET" % _escape(title)]
    for number, line in enumerate(lines):
        text.append(b"BT /F1 12 Tf 60 %d Td (%s) Tj ET" % (725 - 20 * number, _escape(line)))
    stream = b"\n".join(text)
    return _file(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
            b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),
            b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding 6 0 R>>",
            b"<</Type/Encoding/BaseEncoding/WinAnsiEncoding/Differences[128 %s]>>" % differences.encode(),
        ]
    )


def _escape(text):
    """Return the text as a PDF string holds it."""
    codes = [POLISH[letter][0] if letter in POLISH else ord(letter) for letter in text]
    plain = bytes(code if code < 256 else ord("?") for code in codes)
    return plain.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


def _file(objects):
    """Return a PDF of these objects, with the table of where they are."""
    content, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(content))
        content += b"%d 0 obj%s endobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    trailer = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (size, len(content))
    return content + b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table) + trailer
