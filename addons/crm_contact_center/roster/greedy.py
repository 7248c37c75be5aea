"""Plan one shift after the other, each where it helps most. What a plan is where ``ortools`` isn't installed."""

from .problem import breaches


def solve(problem):
    """Return shifts that respect the rules: no further one would cover anything more."""
    shifts, left = [], problem.left()
    worked = {agent.id: 0 for agent in problem.agents}
    closed = set()  # options that nobody can have any more
    while True:
        ranked = sorted(
            ((gain, number) for number, option in enumerate(problem.options) if (gain := _gain(option, left)) > 0),
            key=lambda one: (-one[0], one[1]),
        )
        for _gain_of, number in ranked:
            option = problem.options[number]
            if number in closed:
                continue
            shift = _taken(problem, option, shifts, worked)
            if shift:
                break
            closed.add(number)
        else:
            return shifts
        shifts.append(shift)
        worked[shift.agent] += shift.work
        for interval in shift.covers:
            left[shift.queue][interval] -= 1


def _gain(option, left):
    """Return how much of a shift is needed; what isn't counts a little against it."""
    need = left.get(option.queue, ())
    wanted = sum(1 for interval in option.covers if need[interval] > 0)
    return wanted - 0.1 * (len(option.covers) - wanted) if wanted else 0


def _taken(problem, option, shifts, worked):
    """Return the option as a shift of whom it suits: those who can do least else, and have worked least, first."""
    for agent in sorted(problem.agents, key=lambda agent: (len(agent.queues), worked[agent.id], agent.id)):
        if not agent.can(option):
            continue
        shift = given_to(option, agent.id)
        own = [one for one in (*problem.given, *shifts) if one.agent == agent.id]
        if any(one.day == shift.day for one in own):
            continue
        if not breaches([*own, shift], [agent], problem.rules):
            return shift
    return None


def given_to(option, agent):
    """Return the option as a shift of that agent."""
    return type(option)(
        agent, option.day, option.start, option.end, option.pause, option.queue, option.covers, option.breaks
    )
