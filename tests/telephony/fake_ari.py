"""Asterisk's interface without Asterisk: what is asked of it is written down."""

from itertools import count

from asterisk.ari import Refusal


class FakeAri:
    """Channels exist from when somebody calls or a telephone rings until they are hung up.

    :ivar done: what was asked, in order: (what, channel or bridge, …)
    """

    def __init__(self):
        self.done, self.alive, self.numbers, self.words = [], {}, count(1), {}
        self.unreachable, self.away = set(), False

    def _check(self, *channels):
        if self.away:
            raise OSError("Asterisk is away")
        for channel in channels:
            if channel not in self.alive:
                raise Refusal(f"404 {channel}")

    def channels(self):
        return set(self.alive), set(self.alive)

    def channel(self, name):
        return self.alive.get(name)

    def variable(self, channel, name):
        return self.words.get(channel, "")

    def originate(self, channel, endpoint, arguments, seconds, caller_id=""):
        self._check()
        if endpoint in self.unreachable:
            raise Refusal("500 Allocation failed")
        data = ",".join(["odoo", *arguments])
        self.alive[channel] = {"id": channel, "dialplan": {"app_data": data, "answered": False}, "caller": {}}
        self.done.append(("originate", endpoint, arguments[0], caller_id))

    def do(self, channel, what, stop=False, **query):
        self._check(channel)
        self.done.append((f"{'stop ' if stop else ''}{what}", channel, *query.values()))
        if what == "continue":
            del self.alive[channel]

    def drop(self, channel):
        if channel and self.alive.pop(channel, None):
            self.done.append(("drop", channel))

    def connect(self, bridge, *channels):
        self._check(*channels)
        self.done.append(("connect", *channels))

    def disconnect(self, bridge):
        if bridge:
            self.done.append(("disconnect",))

    # === WHAT HAPPENS THERE === #

    def call(self, board, *arguments, number="+6281234567890", name="Budi", called="1500", channel=None):
        """Let somebody call; return their channel's name."""
        channel = channel or f"170.{next(self.numbers)}"
        self.alive[channel] = {
            "id": channel,
            "caller": {"number": number, "name": name},
            "dialplan": {"exten": called, "app_data": ",".join(["odoo", *arguments])},
        }
        board.hear({"type": "StasisStart", "channel": self.alive[channel], "args": list(arguments)})
        return channel

    def pick_up(self, board, channel):
        """Let a telephone that rings be answered."""
        self.alive[channel]["dialplan"]["answered"] = True
        arguments = self.alive[channel]["dialplan"]["app_data"].split(",")[1:]
        board.hear({"type": "StasisStart", "channel": self.alive[channel], "args": arguments})

    def hang_up(self, board, channel):
        """Let somebody hang up, or a telephone stop ringing: Asterisk tells either, of channels in the application."""
        left = self.alive.pop(channel)
        board.hear({"type": "ChannelHangupRequest", "channel": left})
        answered = left["dialplan"].get("answered", True)
        board.hear({"type": "StasisEnd" if answered else "ChannelDestroyed", "channel": left})
