"""Scheduled actions, with a cron worker on each node: each due run once, also where a node is killed in its middle."""

import contextlib

import pytest

from tools import postgres

from .world import FIGURES, wait_until

#: The lock that the jobs wait for: whoever has it decides when they go on.
LOCK = 190211
WAITING = """
SELECT application_name
  FROM pg_stat_activity
 WHERE datname = current_database() AND wait_event_type = 'Lock' AND application_name LIKE 'node%%'
"""


def waiting(world):
    """Return who is in the middle of a job."""
    return {who for (who,) in world.execute(WAITING)}


def poke(world):
    """Wake the cron workers, as Odoo does where something is due at once; else each looks once a minute."""
    postgres.execute("postgres", "SELECT pg_notify('cron_trigger', %s)", world.name)


def make_due(world, jobs):
    """Let the jobs be due now: to the second, as Odoo has it (a fraction of one would be due again, and run again)."""
    world.execute(
        """UPDATE ir_cron
              SET active = true, nextcall = date_trunc('second', now() AT TIME ZONE 'utc')
            WHERE id = ANY(%s)""",
        jobs,
    )
    poke(world)


def ran(world):
    """Return who ran which job, in order."""
    return world.execute("SELECT job, who FROM nodes_run ORDER BY job")


def begun(world):
    return sorted(
        int(message.removeprefix("begun "))
        for (message,) in world.execute("SELECT message FROM ir_logging WHERE message LIKE 'begun %%'")
    )


@contextlib.contextmanager
def held(world):
    """Let jobs begin and not end until the block does."""
    with contextlib.closing(postgres.connect(world.name)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        yield


def clear(world):
    world.execute("TRUNCATE nodes_run")
    world.execute("DELETE FROM ir_logging")


def test_each_once(world):
    """Twenty due jobs, two rounds: both nodes work at once, and each run is begun once and done once."""
    clear(world)
    jobs = world.facts["jobs"]
    for round_ in (1, 2):
        with held(world):
            make_due(world, jobs)
            who = wait_until(lambda: (found := waiting(world)) and len(found) == 2 and found, "both nodes in a job")
            assert {world.node_of(one).number for one in who} == {1, 2}
        wait_until(lambda done=20 * round_: len(ran(world)) >= done, "all jobs done")
    wait_until(lambda: not world.execute(f"{WAITING} AND query LIKE '%%nodes_run%%'"), "nobody is at it")
    assert [job for job, _who in ran(world)] == sorted([*range(20), *range(20)])
    assert begun(world) == sorted([*range(20), *range(20)])
    shares = [sum(who.startswith(f"node{number}-") for _job, who in ran(world)) for number in (1, 2)]
    FIGURES.append(f"of 40 runs of scheduled actions node 1 did {shares[0]}, node 2 {shares[1]}")
    assert all(shares)


@pytest.fixture
def victims(world):
    """Nodes to bring back."""
    victims = []
    yield victims
    for victim in victims:
        victim.start()
        victim.wait()


def test_killed_in_the_middle(world, victims):
    """The node that works on a job is killed: the other does it, and it is done once."""
    clear(world)
    with held(world):
        make_due(world, world.facts["jobs"][:1])
        (who,) = wait_until(lambda: waiting(world), "somebody in the job")
        victims.append(world.node_of(who))
        victims[0].kill()
        # its transaction ends, though it still waits for a lock: the server looks after its client
        wait_until(lambda: who not in waiting(world), "the killed node's transaction ends")
    poke(world)
    ((job, heir),) = wait_until(lambda: ran(world), "the other node does it")
    assert job == 0
    assert world.node_of(heir) != victims[0]
    assert begun(world) == [0, 0]
