"""Asterisk's REST interface, and its stream of events (ARI)."""

import base64
import json
import logging
from urllib.parse import quote, urlencode

import websocket

from .web import Web

_logger = logging.getLogger(__name__)

TIMEOUT = 15
SILENCE = 20  # seconds without an event until Asterisk is asked whether it is there


class Refusal(Exception):
    """Asterisk can't do it: there is no such channel, telephone, bridge."""


class Ari:
    """What the adapter asks of Asterisk. Each method raises Refusal, or OSError where Asterisk is away."""

    def __init__(self, settings):
        self.app = settings.app
        self.web = Web(settings.ari_url.rstrip("/") + "/ari", TIMEOUT)
        pair = f"{settings.ari_user}:{settings.ari_password}".encode()
        self._login = {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
        self._stream = settings.ari_url.replace("http", "ws", 1).rstrip("/") + "/ari/events"

    def _ask(self, method, *path, **query):
        way = "".join(f"/{quote(part, safe='')}" for part in path)
        answer = self.web.ask(method, way, headers=self._login, **query)
        if answer.status >= 400:
            raise Refusal(f"{method} {way}: {answer.status} {answer.body[:200].decode(errors='replace')}")
        return answer.content

    def events(self):
        """Yield None as soon as the stream is open, then Asterisk's events, until it breaks.

        :raise OSError: it can't be opened, or it broke
        """
        query = urlencode({"app": self.app, "subscribeAll": "false"})
        header = [f"{name}: {value}" for name, value in self._login.items()]
        try:
            stream = websocket.create_connection(
                f"{self._stream}?{query}", header=header, timeout=SILENCE, suppress_origin=True
            )
        except websocket.WebSocketException as error:
            raise OSError(f"Asterisk's events: {error}") from error
        try:
            yield None
            while True:
                if (text := self._receive(stream)) is not None:
                    yield json.loads(text)
        except (websocket.WebSocketException, ValueError) as error:
            raise OSError(f"Asterisk's events: {error}") from error
        finally:
            stream.close(timeout=1)

    @staticmethod
    def _receive(stream):
        """Return the next event's text, or None if there was none for a while; a dead connection shows at the ping."""
        try:
            text = stream.recv()
        except websocket.WebSocketTimeoutException:
            stream.ping()
            return None
        if not text:
            raise OSError("Asterisk closed the stream of events.")
        return text

    # === CHANNELS === #

    def channels(self):
        """Return the names of all channels, and those that are in our application."""
        everything = {channel["id"] for channel in self._ask("GET", "channels")}
        return everything, set(self._ask("GET", "applications", self.app).get("channel_ids", ()))

    def channel(self, name):
        """Return a channel, or None where there is none."""
        try:
            return self._ask("GET", "channels", name)
        except Refusal:
            return None

    def variable(self, channel, name):
        """Return a channel variable's value, or an empty text."""
        try:
            return self._ask("GET", "channels", channel, "variable", variable=name).get("value", "")
        except Refusal:
            return ""

    def originate(self, channel, endpoint, arguments, seconds, caller_id=""):
        """Let a telephone ring; when it is answered its channel comes into our application with the arguments."""
        query = {"endpoint": endpoint, "app": self.app, "appArgs": ",".join(arguments), "channelId": channel}
        self._ask("POST", "channels", timeout=int(seconds), **query, **({"callerId": caller_id} if caller_id else {}))

    def do(self, channel, what, stop=False, **query):
        """Let a channel answer, ring, hear music, hear a sound (play), or go on in the dialplan (continue)."""
        return self._ask("DELETE" if stop else "POST", "channels", channel, what, **query)

    def drop(self, channel):
        """Hang up; nothing to do where it has."""
        if channel:
            try:
                self._ask("DELETE", "channels", channel)
            except Refusal as refusal:
                _logger.debug("%s", refusal)

    # === BRIDGES === #

    def connect(self, bridge, *channels):
        """Let channels talk to each other."""
        self._ask("POST", "bridges", type="mixing", bridgeId=bridge)
        self._ask("POST", "bridges", bridge, "addChannel", channel=",".join(channels))

    def disconnect(self, bridge):
        """End a bridge; its channels stay."""
        if bridge:
            try:
                self._ask("DELETE", "bridges", bridge)
            except Refusal as refusal:
                _logger.debug("%s", refusal)
