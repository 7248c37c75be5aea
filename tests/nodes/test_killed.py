"""Eight clients write and read through nginx while a node is killed and comes back."""

import statistics
import threading
import time
from collections import Counter

import pytest

from .world import CLIENTS, FIGURES, Refused, Unanswered, wait_until

#: How many acknowledged writes each stage has at least.
STAGE = 150
#: Seconds after the kill within which requests may fail: those that the node had, and new ones until nginx knows.
MOMENT = 10


class Load:
    """What the clients did: each writes contacts with customers, one after the other, and looks for the last one."""

    def __init__(self, world):
        self.world = world
        self.tried, self.acknowledged, self.errors, self.took = [], [], [], []
        self.behind = self.reads = 0
        self._ending = threading.Event()
        self._threads = [threading.Thread(target=self._work, args=(number,)) for number in range(CLIENTS)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_error):
        self._ending.set()
        for thread in self._threads:
            thread.join()

    def _work(self, number):
        client = self.world.client(f"client{number}")
        count = 0
        while not self._ending.is_set():
            count += 1
            self._guarded(self._write, client, f"load {number}-{count}")
            self._guarded(self._read, client, f"load {number}-{count}")

    def _guarded(self, step, client, key):
        """Do one request; note it where it fails, and try nothing twice."""
        started = time.monotonic()
        try:
            step(client, key)
        except (Unanswered, Refused) as error:
            self.errors.append((time.monotonic(), step.__name__, repr(error)))
        else:
            self.took.append(time.monotonic() - started)

    def _write(self, client, key):
        self.tried.append(key)
        values = {"caller_name": key, "branch_id": self.world.facts["branch"]}
        (id_,) = client.call("crm.interaction", "create", [values])
        self.acknowledged.append((time.monotonic(), key, id_))

    def _read(self, client, key):
        found = client.call("crm.interaction", "web_search_read", [["caller_name", "=", key]], {"caller_name": {}})
        self.reads += 1
        written = key in {done for _at, done, _id in self.acknowledged[-CLIENTS * 4 :]}
        self.behind += bool(written and not found["length"])

    def until(self, more):
        """Wait for so many more acknowledged writes; return requests per second meanwhile."""
        started, count = time.monotonic(), len(self.took)
        goal = len(self.acknowledged) + more
        wait_until(lambda: len(self.acknowledged) >= goal, f"{more} more writes; errors: {self.errors[-5:]}")
        return (len(self.took) - count) / (time.monotonic() - started)


def kill_under_load(world):
    """Run the load through its stages; return it with the moments and rates."""
    victim = world.nodes[0]
    with Load(world) as load:
        load.until(STAGE // 3)  # everybody is warm
        lags = [world.replica.lag() for _time in range(50)]
        load.rates = [load.until(STAGE)]
        load.killed = time.monotonic()
        victim.kill()
        try:
            load.rates.append(load.until(STAGE))
        finally:
            victim.start()
            victim.wait()
        load.back = time.monotonic()
        _served, lines = world.served(victim)
        wait_until(lambda: world.served(victim, lines)[0] >= 20, "the node that came back works")
        load.rates.append(load.until(STAGE))
    load.lags = sorted(lags)
    return load


@pytest.fixture(scope="module")
def load(world):
    load = kill_under_load(world)
    quantile = load.lags[int(len(load.lags) * 0.95)]
    again = max((at for at, *_rest in load.errors), default=load.killed) - load.killed
    FIGURES.extend(
        (
            f"{len(load.acknowledged)} writes acknowledged, {load.reads} reads, {load.behind} of them a moment behind,"
            f" {statistics.median(load.took) * 1000:.0f} ms median",
            f"requests/s: {load.rates[0]:.0f} two nodes, {load.rates[1]:.0f} one, {load.rates[2]:.0f} two again",
            f"{len(load.errors)} errors, the last {again:.2f} s after the kill;"
            f" the node was back after {load.back - load.killed:.1f} s",
            f"replica behind by {statistics.median(load.lags) * 1000:.1f} ms median, {quantile * 1000:.1f} ms p95",
            *(f"{count} × {error}" for error, count in Counter(error for *_at, error in load.errors).items()),
        )
    )
    return load


def test_no_write_is_lost(load, world):
    """What was answered is there, once; what wasn't answered is there once or not at all."""
    rows = world.execute("SELECT caller_name, id FROM crm_interaction WHERE caller_name LIKE 'load %%'")
    found = Counter(key for key, _id in rows)
    assert {key: id_ for _at, key, id_ in load.acknowledged}.items() <= dict(rows).items()
    assert found.keys() <= set(load.tried)
    assert set(found.values()) == {1}


def test_errors_only_at_the_kill(load):
    """One request of each client at most, when the node falls; later only the other node is asked."""
    assert len(load.errors) <= CLIENTS, load.errors
    assert all(0 <= at - load.killed < MOMENT for at, *_rest in load.errors), load.errors


def test_nobody_is_logged_out(load):
    """A session is everybody's: no client had to log in again, and Odoo refused nothing."""
    assert not [error for *_rest, error in load.errors if "Refused" in error]


def test_replica_has_it_all(load, world):
    """What was written is on the replica, too."""
    query = "SELECT count(*), max(id) FROM crm_interaction WHERE caller_name LIKE 'load %%'"
    world.replica.lag()
    assert world.on_replica(query) == world.execute(query)
