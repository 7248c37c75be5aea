"""How many contacts to expect, from what came before (CC-8a). No ORM, no database.

A day's volume is its weekday's usual one; within the day it follows the weekday's usual shape. Both lean on the other
weekdays that are like it, as long as the weekday itself was seen only a few times. How much, the last known week tells:
what would have forecast it best.
"""

import math
from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from itertools import product

#: Older days count less: half as much after so many days.
HALF_LIFE = 28
#: Weekdays whose shapes have at least this cosine are alike.
ALIKE = 0.9


@dataclass(frozen=True)
class Leaning:
    """How much a weekday leans on those like it.

    :param volume: as many of the weekday's own days the others weigh, in the day's total
    :param shape: likewise in its shape
    """

    volume: float = 1.0
    shape: float = 3.0


LEANINGS = [Leaning(volume, shape) for volume, shape in product((0.0, 1.0, 2.0, 4.0), (1.0, 3.0, 10.0))]


def forecast(history, days, *, intervals, season=None, leaning=None):
    """Return what to expect.

    :param history: date → list of counts, one for each interval of the day; a day that isn't there wasn't open
    :param days: dates to forecast, all after the history
    :param int intervals: how many intervals a day has
    :param season: date → factor: what is known to be different, 1.0 is as usual
    :param leaning: :class:`Leaning`; None: the one that would have forecast the last known week best
    :return: date → list of expected counts
    """
    season = season or {}
    usual = {day: [count / season.get(day, 1.0) for count in counts] for day, counts in history.items()}
    leaning = leaning or best_leaning(usual, intervals)
    return {day: [count * season.get(day, 1.0) for count in _expected(usual, day, intervals, leaning)] for day in days}


def best_leaning(usual, intervals):
    """Return the leaning with the least error on the last seven days of a history, forecast from those before."""
    last = max(usual, default=None)
    recent = {day: counts for day, counts in usual.items() if last and day > last - timedelta(days=7)}
    before = {day: counts for day, counts in usual.items() if day not in recent}
    if len(before) < 5:
        return Leaning()
    return min(
        LEANINGS,
        key=lambda leaning: wape({day: _expected(before, day, intervals, leaning) for day in recent}, recent),
    )


def _expected(usual, day, intervals, leaning):
    same = {past: _weight(past, day) for past in usual if past.weekday() == day.weekday()}
    alike = {past: _weight(past, day) for past in usual if past.weekday() in _weekdays_like(usual, day, intervals)}
    if not alike:
        return [0.0] * intervals
    volume = _blend(_mean(usual, same, sum), _mean(usual, alike, sum), sum(same.values()), leaning.volume)
    shares = [
        _blend(own, pooled, sum(same.values()), leaning.shape)
        for own, pooled in zip(_shape(usual, same, intervals), _shape(usual, alike, intervals), strict=True)
    ]
    total = sum(shares)
    return [volume * share / total for share in shares] if total else [0.0] * intervals


def _weight(past, day):
    return 0.5 ** ((day - past).days / HALF_LIFE)


def _mean(usual, weights, value):
    total = sum(weights.values())
    return sum(value(usual[day]) * weight for day, weight in weights.items()) / total if total else 0.0


def _blend(own, pooled, seen, leaning):
    """Return the mean of what was ``seen`` so often and what others say, who weigh as ``leaning`` says."""
    others = leaning if seen else 1.0
    return (own * seen + pooled * others) / (seen + others) if seen + others else 0.0


def _shape(usual, weights, intervals):
    profile = [_mean(usual, weights, lambda counts, at=at: counts[at]) for at in range(intervals)]
    total = sum(profile)
    return [value / total for value in profile] if total else profile


def _weekdays_like(usual, day, intervals):
    """Return the weekdays whose shape is like that of the day's: its own, too. All, if it was never seen."""
    profiles = {}
    for weekday in range(7):
        weights = {past: 1.0 for past in usual if past.weekday() == weekday}
        profiles[weekday] = _shape(usual, weights, intervals)
    own = profiles[day.weekday()]
    if not any(own):
        return set(range(7))
    return {day.weekday(), *(other for other, shape in profiles.items() if _cosine(own, shape) >= ALIKE)}


def _cosine(one, other):
    norm = math.sqrt(sum(value * value for value in one) * sum(value * value for value in other))
    return sum(a * b for a, b in zip(one, other, strict=True)) / norm if norm else 0.0


def naive(history, days, *, intervals):
    """Return what came a week before each day: what a forecast has to be better than."""
    return {day: list(history.get(day - timedelta(days=7), [0.0] * intervals)) for day in days}


def wape(expected, actual):
    """Return the weighted absolute error: the sum of the differences by the sum of what came."""
    errors, total = 0.0, 0.0
    for day, counts in actual.items():
        errors += sum(abs(count - guess) for count, guess in zip(counts, expected[day], strict=True))
        total += sum(counts)
    return errors / total if total else 0.0


def by_day(moments, seconds):
    """Return date → counts for each interval of so many seconds, from local moments."""
    intervals = 86400 // seconds
    history = defaultdict(lambda: [0] * intervals)
    for moment in moments:
        history[moment.date()][(moment.hour * 3600 + moment.minute * 60 + moment.second) // seconds] += 1
    return dict(history)
