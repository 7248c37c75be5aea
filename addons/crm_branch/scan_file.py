"""What a scanned file is, by its content and not by its name: plain Python, no Odoo."""

import base64
import binascii
import hashlib
import io
from dataclasses import dataclass

from PIL import Image

#: How a file of each kind begins → the ending of its name, and what Pillow calls it.
KINDS = ((b"%PDF-", "pdf", None), (b"\xff\xd8\xff", "jpg", "JPEG"), (b"\x89PNG\r\n\x1a\n", "png", "PNG"))
#: More pixels than a scanner makes: such a picture is made to fill the memory.
MOST_PIXELS = 100_000_000
LARGEST = 10 * 2**20


@dataclass(frozen=True)
class ScanFile:
    """A scan that was recognised: the ending of its name, and the SHA-256 of its content in hex."""

    extension: str
    sha256: str


def recognise(data):
    """Return the :class:`ScanFile` of base64 text or bytes; None where it is no PDF, JPEG or PNG of at most 10 MB."""
    try:
        content = base64.b64decode(data or b"", validate=False)
    except (binascii.Error, ValueError, TypeError):
        return None
    if len(content) > LARGEST:
        return None
    for magic, extension, picture in KINDS:
        if content.startswith(magic) and (picture is None or _is_picture(content, picture)):
            return ScanFile(extension, hashlib.sha256(content).hexdigest())
    return None


def _is_picture(content, kind):
    try:
        with Image.open(io.BytesIO(content), formats=[kind]) as image:
            width, height = image.size
            image.verify()
    except Exception:  # noqa: BLE001  # Pillow raises anything for a broken file
        return False
    return width * height <= MOST_PIXELS
