"""What sends one message, in a thread, without records or a database.

``CloudApi`` shows what another service needs: a class with a few short hooks, and
``crm.whatsapp.account._provider_classes`` to name it.
"""

from dataclasses import dataclass, field

import requests
from urllib3.exceptions import NewConnectionError

from ..const import BACK_OFF, FINAL, UNKNOWN

ACCEPTED = "accepted"
TIMEOUT = (5, 30)  # seconds to connect, seconds to answer
LONGEST_DETAIL = 500


@dataclass(frozen=True)
class Letter:
    """One message as a provider needs it.

    :param to: E.164
    :param uuid: our key, which status events carry back
    :param template: the template's name; None for free text
    """

    id: int
    to: str
    uuid: str
    body: str
    template: str | None = None
    language: str | None = None
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What became of one attempt.

    :param kind: ``accepted``, or what to do: ``back_off``, ``final``, ``later``, ``stop``, ``unknown``
    :param problem: a key of PROBLEMS
    :param held: the provider took it and holds it back to look at it first
    """

    kind: str
    wamid: str | None = None
    code: int | None = None
    problem: str | None = None
    detail: str | None = None
    held: bool = False


@dataclass(frozen=True)
class TemplateInfo:
    """A template as the provider has it.

    :param status: a key of TEMPLATE_STATES
    :param category: ``utility``, ``marketing`` or ``authentication``
    :param body: with ``{{1}}`` …
    :param reason: in the provider's words, why it isn't approved
    """

    key: str
    name: str
    language: str
    status: str
    category: str
    body: str
    reason: str = ""


@dataclass(frozen=True)
class File:
    """A file that a customer sent.

    :param mime: its type, as the provider says
    """

    content: bytes = field(repr=False)
    mime: str


class ServiceError(Exception):
    """The provider didn't answer what it was asked.

    :param outcome: what it means; ``back_off`` and ``unknown``: ask again later
    """

    def __init__(self, outcome):
        super().__init__(outcome.problem)
        self.outcome = outcome


@dataclass
class Provider:
    """Send letters by HTTP.

    :param settings: what the account says, by name; secrets among it, so that it is never shown
    """

    settings: dict = field(repr=False)

    #: Whether the system sends by itself; where a person does, it never calls :meth:`send`.
    automatic = True
    #: Whether it tells which templates it has, and hands out what customers send.
    has_templates = has_files = False

    # === TEMPLATE METHOD === #

    def send(self, session, letter):
        """Send once and say what came of it. Never tries again: only who knows what was sent before may."""
        try:
            response = session.post(
                self.url(),
                json=self.payload(letter),
                headers=self.headers(),
                timeout=TIMEOUT,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            return self.interrupted(error)
        return self.parse(response)

    def interrupted(self, error):
        """Say what an exception means: before the connection stood nothing was sent, after it nobody knows."""
        reason = getattr(error.args[0], "reason", None) if error.args else None
        before = isinstance(error, requests.ConnectTimeout | requests.exceptions.SSLError) or isinstance(
            reason, NewConnectionError
        )
        if isinstance(error, requests.exceptions.InvalidURL | requests.exceptions.InvalidHeader):
            return Outcome(FINAL, problem="bad_parameter", detail=type(error).__name__)
        if before:
            return Outcome(BACK_OFF, problem="connection", detail=type(error).__name__)
        return Outcome(UNKNOWN, problem="no_answer", detail=type(error).__name__)

    # === HOOKS === #

    def templates(self, session):
        """Return all templates that the account has, as a list of :class:`TemplateInfo`.

        :raise ServiceError: the provider doesn't say
        """
        raise NotImplementedError

    def file(self, session, key, most):
        """Return a :class:`File` that a customer sent.

        :param str key: as the event names it
        :param int most: bytes
        :raise ServiceError: the provider doesn't hand it out, or it is larger
        """
        raise NotImplementedError

    def url(self):
        """Return the address to which a letter is posted."""
        raise NotImplementedError

    def headers(self):
        """Return the headers of the request."""
        return {}

    def payload(self, letter):
        """Return the letter as the service takes it."""
        raise NotImplementedError

    def parse(self, response):
        """Return what the service's answer means."""
        raise NotImplementedError
