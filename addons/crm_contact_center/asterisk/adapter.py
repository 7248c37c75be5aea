"""Connect Asterisk with Odoo's contact center: ``python3 -m asterisk.adapter settings.ini`` (doc/asterisk.md; CC-1).

Two threads: one listens to Asterisk, the other talks with Odoo. Each tries again, for ever, when its side is away; what
Odoo has to know waits in a file meanwhile.
"""

import logging
import signal
import sys
import threading

from .ari import Ari, Refusal
from .reporter import Away, Reporter
from .settings import Unset, read
from .store import Store
from .switchboard import Switchboard

_logger = logging.getLogger(__name__)

LONGEST_WAIT = 30


class Adapter:
    """The process: what it is made of, and its two threads."""

    def __init__(self, settings):
        self.settings = settings
        self.store = Store(settings.folder)
        self.ari = Ari(settings)
        self.board = Switchboard(self.ari, self.store, settings)
        self.reporter = Reporter(self.store, settings, self.board.carry_out)
        self.stopped = threading.Event()

    def run(self):
        """Work until :meth:`stop`."""
        listener = threading.Thread(target=self.listen, name="asterisk", daemon=True)
        listener.start()
        self.talk()

    def stop(self, *_signal):
        self.stopped.set()
        self.store.news.set()

    def listen(self):
        """Hear what Asterisk tells; connect anew when it is away."""
        wait = 1.0
        while not self.stopped.is_set():
            try:
                for event in self.ari.events():
                    if event is None:
                        _logger.info("Listening to Asterisk")
                        self.board.reconcile()
                        wait = 1.0
                    else:
                        self._hear(event)
            except (OSError, Refusal) as error:
                _logger.warning("Asterisk is away, again in %.0f s: %s", wait, error)
            self.stopped.wait(wait)
            wait = min(LONGEST_WAIT, wait * 2)

    def _hear(self, event):
        try:
            self.board.hear(event)
        except Refusal as refusal:
            _logger.warning("%s: %s", event.get("type"), refusal)
        except (KeyError, TypeError, AttributeError):
            _logger.exception("Asterisk told something that isn't understood: %s", event.get("type"))

    def talk(self):
        """Tell Odoo, and ask it; with patience when it is away."""
        while not self.stopped.is_set():
            self.store.news.clear()
            try:
                self.reporter.turn()
            except Away as away:
                wait = away.seconds or self.reporter.pause()
                _logger.warning("%s Again in %.1f s.", away, wait)
                self._give_back()
                self.stopped.wait(wait)
            else:
                self.store.news.wait(self.settings.poll_seconds)

    def _give_back(self):
        try:
            self.board.give_back()
        except (OSError, Refusal) as error:
            _logger.warning("%s", error)


def main(arguments=None):
    """Run; return the exit status."""
    arguments = sys.argv[1:] if arguments is None else arguments
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        if len(arguments) > 1:
            raise Unset("Give one argument: the file with the settings.")
        adapter = Adapter(read(*arguments))
    except Unset as unset:
        _logger.error("%s", unset)
        return 2
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, adapter.stop)
    adapter.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
