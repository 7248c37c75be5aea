from odoo import models
from odoo.fields import Domain


class ResPartner(models.Model):
    """What a person said at the contact center; what the telephone told of their calls, and was told to dial, for the
    30 days that this is kept.
    """

    _inherit = "res.partner"

    def _more_person_documents(self):
        """Override: also of calls by their number, where nobody knew whose it was."""
        numbers = [number for number in self.mapped("phone_sanitized") if number]
        unknown = Domain("partner_id", "=", False) & Domain("phone", "in", numbers)
        contacts = self._kept("crm.queue.contact", Domain("partner_id", "in", self.ids) | unknown)
        calls = [contact._telephone()[1] for contact in contacts if contact.channel == "call" and contact.key]
        events = self._kept("crm.telephony.event", Domain("call", "in", calls) | Domain("number", "in", numbers))
        commands = self._kept(
            "crm.telephony.command", Domain("contact_id", "in", contacts.ids) | Domain("number", "in", numbers)
        )
        return {
            **super()._more_person_documents(),
            self.env._("Contacts at the contact center"): (contacts, ("caller_name", "phone", "words", "note")),
            "Telephone events": (events, ("number", "name", "words")),
            "Telephone commands": (commands, ("number",)),
        }
