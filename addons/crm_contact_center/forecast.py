"""How many contacts to expect, from what came before (CC-8a). No ORM, no database.

A day's volume is its weekday's usual one; within the day it follows the weekday's usual shape. Both lean on the other
weekdays that are like it, as long as the weekday itself was seen only a few times.
"""

from collections import defaultdict
from datetime import timedelta

#: How many days of the pooled shape, and of the pooled volume, weigh as much as one day of the weekday's own.
SHAPE_WEIGHT = 1.0
VOLUME_WEIGHT = 1.0
#: Older days count less: half as much after so many days.
HALF_LIFE = 28


def is_weekend(weekday, weekend=(5, 6)):
    return weekday in weekend


def forecast(history, days, *, intervals, weekend=(5, 6), season=None):
    """Return what to expect.

    :param history: date → list of counts, one for each interval of the day; days without any are left out
    :param days: dates to forecast
    :param int intervals: how many intervals a day has
    :param weekend: weekdays (0 is Monday) whose shape is their own
    :param season: date → factor: what is known to be different, 1.0 is as usual
    :return: date → list of expected counts
    """
    season = season or {}
    usual = {day: [count / season.get(day, 1.0) for count in counts] for day, counts in history.items()}
    result = {}
    for day in days:
        known = {past: counts for past, counts in usual.items() if past < day}
        if not known:
            result[day] = [0.0] * intervals
            continue
        volume = _volume(known, day, weekend) * season.get(day, 1.0)
        result[day] = [volume * share for share in _shape(known, day, intervals, weekend)]
    return result


def _weight(past, day):
    return 0.5 ** ((day - past).days / HALF_LIFE)


def _alike(known, day, weekend):
    """Return the days of the same weekday, and those of the same kind of day; where there is none, all."""
    same = {past for past in known if past.weekday() == day.weekday()}
    kind = {past for past in known if is_weekend(past.weekday(), weekend) == is_weekend(day.weekday(), weekend)}
    return same, kind or set(known)


def _mean(values):
    """Return the weighted mean of (value, weight) pairs."""
    values = list(values)
    total = sum(weight for _value, weight in values)
    return sum(value * weight for value, weight in values) / total if total else 0.0


def _volume(known, day, weekend):
    same, kind = _alike(known, day, weekend)
    totals = {past: sum(known[past]) for past in known}
    pooled = _mean((totals[past], _weight(past, day)) for past in kind)
    own = sum(_weight(past, day) for past in same)
    mean = _mean((totals[past], _weight(past, day)) for past in same)
    return (mean * own + pooled * VOLUME_WEIGHT * (own == 0)) / (own + VOLUME_WEIGHT * (own == 0))


def _shape(known, day, intervals, weekend):
    same, kind = _alike(known, day, weekend)
    pooled, own = [0.0] * intervals, [0.0] * intervals
    for past in kind:
        for number, count in enumerate(known[past]):
            pooled[number] += count * _weight(past, day)
    for past in same:
        for number, count in enumerate(known[past]):
            own[number] += count * _weight(past, day)
    scale = SHAPE_WEIGHT * (sum(own) / max(1, len(same)) or 1.0) / (sum(pooled) or 1.0)
    mixed = [mine + scale * all_ for mine, all_ in zip(own, pooled, strict=True)]
    total = sum(mixed)
    return [value / total for value in mixed] if total else [1 / intervals] * intervals


def naive(history, days, *, intervals):
    """Return what a week before each day brought: what a forecast has to be better than."""
    return {day: list(history.get(day - timedelta(days=7), [0.0] * intervals)) for day in days}


def wape(expected, actual):
    """Return the weighted absolute error: the sum of the differences by the sum of what came."""
    errors, total = 0.0, 0.0
    for day, counts in actual.items():
        for count, guess in zip(counts, expected[day], strict=True):
            errors += abs(count - guess)
            total += count
    return errors / total if total else 0.0


def by_day(moments, seconds):
    """Return date → counts for each interval of ``seconds``, from local moments."""
    intervals = 86400 // seconds
    history = defaultdict(lambda: [0] * intervals)
    for moment in moments:
        history[moment.date()][(moment.hour * 3600 + moment.minute * 60 + moment.second) // seconds] += 1
    return dict(history)
