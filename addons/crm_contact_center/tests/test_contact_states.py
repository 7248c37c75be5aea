"""Random days: whatever agents, supervisors, callers and the clock do in whatever order, the database stays lawful."""

import logging
import os
import random
from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, LockError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import ContactCenterCase

_logger = logging.getLogger(__name__)

DAYS = int(os.environ.get("DAYS", "6"))
STEPS = 60
#: What must find nothing, over the contacts and agents of the test's queues.
LAWS = {
    "waiting, or to be called back, with an agent": """
        SELECT id FROM crm_queue_contact WHERE id = ANY(%(contacts)s)
           AND state IN ('waiting', 'callback') AND agent_id IS NOT NULL""",
    "held by nobody": """
        SELECT id FROM crm_queue_contact WHERE id = ANY(%(contacts)s)
           AND state IN ('offered', 'active', 'wrapup', 'done') AND agent_id IS NULL""",
    "done without reason, outcome or times": """
        SELECT id FROM crm_queue_contact WHERE id = ANY(%(contacts)s) AND state = 'done'
           AND (purpose_id IS NULL OR outcome_id IS NULL OR answered_at IS NULL OR ended_at IS NULL
                OR wrapped_at IS NULL OR wrap_seconds < 0 OR talk_seconds < 0 OR wait_seconds < 0)""",
    "in contact without an answer, or without an interaction": """
        SELECT id FROM crm_queue_contact WHERE id = ANY(%(contacts)s) AND state IN ('active', 'wrapup', 'done')
           AND (answered_at IS NULL OR interaction_id IS NULL)""",
    "done, its interaction open; or open, its interaction closed": """
        SELECT c.id FROM crm_queue_contact c JOIN crm_interaction i ON i.id = c.interaction_id
         WHERE c.id = ANY(%(contacts)s) AND c.state IN ('active', 'wrapup', 'done')
           AND (c.state = 'done') != (i.state = 'done')""",
    "two calls at once, or more than an agent bears": """
        SELECT agent_id FROM crm_queue_contact JOIN crm_agent a ON a.id = agent_id
         WHERE agent_id = ANY(%(agents)s) AND state IN ('offered', 'active') GROUP BY agent_id, a.capacity
        HAVING SUM(cost) > a.capacity OR COUNT(*) FILTER (WHERE channel = 'call') > 1""",
    "load isn't the sum of what is at hand": """
        SELECT a.id FROM crm_agent a WHERE a.id = ANY(%(agents)s) AND a.load !=
               (SELECT COALESCE(SUM(cost), 0) FROM crm_queue_contact
                 WHERE agent_id = a.id AND state IN ('offered', 'active'))""",
    "status isn't what follows from the contacts at hand": """
        SELECT a.id FROM crm_agent a CROSS JOIN LATERAL (
               SELECT COALESCE(bool_or(state IN ('offered', 'active')), FALSE) AS engaged,
                      COALESCE(bool_or(state = 'wrapup'), FALSE) AS wrapping
                 FROM crm_queue_contact WHERE agent_id = a.id) work
         WHERE a.id = ANY(%(agents)s)
           AND a.status != CASE WHEN engaged THEN 'busy'
                         WHEN wrapping AND a.paused_by IS DISTINCT FROM 'unseen' THEN 'wrapup' ELSE a.mode END""",
    "gone with contacts at hand": """
        SELECT a.id FROM crm_agent a JOIN crm_queue_contact c ON c.agent_id = a.id
         WHERE a.id = ANY(%(agents)s) AND a.mode = 'offline' AND c.state IN ('offered', 'active', 'wrapup')""",
    "times of an agent overlap or leave a gap": """
        SELECT agent_id FROM (SELECT agent_id, ended_at, LEAD(began_at) OVER (PARTITION BY agent_id ORDER BY id) AS next
                                FROM crm_agent_period WHERE agent_id = ANY(%(agents)s)) times
         WHERE ended_at IS DISTINCT FROM next""",
    "the last period isn't the status": """
        SELECT a.id FROM crm_agent a
         WHERE a.id = ANY(%(agents)s) AND NOT EXISTS (
               SELECT FROM crm_agent_period p WHERE p.agent_id = a.id AND p.ended_at IS NULL AND p.status = a.status
                  AND p.pause_id IS NOT DISTINCT FROM CASE WHEN a.status = 'paused' THEN a.pause_id END)""",
    "a state that the history doesn't lead to": """
        SELECT c.id FROM crm_queue_contact c CROSS JOIN LATERAL (
               SELECT target FROM crm_workflow_log WHERE res_model = 'crm.queue.contact' AND res_id = c.id
                ORDER BY id DESC LIMIT 1) last
         WHERE c.id = ANY(%(contacts)s) AND last.target != c.state""",
    "offered twice without the first having ended": """
        SELECT res_id FROM (SELECT res_id, transition, LAG(target, 1, 'waiting') OVER (PARTITION BY res_id ORDER BY id),
                                   source FROM crm_workflow_log
                             WHERE res_model = 'crm.queue.contact' AND res_id = ANY(%(contacts)s)) AS steps
         WHERE lag != source""",
}


@tagged("post_install", "-at_install")
class TestContactStates(ContactCenterCase):
    """CC-2, CC-3: no order of steps leads to a state that there shouldn't be."""

    def setUp(self):
        super().setUp()
        self.agents = self.agent_1 + self.agent_2
        self.all = self.contacts.browse()
        self.done_steps = {}

    # === WHO DOES WHAT === #

    def _some(self, *states):
        """Return one of the contacts, most often one in these states."""
        fitting = self.all.filtered(lambda contact: contact.state in states)
        return self.dice.choice(fitting if fitting and self.dice.random() < 0.85 else self.all)

    def _by(self, contact):
        """Return the contact as its agent sees it, mostly; or as anybody else."""
        users = [self.agent_1.user_id, self.agent_2.user_id, self.supervisor, self.agent_b.user_id]
        own = contact.agent_id.user_id
        return contact.with_user(own if own and self.dice.random() < 0.8 else self.dice.choice(users))

    def _do_enter(self):
        channel = self.dice.choice(("call", "chat", "chat", "whatsapp"))
        phone = self.dice.choice((False, "+6281234567890"))
        agent = self.dice.choice((False, False, False, self.agent_1.id))
        self.all += self._enter(channel=channel, phone=phone, only_agent_id=agent)

    def _do_mode(self):
        agent = self.dice.choice(self.agents)
        mode = self.dice.choice(("available", "available", "available", "paused", "offline"))
        self.env["crm.agent"].with_user(agent.user_id).desk_set_mode(mode, mode == "paused" and self.break_.id)

    def _do_take(self):
        self._by(self._some("offered")).action_take()

    def _do_end(self):
        self._by(self._some("active")).action_end()

    def _do_wrap_up(self):
        purpose = self.dice.choice((self.purpose.id, self.purpose.id, False))
        self._by(self._some("wrapup")).action_wrap_up(purpose, self.outcome.id, "note", self.customer.id)

    def _do_transfer(self):
        target = self.dice.choice(({"queue_id": self.queue.id}, {"agent_id": self.dice.choice(self.agents).id}))
        self._by(self._some("active")).action_transfer(**target)

    def _do_hang_up(self):
        contact = self._some("waiting", "offered", "active")
        moment = fields.Datetime.now() + timedelta(seconds=self.dice.choice((-30, 0, 0, 5)))
        if contact.state == "active":
            contact._end(moment)
        elif contact.state in ("waiting", "offered"):
            contact._abandon(moment)

    def _do_pick_up(self):
        contact = self._some("offered")
        if contact.state == "offered":
            contact._answer(moment=fields.Datetime.now() + timedelta(seconds=self.dice.choice((-30, 0, 5))))

    def _do_postpone(self):
        contact = self._some("waiting")
        if contact.state == "waiting":
            contact.callback_at = fields.Datetime.add(fields.Datetime.now(), minutes=2)
            contact._workflow_do("postpone")

    def _do_wait(self):
        self.clock.tick(timedelta(seconds=self.dice.choice((0, 1, 5, 30, 90))))

    def _do_minute(self):
        self.contacts._cron_route()

    def _do_write(self):
        """Try what nobody may."""
        vals = self.dice.choice(({"state": "done"}, {"agent_id": False}, {"load": 0}, {"mode": "offline"}))
        records = self._some("active") if "state" in vals or "agent_id" in vals else self.dice.choice(self.agents)
        records.with_user(self.supervisor).write(vals)

    # === TESTS === #

    def _play(self, seed):
        self.dice = random.Random(seed)
        steps = [name for name in dir(self) if name.startswith("_do_")]
        weights = [
            3 if name in ("_do_take", "_do_end", "_do_wrap_up", "_do_enter", "_do_mode") else 1 for name in steps
        ]
        self._do_enter()
        for number in range(STEPS):
            (step,) = self.dice.choices(steps, weights)
            entered = self.all
            try:
                with self.cr.savepoint():
                    getattr(self, step)()
            except (UserError, AccessError, LockError):
                self.all = entered
                self.env.invalidate_all()
            else:
                self.done_steps[step] = self.done_steps.get(step, 0) + 1
            self._route()  # as after each commit
            self._check(f"seed {seed}, step {number}: {step}")

    def _check(self, title):
        self.env.flush_all()
        known = {"contacts": self.all.ids, "agents": self.agents.ids}
        for law, query in LAWS.items():
            self.cr.execute(query, known)
            if found := self.cr.fetchall():
                self.fail(f"{title}: {law}: {found}")

    def test_random_days(self):
        """CC-2: random orders of steps by agents, a supervisor, a stranger, callers and the clock."""
        for seed in range(DAYS):
            # whole hours ahead of now: what was made by the set-up is older
            begin = fields.Datetime.add(fields.Datetime.now(), hours=seed * 2 + 1)
            with (
                self.subTest(seed=seed),
                freeze_time(begin) as self.clock,
                mute_logger("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule", "odoo.sql_db"),
            ):
                self._play(seed)
        _logger.info("steps that were done: %s", self.done_steps)
        self.assertEqual({name for name in dir(self) if name.startswith("_do_")} - set(self.done_steps), {"_do_write"})
