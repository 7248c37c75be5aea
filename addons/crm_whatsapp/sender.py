"""Send an account's messages that are due: claim and commit, send in threads, record and commit.

A sender holds an advisory lock while it sends a batch. PostgreSQL gives the lock back the moment its process dies:
whoever comes next sees that the batch has no sender any more and calls what was under way "unknown".
"""

import contextlib
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

THREADS = 64
FEW = 32  # messages; while no more are under way, the next are claimed
RECORD_EVERY = 32  # messages; what was sent and not yet recorded is "unknown" if the process is killed
AHEAD = 0.1  # seconds before the account may send again, in which the next messages are claimed


class Sender:
    """Send the messages of one account.

    :param registry: of the database
    :param int account: id
    """

    def __init__(self, registry, account):
        self.registry = registry
        self.account = account
        self._local = threading.local()
        self._running, self._done = {}, []
        self._free_at = 0.0

    def run(self, deadline=float("inf")):
        """Send until nothing is due or the deadline (of ``time.monotonic``) has passed, once in any case.

        :return: how many attempts were made
        """
        number = random.SystemRandom().randrange(1, 2**31)
        attempts = 0
        with self._alive(number), ThreadPoolExecutor(THREADS, "whatsapp") as threads:
            claiming = True
            try:
                while claiming or self._running:
                    if claiming and self._wait() == 0:
                        claimed = self._claim(number, threads) if not attempts or time.monotonic() < deadline else 0
                        claiming, attempts = bool(claimed), attempts + claimed
                    elif self._running:
                        self._collect(self._wait() if claiming else None)
            finally:
                # what is under way is recorded, also where something else broke
                while self._running:
                    self._collect(None)
                self._record()
        return attempts

    @contextlib.contextmanager
    def _alive(self, number):
        """Hold the lock that says that this sender lives; no transaction is open meanwhile."""
        with self.registry.cursor() as alive:
            alive.execute("SELECT pg_advisory_lock(%s, %s)", (LOCK_SPACE, number))
            alive.commit()
            try:
                yield
            finally:
                alive.execute("SELECT pg_advisory_unlock(%s, %s)", (LOCK_SPACE, number))

    def _in_account(self, function):
        return transaction.run(self.registry, lambda env: function(env["crm.whatsapp.account"].browse(self.account)))

    # === SEND === #

    def _wait(self):
        """Return the seconds until it is time to claim more; None: as soon as fewer are under way."""
        if not self._running:
            return 0
        return max(0, self._free_at - AHEAD - time.monotonic()) if len(self._running) <= FEW else None

    def _claim(self, number, threads):
        """Claim the next messages and let threads send each at its moment; return how many."""
        self._record()
        batch = self._in_account(lambda account: account._claim(number))
        begin = time.monotonic() + batch.wait
        for place, letter in enumerate(batch.letters):
            moment = begin + place * batch.pace
            self._running[threads.submit(self._send_one, batch.provider, letter, moment)] = letter
        self._free_at = begin + len(batch.letters) * batch.pace
        return len(batch.letters)

    def _send_one(self, provider, letter, moment):
        """Send in a thread. Whatever goes wrong, the others go on, and this one is not sent again."""
        if not hasattr(self._local, "session"):
            self._local.session = requests.Session()
        time.sleep(max(0, moment - time.monotonic()))
        try:
            return provider.send(self._local.session, letter)
        except Exception as error:  # noqa: BLE001 - by name it may be anything of a provider's
            # not its words: they may quote the request, and so the token
            _logger.warning("WhatsApp message %s: %s", letter.id, type(error).__name__)
            return Outcome(UNKNOWN, problem="no_answer", detail=type(error).__name__)

    # === RECORD === #

    def _collect(self, seconds):
        """Wait for an answer, so many seconds at most, and record the answers when there are enough."""
        ready = wait(self._running, timeout=seconds, return_when=FIRST_COMPLETED).done
        self._done += [(self._running.pop(future).id, future.result()) for future in ready]
        if len(self._done) >= RECORD_EVERY or not self._running:
            self._record()

    def _record(self):
        outcomes, self._done = self._done, []
        if outcomes:
            self._in_account(lambda account: account._record(outcomes))
