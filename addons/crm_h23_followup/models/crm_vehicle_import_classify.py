from odoo import models
from odoo.tools import SQL

from ..const import CHANGED, CONFLICT, FAULTY, NEW, ORPHAN, STATUSES, UNCHANGED
from ..reader.rows import COLUMNS

#: What a CDB may change without asking, beside the owner's name in another spelling.
ATTRIBUTES = ("model_name", "plate", "purchase_date", "owner_phone", "owner_street", "owner_city")
VEHICLE = (
    "engine_number",
    "frame_number",
    "purchase_date",
    "owner_name",
    "owner_phone",
    "model_name",
    "plate",
    "owner_street",
    "owner_city",
)
#: Two spellings of a name are the same name.
NAME_KEY = r"regexp_replace(upper(%s), '[^[:alnum:]]', '', 'g')"

CLASSIFY_CDB = """
WITH staged AS (
    SELECT stage.*,
           min(number) OVER by_engine AS first_engine, min(number) OVER by_frame AS first_frame,
           max(number) OVER by_engine AS last_engine, max(number) OVER by_frame AS last_frame,
           min(said) OVER by_engine = max(said) OVER by_engine
           AND min(said) OVER by_frame = max(said) OVER by_frame AS repeated
      FROM (SELECT *, md5(ROW(%(vehicle)s, branch_id)::text) AS said FROM crm_vehicle_import_stage) AS stage
    WINDOW by_engine AS (PARTITION BY status, COALESCE(engine_number, number::text)),
           by_frame AS (PARTITION BY status, COALESCE(frame_number, number::text))
), matched AS (
    SELECT staged.*, COALESCE(by_engine.id, by_frame.id) AS vehicle_id,
           LEAST(first_engine, first_frame) AS first_row, GREATEST(last_engine, last_frame) AS last_row,
           by_engine.id <> by_frame.id AS two,
           NOT (COALESCE(by_engine.branch_id = ANY(%(visible)s), TRUE)
                AND COALESCE(by_frame.branch_id = ANY(%(visible)s), TRUE)) AS hidden
      FROM staged
      LEFT JOIN crm_vehicle AS by_engine
             ON by_engine.company_id = %(company)s AND by_engine.engine_number = staged.engine_number
      LEFT JOIN crm_vehicle AS by_frame
             ON by_frame.company_id = %(company)s AND by_frame.frame_number = staged.frame_number
), told AS (
    SELECT matched.*,
           CASE WHEN matched.status = 'faulty' THEN matched.problems
                WHEN repeated AND number > first_row THEN %(same_row)s
                WHEN hidden THEN %(hidden_branch)s
                WHEN two THEN %(two_vehicles)s
                ELSE %(conflicts)s END AS told,
           CASE WHEN NOT hidden AND two IS NOT TRUE AND vehicle.id IS NOT NULL
                THEN jsonb_strip_nulls(jsonb_build_object(%(changes)s)) END AS changed
      FROM matched LEFT JOIN crm_vehicle AS vehicle ON vehicle.id = matched.vehicle_id
      LEFT JOIN crm_branch AS branch ON branch.id = vehicle.branch_id
)
INSERT INTO crm_vehicle_import_row (import_id, %(columns)s, changes, vehicle_id)
SELECT %(document)s, number,
       CASE WHEN status = 'faulty' THEN %(faulty)s
            WHEN repeated AND number > first_row THEN %(unchanged)s
            WHEN told <> '[]' THEN %(conflict)s
            WHEN vehicle_id IS NULL THEN %(new)s
            WHEN changed = '{}' THEN %(unchanged)s
            ELSE %(changed)s END,
       NULLIF(told, '[]'), %(rest)s, NULLIF(changed, '{}'), CASE WHEN NOT hidden THEN vehicle_id END
  FROM told
"""

CLASSIFY_A2 = """
WITH matched AS (
    SELECT stage.*, COALESCE(by_frame.id, by_engine.id) AS vehicle_id, by_engine.id <> by_frame.id AS two,
           COALESCE(by_engine.id = by_frame.id, stage.engine_number IS NULL OR stage.frame_number IS NULL) AS sure,
           NOT (COALESCE(by_engine.branch_id = ANY(%(visible)s), TRUE)
                AND COALESCE(by_frame.branch_id = ANY(%(visible)s), TRUE)) AS hidden
      FROM crm_vehicle_import_stage AS stage
      LEFT JOIN crm_vehicle AS by_engine
             ON by_engine.company_id = %(company)s AND by_engine.engine_number = stage.engine_number
      LEFT JOIN crm_vehicle AS by_frame
             ON by_frame.company_id = %(company)s AND by_frame.frame_number = stage.frame_number
), staged AS (
    SELECT matched.*, min(number) OVER same AS first_row, max(number) OVER same AS last_row,
           min(said) OVER same = max(said) OVER same AS repeated
      FROM (SELECT *, md5(ROW(service_date, dealer)::text) AS said FROM matched) AS matched
    WINDOW same AS (PARTITION BY status, CASE WHEN sure THEN vehicle_id ELSE -number END, kpb)
), told AS (
    SELECT staged.*, vehicle.branch_id AS vehicle_branch, vehicle.purchase_date AS bought, done.dealer AS done_at,
           done.id AS service_id, staged.service_date < vehicle.purchase_date AS too_old,
           CASE WHEN staged.status = 'faulty' THEN staged.problems
                WHEN staged.vehicle_id IS NULL THEN %(no_vehicle)s
                WHEN repeated AND number > first_row THEN %(same_row)s
                WHEN hidden THEN %(hidden_branch)s
                WHEN two THEN %(two_vehicles)s
                WHEN staged.service_date < vehicle.purchase_date THEN %(before_purchase)s
                ELSE %(conflicts)s END AS told
      FROM staged LEFT JOIN crm_vehicle AS vehicle ON vehicle.id = staged.vehicle_id
      LEFT JOIN crm_vehicle_service AS done ON done.vehicle_id = vehicle.id AND done.kpb = staged.kpb
)
INSERT INTO crm_vehicle_import_row (import_id, %(columns)s, changes, vehicle_id)
SELECT %(document)s, number,
       CASE WHEN status = 'faulty' OR (too_old AND NOT hidden AND two IS NOT TRUE) THEN %(faulty)s
            WHEN vehicle_id IS NULL THEN %(orphan)s
            WHEN repeated AND number > first_row THEN %(unchanged)s
            WHEN told <> '[]' THEN %(conflict)s
            WHEN service_id IS NULL THEN %(new)s
            WHEN dealer IS NOT NULL AND dealer IS DISTINCT FROM done_at THEN %(changed)s
            ELSE %(unchanged)s END,
       NULLIF(told, '[]'), %(rest)s,
       CASE WHEN service_id IS NOT NULL AND NOT hidden AND dealer IS NOT NULL AND dealer IS DISTINCT FROM done_at
            THEN jsonb_build_object('dealer', jsonb_build_array(done_at, dealer)) END,
       CASE WHEN NOT hidden THEN vehicle_id END
  FROM told
"""


def _problem(code, value="NULL"):
    """Return SQL of the list with one problem."""
    return f"jsonb_build_array(jsonb_build_array('{code}', NULL, {value}))"


def _problem_if(condition, code, value="NULL"):
    return f"(CASE WHEN {condition} THEN {_problem(code, value)} ELSE '[]' END)"


def _change_if(condition, name, old=None, new=None):
    """Return SQL of a pair for ``jsonb_build_object``: null where nothing changes."""
    old, new = old or f"vehicle.{name}", new or f"matched.{name}"
    return f"'{name}', CASE WHEN {condition} THEN jsonb_build_array({old}, {new}) END"


def _cdb_parts():
    """Return the variable parts of :data:`CLASSIFY_CDB`. A blank cell never erases what is known."""
    twice = "repeated IS NOT TRUE AND last_row > first_row AND matched.status IS NULL"
    other_frame = "vehicle.id IS NOT NULL AND vehicle.frame_number <> matched.frame_number"
    other_engine = "vehicle.id IS NOT NULL AND vehicle.engine_number <> matched.engine_number"
    other_name = f"matched.owner_name <> COALESCE(vehicle.owner_name, '') AND {NAME_KEY % 'matched.owner_name'} <> " + (
        NAME_KEY % "COALESCE(vehicle.owner_name, '')"
    )
    resold = (
        f"{other_name} AND vehicle.owner_name IS NOT NULL AND vehicle.owner_phone IS DISTINCT FROM matched.owner_phone"
    )
    conflicts = (
        _problem_if(twice, "twice", "CASE WHEN number = first_row THEN last_row ELSE first_row END"),
        _problem_if(other_frame, "other_frame", "vehicle.frame_number"),
        _problem_if(other_engine, "other_engine", "vehicle.engine_number"),
        _problem_if("vehicle.branch_id <> matched.branch_id", "other_branch", "branch.name"),
        _problem_if(resold, "owner_changed", "vehicle.owner_name"),
    )
    changes = [
        _change_if(f"matched.{name} IS NOT NULL AND matched.{name} IS DISTINCT FROM vehicle.{name}", name)
        for name in ATTRIBUTES
    ]
    changes += [
        _change_if(other_name, "owner_name"),
        _change_if(other_frame, "frame_number"),
        _change_if(other_engine, "engine_number"),
        _change_if(
            "vehicle.branch_id <> matched.branch_id",
            "branch_id",
            "branch.name",
            "(SELECT name FROM crm_branch WHERE id = matched.branch_id)",
        ),
    ]
    return {"conflicts": SQL(" || ".join(conflicts)), "changes": SQL(", ".join(changes))}


def _a2_parts():
    """Return the variable parts of :data:`CLASSIFY_A2`."""
    conflicts = (
        _problem_if(
            "repeated IS NOT TRUE AND last_row > first_row AND staged.status IS NULL",
            "twice",
            "CASE WHEN number = first_row THEN last_row ELSE first_row END",
        ),
        _problem_if("vehicle.frame_number <> staged.frame_number", "other_frame", "vehicle.frame_number"),
        _problem_if("vehicle.engine_number <> staged.engine_number", "other_engine", "vehicle.engine_number"),
        _problem_if("done.day <> staged.service_date", "service_differs", "done.day"),
    )
    return {
        "conflicts": SQL(" || ".join(conflicts)),
        "no_vehicle": SQL(_problem("no_vehicle")),
        "before_purchase": SQL(_problem("before_purchase", "vehicle.purchase_date")),
        "orphan": ORPHAN,
    }


class CrmVehicleImport(models.Model):
    """Classifying the rows: one join of the file with the vehicles, however many there are."""

    _inherit = "crm.vehicle.import"

    def _classify(self, kind):
        """Insert the rows of the temporary table among the import's, each with what would become of it."""
        names = [name for name in COLUMNS if name not in ("number", "status", "problems")]
        cdb = kind == "cdb"
        rest = ["COALESCE(vehicle_branch, branch_id)" if name == "branch_id" and not cdb else name for name in names]
        parts = _cdb_parts() if cdb else _a2_parts()
        self.env.cr.execute(
            SQL(
                CLASSIFY_CDB if cdb else CLASSIFY_A2,
                **parts,
                **({"vehicle": SQL(", ".join(VEHICLE))} if cdb else {}),
                document=self.id,
                company=self.company_id.id,
                visible=list(self.env.user.visible_branch_ids.ids),
                columns=SQL(", ".join(COLUMNS)),
                rest=SQL(", ".join(rest)),
                same_row=SQL(_problem("same_row", "first_row")),
                hidden_branch=SQL(_problem("hidden_branch")),
                two_vehicles=SQL(_problem("two_vehicles")),
                faulty=FAULTY,
                unchanged=UNCHANGED,
                conflict=CONFLICT,
                new=NEW,
                changed=CHANGED,
            )
        )
        self.env["crm.vehicle.import.row"].invalidate_model()

    def _counts(self):
        """Return the figures of the rows as values to write."""
        found = dict(
            self.env.execute_query(
                SQL("SELECT status, count(*) FROM crm_vehicle_import_row WHERE import_id = %s GROUP BY status", self.id)
            )
        )
        counts = {f"{status}_count": found.get(status, 0) for status, __ in STATUSES}
        return {**counts, "row_count": sum(found.values()), "todo_count": found.get(NEW, 0) + found.get(CHANGED, 0)}
