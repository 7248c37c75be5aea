"""Plan all shifts of a week at once, by constraint programming (``ortools``, CP-SAT)."""

from collections import defaultdict

from .greedy import given_to

#: An agent missing counts so much more than an agent too many in an interval, and that more than a minute of work.
SHORT, OVER, MINUTE = 10_000, 300, 1


def solve(problem, seconds, hint=()):
    """Return the best shifts found in that time, never worse than the hint, and whether they are proven to be.

    :raise ImportError: ``ortools`` isn't installed
    """
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    chosen = _choices(model, problem)
    _respect(model, problem, chosen)
    model.minimize(_cost(model, problem, chosen))
    _remember(model, chosen, hint)
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = 8  # as many ways to search; they share the processors that there are
    solver.parameters.random_seed = 8
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return list(hint), False
    shifts = [given_to(option, agent.id) for agent, option, choice in chosen if solver.value(choice)]
    return shifts, status == cp_model.OPTIMAL


def _choices(model, problem):
    return [
        (agent, option, model.new_bool_var(f"a{agent.id}o{number}"))
        for agent in problem.agents
        for number, option in enumerate(problem.options)
        if agent.can(option)
    ]


def _respect(model, problem, chosen):
    of_agent, given = defaultdict(list), defaultdict(list)
    for agent, option, choice in chosen:
        of_agent[agent.id].append((option, choice))
    for shift in problem.given:
        given[shift.agent].append(shift)
    for agent, choices in of_agent.items():
        _respect_days(model, problem.rules, choices, given[agent])
        _respect_rest(model, problem.rules, choices, given[agent])


def _respect_days(model, rules, choices, given):
    """One shift a day, the week's hours, days off, days in a row."""
    settled = {shift.day for shift in given}
    days = {day: 1 if day in settled else 0 for day in range(-rules.in_a_row - 1, 7 + rules.in_a_row + 1)}
    for day in range(7):
        of_day = [choice for option, choice in choices if option.day == day]
        if day in settled:
            for choice in of_day:
                model.add(choice == 0)
        elif of_day:
            days[day] = sum(of_day)
            model.add(days[day] <= 1)
    before = sum(shift.work for shift in given if 0 <= shift.day < 7)
    model.add(sum(option.work * choice for option, choice in choices) <= max(0, rules.minutes - before))
    _at_most(model, [days[day] for day in range(7)], 7 - rules.days_off)
    for first in range(-rules.in_a_row, 7):
        _at_most(model, [days[day] for day in range(first, first + rules.in_a_row + 1)], rules.in_a_row)


def _at_most(model, terms, most):
    fixed = sum(term for term in terms if isinstance(term, int))
    rest = [term for term in terms if not isinstance(term, int)]
    if rest:
        model.add(sum(rest) <= max(0, most - fixed))


def _respect_rest(model, rules, choices, given):
    for option, choice in choices:
        if any(option.start < shift.end + rules.rest and shift.start < option.end + rules.rest for shift in given):
            model.add(choice == 0)
    for day in range(6):
        today = [(option, choice) for option, choice in choices if option.day == day]
        tomorrow = [(option, choice) for option, choice in choices if option.day == day + 1]
        for end in sorted({option.end for option, _choice in today}):
            late = [choice for option, choice in today if option.end >= end]
            early = [choice for option, choice in tomorrow if option.start < end + rules.rest]
            if early:
                model.add_at_most_one(late + early)


def _cost(model, problem, chosen):
    terms, covering = [], defaultdict(list)
    for _agent, option, choice in chosen:
        terms.append(MINUTE * option.work * choice)
        for interval in option.covers:
            covering[option.queue, interval].append(choice)
    for queue, left in problem.left().items():
        for interval, missing in enumerate(left):
            there = covering[queue, interval]
            if missing > 0:
                short = model.new_int_var(0, missing, f"s{queue}_{interval}")
                model.add(short >= missing - sum(there))
                terms.append(SHORT * short)
            if len(there) > max(0, missing):
                over = model.new_int_var(0, len(there), f"o{queue}_{interval}")
                model.add(over >= sum(there) - max(0, missing))
                terms.append(OVER * over)
    return sum(terms)


def _remember(model, chosen, hint):
    wanted = {(shift.agent, shift.day, shift.start, shift.end, shift.queue, shift.breaks) for shift in hint}
    for agent, option, choice in chosen:
        key = (agent.id, option.day, option.start, option.end, option.queue, option.breaks)
        model.add_hint(choice, int(key in wanted))
