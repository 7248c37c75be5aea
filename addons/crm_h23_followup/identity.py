"""How engine and frame numbers, licence plates and names are compared: plain Python."""

import re

NOT_SERIAL = re.compile(r"[^A-Z0-9]+")
SERIAL = re.compile(r"[A-Z0-9]{5,25}")
PLATE = re.compile(r"([A-Z]{1,2})(\d{1,4})([A-Z]{0,3})")


def serial_of(raw):
    """Return an engine or frame number as it is kept: capital letters and digits, without what people put between."""
    return NOT_SERIAL.sub("", str(raw or "").upper())


def is_serial(serial):
    """Return whether that may be an engine or frame number: 5 to 25 characters, among them a digit that isn't 0."""
    return bool(SERIAL.fullmatch(serial)) and any(digit in serial for digit in "123456789")


def plate_of(raw):
    """Return a licence plate as it is kept: ``D 1234 ABC``; a foreign one in capital letters."""
    plate = " ".join(str(raw or "").upper().split())
    if match := PLATE.fullmatch(NOT_SERIAL.sub("", plate)):
        return " ".join(part for part in match.groups() if part)
    return plate


def name_key(raw):
    """Return a name as two of them are compared: capital letters and digits of any script, nothing else."""
    return "".join(character for character in str(raw or "").upper() if character.isalnum())
