import uuid
from datetime import timedelta
from unittest.mock import patch

from odoo import api, fields
from odoo.exceptions import ConcurrencyError
from odoo.fields import Command
from odoo.service import model as service
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from .common import drawing


@tagged("post_install", "-at_install")
class TestDoorConcurrency(TransactionCase):
    """Two connections, each with a transaction of its own, bring what a phone sent twice."""

    def setUp(self):
        super().setUp()
        self.setup = self._open(self.env.ref("base.user_admin").id)
        self.addCleanup(self._delete)
        self.courier = self.setup["res.users"].create(
            {
                "name": "Race",
                "login": f"race-{uuid.uuid4()}",
                "group_ids": [Command.set(self.env.ref("crm_courier.group_courier").ids)],
            }
        )
        self.stop = self._create_stop()
        self.setup.cr.commit()
        self.first, self.second, self.third = (self._open(self.courier.id) for __ in range(3))

    def _open(self, user):
        cursor = self.registry.cursor()
        self.addCleanup(cursor.close)
        return api.Environment(cursor, user, {})

    def _create_stop(self):
        """Return a stop on a run that is on the road, committed: other connections are to see it."""
        kind = self.setup["stock.picking.type"].search([("code", "=", "outgoing")], limit=1)
        partner = self.setup["res.partner"].create({"name": "Race"})
        self.picking = self.setup["stock.picking"].create({"picking_type_id": kind.id, "partner_id": partner.id})
        now = fields.Datetime.now()
        run = self.setup["stock.picking.batch"].create(
            {
                "is_courier_run": True,
                "picking_type_id": kind.id,
                "user_id": self.courier.id,
                "starts_at": now,
                "ends_at": now + timedelta(hours=1),
            }
        )
        stop = self.setup["crm.courier.stop"].create({"run_id": run.id, "picking_id": self.picking.id})
        run.flush_recordset()
        self.setup.cr.execute("UPDATE stock_picking_batch SET run_state = 'on_road' WHERE id = %s", run.ids)
        self.setup.cr.execute("UPDATE crm_courier_stop SET run_state = 'on_road' WHERE id = %s", stop.ids)
        return stop

    def _delete(self):
        cursor = self.setup.cr
        for env in (self.first, self.second, self.third):
            env.cr.rollback()
        cursor.rollback()
        run = self.stop.run_id
        cursor.execute(
            "DELETE FROM ir_attachment WHERE res_model = 'crm.courier.signature' AND create_uid = %s", self.courier.ids
        )
        cursor.execute("DELETE FROM crm_courier_signature WHERE stop_id = %s", self.stop.ids)
        cursor.execute("DELETE FROM crm_courier_stop WHERE id = %s", self.stop.ids)
        cursor.execute("DELETE FROM stock_picking WHERE id = %s", self.picking.ids)
        cursor.execute("DELETE FROM stock_picking_batch WHERE id = %s", run.ids)
        cursor.execute("UPDATE res_users SET active = false WHERE id = %s", self.courier.ids)
        cursor.commit()

    def _entry(self, document="draft"):
        return {
            "uuid": str(uuid.uuid4()),
            "stop_id": self.stop.id,
            "kind": "sign",
            "made_at": fields.Datetime.now().isoformat() + "Z",
            "values": {"document": document, "name": "Race", "image": drawing()},
        }

    def _send(self, env, *entries):
        return env["crm.courier.stop"].courier_send(list(entries))

    def _count(self):
        self.third.cr.rollback()
        self.third.invalidate_all()
        return len(self.third["crm.courier.entry"].search([])), len(self.third["crm.courier.signature"].search([]))

    def test_second_while_the_first_is_at_it(self):
        """SOP-12i: while one connection does an entry, another that brings it is told to come again."""
        entry = self._entry()
        self._send(self.first, entry)
        with self.assertRaises(ConcurrencyError):
            self._send(self.second, entry)
        self.second.cr.rollback()
        self.first.cr.commit()
        self.assertEqual(self._send(self.second, entry)[0]["status"], "done")
        self.second.cr.commit()
        self.assertEqual(self._count(), (1, 1))

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_second_who_began_before_the_first_ended(self):
        """SOP-12i: a connection that can't see yet what the other did tries again, and answers what came of it."""
        entry = self._entry()
        self.assertFalse(self.second["crm.courier.entry"].search([]))  # its view of the database begins here
        self._send(self.first, entry)
        self.first.cr.commit()
        with patch("odoo.service.model.time.sleep") as slept:
            (result,) = service.retrying(lambda: self._send(self.second, entry), self.second)
        self.assertEqual(result["status"], "done")
        self.assertEqual(slept.call_count, 1)
        self.assertEqual(self._count(), (1, 1))

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_same_paper_by_two_entries(self):
        """SOP-12i: two phones of a courier sign the same paper: one is taken, the other refused with the reason."""
        self.assertFalse(self.second["crm.courier.entry"].search([]))
        self._send(self.first, self._entry())
        self.first.cr.commit()
        with patch("odoo.service.model.time.sleep"):
            (result,) = service.retrying(lambda: self._send(self.second, self._entry()), self.second)
        self.assertEqual(result["status"], "refused")
        self.assertIn("signed already", result["message"])
        self.assertEqual(self._count(), (2, 1))
