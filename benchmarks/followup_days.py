"""H+n at every hour of ten years in Jakarta, Warsaw and UTC: on which day a follow-up comes due.

Two ways, each against a calendar of its own (``zoneinfo`` here, ``pytz`` in Odoo):

- every hour from 2024 to 2034, each of the twelve offsets: the branch's day, and what is due then;
- the nightly run itself, every hour of the days around each change of the clocks, the leap days and New Year: a
  motorcycle for each offset comes due within the first hour of its day, and only once.

Goal: 0 wrong days.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from .common import main, one_database, processes, table, transaction, verdict

ADDON, NAME = "crm_h23_followup", "bench_followup_days"
ZONES = ("Asia/Jakarta", "Europe/Warsaw", "UTC")
FIRST, LAST = datetime(2024, 1, 1), datetime(2034, 1, 1)  # noqa: DTZ001 - naive UTC, as Odoo's
#: Days whose every hour the nightly run itself is tried at.
CRITICAL = (
    *((2026, 3, day) for day in (28, 29, 30)),
    *((2026, 10, day) for day in (24, 25, 26)),
    *((2028, 2, day) for day in (28, 29)),
    (2028, 3, 1),
    (2027, 12, 31),
    (2028, 1, 1),
)


def _true_day(moment, zone):
    """Return the calendar date in the zone at a naive moment of UTC, by this module's own calendar."""
    return moment.replace(tzinfo=ZoneInfo("UTC")).astimezone(ZoneInfo(zone)).date()


# === INSIDE AN ODOO PROCESS === #


def _every_hour(registry, zone):
    """Return (hours, offsets tried, wrong ones)."""

    def count(env):
        branch = env["crm.branch"].create({"name": zone, "code": zone[:8], "tz": zone})
        hours = [FIRST + timedelta(hours=hour) for hour in range(int((LAST - FIRST).total_seconds()) // 3600)]
        rows = [(branch._local(hour).date(), _true_day(hour, zone)) for hour in hours]
        wrong = sum(ours != true for ours, true in rows)
        env.cr.execute("CREATE TEMPORARY TABLE bench_days (ours date, truth date)")
        env.cr.execute(
            "INSERT INTO bench_days SELECT * FROM unnest(%s::date[], %s::date[])",
            [[ours for ours, __ in rows], [true for __, true in rows]],
        )
        # bought n days ago: due; bought a day later: not yet; by the comparison that the run makes
        env.cr.execute(
            """
            SELECT count(*), count(*) FILTER (WHERE NOT (bought <= until AND bought + 1 > until
                                                         AND bought + line.base_days + step.offset_days = truth))
              FROM bench_days
             CROSS JOIN crm_followup_schedule_line line
              JOIN crm_followup_schedule_step step ON step.schedule_id = line.schedule_id
             CROSS JOIN LATERAL (SELECT truth - line.base_days - step.offset_days AS bought,
                                        ours - line.base_days - step.offset_days AS until) days
            """
        )
        tried, off = env.cr.fetchone()
        env.cr.execute("DROP TABLE bench_days")
        return len(hours), tried, wrong + off

    return transaction(registry, count)[0]


def _run_itself(registry, zone):
    """Return (runs, follow-ups, wrong ones) of the nightly run at every hour of the critical days."""
    from freezegun import freeze_time  # noqa: PLC0415

    from odoo.api import SUPERUSER_ID, Environment  # noqa: PLC0415

    runs = found = wrong = 0
    for critical in CRITICAL:
        with registry.cursor() as cr:
            env = Environment(cr, SUPERUSER_ID, {})
            branch = env["crm.branch"].create({"name": zone, "code": f"R {zone[:6]}", "tz": zone})
            midnight = datetime(*critical)  # noqa: DTZ001 - naive UTC, as Odoo's
            begin = midnight - timedelta(hours=14)
            with freeze_time(begin - timedelta(days=1)):
                env["crm.followup.run"]._generate(branch)
            vehicles = _vehicles(env, branch, midnight.date())
            seen = {}
            for hour in range(52):
                moment = begin + timedelta(hours=hour)
                with freeze_time(moment):
                    if branch in env["crm.followup.run"]._branches_due():
                        env["crm.followup.run"]._generate(branch)
                        runs += 1
                env.flush_all()
                cr.execute(
                    "SELECT vehicle_id, count(*) FROM crm_followup WHERE vehicle_id = ANY(%s) AND state = 'todo'"
                    " GROUP BY vehicle_id",
                    [list(vehicles)],
                )
                for vehicle, count in cr.fetchall():
                    seen.setdefault(vehicle, moment)
                    wrong += count > 1
            for vehicle, due in vehicles.items():
                moment = seen.get(vehicle)
                found += 1
                # within the hour in which the day begins, neither before nor after
                wrong += (
                    moment is None
                    or _true_day(moment, zone) != due
                    or _true_day(moment - timedelta(hours=1), zone) == due
                )
            cr.rollback()
    return runs, found, wrong


def _vehicles(env, branch, day):
    """Make a motorcycle for each offset, which comes due on that day; return vehicle → day."""
    schedule = env.ref("crm_h23_followup.crm_followup_schedule_document")
    bought = [
        day - timedelta(days=line.base_days + number.offset_days)
        for line in schedule.line_ids
        for number in schedule.step_ids
    ]
    env.cr.execute(
        """
        INSERT INTO crm_vehicle (active, branch_id, company_id, engine_number, frame_number, purchase_date, owner_name)
        SELECT TRUE, %s, %s, 'JM81E' || 1000000 + n, 'MH1JM811' || 1000000 + n, bought, 'Owner'
          FROM unnest(%s::date[]) WITH ORDINALITY AS days (bought, n)
     RETURNING id
        """,
        [branch.id, branch.company_id.id, bought],
    )
    return {id_: day for (id_,) in env.cr.fetchall()}


def run():
    rows, total = [], 0
    with one_database(NAME, ADDON), processes(NAME) as (odoo,):
        for zone in ZONES:
            hours, tried, wrong = odoo.call(_every_hour, zone)
            runs, found, wrong_runs = odoo.call(_run_itself, zone)
            total += wrong + wrong_runs
            rows.append((zone, f"{hours:,}", f"{tried:,}", wrong, runs, found, wrong_runs))
    header = ("", "hours", "offsets × hours", "wrong", "nightly runs", "follow-ups", "wrong")
    table("H+n by the branch's calendar", header, rows)
    return verdict((f"{total} wrong days (goal: 0)", not total))


if __name__ == "__main__":
    main(run)
