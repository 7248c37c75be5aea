"""Where Asterisk and Odoo are, and how callers wait: from a file, or the environment; never from the command line."""

import configparser
import os
from dataclasses import dataclass, fields
from pathlib import Path

PREFIX = "ODOO_ASTERISK_"


class Unset(Exception):
    """A setting is missing or makes no sense; the text says which."""


@dataclass(frozen=True)
class Settings:
    """Each is a line of the file's section ``[adapter]``, or ``ODOO_ASTERISK_<NAME>`` in the environment, which wins.

    :param odoo_address: the telephone system's address, from its form in Odoo
    :param odoo_secret: the secret beside it
    :param ari_url: Asterisk's HTTP server, e.g. ``http://127.0.0.1:8088``
    :param app: the name that ``Stasis()`` in the dialplan has
    :param agent_endpoint: an agent's telephone, ``{extension}`` is the one that Odoo says
    :param outside_endpoint: a number outside: ``{number}`` with the plus sign, ``{digits}`` without; empty: no dialling
    :param caller_id: what is shown to those whom agents call
    :param waiting: what callers hear: ``music`` (they are answered at once) or ``ringing`` (when an agent answers)
    :param farewell: sound for who calls when we are closed, e.g. ``sound:vm-goodbye``; empty: hung up at once
    :param words_variable: the channel variable in which a recogniser leaves what the caller said
    :param transfer_context: the dialplan's context by which a caller is handed to a number outside
    :param fallback_seconds: a caller who waited so long while Odoo is away goes on in the dialplan
    :param poll_seconds: how often Odoo is asked for commands
    :param folder: where what Odoo hasn't got yet is kept
    """

    odoo_address: str
    odoo_secret: str
    ari_user: str
    ari_password: str
    ari_url: str = "http://127.0.0.1:8088"
    app: str = "odoo"
    agent_endpoint: str = "PJSIP/{extension}"
    outside_endpoint: str = ""
    caller_id: str = ""
    waiting: str = "music"
    farewell: str = ""
    words_variable: str = "CALLER_WORDS"
    transfer_context: str = ""
    fallback_seconds: float = 30
    poll_seconds: float = 0.5
    folder: str = "."


def read(file=None, environment=None):
    """Return the settings.

    :param file: path of an ini file; by default the one that ``ODOO_ASTERISK_FILE`` names
    :raise Unset: something is missing or isn't understood
    """
    environment = os.environ if environment is None else environment
    file = file or environment.get(f"{PREFIX}FILE")
    parser = configparser.ConfigParser(interpolation=None)
    if file and not parser.read(file, encoding="utf-8"):
        raise Unset(f"There is no file {file}, or it can't be read.")
    found = dict(parser["adapter"]) if parser.has_section("adapter") else {}
    names = {field.name: field for field in fields(Settings)}
    if unknown := set(found) - set(names):
        raise Unset(f"Nobody knows these settings: {', '.join(sorted(unknown))}.")
    found |= {name: environment[PREFIX + name.upper()] for name in names if PREFIX + name.upper() in environment}
    for name, field in names.items():
        if field.type is float and name in found:
            found[name] = _number(name, found[name])
    try:
        settings = Settings(**found)
    except TypeError:
        missing = [name for name in ("odoo_address", "odoo_secret", "ari_user", "ari_password") if name not in found]
        raise Unset(f"These settings are missing: {', '.join(missing)}.") from None
    _check(settings)
    return settings


def _number(name, text):
    try:
        return float(text)
    except ValueError:
        raise Unset(f"{name} is a number of seconds.") from None


def _check(settings):
    for name in ("odoo_address", "ari_url"):
        if not getattr(settings, name).startswith(("http://", "https://")):
            raise Unset(f"{name} begins with http:// or https://.")
    if settings.waiting not in ("music", "ringing"):
        raise Unset("waiting is music or ringing.")
    if not Path(settings.folder).is_dir():
        raise Unset(f"There is no folder {settings.folder}.")
