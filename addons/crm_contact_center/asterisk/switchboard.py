"""The calls: what Asterisk tells of them becomes events for Odoo; what Odoo wants: ``orders.py``."""

import logging
import threading
import time
import uuid
from dataclasses import asdict

from .ari import Refusal
from .call import Call
from .orders import Orders

_logger = logging.getLogger(__name__)

#: What our own channels come into the application with, before the name of their call.
ROLES = ("agent", "dialling", "dialled")


class Switchboard(Orders):
    """All calls in our application. Its methods may be called from any thread.

    :param ari: :class:`.ari.Ari`
    :param store: :class:`.store.Store`, which has the calls of before
    """

    def __init__(self, ari, store, settings):
        self.ari, self.store, self.settings = ari, store, settings
        self.calls = {facts["name"]: Call(**facts) for facts in store.calls()}
        self._lock = threading.RLock()
        for command in set(store.unfinished()) - set(self.calls):
            store.forget(command)  # begun, not carried out, when the process before this one ended

    # === WHAT ASTERISK TELLS === #

    def hear(self, event):
        """Take one of Asterisk's events."""
        method = getattr(self, f"_on_{event.get('type')}", None)
        if method:
            with self._lock:
                method(event)

    def reconcile(self):
        """Compare with what Asterisk has, after a time without its events: end what is over, take what is new."""
        with self._lock:
            present, ours = self.ari.channels()
            for call in list(self.calls.values()):
                for channel in (call.customer, call.agent):
                    if channel and channel not in present and call.name in self.calls:
                        self._gone(call, channel)
            known = {name for call in self.calls.values() for name in (call.customer, call.agent)}
            for name in sorted(ours - known):
                if channel := self.ari.channel(name):
                    arguments = channel.get("dialplan", {}).get("app_data", "").split(",")[1:]
                    self._on_StasisStart({"channel": channel, "args": arguments})

    def _on_StasisStart(self, event):
        if "replace_channel" in event:
            return  # takes an agent's place when the customer is handed on: see BridgeBlindTransfer
        channel, arguments = event["channel"], event.get("args", [])
        role, name = (*arguments, "", "")[:2]
        if role in ROLES:
            call = self.calls.get(name)
            if not call or channel["id"] not in (call.agent, call.customer):  # nobody wants it any more
                self.ari.drop(channel["id"])
            elif role == "dialling":
                self._agent_is_ready(call)
            else:
                self._connect(call)
        else:
            self._came(channel, arguments)

    def _on_ChannelDestroyed(self, event):
        if call := self._call_of(event["channel"]["id"]):
            self._gone(call, event["channel"]["id"])

    def _on_StasisEnd(self, event):
        """Who leaves our application has hung up, or was sent elsewhere by somebody else: it is over for us."""
        name = event["channel"]["id"]
        if call := self._call_of(name):
            if name == call.customer:
                call.customer = ""
            self._gone(call, name)

    def _on_BridgeBlindTransfer(self, event):
        """The agent's telephone hands the customer on: they wait until Odoo says whose telephone rings.

        Asterisk has put a channel of its own in the agent's place, which goes.
        """
        call = self._call_of(event.get("channel", {}).get("id"))
        if event.get("result") == "Success" and call and call.state == "talking":
            self._let_go_of_agent(call)
            self._keep(call, "transferred", extension=event.get("exten", ""))
            self._let_wait(call)
        if stand_in := event.get("replace_channel"):
            self.ari.drop(stand_in["id"])

    def _on_ChannelVarset(self, event):
        """What a recogniser heard later, while the caller waits."""
        if event.get("variable") == self.settings.words_variable and event.get("value") and event.get("channel"):
            call = self._call_of(event["channel"]["id"])
            if call and event["channel"]["id"] == call.customer:
                self._keep(call, "words", words=event["value"])

    def _on_PlaybackFinished(self, event):
        channel = event["playback"]["target_uri"].removeprefix("channel:")
        call = self._call_of(channel)
        if call and call.state == "leaving":
            self._over(call)

    def _call_of(self, channel):
        return next((call for call in self.calls.values() if channel in (call.customer, call.agent)), None)

    def _came(self, channel, arguments):
        """Take a customer who came into our application: new, or handed on to another extension."""
        caller, name = channel.get("caller", {}), channel["id"]
        call = self.calls[name] = Call(name, customer=name, since=time.time())
        details = {
            "number": caller.get("number", "")[:128],
            "name": caller.get("name", "")[:128],
            "called": channel.get("dialplan", {}).get("exten", "")[:128],
            "queue": arguments[0] if arguments else "",
            "words": self.ari.variable(name, self.settings.words_variable),
        }
        self._keep(call, "ringing", **details)
        self._let_wait(call)

    def _let_wait(self, call):
        call.state = "waiting"
        self._keep(call)
        try:
            if self.settings.waiting == "music":
                self.ari.do(call.customer, "answer")
                self.ari.do(call.customer, "moh")
            else:
                self.ari.do(call.customer, "ring")
        except Refusal as refusal:
            _logger.info("%s: %s", call.name, refusal)

    def _connect(self, call):
        """Let customer and agent talk: the last of them has answered."""
        if call.state not in ("ringing", "dialling"):
            return
        dialled = call.state == "dialling"
        call.bridge, call.state = uuid.uuid4().hex, "talking"
        try:
            if dialled:
                self.ari.do(call.agent, "ring", stop=True)
            elif self.settings.waiting == "music":
                self.ari.do(call.customer, "moh", stop=True)
            else:
                self.ari.do(call.customer, "answer")
            self.ari.connect(call.bridge, call.customer, call.agent)
        except Refusal as refusal:
            _logger.warning("%s can't be connected: %s", call.name, refusal)
            self._over(call)
            return
        self._keep(call, "answered", extension=call.extension)
        if dialled:
            self.store.end(call.name)

    def _gone(self, call, channel):
        """One of the two has hung up, or didn't answer."""
        if channel == call.agent and call.state == "ringing":
            self._missed(call)
        else:
            self._over(call)

    def _missed(self, call):
        extension, call.agent, call.extension, call.state = call.extension, "", "", "waiting"
        self._keep(call, "missed", extension=extension)

    def _over(self, call):
        """End a call: whoever is still there is hung up."""
        del self.calls[call.name]
        silent = call.state == "calling"  # the agent's own telephone wasn't answered: nothing has happened
        self.store.keep(call.name, None, None if silent else "ended")
        self.store.end(call.name, "Nobody answered.")  # of a call that an agent dialled, and nobody took
        self.ari.disconnect(call.bridge)
        for channel in (call.agent, call.customer):
            self.ari.drop(channel)

    def _let_go_of_agent(self, call):
        agent, bridge = call.agent, call.bridge
        call.agent = call.extension = call.bridge = ""
        self.ari.disconnect(bridge)
        self.ari.drop(agent)

    def _keep(self, call, kind=None, **details):
        self.store.keep(call.name, asdict(call), kind, **{name: value for name, value in details.items() if value})

    # === WHEN ODOO IS AWAY === #

    def give_back(self):
        """Let those go on in the dialplan who have waited for too long while Odoo is away."""
        before = time.time() - self.settings.fallback_seconds
        with self._lock:
            for call in [call for call in self.calls.values() if call.state == "waiting" and 0 < call.since < before]:
                _logger.warning("Odoo is away: %s goes on in the dialplan", call.name)
                self.ari.do(call.customer, "continue")
                call.customer = ""
                self._over(call)
