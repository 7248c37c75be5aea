"""How a telephone system and we talk: signatures, and what an event says. No ORM, no database (CC-1)."""

import hashlib
import hmac
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime

KINDS = ("ringing", "words", "answered", "missed", "transferred", "ended")
MOST_BYTES = 3 * 1024 * 1024
MOST_EVENTS = 1000
NAME = re.compile(r"[\w.:@+-]{1,128}", re.ASCII)
NUMBER = re.compile(r"[+\d*#() ./-]{0,32}", re.ASCII)
#: What systems say of callers who don't show their number.
WITHHELD = frozenset({"anonymous", "private", "restricted", "unavailable", "unknown", "withheld"})
TEXT_LIMIT, NAME_LIMIT = 10_000, 128


class Refused(ValueError):
    """What was sent can't be read; the text says why, for who sets the telephone system up."""


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to a call.

    :param uid: unique in the telephone system
    :param call: the call's name in it
    :param sequence: 1, 2, 3 … in the call: whatever the order they arrive in, they are applied in this one
    :param at: naive UTC
    """

    uid: str
    call: str
    sequence: int
    kind: str
    at: datetime
    number: str = ""
    called: str = ""
    extension: str = ""
    queue: str = ""
    name: str = ""
    words: str = ""


def signature(secret, timestamp, body):
    """Return the signature of a body of bytes sent at a timestamp (text: seconds since 1970)."""
    return "sha256=" + hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def is_signed(secret, timestamp, body, header, *, now, window):
    """Return whether the header signs timestamp and body, and that isn't older, or newer, than ``window`` seconds."""
    if not secret or not header or not re.fullmatch(r"\d{1,12}", timestamp or "", re.ASCII):
        return False
    if abs(now - int(timestamp)) > window:
        return False
    return hmac.compare_digest(signature(secret, timestamp, body).encode(), header.encode("utf-8", "replace"))


def read_events(body):
    """Return the events of a request's body: one JSON object, or a list of them.

    :param bytes body: UTF-8
    :raise Refused: it isn't JSON, or an event lacks something or has something unreadable
    """
    try:
        content = json.loads(body.decode())
    except (ValueError, RecursionError):
        raise Refused("The body isn't JSON in UTF-8.") from None
    events = content if isinstance(content, list) else [content]
    if not 0 < len(events) <= MOST_EVENTS:
        raise Refused(f"Send 1 to {MOST_EVENTS} events at a time.")
    return [_read_event(event) for event in events]


def _read_event(event):
    if not isinstance(event, dict):
        raise Refused("An event is a JSON object.")
    sequence = event.get("sequence")
    if not isinstance(sequence, int) or isinstance(sequence, bool) or not 0 < sequence < 10_000:
        raise Refused("sequence counts the call's events: 1, 2, 3 …")
    if event.get("kind") not in KINDS:
        raise Refused(f"kind is one of: {', '.join(KINDS)}.")
    number, instead = _number(event, "number")
    return Event(
        uid=_matching(event, "event_id", NAME),
        call=_matching(event, "call_id", NAME),
        sequence=sequence,
        kind=event["kind"],
        at=_moment(event.get("at")),
        number=number,
        called=_number(event, "called")[0],
        extension=_matching(event, "extension", NAME, ""),
        queue=_matching(event, "queue", NAME, ""),
        name=(_text(event, "name") or instead)[:NAME_LIMIT],
        words=_text(event, "words")[:TEXT_LIMIT],
    )


def _number(event, key):
    """Return a telephone number, and what was there instead of one.

    Callers choose what they show of themselves: letters, nothing, a hundred digits. Their call comes in all the same.
    """
    value = _text(event, key)
    if NUMBER.fullmatch(value):
        return value, ""
    return "", "" if value.lower() in WITHHELD else value


def _matching(event, key, pattern, default=None):
    value = event.get(key)
    if value in (None, "") and default is not None:
        return default
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise Refused(f"{key} is missing or has characters that it can't have.")
    return value


def _text(event, key):
    value = event.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Refused(f"{key} is a text.")
    return clean(value)


def clean(text):
    """Return the text without what can't be printed, or kept: NUL, control characters, halves of characters."""
    return "".join(character for character in text if character.isprintable() or character in "\n\t").strip()


def _moment(value):
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise Refused("at is a moment in ISO 8601, such as 2026-03-02T09:30:00+07:00.") from None
    if moment.tzinfo is None:
        raise Refused("at says its time zone, such as 2026-03-02T09:30:00+07:00.")
    try:
        return moment.astimezone(UTC).replace(tzinfo=None)
    except OverflowError:
        raise Refused("at is before the first year, or after the last.") from None
