"""What a courier's phone sends, checked: plain values and pictures, or an error that says what is wrong.

Everything here is given by a client, so nothing is believed: types, lengths, pictures that are none, card numbers.
"""

import base64
import binascii
import io

from PIL import Image

from odoo.exceptions import UserError

from odoo.addons.crm_sop_sales.card_number import mask_card_numbers

TEXT_LENGTH = 1000
#: Bytes of a picture. The phone makes photos smaller than this before it sends them.
PICTURE_SIZE = 2 * 1024 * 1024
PICTURE_SIDE = 4096
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


def picture(env, values, name, kind, *, size=PICTURE_SIZE):
    """Return the bytes of the picture of that name, b"" where there is none.

    :param str kind: "PNG" or "JPEG"
    :raise UserError: it is too large, or no such picture
    """
    value = values.get(name)
    if value is None or value is False or value == "":
        return b""
    if not isinstance(value, str):
        raise UserError(env._("“%s” isn't a picture.", name))
    if len(value) > size * 4 / 3 + 4:
        raise UserError(env._("The picture is too large: at most %s MB.", size // 1024 // 1024))
    try:
        data = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if not data.startswith(SIGNATURES[kind]) or not _opens(data, kind):
        raise UserError(env._("“%(name)s” isn't a %(kind)s picture.", name=name, kind=kind))
    return data


def _opens(data, kind):
    try:
        with Image.open(io.BytesIO(data), formats=[kind]) as image:
            if not 0 < max(image.size) <= PICTURE_SIDE:
                return False
            image.load()
    except Exception:  # noqa: BLE001 - PIL says by many kinds of errors that it is none
        return False
    return True
