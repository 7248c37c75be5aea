"""What a file of proof is, by its content and not by its name: plain Python, no Odoo."""

import hashlib
import io
from dataclasses import dataclass

from PIL import Image

#: How a file of each kind begins → its type, the ending of its name, and what Pillow calls it.
KINDS = (
    (b"%PDF-", "application/pdf", "pdf", None),
    (b"\xff\xd8\xff", "image/jpeg", "jpg", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "image/png", "png", "PNG"),
)
#: More pixels than a scanner makes: such a picture is made to fill the memory.
MOST_PIXELS = 100_000_000


@dataclass(frozen=True)
class ProofFile:
    """A file that was recognised."""

    mimetype: str
    extension: str
    sha256: str


def recognise(content):
    """Return the :class:`ProofFile` of the bytes; None where they are no PDF, JPEG or PNG."""
    for magic, mimetype, extension, picture in KINDS:
        if content.startswith(magic) and (picture is None or _is_picture(content, picture)):
            return ProofFile(mimetype, extension, hashlib.sha256(content).hexdigest())
    return None


def _is_picture(content, kind):
    try:
        with Image.open(io.BytesIO(content), formats=[kind]) as image:
            width, height = image.size
            image.verify()
    except Exception:  # noqa: BLE001  # Pillow raises anything for a broken file
        return False
    return width * height <= MOST_PIXELS
