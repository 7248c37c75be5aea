"""What a person sees while the tools work: numbered steps, how far each is, and what to do when one fails."""

import contextlib
import os
import subprocess
import sys
import threading
import time


class StepFailed(Exception):
    """A step can't be done; the message says why and what the person can do about it."""


class Step:
    """One line on the terminal: what is done, how far it is, how it ended."""

    def __init__(self, title):
        # In the environment, so that counting goes on in the tool that bootstrap hands over to.
        number = int(os.environ.get("TOOLS_STEP") or 0) + 1
        os.environ["TOOLS_STEP"] = str(number)
        self.title = f"[{number}] {title}"
        self.note = ""
        self._shown = None
        self._started = time.monotonic()

    def _rewrite(self, text, end=""):
        if sys.stdout.isatty():
            sys.stdout.write(f"\r\033[K{text}{end}")
            sys.stdout.flush()
        elif text != self._shown:
            print(text, flush=True)
        self._shown = text

    def progress(self, text):
        """Show how far the step is, e.g. ``"40 of 123 MB"``."""
        self._rewrite(f"{self.title} … {text}")

    def skip(self, why):
        """Say that there is nothing to do."""
        self.note = why

    def finish(self):
        seconds = time.monotonic() - self._started
        self._rewrite(f"{self.title} ✓ {self.note or f'done in {seconds:.0f} s'}", "\n")


@contextlib.contextmanager
def step(title):
    """Announce a step, yield it for its progress, and say how it ended."""
    current = Step(title)
    if sys.stdout.isatty():
        current.progress("")
    try:
        yield current
    except BaseException as error:
        current._rewrite(f"{current.title} ✗ {type(error).__name__}: {error}", "\n")
        raise
    current.finish()


@contextlib.contextmanager
def watched(current, measure, every=1.0):
    """Show ``measure()`` as the step's progress until the block ends."""
    ended = threading.Event()

    def watch():
        while not ended.wait(every if sys.stdout.isatty() else every * 10):
            current.progress(measure())

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()


def call(command, advice, log, **options):
    """Run a command quietly into ``log``; on failure show its last lines and the advice."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as output:
        done = subprocess.run(
            [str(part) for part in command],
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
            **options,
        )
    if done.returncode:
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
        raise StepFailed(f"{tail}\n\nThis failed: {' '.join(map(str, command[:6]))} …\nWhole output: {log}\n{advice}")


def main(function):
    """Run a tool's main function; a failed step ends it with its message, Ctrl-C without a traceback."""
    try:
        sys.exit(function() or 0)
    except StepFailed as failure:
        print(f"\n{failure}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        print("\nInterrupted.", file=sys.stderr)
        os._exit(130)
