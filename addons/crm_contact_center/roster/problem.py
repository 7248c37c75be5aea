"""What a week's plan has to cover and to respect (CC-8a).

Times are minutes since the beginning of the plan's week, days its days by the branch's calendar: 0 to 6. What agents
work before and after belongs to it too, with days below 0 and above 6.
"""

from dataclasses import asdict, dataclass, field
from itertools import pairwise


@dataclass(frozen=True)
class Shift:
    """One agent's shift, or one that they could have.

    :param agent: id; 0 in :attr:`Problem.options`, which are anybody's
    :param day: on which it begins
    :param pause: minutes of its breaks, which aren't work
    :param queue: id; whose contacts they take
    :param covers: numbers of the intervals in which they are there for the whole of it
    """

    agent: int
    day: int
    start: int
    end: int
    pause: int = 0
    queue: int = 0
    covers: tuple = ()
    breaks: tuple = ()

    @property
    def work(self):
        return self.end - self.start - self.pause


@dataclass(frozen=True)
class Agent:
    """Somebody who can be planned.

    :param queues: ids of those whose skills they have
    :param away: (begin, end) of absences
    """

    id: int
    queues: tuple
    away: tuple = ()

    def can(self, option):
        return option.queue in self.queues and not any(
            begin < option.end and option.start < end for begin, end in self.away
        )


@dataclass(frozen=True)
class Rules:
    """What every agent is owed.

    :param minutes: most work in the week
    :param rest: least minutes between two shifts
    :param days_off: least days of the week without a shift
    :param in_a_row: most days in a row with one
    """

    minutes: int = 2400
    rest: int = 660
    days_off: int = 1
    in_a_row: int = 6


@dataclass(frozen=True)
class Problem:
    """:param need: queue id → agents needed in each interval
    :param given: shifts that are settled: those of other weeks and those that a supervisor keeps
    """

    need: dict
    agents: list
    options: list
    rules: Rules = field(default_factory=Rules)
    given: list = field(default_factory=list)

    def as_json(self):
        return asdict(self)

    @classmethod
    def from_json(cls, values):
        return cls(
            need={int(queue): need for queue, need in values["need"].items()},
            agents=[Agent(one["id"], tuple(one["queues"]), tuple(map(tuple, one["away"]))) for one in values["agents"]],
            options=[shift_from_json(one) for one in values["options"]],
            rules=Rules(**values["rules"]),
            given=[shift_from_json(one) for one in values["given"]],
        )

    def left(self, shifts=()):
        """Return queue id → what the given shifts and these don't cover, in each interval; negative: too many."""
        left = {queue: list(need) for queue, need in self.need.items()}
        for shift in (*self.given, *shifts):
            for interval in shift.covers if shift.queue in left else ():
                left[shift.queue][interval] -= 1
        return left

    def short(self, shifts=()):
        """Return how many agents are missing, summed over all intervals."""
        return sum(max(0, missing) for need in self.left(shifts).values() for missing in need)


def shift_from_json(values):
    return Shift(
        **{**values, "covers": tuple(values["covers"]), "breaks": tuple(tuple(one) for one in values["breaks"])}
    )


@dataclass(frozen=True)
class Breach:
    """A rule that isn't kept.

    :param rule: overlap, rest, absence, queue, hours, days_off or in_a_row
    :param amount: what it is instead, in the rule's unit: minutes or days
    """

    rule: str
    agent: int
    day: int
    amount: int = 0


#: Rules that nobody may break by hand either.
HARD = frozenset({"overlap", "rest"})


def breaches(shifts, agents, rules):
    """Return each :class:`Breach` of the rules in these shifts, in the week and at its edges."""
    found = []
    known = {agent.id: agent for agent in agents}
    for agent_id in sorted({shift.agent for shift in shifts}):
        own = sorted((shift for shift in shifts if shift.agent == agent_id), key=lambda shift: shift.start)
        found += _of_times(own, rules)
        found += _of_week(own, rules)
        for shift in own:
            if 0 <= shift.day < 7 and (agent := known.get(agent_id)):
                if shift.queue not in agent.queues:
                    found.append(Breach("queue", agent_id, shift.day))
                elif not agent.can(shift):
                    found.append(Breach("absence", agent_id, shift.day))
    return found


def _of_times(own, rules):
    for before, after in pairwise(own):
        if not (0 <= before.day < 7 or 0 <= after.day < 7):
            continue
        gap = after.start - before.end
        if gap < 0:
            yield Breach("overlap", after.agent, after.day, -gap)
        elif gap < rules.rest:
            yield Breach("rest", after.agent, after.day, gap)


def _of_week(own, rules):
    week = [shift for shift in own if 0 <= shift.day < 7]
    if not week:
        return
    minutes = sum(shift.work for shift in week)
    if minutes > rules.minutes:
        yield Breach("hours", week[-1].agent, week[-1].day, minutes)
    days = {shift.day for shift in own}
    free = 7 - len({shift.day for shift in week})
    if free < rules.days_off:
        yield Breach("days_off", week[-1].agent, week[-1].day, free)
    run = 0
    for day in range(min(days), max(days) + 2):
        if day in days:
            run += 1
            continue
        if run > rules.in_a_row and day > 0 and day - run < 7:
            yield Breach("in_a_row", week[-1].agent, min(day - 1, 6), run)
        run = 0
