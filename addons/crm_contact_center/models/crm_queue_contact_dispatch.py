import logging
from datetime import timedelta
from functools import partial

from odoo import SUPERUSER_ID, api, fields, models
from odoo.modules.registry import Registry
from odoo.service.model import retrying
from odoo.tools import SQL

from ..routing import Free, Waiting, decide

_logger = logging.getLogger(__name__)

#: Names the lock under which one transaction at a time decides, in ``pg_advisory_lock``.
LOCK = 19_02_01
ASKED = "crm_contact_center.dispatch"


def dispatch(dbname):
    """Route what waits, in a transaction of its own that begins when nobody else is deciding.

    It runs after the commit of what brought a contact or freed an agent: whichever of two came last sees both, so that
    no contact waits beside a free agent. The lock is taken before the transaction that reads begins: Odoo's
    transactions see the database as it was at their first query.
    """
    with Registry(dbname).cursor() as cr:
        cr.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        cr.commit()  # pylint: disable=invalid-commit
        try:
            env = api.Environment(cr, SUPERUSER_ID, {})
            retrying(env["crm.queue.contact"]._dispatch, env)
        except Exception:
            # whoever commits has done their part; the scheduled action decides within a minute
            _logger.exception("Routing failed")
            cr.rollback()
        finally:
            cr.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


class CrmQueueContact(models.Model):
    """Who gets whom: what waits and who is free is read by a few queries, and ``routing.py`` decides (CC-2)."""

    _inherit = "crm.queue.contact"

    @api.model
    def _dispatch_soon(self):
        """Route what waits as soon as this transaction is committed, once however often it is asked for.

        While modules are being installed the scheduled action does it, within a minute.
        """
        if not self.pool.ready:
            return
        postcommit = self.env.cr.postcommit
        if not postcommit.data.get(ASKED):
            postcommit.data[ASKED] = True
            postcommit.add(partial(dispatch, self.env.cr.dbname))

    @api.model
    def _dispatch(self):
        """Give waiting contacts to free agents, with the reasons kept.

        :return: the contacts that were offered to somebody
        """
        free = self._free_agents()
        if not free:
            return self.browse()
        waiting = self._waiting_for(free)
        decisions = decide([contact for contact, _seconds in waiting.values()], free)
        return self._offer_all(decisions, waiting)

    # === WHAT IS READ === #

    @api.model
    def _free_agents(self):
        """Return the agents on duty: without a wrap-up that is due, and with some capacity left."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """SELECT agent.id,
                          ARRAY(SELECT crm_queue_id FROM crm_agent_crm_queue_rel WHERE crm_agent_id = agent.id),
                          ARRAY(SELECT ARRAY[skill_id, level] FROM crm_agent_skill WHERE agent_id = agent.id),
                          agent.capacity - agent.load,
                          EXTRACT(EPOCH FROM COALESCE(agent.idle_since, agent.create_date))::float,
                          agent.extension IS NOT NULL,
                          agent.capacity
                     FROM crm_agent agent
                    WHERE agent.mode = 'available' AND agent.active AND agent.load < agent.capacity
                      AND NOT EXISTS (SELECT FROM crm_queue_contact contact
                                       WHERE contact.agent_id = agent.id AND contact.state = 'wrapup')"""
            )
        )
        return [
            Free(agent_id, frozenset(queues), dict(skills), *rest)
            for agent_id, queues, skills, *rest in self.env.cr.fetchall()
        ]

    @api.model
    def _waiting_for(self, free):
        """Return contact id → (:class:`Waiting`, seconds waited) of what waits for these agents or for their queues'.

        It ranks by when it came; needs are relaxed, and others help out, by how long it has waited since it was last
        put in a queue. A contact may have come after ``now``: that has no fractions of a second, and a telephone system
        has its own clock. It has waited for 0 seconds then, and its queue's agents may have it.
        """
        served = {queue for agent in free for queue in agent.queues}
        queues = self.env["crm.queue"].sudo().with_context(active_test=False).search([])
        chains = queues._helpers()
        relevant = [queue_id for queue_id, chain in chains.items() if served & {helper for helper, _after in chain}]
        needs = self._needs_of_waiting()
        self.env.cr.execute(
            SQL(
                """SELECT contact.id, contact.queue_id, contact.cost, contact.only_agent_id,
                          GREATEST(0, date_part('epoch', %(now)s - contact.waiting_since)),
                          COALESCE(contact.priority, 0)
                            + queue.ageing * date_part('epoch', %(now)s - contact.entered_at) / 60,
                          contact.channel = 'call' AND contact.direction = 'incoming' AND contact.key IS NOT NULL,
                          queue.relax_seconds
                     FROM crm_queue_contact contact JOIN crm_queue queue ON queue.id = contact.queue_id
                    WHERE contact.state = 'waiting'
                      AND (contact.queue_id = ANY(%(queues)s) OR contact.only_agent_id = ANY(%(agents)s))""",
                now=fields.Datetime.now(),
                queues=relevant,
                agents=[agent.id for agent in free],
            )
        )
        found = {}
        for id_, queue_id, cost, only, waited, rank, rings, relax in self.env.cr.fetchall():
            helping = frozenset([helper for helper, after in chains[queue_id] if waited >= after])
            lower = int(waited // relax) if relax else 0
            contact = Waiting(id_, rank, helping, needs.get(id_, {}), cost, only, rings, lower)
            found[id_] = (contact, waited)
        return found

    @api.model
    def _needs_of_waiting(self):
        """Return contact id → {skill id: level} of those that wait and need any. One join, no search for each."""
        self.env.cr.execute(
            SQL(
                """SELECT need.contact_id, need.skill_id, need.level
                     FROM crm_queue_contact contact JOIN crm_queue_contact_skill need ON need.contact_id = contact.id
                    WHERE contact.state = 'waiting'"""
            )
        )
        needs = {}
        for contact_id, skill_id, level in self.env.cr.fetchall():
            needs.setdefault(contact_id, {})[skill_id] = level
        return needs

    # === WHAT IS WRITTEN === #

    @api.model
    def _offer_all(self, decisions, waiting):
        contacts = self.sudo().browse(decision.contact for decision in decisions)
        if not contacts:
            return contacts
        agents = {agent.id: agent for agent in self.env["crm.agent"].sudo().browse(d.agent for d in decisions)}
        now = fields.Datetime.now()
        for contact, decision in zip(contacts, decisions, strict=True):
            agent = agents[decision.agent]
            contact.write({"agent_id": agent.id, "offered_at": now})
        contacts._workflow_do("offer")
        self.env["crm.queue.decision"]._record(
            [
                {
                    "contact_id": decision.contact,
                    "queue_id": contact.queue_id.id,
                    "agent_id": decision.agent,
                    "decided_at": now,
                    "waited_seconds": waiting[decision.contact][1],
                    "rank": waiting[decision.contact][0].rank,
                    "fit": decision.fit,
                    "reasons": decision.reasons,
                }
                for contact, decision in zip(contacts, decisions, strict=True)
            ]
        )
        return contacts

    def _helping_queue(self, agent):
        """Return the queue by which the agent has this contact: the nearest of those that help out, or its own."""
        chain = [queue_id for queue_id, _after in self.queue_id._helpers()[self.queue_id.id]]
        served = agent.queue_ids.ids
        return self.env["crm.queue"].browse(next((id_ for id_ in chain if id_ in served), self.queue_id.id))

    # === EACH MINUTE === #

    @api.model
    def _cron_route(self):
        """Let nobody be forgotten: offers not taken, call-backs due, needs relaxed, agents who are gone (CC-2c)."""
        self.env["crm.telephony.event"]._apply_waiting()
        self._take_back()
        self._resume_due()
        self.env["crm.agent"]._cron_unseen()
        self._let_others()
        self._postpone_forgotten()
        self._dispatch()

    @api.model
    def _take_back(self):
        """Take contacts from agents who let them ring too long, and pause those agents: others are waiting."""
        now = fields.Datetime.now()
        offered = self.sudo().search([("state", "=", "offered"), ("offered_at", "!=", False)])
        late = offered.filtered(lambda c: c.offered_at + timedelta(seconds=c.queue_id.offer_seconds) < now)
        late -= late._being_dialled()
        if not late:
            return
        agents = late.agent_id
        for contact in late:
            contact.missed_agent_ids += contact.agent_id
        late._workflow_do("miss")
        agents.filtered(lambda agent: agent.mode == "available")._set_mode("paused", by="missed")
        self._dispatch_soon()

    @api.model
    def _let_others(self):
        """Let a queue's agents have what was handed to one who isn't there, once it would have rung long enough."""
        now = fields.Datetime.now()
        handed = self.sudo().search([("state", "=", "waiting"), ("only_agent_id.mode", "!=", "available")])
        late = handed.filtered(lambda c: c.waiting_since + timedelta(seconds=c.queue_id.offer_seconds) < now)
        late.only_agent_id = False
