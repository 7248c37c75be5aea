from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL


class ResPartner(models.Model):
    """What WhatsApp and we said to each other about a person, and by which numbers."""

    _inherit = "res.partner"

    def _more_person_documents(self):
        """Override: messages by their number too, where nobody knew whose it was, with their files."""
        unknown = Domain("partner_id", "=", False) & Domain("phone", "in", self._whatsapp_numbers())
        messages = self._kept("crm.whatsapp.message", Domain("partner_id", "in", self.ids) | unknown)
        files = self._kept("crm.whatsapp.media", [("message_id", "in", messages.ids)])
        consents = self._kept("crm.whatsapp.consent", [("phone", "in", self._own_whatsapp_numbers())])
        names = ("body", "variables", "sender_name", "error_detail", "wamid", "old_wamids")
        return {
            **super()._more_person_documents(),
            "WhatsApp messages": (messages, names),  # WhatsApp's IDs have the number in them
            "WhatsApp files": (files, ("name", "key", "problem_detail")),
            "WhatsApp consents": (consents, ("words",)),
        }

    def _whatsapp_numbers(self):
        return list({number for number in self.mapped("whatsapp_phone") + self.mapped("phone_sanitized") if number})

    def _own_whatsapp_numbers(self):
        """Return the numbers that no other contact has."""
        numbers = self._whatsapp_numbers()
        others = self._kept("res.partner", [("whatsapp_phone", "in", numbers), ("id", "not in", self.ids)])
        return list(set(numbers) - set(others.mapped("whatsapp_phone")))

    def _erase_person(self, documents):
        """Override: what isn't sent or fetched stays so; numbers, what their owner wanted, and raw events go."""
        result = super()._erase_person(documents)
        self.env.flush_all()
        messages, files = documents["WhatsApp messages"].ids, documents["WhatsApp files"].ids
        bodies = [f"%{number.lstrip('+')}%" for number in self._whatsapp_numbers()]
        for statement in (
            SQL(
                "UPDATE crm_whatsapp_message SET state = 'cancelled' WHERE state = 'queued' AND id = ANY(%s)", messages
            ),
            # what went out must have had a number, each another
            SQL(
                "UPDATE crm_whatsapp_message SET phone = CASE WHEN direction = 'outgoing' AND state != 'left_out'"
                " THEN 'erased-' || id END WHERE id = ANY(%s)",
                messages,
            ),
            SQL("UPDATE crm_whatsapp_media SET state = 'failed' WHERE state = 'waiting' AND id = ANY(%s)", files),
            SQL("DELETE FROM crm_whatsapp_consent WHERE id = ANY(%s)", documents["WhatsApp consents"].ids),
            SQL("UPDATE crm_whatsapp_event SET body = '{}', error = NULL WHERE body LIKE ANY(%s)", bodies),
        ):
            self.env.cr.execute(statement)
        self.env.invalidate_all(flush=False)
        return result

    def _erase_blockers(self):
        """Override: what the sender or an event is busy with at this moment."""
        reasons = super()._erase_blockers()
        messages = self._more_person_documents()["WhatsApp messages"][0]
        bodies = [Domain("body", "like", number.lstrip("+")) for number in self._whatsapp_numbers()]
        events = self.env["crm.whatsapp.event"]
        if messages.filtered(lambda message: message.state == "sending") or (
            bodies and events.search_count([("state", "=", "new"), *Domain.OR(bodies)], limit=1)
        ):
            reasons.append(self.env._("• A WhatsApp message is on its way: try again in a minute."))
        return reasons
