"""What only reads is asked of the replica, all else of the primary; and of the primary while there is no replica."""

import contextlib

import pytest
import requests

from .world import wait_until

KEY = "behind the glass"


@contextlib.contextmanager
def still(world):
    """Let the replica stay as it is until the block ends: who doesn't see what is written meanwhile reads from it."""
    world.replica.lag()
    world.on_replica("SELECT pg_wal_replay_pause()")
    wait_until(lambda: world.on_replica("SELECT pg_get_wal_replay_pause_state() = 'paused'")[0][0], "the pause")
    try:
        yield
    finally:
        world.on_replica("SELECT pg_wal_replay_resume()")
        world.replica.lag()


#: What is asked → whether a new contact with a customer, customer, purpose or queue is seen.
READ = {
    "web_search_read": lambda ask, _id: ask("crm.interaction", "web_search_read", [["caller_name", "=", KEY]], {})[
        "length"
    ],
    "web_read": lambda ask, id_: ask("crm.interaction", "web_read", [id_], {"caller_name": {}}),
    "search_read": lambda ask, _id: ask("crm.interaction", "search_read", [["caller_name", "=", KEY]], ["caller_name"]),
    "search_count": lambda ask, _id: ask("crm.interaction", "search_count", [["caller_name", "=", KEY]]),
    "name_search": lambda ask, _id: ask("crm.interaction", "name_search", KEY),
    "formatted_read_group": lambda ask, _id: ask(
        "crm.interaction", "formatted_read_group", [["caller_name", "=", KEY]], ["caller_name"], ["__count"]
    ),
    "web_read_group": lambda ask, _id: ask(
        "crm.interaction", "web_read_group", [["caller_name", "=", KEY]], ["caller_name"]
    )["groups"],
    "desk_find": lambda ask, _id: ask("res.partner", "desk_find", KEY),
    "desk_choices": lambda ask, _id: [one for one in ask("crm.agent", "desk_choices")["purposes"] if one[1] == KEY],
    "wall": lambda ask, _id: [one for one in ask("crm.queue", "wall")["queues"] if one["name"] == KEY],
}


def asked(method, client, id_):
    """Return whether the method sees what is new; a record that isn't there yet is none."""
    model_error = "odoo.exceptions.MissingError"
    try:
        return bool(READ[method](client.call, id_))
    except Exception as error:
        if model_error not in error.args:
            raise
        return False


@pytest.fixture(scope="module")
def seen(world):
    """Which methods saw what was written while the replica stood still, and which afterwards."""
    client, admin = world.client("client0"), world.client("admin")
    supervisor = world.client("supervisor")
    asker = {"wall": supervisor}
    branch = world.facts["branch"]
    for method in READ:  # the devices are known, the caches full
        asked(method, asker.get(method, client), 0)
    with still(world):
        (id_,) = client.call("crm.interaction", "create", [{"caller_name": KEY, "branch_id": branch}])
        admin.call("res.partner", "create", [{"name": KEY}])
        admin.call("crm.interaction.purpose", "create", [{"name": KEY}])
        admin.call("crm.queue", "create", [{"name": KEY, "code": "GLASS", "branch_id": branch}])
        meanwhile = {method: asked(method, asker.get(method, client), id_) for method in READ}
        meanwhile["desk_state"] = client.call("crm.agent", "desk_set_mode", "available")["mode"] == "available"
        meanwhile["desk_state"] &= client.call("crm.agent", "desk_state")["mode"] == "available"
    return meanwhile, {method: asked(method, asker.get(method, client), id_) for method in READ}


@pytest.mark.parametrize("method", READ)
def test_read_from_replica(seen, method):
    """The web client's reading methods and those of our screens: not seen while the replica stands still, then seen."""
    meanwhile, afterwards = seen
    assert (meanwhile[method], afterwards[method]) == (False, True)


def test_desk_is_up_to_date(seen):
    """The desk writes a sign of life and shows what was just pushed to it: it asks the primary."""
    assert seen[0]["desk_state"]


def test_nothing_wrote_by_surprise(seen, world):
    """What is marked as reading reads: nothing had to be done twice, on the replica and then on the primary."""
    assert seen
    assert not world.wrote_by_surprise()


def test_write_marked_as_reading(world):
    """Something says that it reads, and writes: the replica refuses, the primary does it, once."""
    client = world.client("client1")
    assert client.session.get(f"{world.url}/nodes_probe", timeout=60).text == "written"
    assert world.execute("SELECT count(*) FROM nodes_run WHERE job = -1") == [(1,)]
    assert world.wrote_by_surprise() == 1


def test_styles_are_there_at_once(world):
    """The styles are made when they are first asked for, and are there at once, however far behind the replica is."""
    world.execute("DELETE FROM ir_attachment WHERE url LIKE '/web/assets/%%'")
    page = requests.get(f"{world.url}/web/login", timeout=120)
    path = next(part for part in page.text.split('"') if part.startswith("/web/assets/") and part.endswith(".css"))
    with still(world):
        styles = requests.get(world.url + path, timeout=120)
    assert styles.ok
    assert styles.headers["Content-Type"].startswith("text/css")


def test_without_replica(world):
    """The replica stops: all goes on, by the primary. It starts again and catches up; who starts reads from it."""
    client = world.client("client2")
    branch = world.facts["branch"]
    world.replica.stop()
    for number in range(30):
        values = {"caller_name": f"alone {number}", "branch_id": branch}
        client.call("crm.interaction", "create", [values])
        found = client.call("crm.interaction", "search_count", [["caller_name", "=", f"alone {number}"]])
        assert found == 1
    world.replica.start()
    world.replica.lag()
    query = "SELECT count(*) FROM crm_interaction WHERE caller_name LIKE 'alone %%'"
    assert world.on_replica(query) == world.execute(query) == [(30,)]
    assert world.execute("SELECT active, wal_status FROM pg_replication_slots") == [(True, "reserved")]
    node = world.nodes[1]
    world.restart(node)
    client.at(node.url).call("crm.interaction", "search_count", [])
    readers = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND application_name LIKE 'node2-%%'"
    assert world.on_replica(readers, world.name)[0][0]
