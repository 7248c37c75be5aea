import secrets
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError


class CrmTelephonyCommand(models.Model):
    """What the telephone system shall do: written and committed first, fetched by the system, then reported (CC-1).

    A command is handed out once. If the system doesn't say what became of it, that is unknown: nobody is called twice.
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
        [("dial", "Dial"), ("transfer", "Transfer"), ("hangup", "Hang Up")], required=True, readonly=True
    )
    agent_id = fields.Many2one("crm.agent", required=True, readonly=True, index=True, ondelete="restrict")
    contact_id = fields.Many2one("crm.queue.contact", readonly=True, index="btree_not_null", ondelete="cascade")
    extension = fields.Char("Agent's Telephone", required=True, readonly=True)
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

    # === BUSINESS METHODS === #

    @api.model
    def _ask(self, agent, kind, number=None, contact=None):
        """Have the agent's telephone dial, transfer or hang up.

        :param number: the number to dial (E.164), or the extension to transfer to
        :raise UserError: the agent has no telephone, or no telephone system is there
        """
        if not agent.extension:
            raise UserError(self.env._("%s has no telephone: a supervisor enters its extension.", agent.name))
        system = self.env["crm.telephony.system"].sudo().search([("company_id", "=", agent.company_id.id)], limit=1)
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
    def _exchange(self, system, done):
        """Note what became of commands, and hand out the new ones.

        :param done: uid → error, or None where all went well
        :return: dicts of what to do, in the order it was asked for
        """
        now = fields.Datetime.now()
        system._heard()
        open_ = self.sudo().search([("system_id", "=", system.id), ("state", "in", ("new", "handed"))], order="id")
        for command in open_.filtered(lambda command: command.uid in done):
            error = (done[command.uid] or "")[:500]
            command.write({"state": "failed" if error else "done", "error": error or False})
        stale = now - timedelta(minutes=1)
        open_.filtered(lambda c: c.state == "handed" and c.handed_at < stale).state = "unknown"
        late = open_.filtered(lambda c: c.state == "new" and c.create_date < stale)
        late.write({"state": "failed", "error": self.env._("The telephone system didn't ask for it within a minute.")})
        new = open_.filtered(lambda command: command.state == "new")
        new.write({"state": "handed", "handed_at": now})
        return [command._as_told() for command in new]

    def _as_told(self):
        call = (self.contact_id.key or "").partition(":")[2]
        return {"id": self.uid, "kind": self.kind, "extension": self.extension, "number": self.number, "call_id": call}
