"""What all nodes share: sessions, files, news over websockets, and nginx's count of who asks too often."""

import base64
import json
import time

import pytest
import websocket

from .world import Refused, wait_until


def test_session_on_both(world):
    """Logged in on one node, known on the other."""
    first, second = world.nodes
    client = world.client("client3", first)
    assert client.at(second.url).call("res.users", "read", [client.user], ["login"])[0]["login"] == "client3"


def test_logout_on_both(world):
    """Logged out on one node, unknown on the other, where the session had been used."""
    first, second = world.nodes
    client = world.client("client3", first)
    cookies = client.session.cookies.copy()
    client.at(second.url).call("res.users", "read", [client.user], ["login"])
    client.at(first.url).post("/web/session/destroy")
    client.session.cookies = cookies
    with pytest.raises(Refused, match="SessionExpired"):
        client.at(second.url).call("res.users", "read", [client.user], ["login"])


def test_file_on_both(world):
    """A file stored by one node is served by the other."""
    first, second = world.nodes
    admin = world.client("admin", first)
    content = b"shared " * 500
    (id_,) = admin.call("ir.attachment", "create", [{"name": "a.txt", "datas": base64.b64encode(content).decode()}])
    # the other node learns of it from the replica
    found = wait_until(lambda: (r := admin.session.get(f"{second.url}/web/content/{id_}")).ok and r, "the file")
    assert found.content == content


def test_news_from_both(world):
    """A supervisor's wall, on whichever node, hears what agents do on either."""
    supervisor = world.client("supervisor")
    cookie = "; ".join(f"{one.name}={one.value}" for one in supervisor.session.cookies)
    address = world.url.replace("http", "ws", 1) + "/websocket"
    connection = websocket.create_connection(address, cookie=cookie, origin=world.url, timeout=60)
    try:
        subscribe = {"event_name": "subscribe", "data": {"channels": [], "last": 0}}
        connection.send(json.dumps(subscribe))
        for node in world.nodes:
            agent = world.client("client4", node)
            for mode in ("available", "offline"):
                agent.call("crm.agent", "desk_set_mode", mode)
                news = json.loads(connection.recv())
                assert "crm_contact_center/changed" in {one["message"]["type"] for one in news}
    finally:
        connection.close()


def test_who_asks_too_often(world):
    """Who floods is held off by nginx, for all nodes and workers together: as often as one process would let them."""
    path = f"{world.url}/crm_contact_center/telephony/{world.facts['key']}/commands"
    client = world.client("client5")
    started = time.monotonic()
    answers = [client.session.post(path, json={}).status_code for _time in range(250)]
    allowed = 100 + 1 + (time.monotonic() - started) * 5
    assert set(answers) == {401, 429}
    assert answers.count(401) <= allowed
