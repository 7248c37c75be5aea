"""What Odoo wants done with calls."""

import logging
import re
import uuid

from .ari import Refusal
from .call import Call

_logger = logging.getLogger(__name__)

EXTENSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z_.-]{0,31}", re.ASCII)
NUMBER = re.compile(r"\+\d{5,15}", re.ASCII)
NOT_SHOWN = re.compile(r"[^+\d*#]", re.ASCII)
GONE = "There is no such call."
AGENT_SECONDS, CUSTOMER_SECONDS = 30, 60  # how long telephones ring for a call that an agent dials
LATER = object()  # a command's result comes with the call


class Orders:
    """The switchboard's half that carries out commands: each method returns what went wrong, None, or LATER."""

    def carry_out(self, command):
        """Carry out a command, once: its result is in the store."""
        name = str(command.get("id"))
        if not self.store.begin(name):
            return
        method = getattr(self, f"_do_{command.get('kind')}", None)
        try:
            with self._lock:
                result = method(command) if method else "This adapter is too old for that."
        except Refusal as refusal:
            result = str(refusal)
        except OSError as error:
            # Asterisk is away: Odoo hands it out again, all but numbers to dial
            _logger.warning("%s: %s", command.get("kind"), error)
            self.store.forget(name)
            return
        if result is not LATER:
            self.store.end(name, result)

    def _do_ring(self, command):
        call, extension = self.calls.get(command.get("call_id")), command.get("extension") or ""
        if not call:
            return GONE
        if call.state not in ("waiting", "ringing"):
            return None
        self._let_go_of_agent(call)
        call.agent, call.extension, call.state = uuid.uuid4().hex, extension, "ringing"
        self._keep(call)
        if not EXTENSION.fullmatch(extension):
            self._missed(call)
            return None
        customer = self.ari.channel(call.customer) or {}
        shown = NOT_SHOWN.sub("", customer.get("caller", {}).get("number", ""))
        endpoint = self.settings.agent_endpoint.format(extension=extension)
        try:
            self.ari.originate(call.agent, endpoint, ["agent", call.name], command.get("seconds") or 20, shown)
        except Refusal as refusal:
            _logger.warning("Telephone %s can't ring: %s", extension, refusal)
            self._missed(call)
        return None

    def _do_unring(self, command):
        call = self.calls.get(command.get("call_id"))
        if call and call.state == "ringing" and call.extension == command.get("extension"):
            call.state = "waiting"
            self._let_go_of_agent(call)
            self._keep(call)

    def _do_hold(self, command):
        call = self.calls.get(command.get("call_id"))
        if not call:
            return GONE
        if call.state in ("ringing", "talking"):
            self._let_go_of_agent(call)
            self._let_wait(call)
        return None

    def _do_farewell(self, command):
        call = self.calls.get(command.get("call_id"))
        if not call:
            return GONE
        call.state = "leaving"
        self._keep(call)
        if not self.settings.farewell:
            self._over(call)
            return None
        self.ari.do(call.customer, "answer")
        self.ari.do(call.customer, "moh", stop=True)
        self.ari.do(call.customer, "play", media=self.settings.farewell)
        return None

    def _do_hangup(self, command):
        call = self.calls.get(command.get("call_id"))
        if not call:
            return GONE
        self._over(call)
        return None

    def _do_transfer(self, command):
        """Hand the customer to a number outside: the dialplan dials it, and the call isn't ours any more."""
        call, number = self.calls.get(command.get("call_id")), command.get("number") or ""
        if not call:
            return GONE
        if not self.settings.transfer_context or not NUMBER.fullmatch(number):
            return "The adapter doesn't know how to hand calls to numbers outside (transfer_context)."
        self.ari.do(call.customer, "continue", context=self.settings.transfer_context, extension=number, priority=1)
        call.customer = ""
        self._over(call)
        return None

    def _do_dial(self, command):
        extension, number = command.get("extension") or "", command.get("number") or ""
        if not self.settings.outside_endpoint:
            return "The adapter doesn't know how to reach numbers outside (outside_endpoint)."
        if not (EXTENSION.fullmatch(extension) and NUMBER.fullmatch(number)):
            return "The number or the extension isn't one."
        if any(call.extension == extension for call in self.calls.values()):
            return "The telephone is in use."
        call = Call(command["id"], agent=uuid.uuid4().hex, extension=extension, state="calling", number=number)
        self.calls[call.name] = call
        self._keep(call)
        endpoint = self.settings.agent_endpoint.format(extension=extension)
        try:
            self.ari.originate(call.agent, endpoint, ["dialling", call.name], AGENT_SECONDS, number)
        except (Refusal, OSError) as error:
            self._over_quietly(call)
            return str(error)
        return LATER

    def _over_quietly(self, call):
        del self.calls[call.name]
        self.store.keep(call.name, None)

    def _agent_is_ready(self, call):
        """The agent has picked up: let the customer's telephone ring."""
        call.customer, call.state = uuid.uuid4().hex, "dialling"
        self._keep(call, "ringing", extension=call.extension, number=call.number)
        endpoint = self.settings.outside_endpoint.format(number=call.number, digits=call.number.lstrip("+"))
        try:
            self.ari.do(call.agent, "ring")
            arguments = ["dialled", call.name]
            self.ari.originate(call.customer, endpoint, arguments, CUSTOMER_SECONDS, self.settings.caller_id)
        except Refusal as refusal:
            self.store.end(call.name, str(refusal))
            self._over(call)
