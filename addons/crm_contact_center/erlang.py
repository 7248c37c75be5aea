"""How many agents a load of contacts needs: Erlang's formulas (CC-8a). No ORM, no database.

``load`` is in erlangs: contacts an hour × handling time in hours. Times are seconds.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

MOST_AGENTS = 2000


def blocking(load, agents):
    """Return Erlang B: the probability that all agents are busy where nobody waits."""
    inverse = 1.0
    for number in range(1, agents + 1):
        inverse = 1 + inverse * number / load if load else math.inf
    return 1 / inverse


def waiting(load, agents):
    """Return Erlang C: the probability that a contact has to wait, where everybody waits until served."""
    if agents <= load:
        return 1.0
    blocked = blocking(load, agents)
    return agents * blocked / (agents - load * (1 - blocked))


@dataclass(frozen=True)
class Service:
    """What customers get.

    :param level: share of contacts answered within the target
    :param wait: average seconds until the answer, of those answered
    :param abandoned: share of contacts that gave up
    :param occupancy: share of the agents' time that is spent on contacts
    """

    level: float
    wait: float
    abandoned: float
    occupancy: float


def service_c(load, agents, handling, target):
    """Return the :class:`Service` where everybody waits until served (Erlang C)."""
    if agents <= load:
        return Service(0.0, math.inf, 0.0, 1.0)
    must_wait = waiting(load, agents)
    level = 1 - must_wait * math.exp(-(agents - load) * target / handling)
    return Service(level, must_wait * handling / (agents - load), 0.0, load / agents)


def service_a(load, agents, handling, target, patience):
    """Return the :class:`Service` where customers give up, after ``patience`` seconds on average (Erlang A).

    A contact that finds ``j`` others waiting is served when as many services and departures have taken place. With
    θ = 1/patience and μ = 1/handling, exp(−θ × that time) has the distribution Beta(agents × μ/θ, j + 1).
    """
    if not load:
        return Service(1.0, 0.0, 0.0, 0.0)
    if not agents:
        return Service(0.0, math.inf, 1.0, 1.0)
    ratio = agents * patience / handling
    present = _states(load, agents, handling, patience)
    level, busy, given_up = sum(present[:agents]), 0.0, 0.0
    for number, probability in enumerate(present):
        busy += min(number, agents) * probability
        if number >= agents:
            ahead = number - agents
            served = ratio / (ratio + ahead + 1)
            level += probability * served * (1 - beta(math.exp(-target / patience), ratio + 1, ahead + 1))
            given_up += probability * (1 - served)
    waiting_ones = sum((number - agents) * share for number, share in enumerate(present) if number > agents)
    wait = waiting_ones * handling / load  # Little: of all contacts, served or not
    return Service(level, wait, given_up, busy / agents)


def _states(load, agents, handling, patience):
    """Return the probabilities that 0, 1, 2 … contacts are there, until they don't matter any more."""
    weights, weight, number = [1.0], 1.0, 0
    while number < agents or weight > 1e-12 * max(weights):
        number += 1
        leaving = min(number, agents) + max(0, number - agents) * handling / patience
        weight *= load / leaving
        weights.append(weight)
        if weight > 1e200:
            weights = [one / 1e200 for one in weights]
            weight /= 1e200
    total = sum(weights)
    return [one / total for one in weights]


@lru_cache(maxsize=100_000)
def beta(x, a, b):
    """Return the regularised incomplete beta function, by its continued fraction (Lentz)."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x))
    if x > (a + 1) / (a + b + 2):
        return 1 - front * _fraction(1 - x, b, a) / b
    return front * _fraction(x, a, b) / a


def _fraction(x, a, b):
    tiny = 1e-300
    c, d = 1.0, 1 / _nonzero(1 - (a + b) * x / (a + 1), tiny)
    result = d
    for m in range(1, 10_000):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for step in (even, odd):
            d = 1 / _nonzero(1 + step * d, tiny)
            c = _nonzero(1 + step / c, tiny)
            result *= d * c
        if abs(d * c - 1) < 1e-14:
            break
    return result


def _nonzero(value, tiny):
    return value if abs(value) > tiny else tiny


def agents_for(contacts, seconds, handling, *, level, target, patience=None):
    """Return the fewest agents who answer the share ``level`` of the contacts within ``target`` seconds.

    :param float contacts: how many come in the interval
    :param int seconds: the interval's length
    :param float handling: seconds a contact takes, wrap-up included
    :param patience: seconds after which customers give up on average; None: never
    """
    if contacts <= 0 or handling <= 0:
        return 0
    load = contacts * handling / seconds
    for agents in range(1 if patience else math.floor(load) + 1, MOST_AGENTS):
        if patience:
            service = service_a(load, agents, handling, target, patience)
        else:
            service = service_c(load, agents, handling, target)
        if service.level >= level:
            return agents
    raise ValueError("The load is beyond what one queue can have.")


@dataclass(frozen=True)
class Terms:
    """What a queue promises its customers, and what its agents are owed.

    :param level: share of contacts answered within ``target`` seconds
    :param patience: seconds after which customers give up on average (Erlang A); None: never (Erlang C)
    :param occupancy: most of their time that agents spend on contacts, 0 to 1
    :param at_once: how many contacts one agent has at a time: chats
    :param shrinkage: share of paid time in which agents aren't there: illness, training, meetings
    """

    level: float = 0.8
    target: float = 20
    patience: float | None = None
    occupancy: float = 1.0
    at_once: int = 1
    shrinkage: float = 0.0


def staff(contacts, seconds, handling, terms):
    """Return (agents who must be there, agents to plan, so that so many are) for an interval of ``seconds``."""
    if contacts <= 0 or handling <= 0:
        return 0, 0
    places = agents_for(
        contacts, seconds, handling, level=terms.level, target=terms.target, patience=terms.patience or None
    )
    places = max(places, math.ceil(contacts * handling / seconds / terms.occupancy - 1e-9))
    there = math.ceil(places / terms.at_once)
    return there, math.ceil(there / (1 - terms.shrinkage) - 1e-9)
