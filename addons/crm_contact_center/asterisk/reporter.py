"""Tell Odoo what happened, and ask it what to do: signed, in order, until it is heard."""

import hashlib
import hmac
import json
import logging
import time

from .web import Web

_logger = logging.getLogger(__name__)

LONGEST_WAIT = 60
#: After a night without Odoo a list of events is much work: one that is sent again meanwhile only makes more.
TIMEOUT = 60
#: Odoo serves 300 requests a minute of one address; some room is left.
PACE, BURST = 4.0, 40


def signature(secret, timestamp, body):
    """Return the signature of a body of bytes sent at a timestamp: as ``telephony.py`` of the addon expects it."""
    return "sha256=" + hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


class Away(Exception):
    """Odoo doesn't answer, or not now.

    :param float seconds: when to try again, if it says so
    """

    def __init__(self, why, seconds=0.0):
        super().__init__(why)
        self.seconds = seconds


class Reporter:
    """The adapter's side of the conversation with Odoo.

    :param carry_out: called with each command
    """

    def __init__(self, store, settings, carry_out):
        self.store, self.settings, self.carry_out = store, settings, carry_out
        self.web = Web(settings.odoo_address, TIMEOUT)
        self.failures = 0
        self._left, self._at = float(BURST), time.monotonic()

    def turn(self):
        """Tell all there is to tell, ask for commands and carry them out.

        :raise Away: Odoo isn't there
        """
        while batch := self.store.waiting():
            self._tell(batch)
        results = self.store.results()
        answer = self._post("commands", {"done": results})
        if answer.status != 200:
            raise Away(f"Odoo refuses what became of commands: {answer.status} {answer.content.get('error', '')}")
        self.store.reported(results)
        for command in answer.content.get("commands", ()):
            _logger.info("%s %s %s", command.get("kind"), command.get("call_id"), command.get("extension"))
            self.carry_out(command)
        self.failures = 0

    def pause(self):
        """Return for how long to wait after a failure: longer each time."""
        self.failures += 1
        return min(LONGEST_WAIT, 2.0 ** min(self.failures, 6) / 2)

    def _tell(self, batch):
        """Tell events; one that Odoo will never take is put aside, and isn't in the way of the others."""
        answer = self._post("events", [event for _number, event in batch])
        if answer.status == 200:
            self.store.told([number for number, _event in batch])
        elif answer.status not in (400, 413):
            raise Away(f"Odoo answers {answer.status} {answer.content.get('error', '')}")
        elif len(batch) > 1:
            middle = len(batch) // 2
            self._tell(batch[:middle])
            self._tell(batch[middle:])
        else:
            (number, event), why = batch[0], answer.content.get("error") or str(answer.status)
            _logger.error("Odoo refuses event %s: %s", event["event_id"], why)
            self.store.refuse(number, why)

    def _post(self, path, content):
        self._keep_pace()
        body, timestamp = json.dumps(content).encode(), str(int(time.time()))
        headers = {
            "Content-Type": "application/json",
            "X-Timestamp": timestamp,
            "X-Signature": signature(self.settings.odoo_secret, timestamp, body),
        }
        try:
            answer = self.web.ask("POST", f"/{path}", body, headers)
        except OSError as error:
            raise Away(f"Odoo can't be reached: {error}") from error
        if answer.status == 429:
            raise Away("Odoo asks for patience.", _seconds(answer.headers.get("Retry-After")))
        return answer

    def _keep_pace(self):
        now = time.monotonic()
        self._left = min(BURST, self._left + (now - self._at) * PACE)
        self._at = now
        if self._left < 1:
            time.sleep((1 - self._left) / PACE)
        self._left -= 1


def _seconds(text):
    return min(float(text), LONGEST_WAIT) if (text or "").isdecimal() else 1.0
