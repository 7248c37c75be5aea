"""What needs no record: numbers, texts, quiet hours, signatures."""

import hashlib
import hmac
import re
from datetime import datetime, time, timedelta
from urllib.parse import quote

import phonenumbers
import pytz

from odoo.exceptions import UserError

from odoo.addons.crm_base.models.crm_branch import PHONE
from odoo.addons.phone_validation.tools import phone_validation

VARIABLE = re.compile(r"\{\{\s*(\d{1,2})\s*\}\}")
NOT_WORD = re.compile(r"[^\w]+")
MOBILE = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)


def number_of(raw, country):
    """Return ``(number, problem)`` of what somebody typed as a phone number: one of the two is False.

    :param country: the country of numbers without a prefix, as a record
    :return: the number as E.164, or ``no_number``, ``invalid``, ``landline``
    """
    if not (raw or "").strip():
        return False, "no_number"
    if not PHONE.fullmatch(raw):
        return False, "invalid"
    try:
        number = phone_validation.phone_format(raw, country.code, country.phone_code, force_format="E164")
    except UserError:
        return False, "invalid"
    if phonenumbers.number_type(phonenumbers.parse(number)) not in MOBILE:
        return False, "landline"
    return number, False


def variables_in(text):
    """Return the numbers of the variables in a template's text, in order, each once."""
    return sorted({int(number) for number in VARIABLE.findall(text or "")})


def filled(text, values):
    """Return a template's text with its variables filled in.

    :param values: the first is for ``{{1}}``; what is missing stays as it is
    """

    def value(match):
        number = int(match.group(1))
        return values[number - 1] if 0 < number <= len(values) else match.group(0)

    return VARIABLE.sub(value, text or "")


def one_line(value):
    """Return a variable's value as WhatsApp takes it: no line breaks, no tabs, no long gaps, no NUL."""
    return " ".join(str(value).replace("\0", "").split())


def clean(text):
    """Return text from outside as the database takes it."""
    return str(text or "").replace("\0", "")


def keyword(text):
    """Return a message's text as opt-out words are compared: upper case, words only."""
    return " ".join(NOT_WORD.sub(" ", (text or "").upper()).split())


def quiet_end(moment, tz, begin, end):
    """Return when the quiet hours end in which ``moment`` falls, or None where it falls in none.

    :param datetime moment: naive UTC
    :param str tz: the recipient's time zone
    :param float begin: hour of the day; the quiet hours may go beyond midnight
    :param float end: hour of the day; the same as ``begin`` where there are none
    :return: naive UTC
    """
    zone = pytz.timezone(tz or "UTC")
    local = pytz.utc.localize(moment).astimezone(zone)
    hour = local.hour + local.minute / 60 + local.second / 3600
    overnight = begin > end
    quiet = (hour >= begin or hour < end) if overnight else begin <= hour < end
    if not quiet:
        return None
    day = local.date() + timedelta(days=1 if overnight and hour >= begin else 0)
    minutes = round(end * 60)
    wall = datetime.combine(day, time()) + timedelta(minutes=minutes)
    return zone.localize(wall, is_dst=False).astimezone(pytz.utc).replace(tzinfo=None)


def signature(secret, body):
    """Return the header with which the provider signs the bytes of a webhook."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def is_signed(secret, body, header):
    """Return whether the header is the signature of these bytes. Without a secret nothing is."""
    if not secret or not header:
        return False
    return hmac.compare_digest(signature(secret, body).encode(), header.encode("utf-8", "replace"))


def wa_link(phone, text):
    """Return the address that opens WhatsApp with the text typed in."""
    return f"https://wa.me/{phone.lstrip('+')}?text={quote(text)}"
