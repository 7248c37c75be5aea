from odoo import api, fields, models
from odoo.tools import SQL

from ..phone_prefix import prefixes


class ResPartner(models.Model):
    """A caller is found by phone number, among a million too (SOP-T1)."""

    _inherit = "res.partner"

    salutation_id = fields.Many2one(
        "crm.salutation", index="btree_not_null", ondelete="restrict", help="How officers address this customer."
    )

    # Finds whole numbers and beginnings of numbers, whatever the database's collation, in the order of the numbers.
    _caller_idx = models.Index("(phone_sanitized text_pattern_ops) WHERE phone_sanitized IS NOT NULL")

    # === BUSINESS METHODS === #

    @api.model
    def _find_by_number(self, number):
        """Return the customers that the user may see who have exactly this number, in E.164."""
        return self.search([("phone_sanitized", "=", number)], order="id")

    @api.model
    def _find_by_typed(self, typed, country, limit=8):
        """Return the first customers that the user may see whose number begins with what was typed so far."""
        found = self.browse()
        for prefix in prefixes(typed, country.phone_code):
            found |= self.browse(self._query_prefix(prefix, limit))
        return found[:limit]

    @api.model
    def _query_prefix(self, prefix, limit):
        """Return the query of the first customers whose number begins so.

        The order is the index's own: by name, a beginning that fits many would be read and sorted whole.
        """
        query = self._search([("phone_sanitized", "=like", f"{prefix}%")])
        query.order = SQL("%s USING ~<~", SQL.identifier(self._table, "phone_sanitized"))
        query.limit = limit
        return query
