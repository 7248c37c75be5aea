from datetime import datetime

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tools import mute_logger

from .fake_document import MODEL, FakeDocumentCase


class TestWorkflowLog(FakeDocumentCase):
    """History: who, when, why. The workflow writes it, nobody changes it, and who reads the document reads it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.logs = cls.env["crm.workflow.log"]
        cls.done_a = cls._create_done()
        cls.log_a = cls.done_a.workflow_log_ids

    @freeze_time("2026-11-22 10:00:00")
    def test_each_step_leaves_who_from_where_to_where_and_why(self):
        document = self._create_document()
        document._workflow_do("submit")
        document.with_user(self.manager_a)._workflow_do("return", "typo in the price")
        self.assertEqual(
            self._history(document),
            [
                ("submit", "draft", "submitted", self.officer_a, False),
                ("return", "submitted", "draft", self.manager_a, "typo in the price"),
            ],
        )
        self.assertEqual(document.workflow_log_ids.mapped("date"), [datetime(2026, 11, 22, 10)] * 2)

    def test_superuser_mode_does_not_hide_who_it_was(self):
        document = self._create_document()
        document.with_user(self.officer_b).sudo()._workflow_do("submit")
        self.assertEqual(document.workflow_log_ids.user_id, self.officer_b)

    def test_refused_step_leaves_no_line(self):
        document = self._create_document(amount=0)
        with self.assertRaises(UserError):
            document._workflow_do("submit")
        self.assertFalse(document.workflow_log_ids)

    def test_nobody_writes_changes_or_deletes_history(self):
        values = {
            "res_model": "crm.interaction",
            "res_id": self.done_a.id,
            "transition": "x",
            "source": "x",
            "target": "x",
        }
        for user in (self.officer_a, self.manager_hq, self.admin, self.env.ref("base.user_root")):
            logs = self.logs.with_user(user)
            for attack in (
                lambda logs=logs: logs.create({**values, "user_id": self.admin.id}),
                lambda logs=logs: logs.sudo().create({**values, "user_id": self.admin.id}),
                lambda logs=logs: logs.browse(self.log_a.ids).write({"reason": "x"}),
                lambda logs=logs: logs.browse(self.log_a.ids).sudo().write({"reason": "x"}),
                lambda logs=logs: logs.browse(self.log_a.ids).sudo().write({}),
                lambda logs=logs: logs.browse(self.log_a.ids).unlink(),
                lambda logs=logs: logs.browse(self.log_a.ids).sudo().unlink(),
                lambda logs=logs: logs.browse(self.log_a.ids).sudo().with_context(_force_unlink=True).unlink(),
                lambda logs=logs: logs.browse(self.log_a.ids).sudo().copy(),
            ):
                with self.subTest(user.login), self.assertRaises(UserError):
                    attack()

    def test_document_cannot_change_its_history(self):
        other = self._create_done()
        for commands in (
            [Command.create({"transition": "x", "source": "x", "target": "x", "res_model": "crm.interaction"})],
            [Command.update(self.log_a.id, {"reason": "x"})],
            [Command.delete(self.log_a.id)],
            [Command.unlink(self.log_a.id)],
            [Command.link(other.workflow_log_ids.id)],
            [Command.set([])],
            [Command.clear()],
            False,
        ):
            document = self._create_interaction()
            for record in (self.done_a, self.done_a.sudo(), self.done_a.with_user(self.admin)):
                with self.subTest(commands), self.assertRaises(UserError):
                    record.write({"workflow_log_ids": commands})
            with self.subTest(f"open: {commands}"):
                try:
                    document.write({"workflow_log_ids": commands})
                except UserError:
                    continue
                self.assertFalse(document.workflow_log_ids)
        self.assertEqual(self.log_a.res_id, self.done_a.id)
        self.assertEqual(self.done_a.workflow_log_ids, self.log_a)

    def test_history_cannot_be_made_with_the_document(self):
        line = {
            "transition": "x",
            "source": "x",
            "target": "x",
            "res_model": "crm.interaction",
            "user_id": self.admin.id,
        }
        commands = [Command.create(line)]
        with self.assertRaises(UserError):
            self._create_interaction(workflow_log_ids=commands)
        with self.assertRaises(UserError):
            self.env["crm.interaction"].with_user(self.officer_a).with_context(
                default_workflow_log_ids=commands
            ).create({"partner_id": self.customer.id})

    def test_history_is_not_imported(self):
        result = self.logs.with_user(self.admin).load(["id", "reason"], [["__export__.x", "x"]])
        self.assertFalse(result["ids"])

    def test_user_with_history_is_kept(self):
        self.officer_a.flush_recordset()
        self.log_a.flush_recordset()
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.cr.savepoint():
            self.cr.execute("DELETE FROM crm_interaction WHERE id = %s", [self.done_a.id])
            self.cr.execute("DELETE FROM res_users WHERE id = %s", [self.officer_a.id])

    def test_who_reads_the_document_reads_its_history(self):
        self.assertEqual(self.logs.with_user(self.officer_a).search([("id", "=", self.log_a.id)]), self.log_a)
        self.assertEqual(self.log_a.with_user(self.officer_a).transition, "close")
        self.assertEqual(self.done_a.with_user(self.manager_hq).workflow_log_ids, self.log_a)

    def test_others_find_and_read_nothing(self):
        for user in (self.officer_b, self.internal):
            logs = self.logs.with_user(user)
            self.assertFalse(logs.search([("res_model", "=", "crm.interaction"), ("res_id", "=", self.done_a.id)]))
            self.assertFalse(logs.search([("id", "in", self.log_a.ids)]))
            self.assertEqual(logs.search_count([("id", "in", self.log_a.ids)]), 0)
            self.assertFalse(logs._read_group([("id", "in", self.log_a.ids)], ["transition"], ["__count"]))
            self.env.invalidate_all()
            log = logs.browse(self.log_a.ids)
            for read in (lambda log=log: log.read(["reason"]), lambda log=log: log.mapped("transition")):
                with self.subTest(user.login), self.assertRaises(AccessError):
                    read()
            with self.subTest(user.login), self.assertRaisesRegex(AccessError, "history of documents"):
                log.check_access("read")

    def test_portal_has_no_history(self):
        with self.assertRaises(AccessError):
            self.logs.with_user(self.portal).search([])

    def test_history_of_deleted_and_of_unknown_documents_is_hidden(self):
        document = self._create_document()
        document._workflow_do("submit")
        document._workflow_do("return", "test")
        ids = document.workflow_log_ids.ids
        document.unlink()
        orphan = self.logs._record(
            [{"res_model": "no.such.model", "res_id": 1, "transition": "x", "source": "x", "target": "x", "user_id": 1}]
        )
        self.assertEqual(len(ids), 2)
        self.assertFalse(self.logs.with_user(self.admin).search([("id", "in", ids + orphan.ids)]))
        self.assertEqual(self.logs.browse(ids).mapped("res_name"), [False, False])
        self.assertFalse(orphan.res_name)

    def test_history_of_an_archived_document_stays_readable(self):
        """Archiving hides a document from lists, not what was done with it."""
        self.branch_a.active = False
        self.assertEqual(self.logs.with_user(self.officer_a).search([("id", "=", self.log_a.id)]), self.log_a)

    def test_limit_and_order_hold_over_what_is_readable(self):
        """What the user may not read takes no place in a page."""
        own = self._create_done(user=self.officer_b)
        for __ in range(3):
            self._create_done()
        found = self.logs.with_user(self.officer_b).search([("res_model", "=", "crm.interaction")], limit=1)
        self.assertEqual(found, own.workflow_log_ids)
        domain = [("res_model", "=", "crm.interaction"), ("res_id", "=", own.id)]
        self.assertEqual(self.logs.with_user(self.officer_b).search_count(domain), 1)

    def test_searching_takes_no_more_queries_for_more_history(self):
        counts = []
        for count in (10, 100):
            documents = self.env[MODEL].create([{"amount": 1}] * count)
            documents._workflow_do("submit")
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.logs.with_user(self.officer_a).search_fetch([("res_model", "=", MODEL)], ["reason", "res_name"])
            counts.append(self.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0], f"10 and 100 documents took {counts} queries")
