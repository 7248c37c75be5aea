"""Rows of a file as counts per interval (CC-8a): either counts already, or single calls to be counted.

No ORM, no database. Moments are of the branch's clock; :func:`count` is told how to make them UTC.
"""

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

#: Target → names that columns have for it, in lower case, blanks and hyphens as underscores.
NAMES = {
    "moment": ("interval_at", "interval", "started_at", "start", "entered_at", "datetime", "timestamp", "waktu"),
    "date": ("date", "day", "tanggal"),
    "time": ("time", "vru_entry", "hour", "jam"),
    "channel": ("channel", "kanal"),
    "minutes": ("minutes", "interval_minutes", "length"),
    "offered": ("offered", "contacts", "calls", "received"),
    "answered": ("answered", "handled"),
    "abandoned": ("abandoned", "lost"),
    "in_target": ("in_target", "answered_in_time"),
    "handle": ("handle_seconds", "ser_time", "handling", "talk_seconds", "duration"),
    "wait": ("wait_seconds", "q_time", "waiting", "queue_seconds"),
    "outcome": ("outcome", "result", "status"),
}
OUTCOMES = {
    "agent": "answered",
    "answered": "answered",
    "answer": "answered",
    "handled": "answered",
    "hang": "abandoned",
    "abandoned": "abandoned",
    "lost": "abandoned",
    "missed": "abandoned",
    "no answer": "abandoned",
    "phantom": "ignored",
    "ignored": "ignored",
}
CHANNELS = frozenset({"call", "chat", "whatsapp", "email"})
DATES = ("%Y-%m-%d", "%y%m%d", "%Y%m%d", "%d/%m/%Y", "%d.%m.%Y")
DAY = 86_400


class Wrong(Exception):
    """A row isn't taken; the arguments are a code and what it is about."""


@dataclass
class Counts:
    """What came in an interval."""

    offered: int = 0
    answered: int = 0
    in_target: int = 0
    abandoned: int = 0
    handle: int = 0
    wait: int = 0


def columns(header):
    """Return target → place of its column; the first column with one of its names has it."""
    names = [re.sub(r"[\s\-]+", "_", name.lower()) for name in header]
    return {
        target: names.index(found)
        for target, known in NAMES.items()
        if (found := next((name for name in known if name in names), None))
    }


def missing(found):
    """Return what the columns don't tell: codes ``moment``, ``counts``; and whether rows are single calls."""
    calls = "outcome" in found
    lacking = [] if "moment" in found or {"date", "time"} <= found.keys() else ["moment"]
    if not calls and "offered" not in found:
        lacking.append("counts")
    return lacking, calls


class Counter:
    """Counts rows into intervals.

    :param dict found: what :func:`columns` returned
    :param bool calls: whether rows are single calls
    :param int minutes: length of the intervals, unless a row of counts says its own
    :param utc: function: naive local moment → naive UTC; raises ValueError where there is no such time
    :param now: naive UTC; nothing is later
    :param target: seconds within which an answer is in time
    """

    def __init__(self, found, calls, *, minutes, utc, now, target, channel="call"):
        self.found, self.calls, self.minutes, self.utc = found, calls, minutes, utc
        self.now, self.target, self.channel = now, target, channel
        self.intervals = defaultdict(Counts)
        self.ignored, self._seen, self._known = 0, {}, {}
        self._intervals, self._dates = {}, {}

    def take(self, number, cells):
        """Count a row.

        :raise Wrong: it can't be
        """
        self._once(number, cells)
        local = self._moment(cells)
        (self._take_call if self.calls else self._take_counts)(number, cells, local)

    def _once(self, number, cells):
        """Refuse what is the same as an earlier row, cell by cell: single calls only; counts are compared by time."""
        if self.calls and (earlier := self._seen.setdefault(hash(tuple(cells)), number)) != number:
            raise Wrong("double", earlier)

    def _take_call(self, _number, cells, local):
        outcome = OUTCOMES.get(self._cell(cells, "outcome").lower())
        if not outcome:
            raise Wrong("outcome", self._cell(cells, "outcome"))
        wait, handle = self._seconds(cells, "wait"), self._seconds(cells, "handle")
        if outcome == "ignored":
            self.ignored += 1
            return
        counts = self.intervals[self._key(cells, local, self.minutes)]
        counts.offered += 1
        counts.wait += wait
        if outcome == "answered":
            counts.answered += 1
            counts.in_target += wait <= self.target
            counts.handle += handle
        else:
            counts.abandoned += 1

    def _take_counts(self, number, cells, local):
        minutes = self._whole(cells, "minutes", 60) if self._cell(cells, "minutes") else self.minutes
        if minutes not in (15, 30, 60):
            raise Wrong("minutes", minutes)
        if local.second or local.minute % minutes:
            raise Wrong("aligned", f"{local:%H:%M:%S}")
        key = self._key(cells, local, minutes)
        if key in self.intervals:
            raise Wrong("double", self._known[key])
        counts = Counts(
            *(self._whole(cells, name, 1_000_000) for name in ("offered", "answered", "in_target", "abandoned")),
            *(self._whole(cells, name, 10**9) for name in ("handle", "wait")),
        )
        if counts.answered + counts.abandoned > counts.offered or counts.in_target > counts.answered:
            raise Wrong("counts", counts.offered)
        self.intervals[key] = counts
        self._known[key] = number

    def _key(self, cells, local, minutes):
        channel = self._cell(cells, "channel").lower() or self.channel
        if channel not in CHANNELS:
            raise Wrong("channel", channel)
        # clocks change at full quarters: one answer for all moments of a quarter
        quarter = local.replace(minute=local.minute // 15 * 15, second=0)
        known = (quarter, minutes)
        if known not in self._intervals:
            moment = self.utc(quarter)
            self._intervals[known] = moment, moment - timedelta(minutes=moment.minute % minutes)
        moment, interval = self._intervals[known]
        if moment > self.now:
            raise Wrong("future", f"{local:%Y-%m-%d %H:%M}")
        return interval, minutes, channel

    # === CELLS === #

    def _cell(self, cells, target):
        place = self.found.get(target)
        return cells[place] if place is not None and place < len(cells) else ""

    def _moment(self, cells):
        if "moment" in self.found:
            text = self._cell(cells, "moment")
            try:
                return datetime.fromisoformat(text).replace(tzinfo=None, microsecond=0)
            except ValueError:
                raise Wrong("moment", text) from None
        return self._date(self._cell(cells, "date")) + self._time(cells)

    def _date(self, text):
        if text not in self._dates:
            day = next(filter(None, (_date(text.split(" ")[0], form) for form in DATES)), None)
            self._dates[text] = day and datetime.combine(day, datetime.min.time())
        if not self._dates[text]:
            raise Wrong("date", text)
        return self._dates[text]

    def _time(self, cells):
        text = self._cell(cells, "time")
        parts = text.split(":")
        if not all(part.isascii() and part.isdigit() for part in parts) or len(parts) > 3:
            raise Wrong("time", text)
        hours, minutes, seconds = (*map(int, parts), 0, 0)[:3]
        if hours > 23 or minutes > 59 or seconds > 59:
            raise Wrong("time", text)
        return timedelta(hours=hours, minutes=minutes, seconds=seconds)

    def _seconds(self, cells, target):
        return self._whole(cells, target, DAY)

    def _whole(self, cells, target, most):
        text = self._cell(cells, target)
        if not text:
            return 0
        if not (text.isascii() and text.isdigit()) or len(text) > 12 or int(text) > most:
            raise Wrong("number", text)
        return int(text)


def _date(text, form):
    # strptime takes 99121 for a date of six digits
    if form in ("%y%m%d", "%Y%m%d") and len(text) != len(datetime(2000, 1, 1).strftime(form)):
        return None
    try:
        return datetime.strptime(text, form).date()
    except ValueError:
        return None
