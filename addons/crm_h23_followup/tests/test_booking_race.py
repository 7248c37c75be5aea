import threading
import uuid
from datetime import timedelta
from unittest.mock import patch

from odoo import api, fields
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.service import model as service
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger


@tagged("post_install", "-at_install")
class TestBookingRace(TransactionCase):
    """Two connections, each with a transaction of its own, book the last seats of a time."""

    def setUp(self):
        super().setUp()
        self.committed = self._open(self.env.ref("base.user_admin").id)
        self.addCleanup(self._delete)
        env = self.committed
        self.user = env["res.users"].create(
            {
                "name": "Race",
                "login": f"race-{uuid.uuid4()}",
                "group_ids": [Command.set(env.ref("crm_base.group_officer").ids)],
            }
        )
        self.branch = env["crm.branch"].create(
            {
                "name": "Race",
                "code": uuid.uuid4().hex[:6],
                "tz": "Asia/Jakarta",
                "user_ids": [Command.set(self.user.ids)],
            }
        )
        self.day = self.branch._today() + timedelta(days=7 - self.branch._today().weekday())
        self.slot = env["crm.service.slot"].create(
            {"branch_id": self.branch.id, "weekday": "0", "hour_from": 8, "hour_to": 10, "capacity": 2}
        )
        self.vehicles = env["crm.vehicle"].create(
            [
                {
                    "branch_id": self.branch.id,
                    "engine_number": f"RC{uuid.uuid4().hex[:12]}1",
                    "frame_number": f"RC{uuid.uuid4().hex[:12]}1",
                    "purchase_date": self.branch._today() - timedelta(days=30),
                    "owner_name": f"Race {number}",
                }
                for number in range(3)
            ]
        )
        env["crm.followup.run"]._generate(self.branch)
        self.cases = self.vehicles.case_ids
        env.cr.commit()
        self.first, self.second = self._open(self.user.id), self._open(self.user.id)

    def _open(self, user):
        cursor = self.registry.cursor()
        self.addCleanup(cursor.close)
        return api.Environment(cursor, user, {})

    def _delete(self):
        for env in (self.first, self.second):
            env.cr.rollback()
        cursor = self.committed.cr
        cursor.rollback()
        partners = self.vehicles.partner_id.ids
        for table, column, ids in (
            ("crm_service_booking", "branch_id", self.branch.ids),
            ("crm_service_slot", "branch_id", self.branch.ids),
            ("mail_activity", "user_id", self.user.ids),
            ("crm_followup", "branch_id", self.branch.ids),
            ("crm_followup_case", "branch_id", self.branch.ids),
            ("crm_followup_run", "branch_id", self.branch.ids),
            ("crm_vehicle", "branch_id", self.branch.ids),
            ("res_partner", "id", partners),
            ("crm_branch_users_rel", "branch_id", self.branch.ids),
            ("crm_branch", "id", self.branch.ids),
        ):
            cursor.execute(f"DELETE FROM {table} WHERE {column} = ANY(%s)", [ids])  # noqa: S608
        cursor.execute("UPDATE res_users SET active = FALSE WHERE id = %s", self.user.ids)
        cursor.commit()

    def _book(self, env, number, case=None):
        case = case or self.cases[number]
        return env["crm.service.booking"].create(
            [{"case_id": case.id, "slot_id": self.slot.id, "day": fields.Date.to_string(self.day)}]
        )

    def test_last_seat(self):
        """H23-4.2.5: a transaction that doesn't see yet who took the last seat is told that the time is full."""
        self._book(self.committed, 0)
        self.committed.cr.commit()
        self.assertEqual(len(self.second["crm.service.booking"].search([])), 1)  # its view of the database begins here
        self.assertEqual(self._book(self.first, 1).seat, 2)
        self.first.cr.commit()
        with self.assertRaisesRegex(UserError, "is full"):
            self._book(self.second, 2)

    def test_next_seat(self):
        """H23-4.2.5: one that doesn't see yet that its seat is taken takes the next one."""
        self.assertFalse(self.second["crm.service.booking"].search([]))
        self.assertEqual(self._book(self.first, 0).seat, 1)
        self.first.cr.commit()
        self.assertEqual(self._book(self.second, 1).seat, 2)
        self.second.cr.commit()

    def test_waits_for_who_is_at_it(self):
        """H23-4.2.5: nobody is told “full” while another transaction may leave the last seat, and then does."""
        self.committed["crm.service.slot"].browse(self.slot.id).capacity = 1
        self.committed.cr.commit()
        self._book(self.first, 0)
        pid = self.second.cr._cnx.get_backend_pid()

        def leave_it():
            with self.registry.cursor() as other:
                for _attempt in range(100_000):
                    other.execute("SELECT cardinality(pg_blocking_pids(%s))", [pid])
                    if other.fetchone()[0]:
                        break
            self.first.cr.rollback()

        leaver = threading.Thread(target=leave_it)
        leaver.start()
        self.addCleanup(leaver.join)
        self.assertEqual(self._book(self.second, 1).seat, 1)

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_one_free_service_twice(self):
        """H23-4.2.5: two admins book one customer at the same moment: one booking, the other is told."""
        self.assertFalse(self.second["crm.service.booking"].search([]))
        self._book(self.first, 0)
        self.first.cr.commit()
        with patch("odoo.service.model.time.sleep"), self.assertRaisesRegex(UserError, "booked already"):
            service.retrying(lambda: self._book(self.second, 0), self.second)
