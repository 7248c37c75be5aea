"""What must outlive this process, in one SQLite file: what Odoo hasn't got yet, the calls, the commands carried out."""

import json
import sqlite3
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

TABLES = """
CREATE TABLE IF NOT EXISTS outbox (id INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS refused (id INTEGER PRIMARY KEY, body TEXT NOT NULL, why TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS call (name TEXT PRIMARY KEY, sequence INTEGER NOT NULL, facts TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS command (
    id TEXT PRIMARY KEY, at REAL NOT NULL, error TEXT, ended INTEGER NOT NULL, told INTEGER NOT NULL DEFAULT 0
);
"""
A_DAY = 86_400


class Store:
    """Everything is written before it is acted upon; methods may be called from any thread.

    :param folder: where the file is
    """

    def __init__(self, folder):
        self._lock = threading.RLock()
        self._base = sqlite3.connect(Path(folder) / "adapter.sqlite", check_same_thread=False)
        self._base.executescript(f"PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; {TABLES}")
        #: Set when there is something to tell.
        self.news = threading.Event()

    def _do(self, statement, *arguments):
        with self._lock, self._base:
            return self._base.execute(statement, arguments).fetchall()

    # === CALLS AND THEIR EVENTS === #

    def calls(self):
        """Return the facts of the calls that aren't over."""
        return [json.loads(facts) for (facts,) in self._do("SELECT facts FROM call")]

    def keep(self, name, facts, kind=None, /, **details):
        """Keep a call's facts and, with a kind, put its next event into the outbox: both or neither.

        :param facts: a dict, or None: the call is over
        """
        with self._lock, self._base:
            row = self._base.execute("SELECT sequence FROM call WHERE name = ?", [name]).fetchone()
            sequence = (row[0] if row else 0) + bool(kind)
            if kind:
                event = {"event_id": f"{name}-{sequence}", "call_id": name, "sequence": sequence, "kind": kind}
                event |= {"at": datetime.now(UTC).isoformat(timespec="milliseconds"), **details}
                self._base.execute("INSERT INTO outbox (body) VALUES (?)", [json.dumps(event)])
            if facts is None:
                self._base.execute("DELETE FROM call WHERE name = ?", [name])
            else:
                self._base.execute("REPLACE INTO call VALUES (?, ?, ?)", [name, sequence, json.dumps(facts)])
        if kind:
            self.news.set()

    # === OUTBOX === #

    def waiting(self, most=100):
        """Return what is to be told next: (id, event) in order."""
        rows = self._do("SELECT id, body FROM outbox ORDER BY id LIMIT ?", most)
        return [(number, json.loads(body)) for number, body in rows]

    def told(self, ids):
        """Forget events that Odoo has."""
        with self._lock, self._base:
            self._base.executemany("DELETE FROM outbox WHERE id = ?", [(number,) for number in ids])

    def refuse(self, number, why):
        """Put aside an event that Odoo will never take, so that those after it are told."""
        with self._lock, self._base:
            self._base.execute("INSERT INTO refused SELECT id, body, ? FROM outbox WHERE id = ?", [why[:500], number])
            self._base.execute("DELETE FROM outbox WHERE id = ?", [number])

    def refused(self):
        """Return how many events were put aside."""
        return self._do("SELECT count(*) FROM refused")[0][0]

    # === COMMANDS === #

    def begin(self, command):
        """Note that a command is being carried out; return whether it is new: no command is carried out twice."""
        with self._lock, self._base:
            self._base.execute("DELETE FROM command WHERE told AND at < ?", [time.time() - A_DAY])
            cursor = self._base.execute(
                "INSERT OR IGNORE INTO command (id, at, ended) VALUES (?, ?, 0)", [command, time.time()]
            )
            return bool(cursor.rowcount)

    def forget(self, command):
        """Let a command be tried again when it is handed out again."""
        self._do("DELETE FROM command WHERE id = ? AND NOT ended", command)

    def end(self, command, error=None):
        """Note what became of a command; only the first time counts."""
        self._do("UPDATE command SET ended = 1, error = ? WHERE id = ? AND NOT ended", error, command)
        self.news.set()

    def results(self):
        """Return what Odoo hasn't heard of: command → error or None."""
        return dict(self._do("SELECT id, error FROM command WHERE ended AND NOT told"))

    def reported(self, commands):
        """Note that Odoo has heard of these commands' results."""
        with self._lock, self._base:
            self._base.executemany("UPDATE command SET told = 1 WHERE id = ?", [(command,) for command in commands])

    def unfinished(self):
        """Return the commands that had been begun, not ended."""
        return [command for (command,) in self._do("SELECT id FROM command WHERE NOT ended")]
