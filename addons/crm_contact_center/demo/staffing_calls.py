"""Calls of a hotline, invented: the days and hours of a usual week, with some chance. For the demo and for tests."""

import math
import random
from datetime import datetime, timedelta

#: Calls of a usual day by hour, and of weekdays, from Monday, as a share of it.
HOURS = (0, 0, 0, 0, 0, 0, 0, 4, 14, 24, 28, 26, 20, 22, 24, 22, 20, 16, 12, 10, 8, 4, 0, 0)
DAYS = (1.3, 1.0, 0.9, 0.9, 1.1, 0.4, 0.2)
#: Who waits longer gives up.
PATIENCE = 90


def invented_calls(first, days, seed=8):
    """Return (moment, wait, handling, outcome) of calls by a usual week's shape, the same every time.

    :param date first: first day
    :param int days: how many
    """
    chance = random.Random(seed)  # noqa: S311
    calls = []
    for number in range(days):
        day = first + timedelta(days=number)
        for hour, usual in enumerate(HOURS):
            mean = usual * DAYS[day.weekday()]
            for _call in range(max(0, round(chance.gauss(mean, math.sqrt(mean) / 2)))):
                moment = datetime(day.year, day.month, day.day, hour) + timedelta(seconds=chance.randrange(3600))
                wait = int(chance.expovariate(1 / 25))
                outcome = "abandoned" if wait > PATIENCE else "answered"
                calls.append((moment, wait, 30 + int(chance.expovariate(1 / 150)), outcome))
    return sorted(calls)


def as_table(calls, delimiter="\t"):
    """Return the calls as a file's bytes."""
    lines = [delimiter.join(("started_at", "wait_seconds", "handle_seconds", "outcome"))]
    lines += [
        delimiter.join((f"{moment:%Y-%m-%d %H:%M:%S}", str(wait), str(handle), outcome))
        for moment, wait, handle, outcome in calls
    ]
    return "\n".join(lines).encode()
