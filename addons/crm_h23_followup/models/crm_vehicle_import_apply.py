import logging

from psycopg2 import IntegrityError, errors
from psycopg2.extras import Json

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..const import A2, CHANGED, CONFLICT, FAULTY, NEW
from .crm_vehicle_import_classify import NAME_KEY, VEHICLE

_logger = logging.getLogger(__name__)

#: Rows that are taken over in one transaction.
BATCH = 5_000
#: Up to so many the button waits for them; beyond, the scheduler takes them over and the form shows how far it is.
AT_ONCE = 2_000
#: Days for which the rows of an import that is done are kept.
KEPT_DAYS = 90
RETRIED = (errors.SerializationFailure, errors.DeadlockDetected, errors.LockNotAvailable)

TODO = """
    SELECT id, status FROM crm_vehicle_import_row
     WHERE import_id = %s AND done IS NOT TRUE
       AND (status IN ('new', 'changed') OR (status = 'conflict' AND decision IS NOT NULL))
"""

INSERT_VEHICLES = """
WITH inserted AS (
    INSERT INTO crm_vehicle (company_id, branch_id, phone_problem, active,
                             create_uid, write_uid, create_date, write_date, %(vehicle)s)
    SELECT branch.company_id, row.branch_id, row.phone_problem, TRUE,
           %(uid)s, %(uid)s, %(now)s, %(now)s, %(row_vehicle)s
      FROM crm_vehicle_import_row AS row
      JOIN crm_branch AS branch ON branch.id = row.branch_id AND branch.company_id = %(company)s
     WHERE row.id = ANY(%(ids)s) AND row.branch_id = ANY(%(visible)s)
        ON CONFLICT DO NOTHING
    RETURNING id, engine_number
)
UPDATE crm_vehicle_import_row AS row SET done = TRUE, vehicle_id = inserted.id
  FROM inserted WHERE row.id = ANY(%(ids)s) AND row.engine_number = inserted.engine_number
RETURNING row.id
"""

UPDATE_VEHICLES = """
UPDATE crm_vehicle AS vehicle
   SET %(assignments)s, write_uid = %(uid)s, write_date = %(now)s
  FROM crm_vehicle_import_row AS row
 WHERE row.id = ANY(%(ids)s) AND vehicle.id = row.vehicle_id
   AND vehicle.branch_id = row.branch_id AND vehicle.branch_id = ANY(%(visible)s)
   AND vehicle.engine_number = row.engine_number AND vehicle.frame_number = row.frame_number
RETURNING row.id, vehicle.id, row.changes ? 'purchase_date', row.changes ? 'owner_phone'
"""

UPSERT_SERVICES = """
INSERT INTO crm_vehicle_service (vehicle_id, branch_id, company_id, kpb, day, dealer, import_id,
                                 create_uid, write_uid, create_date, write_date)
SELECT vehicle.id, vehicle.branch_id, vehicle.company_id, row.kpb, row.service_date, row.dealer, row.import_id,
       %(uid)s, %(uid)s, %(now)s, %(now)s
  FROM crm_vehicle_import_row AS row JOIN crm_vehicle AS vehicle ON vehicle.id = row.vehicle_id
 WHERE row.id = ANY(%(ids)s) AND vehicle.company_id = %(company)s AND vehicle.branch_id = ANY(%(visible)s)
    ON CONFLICT (vehicle_id, kpb) DO UPDATE
   SET day = CASE WHEN %(overwrite)s THEN excluded.day ELSE crm_vehicle_service.day END, dealer = excluded.dealer,
       write_uid = excluded.write_uid, write_date = excluded.write_date
 WHERE %(overwrite)s OR crm_vehicle_service.day = excluded.day
RETURNING id, vehicle_id, kpb
"""


class CrmVehicleImport(models.Model):
    """Taking over: batch by batch, each with its rows' marks in one transaction, so that a crash repeats nothing."""

    _inherit = "crm.vehicle.import"

    # === BUSINESS METHODS === #

    def _start_applying(self):
        """Take over few rows at once; leave many to the scheduler."""
        for document in self:
            todo = len(document._todo(None))
            document._write_facts({"todo_count": todo, "done_count": 0})
            if todo <= AT_ONCE:
                while document._apply_batch():
                    pass
                document._finish()
            else:
                self.env.ref("crm_h23_followup.ir_cron_import")._trigger()

    @api.model
    def _cron_apply(self):
        """Take over what waits, and commit after each batch: what is done stays done."""
        cron = self.env["ir.cron"]
        for document in self.search([("state", "=", "applying")], order="id"):
            while taken := document._apply_retried():
                cron._commit_progress(taken, remaining=document.todo_count - document.done_count)
            document._finish()
            cron._commit_progress()

    def _apply_retried(self):
        """Take over a batch, again from the start where somebody else was faster; return how many rows."""
        for __ in range(5):
            try:
                return self._apply_batch()
            except RETRIED as error:
                self.env.cr.rollback()
                self.env.invalidate_all()
                _logger.info("%s: a batch is taken over again, %s", self.file_name, type(error).__name__)
        return self._apply_batch()

    def _todo(self, limit):
        """Return (row id, status) of what is to be taken over, the first rows or all."""
        query = SQL(TODO, self.id)
        return self.env.execute_query(SQL("%s ORDER BY number LIMIT %s", query, limit) if limit else query)

    def _apply_batch(self):
        """Take over the next rows; return how many."""
        self.ensure_one()
        self.env.flush_all()
        todo = self._todo(BATCH)
        services = self._apply_services if self.kind == A2 else None
        for status, take in ((NEW, self._apply_new), (CHANGED, self._apply_changed)):
            if ids := [id_ for id_, of_row in todo if of_row == status]:
                (services or take)(ids)
        if decided := [id_ for id_, of_row in todo if of_row == CONFLICT]:
            self._apply_decided(self.env["crm.vehicle.import.row"].browse(decided))
        self.env["crm.vehicle.import.row"].invalidate_model()
        if todo:
            self._write_facts({"done_count": self.done_count + len(todo)})
            self._tell_progress()
        return len(todo)

    def _values(self, ids):
        """Return what the statements share. The rights are those of who pressed the button, as they are now."""
        return {
            "ids": ids,
            "uid": self.user_id.id,
            "now": self.env.cr.now(),
            "company": self.company_id.id,
            "visible": list(self.user_id.sudo().visible_branch_ids.ids),
        }

    def _apply_new(self, ids):
        vehicle = SQL(", ").join(SQL.identifier(name) for name in VEHICLE)
        row_vehicle = SQL(", ").join(SQL.identifier("row", name) for name in VEHICLE)
        query = SQL(INSERT_VEHICLES, **self._values(ids), vehicle=vehicle, row_vehicle=row_vehicle)
        self._leave_others(ids, [id_ for (id_,) in self.env.execute_query(query)])
        self.env["crm.vehicle"].invalidate_model()

    def _apply_changed(self, ids):
        self._change_contacts(ids)
        assignments = [
            SQL("%s = COALESCE(row.%s, vehicle.%s)", *[SQL.identifier(name)] * 3)
            for name in VEHICLE
            if name not in ("engine_number", "frame_number", "owner_name")
        ]
        other = SQL(f"{NAME_KEY} <> {NAME_KEY}" % ("row.owner_name", "COALESCE(vehicle.owner_name, '')"))
        assignments.append(SQL("owner_name = CASE WHEN %s THEN row.owner_name ELSE vehicle.owner_name END", other))
        problem = (
            "phone_problem = CASE WHEN row.owner_phone IS NULL THEN vehicle.phone_problem ELSE row.phone_problem END"
        )
        assignments.append(SQL(problem))
        query = SQL(UPDATE_VEHICLES, **self._values(ids), assignments=SQL(", ").join(assignments))
        changed = self.env.execute_query(query)
        self._mark_done([id_ for id_, *__ in changed])
        self._leave_others(ids, [id_ for id_, *__ in changed])
        self.env["crm.vehicle"].invalidate_model()
        vehicles = self.env["crm.vehicle"]
        vehicles.browse(vehicle for __, vehicle, moved, __ in changed if moved)._purchase_date_changed()
        vehicles.browse(vehicle for __, vehicle, __, other_phone in changed if other_phone)._phone_corrected()

    def _change_contacts(self, ids):
        """Give contacts the new number who have the vehicle's old one."""
        query = """
            SELECT DISTINCT ON (partner.id) partner.id, row.owner_phone
              FROM crm_vehicle_import_row AS row
              JOIN crm_vehicle AS vehicle ON vehicle.id = row.vehicle_id
              JOIN res_partner AS partner ON partner.id = vehicle.partner_id
             WHERE row.id = ANY(%s) AND row.changes ? 'owner_phone' AND vehicle.branch_id = ANY(%s)
               AND partner.whatsapp_phone IS NOT DISTINCT FROM vehicle.owner_phone
        """
        found = self.env.execute_query(SQL(query, ids, self._values(ids)["visible"]))
        partners = self.env["res.partner"].sudo().with_context(tracking_disable=True)
        for partner, phone in found:
            partners.browse(partner).phone = phone

    def _apply_services(self, ids, overwrite=False):
        query = SQL(UPSERT_SERVICES, **self._values(ids), overwrite=overwrite)
        services = self.env.execute_query(query)
        done = {(vehicle, kpb) for __, vehicle, kpb in services}
        rows = self.env["crm.vehicle.import.row"].browse(ids)
        taken = rows.filtered(lambda row: (row.vehicle_id.id, row.kpb) in done)
        self._mark_done(taken.ids)
        self._leave_others(ids, taken.ids)
        self.env["crm.vehicle.service"].invalidate_model()
        self.env["crm.vehicle.service"].browse(id_ for id_, *__ in services)._services_imported()

    def _mark_done(self, ids):
        self.env.cr.execute(SQL("UPDATE crm_vehicle_import_row SET done = TRUE WHERE id = ANY(%s)", ids))

    def _leave_others(self, ids, taken):
        """Make conflicts of those rows that somebody else was faster with, or whose branch is out of reach now."""
        if left := set(ids) - set(taken):
            self._refuse(list(left), CONFLICT, ["taken_meanwhile"])

    def _refuse(self, ids, status, problem):
        query = """
            UPDATE crm_vehicle_import_row SET status = %s, problems = %s, decision = NULL, done = FALSE
             WHERE id = ANY(%s)
        """
        self.env.cr.execute(SQL(query, status, Json([problem]), ids))

    # === DECISIONS === #

    def _apply_decided(self, rows):
        """Do what a person decided, as that person: with their rights, and with a line in the vehicle's history."""
        taken = rows.filtered(lambda row: row.decision == "take")
        self._mark_done((rows - taken).ids)
        if self.kind == A2:
            self._apply_services(taken.ids, overwrite=True) if taken else None
            return
        for row in taken:
            try:
                with self.env.cr.savepoint():
                    self._take_row(row)
                    self.env.flush_all()
            except (UserError, IntegrityError) as error:
                self.env.invalidate_all()
                self._refuse(row.ids, FAULTY, ["refused", None, str(error).strip().splitlines()[0][:200]])
            else:
                self._mark_done(row.ids)

    def _take_row(self, row):
        """Make the vehicle as the row says. A new owner has another contact."""
        vals = {name: row[name] for name in (*VEHICLE, "plate") if row[name]}
        vals["branch_id"] = row.branch_id.id
        vehicles = self.env["crm.vehicle"].with_user(self.user_id)
        vehicle = vehicles.browse(row.vehicle_id.id)
        if not vehicle:
            vehicles.create(vals)
            return
        if any(code == "owner_changed" for code, *__ in row.problems):
            vals["partner_id"] = False
            vals.setdefault("owner_phone", False)
        vehicle.write(vals)

    # === END === #

    def _finish(self):
        """End the taking over: final figures, a line for the record, and word to who started it."""
        self.ensure_one()
        self.env.flush_all()
        counts = self._counts()
        query = """
            SELECT count(*), count(*) FILTER (WHERE decision = 'keep') FROM crm_vehicle_import_row
             WHERE import_id = %s AND done
        """
        [[done, kept]] = self.env.execute_query(SQL(query, self.id))
        self._write_facts({**counts, "todo_count": done, "done_count": done})
        self._workflow_do("finish")
        self.message_post(
            body=self.env._(
                "Taken over: %(taken)s rows. Unchanged: %(unchanged)s. Left out: %(left)s.",
                taken=done - kept,
                unchanged=self.unchanged_count,
                left=self.left_count,
            )
        )
        self._tell_progress()

    def _tell_progress(self):
        """Tell the form of who started it how far it is."""
        self.user_id._bus_send("crm_h23_followup.import_progress", {"id": self.id, "progress": self.progress})

    # === CLEANING === #

    @api.autovacuum
    def _gc_rows(self):
        """Delete rows and files of imports that ended long ago: they are copies of personal data."""
        ended = self.search(
            [
                ("state", "in", ("done", "cancelled")),
                ("write_date", "<", fields.Datetime.subtract(fields.Datetime.now(), days=KEPT_DAYS)),
                ("row_ids", "!=", False),
            ]
        )
        self.env.cr.execute(SQL("DELETE FROM crm_vehicle_import_row WHERE import_id = ANY(%s)", list(ended.ids)))
        self.env["ir.attachment"].sudo().search(
            [("res_model", "=", self._name), ("res_field", "=", "file"), ("res_id", "in", ended.ids)]
        ).unlink()
