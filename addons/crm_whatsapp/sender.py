"""Send an account's messages that are due: claim and commit, send in threads, record and commit.

A sender holds an advisory lock while it sends a batch. PostgreSQL gives the lock back the moment its process dies:
whoever comes next sees that the batch has no sender any more and calls what was under way "unknown".
"""

import logging
import random
import threading
import time
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait

import requests

from . import transaction
from .const import LOCK_SPACE, UNKNOWN
from .providers import Outcome

_logger = logging.getLogger(__name__)

THREADS = 32
RECORD_EVERY = 25  # messages; what was sent and not yet recorded is "unknown" if the process is killed


class Sender:
    """Send the messages of one account.

    :param registry: of the database
    :param int account: id
    """

    def __init__(self, registry, account):
        self.registry = registry
        self.account = account
        self._local = threading.local()

    def run(self, deadline=float("inf")):
        """Send until nothing is due or the deadline (of ``time.monotonic``) has passed.

        :return: how many attempts were made
        """
        attempts = 0
        while time.monotonic() < deadline:
            sent = self._send_batch()
            if not sent:
                break
            attempts += sent
        return attempts

    def _send_batch(self):
        number = random.SystemRandom().randrange(1, 2**31)
        with self.registry.cursor() as alive:
            alive.execute("SELECT pg_advisory_xact_lock(%s, %s)", (LOCK_SPACE, number))
            batch = self._in_account(lambda account: account._claim(number))
            if batch.letters:
                self._deliver(batch)
        return len(batch.letters)

    def _in_account(self, function):
        return transaction.run(self.registry, lambda env: function(env["crm.whatsapp.account"].browse(self.account)))

    def _deliver(self, batch):
        """Send the letters at the account's pace, and record what comes back as it comes."""
        begin = time.monotonic() + batch.wait
        with ThreadPoolExecutor(min(THREADS, len(batch.letters)), "whatsapp") as threads:
            running, done = {}, []
            for place, letter in enumerate(batch.letters):
                time.sleep(max(0, begin + place * batch.pace - time.monotonic()))
                running[threads.submit(self._send_one, batch.provider, letter)] = letter
                if place % RECORD_EVERY == RECORD_EVERY - 1:
                    done += self._collect(running, wait(running, timeout=0).done)
                    done = self._record(done)
            while running:
                done += self._collect(running, wait(running, return_when=FIRST_COMPLETED).done)
                if len(done) >= RECORD_EVERY or not running:
                    done = self._record(done)

    @staticmethod
    def _collect(running, futures):
        return [(running.pop(future).id, future.result()) for future in futures]

    def _record(self, outcomes):
        if outcomes:
            self._in_account(lambda account: account._record(outcomes))
        return []

    def _send_one(self, provider, letter):
        """Send in a thread. Whatever goes wrong, the others go on, and this one is not sent again."""
        if not hasattr(self._local, "session"):
            self._local.session = requests.Session()
        try:
            return provider.send(self._local.session, letter)
        except Exception as error:  # noqa: BLE001 - by name it may be anything of a provider's
            # not its words: they may quote the request, and so the token
            _logger.warning("WhatsApp message %s: %s", letter.id, type(error).__name__)
            return Outcome(UNKNOWN, problem="no_answer", detail=type(error).__name__)
