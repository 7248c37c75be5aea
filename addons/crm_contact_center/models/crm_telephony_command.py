import secrets
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..telephony import clean

#: Commands that are handed out until their result is known: carrying them out twice does no harm.
REPEATED = ("ring", "unring", "hold", "farewell", "hangup")


class CrmTelephonyCommand(models.Model):
    """What the telephone system shall do: written and committed first, fetched by the system, then reported (CC-1).

    A number is handed out for dialling once. If the system doesn't say what became of it, that is unknown: nobody is
    called twice. The other commands are handed out until their result is known.
    """

    _name = "crm.telephony.command"
    _description = "Telephone Command"
    _order = "id desc"
    _rec_name = "uid"

    system_id = fields.Many2one("crm.telephony.system", required=True, readonly=True, index=True, ondelete="restrict")
    branch_id = fields.Many2one(related="system_id.branch_id", store=True, index=True)
    company_id = fields.Many2one(related="system_id.company_id", store=True, index=True)
    uid = fields.Char("Command", required=True, readonly=True, default=lambda self: secrets.token_hex(16))
    kind = fields.Selection(
        [
            ("dial", "Dial"),
            ("ring", "Ring at the Agent"),
            ("unring", "Stop Ringing"),
            ("hold", "Let Wait Again"),
            ("farewell", "Say Goodbye"),
            ("transfer", "Hand Over"),
            ("hangup", "Hang Up"),
        ],
        required=True,
        readonly=True,
    )
    agent_id = fields.Many2one("crm.agent", readonly=True, index="btree_not_null", ondelete="restrict")
    contact_id = fields.Many2one("crm.queue.contact", readonly=True, index="btree_not_null", ondelete="cascade")
    extension = fields.Char("Agent's Telephone", readonly=True)
    number = fields.Char(readonly=True)
    state = fields.Selection(
        [("new", "New"), ("handed", "Handed Out"), ("done", "Done"), ("failed", "Failed"), ("unknown", "Unknown")],
        "Status",
        required=True,
        readonly=True,
        default="new",
    )
    error = fields.Char(readonly=True)
    handed_at = fields.Datetime("Handed Out On", readonly=True)

    _uid_uniq = models.Constraint("UNIQUE(uid)", "This command is here already.")
    _open_idx = models.Index("(system_id, id) WHERE state IN ('new', 'handed')")
    _one_dial = models.UniqueIndex(
        "(agent_id) WHERE kind = 'dial' AND state IN ('new', 'handed')",
        "Your telephone is dialling already: one call at a time.",
    )
    _one_dial_each = models.UniqueIndex(
        "(contact_id) WHERE kind = 'dial' AND state IN ('new', 'handed') AND contact_id IS NOT NULL",
        "This customer is being called already.",
    )

    # === WHAT IS ASKED FOR === #

    @api.model
    def _ask(self, agent, kind, number=None, contact=None):
        """Have the agent's telephone dial, hand over or hang up.

        :param number: the number to dial, or to hand the call to (E.164)
        :raise UserError: the agent has no telephone, or no telephone system is there
        """
        if not agent.extension:
            raise UserError(self.env._("%s has no telephone: a supervisor enters its extension.", agent.name))
        systems = self.env["crm.telephony.system"].sudo()
        system = contact._telephone()[0] if contact else systems
        own = [("company_id", "=", agent.company_id.id)]
        system = system or (
            systems.search([*own, ("branch_id", "=", agent.branch_id.id)], limit=1) or systems.search(own, limit=1)
        )
        if not system:
            raise UserError(self.env._("No telephone system is connected: see Configuration → Telephone Systems."))
        return self.sudo().create(
            {
                "system_id": system.id,
                "kind": kind,
                "agent_id": agent.id,
                "contact_id": contact.id if contact else False,
                "extension": agent.extension,
                "number": number,
            }
        )

    @api.model
    def _tell(self, vals_list):
        """Have the telephone do what routing decided about calls; not where their system is gone."""
        contacts = self.env["crm.queue.contact"].sudo()
        for vals in vals_list:
            vals["system_id"] = contacts.browse(vals["contact_id"])._telephone()[0].id
        return self.sudo().create([v for v in vals_list if v["system_id"] and (v["kind"] != "ring" or v["extension"])])

    # === WHAT THE SYSTEM FETCHES AND REPORTS === #

    @api.model
    def _exchange(self, system, done):
        """Note what became of commands, and hand out the new ones.

        :param done: uid → error, or None where all went well
        :return: dicts of what to do, in the order it was asked for
        """
        system._heard()
        for command in self._open([("system_id", "=", system.id)]).filtered(lambda command: command.uid in done):
            error = clean(done[command.uid] or "")[:500]
            command._close("failed" if error else "done", error)
        self._expire([("system_id", "=", system.id)])
        commands = self._open([("system_id", "=", system.id)]).filtered(
            lambda command: command.state == "new" or command.kind in REPEATED
        )
        commands.filtered(lambda c: c.state == "new").write({"state": "handed", "handed_at": fields.Datetime.now()})
        return [command._as_told() for command in commands]

    @api.model
    def _open(self, domain):
        return self.sudo().search([*domain, ("state", "in", ("new", "handed"))], order="id")

    @api.model
    def _expire(self, domain=()):
        """Give up, after a minute, what wasn't fetched and what wasn't reported: an agent waits for it.

        For a number that is dialled, first the agent's telephone rings and then the customer's: that takes longer.
        """
        now = fields.Datetime.now()
        for command in self._open([*domain, ("create_date", "<", now - timedelta(minutes=1))]):
            minutes = 2 if command.kind == "dial" else 1
            if command.state == "new":
                command._close("failed", self.env._("The telephone system didn't ask for it within a minute."))
            elif command.handed_at < now - timedelta(minutes=minutes):
                command._close("unknown", "")

    def _close(self, state, error):
        """Note the end of a command, and what follows for its contact where it wasn't carried out.

        A call that the telephone system knows nothing of is over: nobody waits for it, and its agent goes on.
        """
        self.ensure_one()
        handed = self.state == "handed"
        self.write({"state": state, "error": error or False})
        contact = self.contact_id
        if self.kind == "hangup" and state != "done" and contact.state == "active":
            contact._end()
        elif self.kind == "ring" and state == "failed" and handed and contact.state in ("waiting", "offered"):
            contact._abandon()
        elif self.kind == "transfer" and state != "done" and contact.state == "active":
            self._say_not_handed()

    def _say_not_handed(self):
        """Tell the agent that the customer is still theirs: the screen had said that the telephone hands over."""
        user = self.agent_id.user_id
        words = self.with_context(lang=user.lang).env._
        message = words("%s wasn't handed over: you still have the call. Try again.", self.contact_id._who())
        user._bus_send(
            "simple_notification",
            {"type": "warning", "title": words("Hand Over"), "message": message, "sticky": True},
        )

    def _as_told(self):
        contact = self.contact_id
        call = contact._telephone()[1]
        seconds = contact.queue_id.offer_seconds or 20
        told = {"id": self.uid, "kind": self.kind, "extension": self.extension, "number": self.number}
        return {**told, **self._target(), "call_id": call, "seconds": seconds}

    def _target(self):
        """Return whose telephone (to), or which queue, a call is handed to; nothing where it is a number outside."""
        if self.kind != "transfer" or not self.number:
            return {}
        own = [("company_id", "=", self.company_id.id)]
        if self.env["crm.agent"].sudo().search_count([*own, ("extension", "=", self.number)], limit=1):
            return {"to": self.number}
        queues = self.env["crm.queue"].sudo()
        return {"queue": self.number} if queues.search_count([*own, ("code", "=", self.number)], limit=1) else {}

    def _called(self, key, moment):
        """Return the contact of a call that an agent dialled: the one to be called back, or a new one.

        :param str key: what the live call is called
        :param moment: when the customer answered
        """
        contact = self.contact_id
        if contact.state in ("waiting", "offered", "active") and (contact.agent_id or self.agent_id) == self.agent_id:
            contact.key = key
        else:
            contacts = self.env["crm.queue.contact"].sudo()
            contact = contacts.create([contacts._prepare_entry_vals(self._prepare_contact_vals(key, moment))])
            self.contact_id = contact
        return contact

    def _prepare_contact_vals(self, key, moment):
        queues = self.agent_id.queue_ids.filtered(lambda queue: queue._takes("call"))
        return {
            "queue_id": (queues[:1] or self.system_id.queue_id).id,
            "only_agent_id": self.agent_id.id,
            "channel": "call",
            "direction": "outgoing",
            "key": key,
            "phone": self.number,
            "entered_at": moment,
        }

    @api.autovacuum
    def _gc_old(self):
        """Forget commands after 30 days: the contacts keep what counts, and numbers are personal."""
        before = fields.Datetime.now() - timedelta(days=30)
        self.sudo().search([("create_date", "<", before)], limit=50_000).unlink()
