from unittest.mock import patch

from odoo import api, fields
from odoo.exceptions import LockError, UserError
from odoo.fields import Command
from odoo.service import model as service
from odoo.tests import TransactionCase, tagged
from odoo.tools import SQL, mute_logger

from ..models import crm_queue_contact_dispatch as routing

DISPATCH = f"{routing.__name__}.dispatch"
#: Written by the tests and committed: deleted again in this order.
TABLES = (
    ("crm_workflow_log", "res_model = 'crm.queue.contact' AND res_id IN %(contacts)s"),
    (
        "crm_workflow_log",
        "res_model = 'crm.interaction' AND res_id IN"
        " (SELECT interaction_id FROM crm_queue_contact WHERE id IN %(contacts)s)",
    ),
    ("crm_queue_decision", "contact_id IN %(contacts)s"),
    ("crm_telephony_command", "contact_id IN %(contacts)s"),
    ("crm_queue_contact", "id IN %(contacts)s"),
    ("crm_interaction", "user_id IN %(users)s"),
    ("crm_agent_period", "agent_id IN %(agents)s"),
    ("crm_agent", "id IN %(agents)s"),
    ("crm_queue", "id IN %(queues)s"),
)


@tagged("post_install", "-at_install")
class TestContactConcurrency(TransactionCase):
    """CC-2, CC-3: two transactions, each with a connection of its own, want the same contact or the same agent."""

    def setUp(self):
        super().setUp()
        # what a commit sets off is done by the tests, where they say
        patcher = patch(DISPATCH)
        self.dispatch = patcher.start()
        self.addCleanup(patcher.stop)
        self.made = {"contacts": [0], "agents": [0], "queues": [0], "users": [0]}
        self.setup = self._open()
        self.addCleanup(self._delete)
        self.first, self.second, self.third = (self._open() for __ in range(3))
        branch = self.setup.ref("crm_base.crm_branch_headquarters")
        self.queue = self.setup["crm.queue"].create({"name": "Race", "code": "RACE", "branch_id": branch.id})
        self.made["queues"] = self.queue.ids
        self.agent = self._create_agent("race_1", branch)
        self._keep()

    def _open(self):
        cursor = self.registry.cursor()
        self.addCleanup(cursor.close)
        return api.Environment(cursor, self.env.ref("base.user_admin").id, {})

    def _keep(self):
        self.setup.cr.commit()

    def _create_agent(self, login, branch):
        group = self.setup.ref("crm_contact_center.group_agent")
        user = self.setup["res.users"].with_context(no_reset_password=True)
        vals = {"name": login, "login": login, "group_ids": [Command.link(group.id)]}
        user = user.create({**vals, "branch_ids": [Command.link(branch.id)]})
        agent = self.setup["crm.agent"].create(
            {"user_id": user.id, "branch_id": branch.id, "queue_ids": [Command.link(self.queue.id)]}
        )
        self.made["users"] = [*self.made["users"], user.id]
        self.made["agents"] = [*self.made["agents"], agent.id]
        agent._set_mode("available")
        return agent

    def _enter(self, env=None, **values):
        contacts = (env or self.setup)["crm.queue.contact"]
        contact = contacts._enter([{"queue_id": self.queue.id, "channel": "chat", "caller_name": "Race", **values}])
        self.made["contacts"] = [*self.made["contacts"], contact.id]
        return contact

    def _offered(self, **values):
        contact = self._enter(**values)
        self.setup["crm.queue.contact"]._dispatch()
        self._keep()
        self.assertEqual((contact.state, contact.agent_id), ("offered", self.agent))
        return contact

    def _delete(self):
        for env in (self.first, self.second, self.third, self.setup):
            env.cr.rollback()
        users = self.setup["res.users"].browse(self.made["users"][1:])
        known = {name: tuple(ids) for name, ids in self.made.items()}
        for table, where in TABLES:
            self.setup.cr.execute(f"DELETE FROM {table} WHERE {where}", known)  # noqa: S608
        self.setup.invalidate_all()
        partners = users.partner_id
        users.with_user(api.SUPERUSER_ID).unlink()
        partners.with_user(api.SUPERUSER_ID).unlink()
        self.setup.cr.commit()

    def _state(self, contact):
        """Return state and agent as they are in the database now, and how often it was offered."""
        self.third.cr.rollback()
        self.third.invalidate_all()
        contact = contact.with_env(self.third)
        return contact.state, contact.agent_id.id, len(contact.decision_ids)

    def _load(self):
        self.third.cr.rollback()
        self.third.cr.execute(
            SQL(
                """SELECT load, (SELECT COALESCE(SUM(cost), 0) FROM crm_queue_contact
                                  WHERE agent_id = crm_agent.id AND state IN ('offered', 'active'))
                     FROM crm_agent WHERE id = %s""",
                self.agent.id,
            )
        )
        load, held = self.third.cr.fetchone()
        self.assertEqual(load, held)
        return load

    # === TESTS === #

    def test_taken_twice_at_once(self):
        """CC-3: two browser windows take the same chat: one has it, the other is told that somebody is at it."""
        contact = self._offered()
        contact.with_env(self.first).action_take()
        with self.assertRaises(LockError):
            contact.with_env(self.second).action_take()
        self.second.cr.rollback()
        self.first.cr.commit()
        with self.assertRaises(UserError):
            contact.with_env(self.second).action_take()
        self.assertEqual(self._state(contact), ("active", self.agent.id, 1))

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_taken_by_who_saw_it_ringing(self):
        """CC-3: who began before the first had taken it is tried again, and sees that it is taken."""
        contact = self._offered()
        self.assertEqual(contact.with_env(self.second).state, "offered")
        contact.with_env(self.first).action_take()
        self.first.cr.commit()
        with patch("odoo.service.model.time.sleep"), self.assertRaises(UserError):
            service.retrying(lambda: contact.with_env(self.second).action_take(), self.second)
        self.second.cr.rollback()
        logs = self._open()["crm.workflow.log"].search([("res_model", "=", contact._name), ("res_id", "=", contact.id)])
        self.assertEqual(sorted(logs.mapped("transition")), ["answer", "offer"])

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_hangs_up_while_it_is_answered(self):
        """CC-1: the caller gives up in the second in which the agent answers: it is one of the two, then the other
        is refused or ends the talk."""
        contact = self._offered()
        contact.with_env(self.first).action_take()
        gone = contact.with_env(self.second).sudo()
        with self.assertRaises(LockError):
            gone._abandon()
        self.second.cr.rollback()
        self.first.cr.commit()
        with patch("odoo.service.model.time.sleep"), self.assertRaises(UserError):
            service.retrying(gone._abandon, self.second)
        self.second.cr.rollback()
        self.assertEqual(self._state(contact), ("active", self.agent.id, 1))
        gone._end()
        self.second.cr.commit()
        self.assertEqual(self._state(contact), ("wrapup", self.agent.id, 1))
        self.assertEqual(self._load(), 0)

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_answered_after_the_caller_gave_up(self):
        """CC-1: the other way round: who is gone isn't answered, and the agent is free again."""
        contact = self._offered()
        self.assertEqual(contact.with_env(self.first).state, "offered")
        contact.with_env(self.second).sudo()._abandon()
        self.second.cr.commit()
        with patch("odoo.service.model.time.sleep"), self.assertRaises(UserError):
            service.retrying(lambda: contact.with_env(self.first).action_take(), self.first)
        self.first.cr.rollback()
        self.assertEqual(self._state(contact)[0], "abandoned")
        self.assertEqual(self._load(), 0)

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_decided_twice_at_once(self):
        """CC-2a: the scheduled action and what a commit set off decide on the same: one offer, one decision."""
        contact = self._enter()
        self._keep()
        for env in (self.first, self.second):
            self.assertEqual(contact.with_env(env).state, "waiting")  # each sees the database as it is now
        self.first["crm.queue.contact"]._dispatch()
        with self.assertRaises(LockError):
            self.second["crm.queue.contact"]._dispatch()
        self.second.cr.rollback()
        self.assertEqual(contact.with_env(self.second).state, "waiting")
        self.first.cr.commit()
        with patch("odoo.service.model.time.sleep"):
            service.retrying(self.second["crm.queue.contact"]._dispatch, self.second)
        self.second.cr.commit()
        self.assertEqual(self._state(contact), ("offered", self.agent.id, 1))
        self.assertEqual(self._load(), 34)

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_two_callers_one_agent(self):
        """CC-2a: two decisions that saw the same free agent and different callers: the agent gets one call."""
        early = self._enter(channel="call")
        self._keep()
        self.assertEqual(early.with_env(self.first).state, "waiting")
        late = self._enter(channel="call", entered_at=fields.Datetime.subtract(fields.Datetime.now(), hours=1))
        self._keep()
        self.assertEqual(late.with_env(self.second).state, "waiting")
        self.first["crm.queue.contact"]._dispatch()
        self.first.cr.commit()
        with patch("odoo.service.model.time.sleep"):
            service.retrying(self.second["crm.queue.contact"]._dispatch, self.second)
        self.second.cr.commit()
        states = sorted((self._state(early)[0], self._state(late)[0]))
        self.assertEqual(states, ["offered", "waiting"])
        self.assertEqual(self._load(), 100)

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_pauses_while_it_is_decided(self):
        """CC-2: an agent pauses in the second in which a caller is given to them: one of the two."""
        contact = self._enter()
        self._keep()
        pausing = self.agent.with_env(self.first)
        self.assertEqual(contact.with_env(self.second).state, "waiting")
        pausing._set_mode("paused")
        self.first.cr.commit()
        with patch("odoo.service.model.time.sleep"):
            service.retrying(self.second["crm.queue.contact"]._dispatch, self.second)
        self.second.cr.commit()
        self.assertEqual(self._state(contact), ("waiting", False, 0))

    def test_one_decides_at_a_time(self):
        """CC-2a: what a commit sets off waits for the lock before it looks, and gives it back."""
        self.third.cr.execute(SQL("SELECT pg_try_advisory_lock(%s)", routing.LOCK))
        self.assertEqual(self.third.cr.fetchone(), (True,))
        self.third.cr.execute(SQL("SELECT pg_advisory_unlock(%s)", routing.LOCK))
        contact = self._enter()
        self._keep()
        self.assertTrue(self.dispatch.called)
        patch.stopall()
        routing.dispatch(self.env.cr.dbname)
        self.assertEqual(self._state(contact), ("offered", self.agent.id, 1))
        self.third.cr.execute(SQL("SELECT pg_try_advisory_lock(%s)", routing.LOCK))
        self.assertEqual(self.third.cr.fetchone(), (True,))
        self.third.cr.execute(SQL("SELECT pg_advisory_unlock(%s)", routing.LOCK))
