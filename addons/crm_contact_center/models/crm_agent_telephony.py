from odoo import api, models
from odoo.exceptions import UserError

#: More characters than any number has, with its spaces.
LONGEST = 32


class CrmAgent(models.Model):
    """The agent's telephone: what it is called, and what it dials (CC-1)."""

    _inherit = "crm.agent"

    _extension_form = models.Constraint(
        r"CHECK(extension ~ '^[0-9A-Za-z][0-9A-Za-z_.-]{0,31}$')",
        "An extension has letters, digits, dots, hyphens: as the telephone system calls the agent's telephone.",
    )

    @api.model
    def dial(self, number):
        """Have the user's own telephone ring, and then dial the number (click to dial).

        :param str number: with its country code, or a number of the branch's country
        :return: the number that is dialled
        :raise AccessError: the user is no agent
        :raise UserError: it is no phone number; the agent has no telephone, or it is dialling already
        """
        agent = self._me()
        if not isinstance(number, str) or not 0 < len(number) <= LONGEST:
            raise UserError(self.env._("A phone number has at most %s characters.", LONGEST))
        number = agent.branch_id._e164(number.strip())
        commands = self.env["crm.telephony.command"]
        mine = [("agent_id", "=", agent.id), ("kind", "=", "dial")]
        commands._expire(mine)  # one that nobody fetched isn't a reason to wait for the scheduled action
        if commands._open(mine):
            raise UserError(self.env._("Your telephone is dialling already: one call at a time."))
        commands._ask(agent, "dial", number)
        return number

    @api.model
    def can_dial(self):
        """Return whether the user is an agent with a telephone: only then the web client offers to dial."""
        return bool(self._mine().extension)
