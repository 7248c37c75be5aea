from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class ResPartner(models.Model):
    """How an agent finds out who is on the telephone (CC-3b)."""

    _inherit = "res.partner"

    @api.readonly
    @api.model
    def desk_find(self, text):
        """Return up to ten customers by name, e-mail address or phone number, of those that the user sees."""
        text = str(text or "").strip()
        if len(text) < 2:
            return []
        domain = Domain("complete_name", "ilike", text) | Domain("email", "ilike", text)
        if sum(map(str.isdigit, text)) >= 4:
            domain |= Domain("phone_sanitized", "in", self._desk_numbers(text))
        return self.search(domain, limit=10)._desk_customers()

    def _desk_numbers(self, text):
        """Return the number as it is stored, by the country of the user's branch; nothing where it is none."""
        branch = self.env.user.branch_id
        try:
            return [branch._e164(text)] if branch else []
        except UserError:
            return []

    def _desk_customers(self):
        return [
            {
                "id": partner.id,
                "name": partner.display_name,
                "phone": partner.phone or "",
                "place": partner.city or "",
            }
            for partner in self
        ]
