"""CC-1: the adapter between Asterisk and Odoo, without either."""

import ast
import http.server
import json
import subprocess
import threading
from dataclasses import replace

import pytest
from asterisk import reporter, settings
from asterisk.reporter import Away, Reporter
from asterisk.store import Store
from asterisk.switchboard import Switchboard

from tools.paths import ADDONS, PYTHON

from .fake_ari import FakeAri

ADDRESS = {"odoo_address": "http://127.0.0.1:9", "odoo_secret": "s3cret", "ari_user": "u", "ari_password": "p"}


@pytest.fixture
def options(tmp_path):
    return settings.Settings(**ADDRESS, folder=str(tmp_path), outside_endpoint="PJSIP/{digits}@trunk", caller_id="1500")


@pytest.fixture
def ari():
    return FakeAri()


@pytest.fixture
def board(ari, options):
    return Switchboard(ari, Store(options.folder), options)


def _told(board):
    """Return what Odoo would be told: (kind, what else)."""
    kept = ("event_id", "call_id", "sequence", "kind", "at")
    return [
        (event["kind"], {key: value for key, value in event.items() if key not in kept})
        for _number, event in board.store.waiting()
    ]


def _kinds(board):
    return [kind for kind, _details in _told(board)]


def _command(board, kind, call="", extension="", uid="x", **more):
    board.carry_out({"id": uid, "kind": kind, "call_id": call, "extension": extension, **more})


def _ring(board, call, extension="201", uid="r1"):
    """Let the agent's telephone ring; return its channel's name."""
    _command(board, "ring", call, extension, uid, seconds=20)
    return board.calls[call].agent


# === CALLS === #


def test_story(board, ari):
    """CC-1: rings, waits with music, rings at the agent, talk, end; events numbered by call."""
    ari.words["170.1"] = "my screen is broken"
    call = ari.call(board, "TQA")
    assert ari.done == [("answer", call), ("moh", call)]
    agent = _ring(board, call)
    assert ari.done[-1] == ("originate", "PJSIP/201", "agent", "+6281234567890")
    ari.pick_up(board, agent)
    assert ari.done[-2:] == [("stop moh", call), ("connect", call, agent)]
    ari.hang_up(board, call)
    assert ("drop", agent) in ari.done
    assert _told(board) == [
        (
            "ringing",
            {
                "number": "+6281234567890",
                "name": "Budi",
                "called": "1500",
                "queue": "TQA",
                "words": "my screen is broken",
            },
        ),
        ("answered", {"extension": "201"}),
        ("ended", {}),
    ]
    assert [event["sequence"] for _number, event in board.store.waiting()] == [1, 2, 3]
    assert not board.calls
    assert not board.store.calls()
    assert board.store.results() == {"r1": None}


def test_waiting_with_ringing(board, ari, options):
    """CC-1: callers may wait unanswered: they pay from when an agent answers."""
    board.settings = replace(options, waiting="ringing")
    call = ari.call(board)
    ari.pick_up(board, _ring(board, call))
    assert [what for what, *_rest in ari.done] == ["ring", "originate", "answer", "connect"]


def test_agent_hangs_up(board, ari):
    """CC-1: the call is over for the customer, too."""
    call = ari.call(board)
    agent = _ring(board, call)
    ari.pick_up(board, agent)
    ari.hang_up(board, agent)
    assert _kinds(board) == ["ringing", "answered", "ended"]
    assert ("drop", call) in ari.done


def test_gives_up(board, ari):
    """CC-10: who hangs up while it rings at the agent lets that telephone stop, too."""
    call = ari.call(board)
    agent = _ring(board, call)
    ari.hang_up(board, call)
    assert _kinds(board) == ["ringing", "ended"]
    assert ("drop", agent) in ari.done


def test_not_answered(board, ari):
    """CC-1: the agent's telephone isn't answered, or can't be reached: Odoo is told, and the next one rings."""
    call = ari.call(board)
    ari.hang_up(board, _ring(board, call))
    ari.unreachable.add("PJSIP/202")
    _command(board, "ring", call, "202", "r2")
    _command(board, "ring", call, "2&PJSIP/3", "r3")
    assert _told(board)[1:] == [("missed", {"extension": e}) for e in ("201", "202", "2&PJSIP/3")]
    assert not any("2&PJSIP/3" in entry for entry in ari.done)
    ari.pick_up(board, _ring(board, call, "203", "r4"))
    assert _told(board)[-1] == ("answered", {"extension": "203"})


def test_taken_back(board, ari):
    """CC-1: Odoo takes the offer back; who picks up in that moment hears that it is gone, not the customer twice."""
    call = ari.call(board)
    agent = _ring(board, call)
    late = dict(ari.alive[agent])
    _command(board, "unring", call, "201")
    assert ("drop", agent) in ari.done
    board.hear({"type": "StasisStart", "channel": late, "args": ["agent", call]})
    assert _kinds(board) == ["ringing"]


def test_taken_back_too_late(board, ari):
    """CC-1: who has answered keeps the call: neither an old order to stop, nor one to ring elsewhere, breaks it."""
    call = ari.call(board)
    agent = _ring(board, call)
    ari.pick_up(board, agent)
    _command(board, "unring", call, "201", "u")
    _command(board, "ring", call, "202", "r2")
    assert agent in ari.alive
    assert board.store.results() == {"r1": None, "u": None, "r2": None}


def test_transfer_from_the_desk(board, ari):
    """CC-1: the caller waits again with music, the agent is free, the other's telephone rings."""
    call = ari.call(board)
    first = _ring(board, call)
    ari.pick_up(board, first)
    _command(board, "hold", call)
    assert first not in ari.alive
    assert ari.done[-1] == ("moh", call)
    second = _ring(board, call, "202", "r2")
    ari.pick_up(board, second)
    ari.hang_up(board, second)
    assert _kinds(board) == ["ringing", "answered", "answered", "ended"]


def test_transfer_from_the_telephone(board, ari):
    """CC-1: the agent's telephone hands the customer on, as Asterisk tells it: the customer waits for the other."""
    call = ari.call(board)
    agent = _ring(board, call)
    ari.pick_up(board, agent)
    for stand_in in ("l1", "l2"):
        ari.alive[stand_in] = {"id": stand_in, "caller": {}, "dialplan": {}}
    board.hear({"type": "StasisStart", "channel": ari.alive["l1"], "args": [], "replace_channel": {"id": agent}})
    blind = {"type": "BridgeBlindTransfer", "channel": {"id": agent}, "exten": "202", "replace_channel": {"id": "l1"}}
    board.hear({**blind, "result": "Success"})
    assert _told(board)[-1] == ("transferred", {"extension": "202"})
    assert not {agent, "l1"} & set(ari.alive)
    board.hear({**blind, "result": "Success"})
    board.hear({"type": "StasisEnd", "channel": {"id": agent}})
    ari.pick_up(board, _ring(board, call, "202", "r2"))
    assert _kinds(board) == ["ringing", "answered", "transferred", "answered"]


def test_failed_transfer(board, ari):
    """CC-1: one that doesn't succeed, or of somebody else's call, leaves the talk alone."""
    call = ari.call(board)
    agent = _ring(board, call)
    ari.pick_up(board, agent)
    board.hear({"type": "BridgeBlindTransfer", "channel": {"id": agent}, "exten": "2", "result": "Invalid"})
    board.hear({"type": "BridgeBlindTransfer", "channel": {"id": "other"}, "exten": "2", "result": "Success"})
    assert _kinds(board) == ["ringing", "answered"]
    assert agent in ari.alive


def test_transfer_outside(board, ari, options):
    """CC-1: to a number outside, by the dialplan; without a context for it that is said."""
    call = ari.call(board)
    _command(board, "transfer", call, uid="t1", number="+622155555")
    assert "transfer_context" in board.store.results()["t1"]
    board.settings = replace(options, transfer_context="outside")
    _command(board, "transfer", call, uid="t2", number="112; x")
    _command(board, "transfer", call, uid="t3", number="+622155555")
    assert ("continue", call, "outside", "+622155555", 1) in ari.done
    assert _kinds(board) == ["ringing", "ended"]


def test_words_later(board, ari):
    """CC-2g: what the recogniser hears while the caller waits; other variables are nobody's business."""
    call = ari.call(board)
    for variable, value in (("OTHER", "x"), ("CALLER_WORDS", "refund"), ("CALLER_WORDS", "")):
        board.hear({"type": "ChannelVarset", "channel": ari.alive[call], "variable": variable, "value": value})
    board.hear({"type": "ChannelVarset", "variable": "CALLER_WORDS", "value": "global"})
    assert _told(board)[1:] == [("words", {"words": "refund"})]


@pytest.mark.parametrize("sound", ["", "sound:vm-goodbye"])
def test_closed(board, ari, options, sound):
    """CC-2c: who calls when we are closed hears it, and is hung up."""
    board.settings = replace(options, farewell=sound)
    call = ari.call(board)
    _command(board, "farewell", call)
    if sound:
        assert ari.done[-1] == ("play", call, sound)
        board.hear({"type": "PlaybackFinished", "playback": {"target_uri": f"channel:{call}"}})
    assert call not in ari.alive
    assert _kinds(board) == ["ringing", "ended"]


def test_hang_up(board, ari):
    """CC-1: from the desk; what is gone already is said."""
    call = ari.call(board)
    agent = _ring(board, call)
    ari.pick_up(board, agent)
    _command(board, "hangup", call, uid="h1")
    assert not ari.alive
    for number, kind in enumerate(("hangup", "ring", "hold", "farewell", "transfer")):
        _command(board, kind, call, "201", f"gone{number}")
    assert {error for uid, error in board.store.results().items() if uid.startswith("gone")} == {
        "There is no such call."
    }
    assert _kinds(board) == ["ringing", "answered", "ended"]


def test_strange_events(board, ari):
    """CC-1: what isn't ours, or isn't known, changes nothing."""
    for event in ({}, {"type": "Unheard"}, {"type": "ChannelDestroyed", "channel": {"id": "other"}}):
        board.hear(event)
    board.hear({"type": "StasisStart", "channel": {"id": "z"}, "args": ["agent", "nobody"]})
    _command(board, "explode", uid="e")
    assert not _told(board)
    assert "too old" in board.store.results()["e"]


def test_any_caller(board, ari):
    """CC-1: callers show what they like: it is passed on, in bounds."""
    ari.call(board, number="anonymous", name="x" * 1000, called="")
    (_kind, details) = _told(board)[0]
    assert (details["number"], len(details["name"])) == ("anonymous", 128)


# === CALLS THAT AGENTS DIAL === #


def _dial(board, number="+6281111111", extension="201", uid="d1"):
    _command(board, "dial", "", extension, uid, number=number)
    return board.calls.get(uid)


def test_dial(board, ari):
    """CC-1: the agent's telephone rings first, then the customer's; Odoo hears how it went."""
    call = _dial(board)
    assert ari.done == [("originate", "PJSIP/201", "dialling", "+6281111111")]
    ari.pick_up(board, call.agent)
    assert ari.done[-1] == ("originate", "PJSIP/6281111111@trunk", "dialled", "1500")
    assert board.store.results() == {}
    ari.pick_up(board, call.customer)
    assert board.store.results() == {"d1": None}
    ari.hang_up(board, call.customer)
    assert _told(board) == [
        ("ringing", {"extension": "201", "number": "+6281111111"}),
        ("answered", {"extension": "201"}),
        ("ended", {}),
    ]


def test_dial_without_success(board, ari):
    """CC-1: neither the agent nor the customer has to answer; both telephones are free then."""
    ari.hang_up(board, _dial(board, uid="d1").agent)
    call = _dial(board, uid="d2")
    ari.pick_up(board, call.agent)
    agent = call.agent
    ari.hang_up(board, call.customer)
    assert agent not in ari.alive
    ari.unreachable.add("PJSIP/201")
    _dial(board, uid="d3")
    assert all(board.store.results()[uid] for uid in ("d1", "d2", "d3"))
    assert _kinds(board) == ["ringing", "ended"]
    assert not board.calls


@pytest.mark.parametrize(
    "number", ["", "112", "+12", "+62811@evil", "+6281111111&PJSIP/9", "+" + "1" * 40, "+٦٢٨١١١١١١١"]
)
def test_dial_nonsense(board, ari, number):
    """CC-1: what is no number isn't dialled."""
    _dial(board, number)
    assert board.store.results()["d1"]
    assert not ari.done


def test_dial_in_use(board, ari, options):
    """CC-1: a telephone dials once at a time; without a way outside that is said."""
    _dial(board, uid="d1")
    _dial(board, uid="d2")
    assert board.store.results() == {"d2": "The telephone is in use."}
    board.settings = replace(options, outside_endpoint="")
    _dial(board, extension="202", uid="d3")
    assert "outside_endpoint" in board.store.results()["d3"]


def test_dial_once(board, ari):
    """CC-1: a command that is handed out twice is carried out once, also after a restart."""
    _dial(board)
    _dial(board)
    again = Switchboard(ari, Store(board.settings.folder), board.settings)
    _dial(again)
    assert len(ari.done) == 1


# === WHEN SOMETHING IS AWAY === #


def test_restart(board, ari, options):
    """CC-1: after a restart the calls are known, their events go on being counted, and what ended meanwhile is told."""
    talking, waiting = ari.call(board), ari.call(board)
    agent = _ring(board, talking)
    ari.pick_up(board, agent)
    del ari.alive[waiting]
    again = Switchboard(ari, Store(options.folder), options)
    new = ari.call(Switchboard(ari, Store(options.folder), options), channel="170.9")
    again.reconcile()
    assert set(again.calls) == {talking, new}
    ari.hang_up(again, talking)
    events = [event for _number, event in again.store.waiting() if event["call_id"] == talking]
    assert [(event["sequence"], event["kind"]) for event in events] == [(1, "ringing"), (2, "answered"), (3, "ended")]


def test_calls_that_came_meanwhile(board, ari):
    """CC-1: who called while the stream was broken is taken; our own channels that nobody knows are hung up."""
    ari.alive["170.5"] = {"id": "170.5", "caller": {"number": "17"}, "dialplan": {"app_data": "odoo,TQA"}}
    ari.alive["lost"] = {"id": "lost", "caller": {}, "dialplan": {"app_data": "odoo,agent,170.1"}}
    board.reconcile()
    assert _told(board) == [("ringing", {"number": "17", "queue": "TQA"})]
    assert set(ari.alive) == {"170.5"}


def test_asterisk_away(board, ari):
    """CC-1: an order that couldn't be carried out is carried out when it is handed out again."""
    call = ari.call(board)
    ari.away = True
    _command(board, "ring", call, "201", "r1")
    assert board.store.results() == {}
    ari.away = False
    ari.pick_up(board, _ring(board, call, uid="r1"))
    assert _kinds(board) == ["ringing", "answered"]


def test_begun_and_killed(board, ari, options):
    """CC-1: killed between noting an order and carrying it out: the next process carries it out."""
    call = ari.call(board)
    board.store.begin("r1")
    again = Switchboard(ari, Store(options.folder), options)
    assert _ring(again, call, uid="r1") in ari.alive


def test_given_back(board, ari, options):
    """CC-1: while Odoo is away callers don't hear music for ever: they go on in the dialplan."""
    call, other = ari.call(board), ari.call(board)
    board.calls[call].since -= options.fallback_seconds + 1
    board.give_back()
    assert ("continue", call) in ari.done
    assert set(board.calls) == {other}
    assert _kinds(board) == ["ringing", "ringing", "ended"]


# === TALKING WITH ODOO === #


class Odoo(http.server.BaseHTTPRequestHandler):
    """Odoo's door, as strict as it is; what it shall answer is told beforehand."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        signed = reporter.signature("s3cret", self.headers["X-Timestamp"], body) == self.headers["X-Signature"]
        status, answer = self.server.answer(self.path, json.loads(body)) if signed else (401, {})
        self.send_response(status)
        self.send_header("Retry-After", "7")
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, *_arguments):
        pass


@pytest.fixture
def odoo():
    """A server whose ``answer(path, content)`` can be replaced; it keeps all events it was told."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Odoo)
    server.events, server.done, server.commands = [], {}, []

    def answer(path, content):
        if path.endswith("/events"):
            server.events += content
            return 200, {"kept": len(content)}
        server.done |= content["done"]
        return 200, {"commands": [server.commands.pop(0)] if server.commands else []}

    server.answer = server.friendly = answer
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def talk(board, odoo, options):
    address = f"http://127.0.0.1:{odoo.server_port}/crm_contact_center/telephony/key"
    return Reporter(board.store, replace(options, odoo_address=address), board.carry_out)


def test_conversation(board, ari, odoo, talk):
    """CC-1: events are told in order, then commands asked for and carried out, then their results told."""
    call = ari.call(board)
    odoo.commands = [{"id": "r1", "kind": "ring", "call_id": call, "extension": "201", "seconds": 20}]
    talk.turn()
    assert [event["kind"] for event in odoo.events] == ["ringing"]
    assert board.calls[call].state == "ringing"
    talk.turn()
    assert odoo.done == {"r1": None}
    odoo.done = {}
    talk.turn()
    assert (odoo.done, board.store.waiting()) == ({}, [])


def test_odoo_away(board, ari, odoo, talk):
    """CC-1: nothing is lost while Odoo is away, however it is away; the wait between tries grows, to a minute."""
    ari.call(board)
    odoo.shutdown()
    for answer in ((500, {}), (401, {}), (404, {}), (502, {}), (429, {})):
        threading.Thread(target=odoo.serve_forever, args=(0.01,), daemon=True).start()
        odoo.answer = lambda *_request, answer=answer: answer
        with pytest.raises(Away) as away:
            talk.turn()
        assert away.value.seconds == (7 if answer[0] == 429 else 0)
        odoo.shutdown()
    assert [talk.pause() for _failure in range(8)] == [1, 2, 4, 8, 16, 32, 32, 32]
    assert len(board.store.waiting()) == 1
    threading.Thread(target=odoo.serve_forever, args=(0.01,), daemon=True).start()
    odoo.answer = odoo.friendly
    talk.turn()
    assert (len(odoo.events), talk.failures) == (1, 0)


def test_no_server(board, ari, options):
    """CC-1: nobody listens there."""
    ari.call(board)
    with pytest.raises(Away):
        Reporter(board.store, options, board.carry_out).turn()
    assert len(board.store.waiting()) == 1


def test_poison(board, ari, odoo, talk):
    """CC-1: an event that Odoo never takes is put aside; those before and after it are told."""
    for number in range(9):
        ari.call(board, number=str(number))

    def strict(path, content):
        if path.endswith("/events") and any(event.get("number") == "5" for event in content):
            return 400, {"error": "number"}
        return odoo.friendly(path, content)

    odoo.answer = strict
    talk.turn()
    assert [event["number"] for event in odoo.events] == list("01234678")
    assert (board.store.refused(), board.store.waiting()) == (1, [])


def test_many(board, odoo, talk, monkeypatch):
    """CC-1: a day without Odoo: 10,000 events, told in lists, in order."""
    for number in range(10_000):
        board.store._base.execute("INSERT INTO outbox (body) VALUES (?)", [json.dumps({"event_id": str(number)})])
    board.store._base.commit()
    monkeypatch.setattr(talk, "_keep_pace", lambda: None)
    talk.turn()
    assert [event["event_id"] for event in odoo.events] == [str(number) for number in range(10_000)]


def test_same_signature():
    """CC-1: the addon's and the adapter's are the same, though neither imports the other."""
    tree = ast.parse((ADDONS / "crm_contact_center/telephony.py").read_text())
    theirs = next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "signature")
    ours = ast.parse((ADDONS / "crm_contact_center/asterisk/reporter.py").read_text())
    mine = next(node for node in ours.body if isinstance(node, ast.FunctionDef) and node.name == "signature")
    assert [ast.dump(statement) for statement in theirs.body[1:]] == [ast.dump(node) for node in mine.body[1:]]


# === SETTINGS === #


def test_settings(tmp_path):
    """CC-1: from a file; the environment wins; nothing has to be on a command line."""
    file = tmp_path / "asterisk.ini"
    file.write_text("[adapter]\nodoo_secret = a%b\nari_user = u\nari_password = p\nfallback_seconds = 5\n")
    environment = {"ODOO_ASTERISK_FILE": str(file), "ODOO_ASTERISK_ODOO_ADDRESS": "https://x/y"}
    found = settings.read(environment=environment)
    assert (found.odoo_secret, found.odoo_address, found.fallback_seconds) == ("a%b", "https://x/y", 5)


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("", "odoo_address"),
        ("odoo_address = ftp://x", "http"),
        ("odoo_address = http://x\nwaiting = silence", "waiting"),
        ("odoo_address = http://x\npoll_seconds = often", "poll_seconds"),
        ("odoo_address = http://x\ncolour = red", "colour"),
        ("odoo_address = http://x\nfolder = /nowhere", "folder"),
    ],
)
def test_bad_settings(tmp_path, line, word):
    """CC-1: what is wrong is said by its name."""
    file = tmp_path / "asterisk.ini"
    file.write_text(f"[adapter]\nodoo_secret = s\nari_user = u\nari_password = p\n{line}\n")
    with pytest.raises(settings.Unset, match=word):
        settings.read(file, environment={})


def test_program(tmp_path):
    """CC-1: as a program without settings it says what is missing, and imports nothing of Odoo."""
    done = subprocess.run(
        [str(PYTHON), "-m", "asterisk.adapter", str(tmp_path / "none.ini")],
        cwd=ADDONS / "crm_contact_center",
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, "none.ini" in done.stderr, "Traceback" in done.stderr) == (2, True, False)
    script = "import sys; sys.path.insert(0, sys.argv[1]); import asterisk.adapter; print('odoo' in sys.modules)"
    folder = ADDONS / "crm_contact_center"
    seen = subprocess.run([str(PYTHON), "-c", script, folder], capture_output=True, text=True, check=True, timeout=60)
    assert seen.stdout.strip() == "False"
