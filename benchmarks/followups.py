"""A day's follow-ups of a million motorcycles, and an admin's screens among a million follow-ups.

Generation: twenty branches with five admins each, motorcycles bought over the last year, the follow-ups of the last 30
days made and unanswered. What comes due today is made in a transaction that is taken back, in turns with the bare
``INSERT … SELECT`` of the same rows into the same tables: no question whether they are there, nothing noted.
Screens: in two more databases, of 10,000 and 1,000,000 follow-ups, with as many to do for each admin.

Goal: generation takes at most twice the bare statements; work list and kanban, of an admin and of a branch, at most 1.5
times as long among a million follow-ups as among 10,000. The environment's ``VEHICLES`` and ``FOLLOWUPS`` set other
numbers of them.
"""

import contextlib
import os
import time

from tools import database, postgres, templates
from tools.console import step

from .common import main, measured, median, processes, table, transaction, verdict

ADDON = "crm_h23_followup"
NAMES = ("bench_followup", "bench_followup_small", "bench_followup_big")
VEHICLES = int(os.environ.get("VEHICLES", "1000000"))
FEW, MANY = 10_000, int(os.environ.get("FOLLOWUPS", "1000000"))
BRANCHES, ADMINS = 20, 5
#: Follow-ups of one branch, of which one in so many is to be done.
PER_BRANCH, OPEN = 10_000, 30
ROUNDS, SCREEN_ROUNDS, WARM_UP = 5, 15, 3
GENERATION_GOAL, SCREEN_GOAL = 2.0, 1.5


@contextlib.contextmanager
def _databases():
    with postgres.running("pg-test", throw_away=True):
        template = templates.template([ADDON])
        try:
            with step("Databases"):
                for name in NAMES:
                    database.drop(name)
                database.clone(template, NAMES[0])
                database.run_odoo(NAMES[0], "-i", ADDON, log="bench-install.log")
                for name in NAMES[1:]:
                    database.clone(NAMES[0], name)
            yield
        finally:
            for name in NAMES:
                database.drop(name)


# === INSIDE AN ODOO PROCESS: WHAT THERE IS === #


def _make_branches(env, count):
    """Make branches with a manager in charge and admins; the last of the admins has the same place in each database."""
    env = env(context={"no_reset_password": True})
    officer, manager = env.ref("crm_base.group_officer"), env.ref("crm_base.group_manager")
    users = env["res.users"].create(
        [
            {
                "name": f"Admin {b}.{n}",
                "login": f"admin{b}_{n}",
                "group_ids": [(6, 0, [(officer if n else manager).id])],
            }
            for b in range(count)
            for n in range(ADMINS + 1)
        ]
    )
    return env["crm.branch"].create(
        [
            {
                "name": f"Branch {b}",
                "code": f"B{b}",
                "tz": "Asia/Jakarta",
                "pic_id": users[b * (ADMINS + 1)].id,
                "user_ids": [(6, 0, users[b * (ADMINS + 1) : (b + 1) * (ADMINS + 1)].ids)],
            }
            for b in range(count)
        ]
    )


def _make_vehicles(env, branches, count):
    """Make motorcycles bought evenly over the last year."""
    env.cr.execute(
        """
        INSERT INTO crm_vehicle (active, branch_id, company_id, engine_number, frame_number, model_name, plate,
                                 purchase_date, owner_name, owner_phone, create_uid, write_uid, create_date, write_date)
        SELECT TRUE, (%(branches)s::int[])[1 + n %% %(many)s], %(company)s, 'JM81E' || 1000000 + n,
               'MH1JM811' || 1000000 + n, 'BeAT', 'D ' || n %% 9000 + 1000 || ' ABC', %(today)s::date - n %% 365,
               'Owner ' || n, '+62812' || 10000000 + n, 1, 1, now(), now()
          FROM generate_series(1, %(count)s) n
        """,
        {
            "branches": branches.ids,
            "many": len(branches),
            "company": env.company.id,
            "today": branches[0]._today(),
            "count": count,
        },
    )
    env.cr.execute("ANALYZE crm_vehicle")


def _make_past(registry, count):
    """Make the vehicles, and what came due until yesterday, all unanswered."""
    from datetime import timedelta  # noqa: PLC0415

    def make(env):
        branches = _make_branches(env, BRANCHES)
        _make_vehicles(env, branches, count)
        yesterday = branches[0]._today() - timedelta(days=1)
        env["crm.followup.run"].create([{"branch_id": branch.id, "day": yesterday} for branch in branches])
        env.company.followup_late_days = 30
        schedule = env["crm.followup.schedule"]._in_force(env.company, yesterday)
        env["crm.followup.case"]._follow_schedule(branches, schedule, yesterday)
        env.company.followup_late_days = 7
        env.flush_all()
        env.cr.execute(
            """
            UPDATE crm_followup_case SET user_id = admins[1 + crm_followup_case.id % cardinality(admins)]
              FROM (SELECT branch_id, array_agg(user_id ORDER BY user_id) AS admins
                      FROM crm_branch_users_rel GROUP BY branch_id) members
             WHERE members.branch_id = crm_followup_case.branch_id
            """
        )
        env.cr.execute(
            "UPDATE crm_followup SET state = 'done', result = 'no_response', feedback = '-', done_at = now()"
            " WHERE state = 'todo'"
        )
        env.cr.execute("UPDATE crm_followup_case SET state = 'unreachable' WHERE state = 'open' AND next_step IS NULL")

    transaction(registry, make)
    with registry.cursor() as cr:
        cr._cnx.autocommit = True
        cr.execute("VACUUM ANALYZE crm_followup")
        cr.execute("VACUUM ANALYZE crm_followup_case")


# === INSIDE AN ODOO PROCESS: GENERATION === #

BARE = (
    """
    INSERT INTO crm_followup_case (vehicle_id, branch_id, company_id, kpb, schedule_id, due_date, expires_on, last_step,
                                   next_step, next_date, state, create_uid, create_date, write_uid, write_date)
    SELECT vehicle.id, branch_id, company_id, kpb, schedule_id, purchase_date + base_days,
           purchase_date + base_days + window_days, '1', '2', purchase_date + base_days + 15, 'open', 1, now(), 1, now()
      FROM crm_vehicle vehicle JOIN crm_followup_schedule_line ON purchase_date = %(today)s::date - base_days
    """,
    """
    INSERT INTO crm_followup (case_id, vehicle_id, branch_id, company_id, kpb, step, channel, due_date, scheduled_date,
                              state, create_uid, create_date, write_uid, write_date)
    SELECT cases.id, vehicle_id, branch_id, company_id, kpb, step, channel, due_date + offset_days,
           due_date + offset_days, 'todo', 1, now(), 1, now()
      FROM crm_followup_case cases
      JOIN crm_followup_schedule_step step
        ON step.schedule_id = cases.schedule_id AND cases.due_date = %(today)s::date - offset_days
    """,
)


def _generate(registry, how):
    """Make today's follow-ups one way or the other, and take them back; return (seconds, how many)."""
    from odoo.api import SUPERUSER_ID, Environment  # noqa: PLC0415

    with registry.cursor() as cr:
        env = Environment(cr, SUPERUSER_ID, {})
        branches = env["crm.branch"].search([("code", "=like", "B%")])
        day = branches[0]._today()
        schedule = env["crm.followup.schedule"]._in_force(env.company, day)
        began = time.perf_counter()
        if how == "bare":
            for statement in BARE:
                cr.execute(statement, {"today": day})
        elif how == "ours":
            env["crm.followup.case"]._follow_schedule(branches, schedule, day)
        else:
            env["crm.followup.run"]._generate(branches)
        env.flush_all()
        took = time.perf_counter() - began
        cr.execute("SELECT count(*) FROM crm_followup WHERE state = 'todo' AND due_date = %s", [day])
        made = cr.fetchone()[0]
        if how == "whole":
            began = time.perf_counter()
            env["crm.followup.run"]._generate(branches)
            env.flush_all()
            again = time.perf_counter() - began
            cr.execute("SELECT count(*) FROM crm_followup WHERE state = 'todo' AND due_date = %s", [day])
            assert cr.fetchone()[0] == made
            took = (took, again)
        cr.rollback()
    with registry.cursor() as cr:
        cr._cnx.autocommit = True
        cr.execute("VACUUM crm_followup")
        cr.execute("VACUUM crm_followup_case")
    return took, made


# === INSIDE AN ODOO PROCESS: SCREENS === #


def _make_followups(registry, count):
    """Make that many follow-ups, one a vehicle, of which each admin has as many to do in every database."""

    def make(env):
        branches = _make_branches(env, count // PER_BRANCH)
        _make_vehicles(env, branches, count)
        schedule = env.ref("crm_h23_followup.crm_followup_schedule_document")
        admins = [branch.user_ids.sorted("id")[1:].ids for branch in branches]
        env.cr.execute(
            """
            INSERT INTO crm_followup_case (vehicle_id, branch_id, company_id, kpb, schedule_id, user_id, due_date,
                                           expires_on, last_step, state, create_uid, write_uid)
            SELECT id, branch_id, company_id, 1 + id %% 4, %(schedule)s,
                   (%(admins)s::int[])[(array_position(%(branches)s, branch_id) - 1) * %(each)s
                                       + 1 + id / %(many)s %% %(each)s],
                   %(today)s::date - id %% 300 - 1, %(today)s::date + 30, '2', 'open', 1, 1
              FROM crm_vehicle
            """,
            {
                "schedule": schedule.id,
                "admins": [admin for each in admins for admin in each],
                "branches": branches.ids,
                "each": ADMINS,
                "many": len(branches),
                "today": branches[0]._today(),
            },
        )
        env.cr.execute(
            """
            INSERT INTO crm_followup (case_id, vehicle_id, branch_id, company_id, kpb, step, channel, due_date,
                                      scheduled_date, user_id, state, result, feedback, done_at, create_uid, write_uid)
            SELECT id, vehicle_id, branch_id, company_id, kpb, '2', 'call', due_date, due_date, user_id,
                   CASE WHEN open THEN 'todo' ELSE 'done' END, CASE WHEN NOT open THEN 'no_response' END,
                   CASE WHEN NOT open THEN '-' END, CASE WHEN NOT open THEN now() END, 1, 1
              FROM (SELECT *, hashint4(vehicle_id) %% %(open)s = 0 AS open FROM crm_followup_case) cases
            """,
            {"open": OPEN},
        )

    transaction(registry, make)
    with registry.cursor() as cr:
        cr._cnx.autocommit = True
        for name in ("crm_followup", "crm_followup_case", "crm_vehicle"):
            cr.execute(f"VACUUM ANALYZE {name}")


def _specification(env, kind):
    """Return what the web client reads in the view of that kind."""
    view = env["crm.followup"].get_view(view_type=kind)
    names = view["models"]["crm.followup"]
    fields = env["crm.followup"]._fields
    return {
        name: {"fields": {"display_name": {}}} if fields[name].type == "many2one" else {}
        for name in names
        if name in fields and name in view["arch"]
    }


def _domain(env, mine):
    todo = [("state", "=", "todo"), ("due_date", "<=", "today")]
    return [*todo, ("user_id", "=", env.uid)] if mine else todo


def _list(env, mine):
    reply = env["crm.followup"].web_search_read(_domain(env, mine), _specification(env, "list"), limit=80)
    assert reply["length"], reply
    return reply["length"]


def _kanban(env, mine):
    reply = env["crm.followup"].web_read_group(
        _domain(env, mine),
        ["kpb"],
        ["__count"],
        auto_unfold=True,
        unfold_read_specification=_specification(env, "kanban"),
        unfold_read_default_limit=40,
    )
    assert sum(group["__count"] for group in reply["groups"])
    return sum(group["__count"] for group in reply["groups"])


SCREENS = (
    ("admin's work list", _list, True, "admin0_3"),
    ("admin's kanban", _kanban, True, "admin0_3"),
    ("branch's work list", _list, False, "admin0_0"),
    ("branch's kanban", _kanban, False, "admin0_0"),
)


def _screen(registry, place):
    __, work, mine, login = SCREENS[place]
    cost, found = measured(registry, lambda env: work(env, mine), login)
    return cost.busy, found


# === MEASURING === #


def _measure_generation(odoo):
    odoo.call(_make_past, VEHICLES)
    times = {"bare": [], "ours": [], "whole": []}
    made = {}
    for number in range(ROUNDS + 1):
        for how, values in times.items():
            took, made[how] = odoo.call(_generate, how)
            if number:
                values.append(took)
    assert made["bare"] == made["ours"] == made["whole"], made
    bare, ours = median(times["bare"]), median(times["ours"])
    whole, again = (median(values) for values in zip(*times["whole"], strict=True))
    table(
        f"{made['ours']:,} follow-ups due among {VEHICLES:,} motorcycles, median of {ROUNDS}",
        ("", "seconds", "against bare"),
        [
            ("bare INSERT … SELECT", f"{bare:.2f}", "1.00"),
            ("generation", f"{ours:.2f}", f"{ours / bare:.2f}"),
            ("… handed out, counted, admins told", f"{whole:.2f}", f"{whole / bare:.2f}"),
            ("… all of it again", f"{again:.2f}", f"{again / bare:.2f}"),
        ],
    )
    words = f"generation: {ours / bare:.2f} × the bare statements (goal: {GENERATION_GOAL})"
    return words, ours <= GENERATION_GOAL * bare


def _measure_screens(small, big):
    small.call(_make_followups, FEW)
    big.call(_make_followups, MANY)
    times = {(odoo, place): [] for odoo in (small, big) for place in range(len(SCREENS))}
    found = {}
    for number in range(SCREEN_ROUNDS + WARM_UP):
        for (odoo, place), values in times.items():
            took, found[odoo, place] = odoo.call(_screen, place)
            if number >= WARM_UP:
                values.append(took)
    rows, goals = [], []
    for place, (name, *__) in enumerate(SCREENS):
        few, many = (median(times[odoo, place]) for odoo in (small, big))
        counts = [f"{found[odoo, place]:,}" for odoo in (small, big)]
        rows.append((name, *counts, f"{few:.1f}", f"{many:.1f}", f"{many / few:.2f}"))
        words = f"{name}: {many / few:.2f} × among {MANY:,} (goal: {SCREEN_GOAL})"
        goals.append((words, many <= SCREEN_GOAL * few))
    header = ("", f"to do of {FEW:,}", f"to do of {MANY:,}", f"ms at {FEW:,}", f"ms at {MANY:,}", "ratio")
    table(f"Screens, median of {SCREEN_ROUNDS}", header, rows)
    return goals


def run():
    with _databases(), processes(*NAMES) as (odoo, small, big):
        return verdict(_measure_generation(odoo), *_measure_screens(small, big))


if __name__ == "__main__":
    main(run)
