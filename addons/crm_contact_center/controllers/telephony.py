import json
import math
import time

from werkzeug.exceptions import RequestEntityTooLarge

from odoo.http import Controller, request, route

from ..limiter import Limiter
from ..telephony import MOST_BYTES, Refused, is_signed, read_events

PATH = "/crm_contact_center/telephony/<string:key>"
#: A busy system sends its events in lists; a minute has this many requests of one address.
LIMITER = Limiter(a_minute=300, burst=100)
WAYS = {"type": "http", "auth": "public", "csrf": False, "save_session": False, "sitemap": False}


class Telephony(Controller):
    """What the telephone system tells and asks: believed only with its signature (CC-1).

    401: not signed, or signed too long ago; 413: too large; 400: unreadable, with the reason; 429: too many requests.
    """

    @route(f"{PATH}/events", methods=["POST"], max_content_length=MOST_BYTES, **WAYS)
    def events(self, key, **__):
        """Keep events and apply them. What was sent before is answered as if it were new: repeating is harmless."""
        return self._signed(key, self._keep)

    @route(f"{PATH}/commands", methods=["POST"], max_content_length=MOST_BYTES, **WAYS)
    def commands(self, key, **__):
        """Note what became of the commands in ``done`` (command → error or null), and return those to carry out."""
        return self._signed(key, self._exchange)

    @staticmethod
    def _keep(system, body):
        return {"kept": system.env["crm.telephony.event"]._keep(system, read_events(body))}

    @staticmethod
    def _exchange(system, body):
        try:
            done = json.loads(body.decode()).get("done", {})
        except (ValueError, RecursionError, AttributeError):
            raise Refused("The body is a JSON object.") from None
        if not isinstance(done, dict) or not all(isinstance(text, str | None) for text in done.values()):
            raise Refused("done is an object: command → error or null.")
        return {"commands": system.env["crm.telephony.command"]._exchange(system, done)}

    def _signed(self, key, act):
        """Do what a request asks for if it is signed and its address doesn't ask too often."""
        http = request.httprequest
        if wait := LIMITER.wait(http.remote_addr):
            return self._answer(429, {"error": "Too many requests."}, [("Retry-After", str(math.ceil(wait)))])
        try:
            body = http.get_data()
        except RequestEntityTooLarge:
            return self._answer(413, {"error": "At most 3 MB."})
        # with all rights: a telephone system has no user here. Its signature is what lets it in.
        system = request.env["crm.telephony.system"].sudo().search([("key", "=", key)], limit=1)
        timestamp, header = http.headers.get("X-Timestamp"), http.headers.get("X-Signature")
        window = system.window_seconds
        if not is_signed(system.secret, timestamp, body, header, now=time.time(), window=window):
            return self._answer(401, {"error": "Not signed, or signed too long ago: check secret and clock."})
        if len(body) > MOST_BYTES:
            return self._answer(413, {"error": "At most 3 MB."})
        try:
            return self._answer(200, act(system, body))
        except Refused as refused:
            return self._answer(400, {"error": str(refused)})

    @staticmethod
    def _answer(status, content, headers=()):
        return request.make_json_response(content, headers=list(headers), status=status)
