"""What a courier's phone sends, checked: plain values and pictures, or an error that says what is wrong.

Everything here is given by a client, so nothing is believed: types, lengths, pictures that are none, card numbers.
"""

import base64
import binascii
import io

from PIL import Image, ImageOps

from odoo.exceptions import UserError

from odoo.addons.crm_sop_sales.card_number import mask_card_numbers

TEXT_LENGTH = 1000
#: Bytes of a picture. The phone makes photos smaller than this before it sends them.
PICTURE_SIZE = 2 * 1024 * 1024
PICTURE_SIDE = 4096
#: A drawing has at least so many dots that are darker than this, over so many.
DARK, INK_DOTS, INK_SPAN = 160, 40, 20
SIGNATURES = {"PNG": b"\x89PNG\r\n\x1a\n", "JPEG": b"\xff\xd8\xff"}


def text(env, values, name, *, required=None, length=TEXT_LENGTH):
    """Return the stripped text of that name, "" where there is none.

    :param str required: what to say if there is none
    :raise UserError: it is no text, too long, missing, or has a card's number in it
    """
    value = values.get(name)
    if value is None or value is False:
        value = ""
    if not isinstance(value, str) or "\x00" in value:
        raise UserError(env._("“%s” isn't a text.", name))
    value = value.strip()
    if len(value) > length:
        raise UserError(env._("That is too long: at most %s characters.", length))
    if mask_card_numbers(value) != value:
        raise UserError(env._("That looks like a card's number, which is never kept: leave it out."))
    if required and not value:
        raise UserError(required)
    return value


def choice(env, values, name, choices):
    """Return the value of that name, which is one of the choices.

    :raise UserError: it isn't
    """
    value = values.get(name)
    if not isinstance(value, str) or value not in choices:
        raise UserError(env._("“%s” isn't one of the answers.", name))
    return value


def picture(env, values, name, kind, *, size=PICTURE_SIZE, side=PICTURE_SIDE):
    """Return the bytes of the picture of that name, b"" where there is none: its dots and nothing else.

    What a file may carry besides, as where a photo was taken, is left out.

    :param str kind: "PNG" or "JPEG"
    :param int size: bytes that it may have
    :param int side: dots that its longer side may have
    :raise UserError: it is too large, or no such picture
    """
    value = values.get(name)
    if value is None or value is False or value == "":
        return b""
    if not isinstance(value, str):
        raise UserError(env._("“%s” isn't a picture.", name))
    if len(value) > size * 4 / 3 + 4:
        raise UserError(env._("The picture is too large: at most %s KB.", size // 1024))
    try:
        data = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        data = b""
    clean = _clean(data, kind, side) if data.startswith(SIGNATURES[kind]) else b""
    if not clean:
        raise UserError(env._("“%(name)s” isn't a %(kind)s picture.", name=name, kind=kind))
    return clean


def _clean(data, kind, side):
    """Return the same picture, drawn anew; nothing if it isn't one."""
    drawn = io.BytesIO()
    try:
        with Image.open(io.BytesIO(data), formats=[kind]) as image:
            if not 0 < max(image.size) <= side:
                return b""
            if kind == "JPEG":
                upright = ImageOps.exif_transpose(image).convert("RGB")
                upright.info.clear()  # else a comment of the file goes along
                upright.save(drawn, "JPEG", quality=85)
            else:
                _on_white(image).save(drawn, "PNG", optimize=True)
    except Exception:  # noqa: BLE001 - PIL says by many kinds of errors that it is none
        return b""
    return drawn.getvalue()


def _on_white(image):
    """Return a drawing as grey on white."""
    image = image.convert("RGBA")
    paper = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(paper, image).convert("L")


def has_ink(data):
    """Return whether something is drawn on a PNG that :func:`picture` returned."""
    with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
        drawn = image.point(lambda dot: 255 if dot < DARK else 0)
        box = drawn.getbbox()
        dots = drawn.histogram()[255]
    return bool(box) and dots >= INK_DOTS and max(box[2] - box[0], box[3] - box[1]) >= INK_SPAN
