from odoo import api, fields, models

from ..const import KINDS, TARGETS
from ..identity import name_key


class CrmVehicleImportHeader(models.Model):
    """A column name of a report and what such a column holds. Capitals, spaces and punctuation don't matter."""

    _name = "crm.vehicle.import.header"
    _description = "Column Name"
    _order = "kind, target, name"

    name = fields.Char("Column Name", required=True)
    key = fields.Char(compute="_compute_key", store=True, index=True)
    kind = fields.Selection(KINDS, "Report", help="Empty: in both.")
    target = fields.Selection(TARGETS, "Holds", help="Empty: the column isn’t needed.")

    _key_kind_uniq = models.UniqueIndex("(key, COALESCE(kind, ''))", "This column name is on the list already.")

    @api.depends("name")
    def _compute_key(self):
        for header in self:
            header.key = name_key(header.name)

    @api.model
    def _targets(self, kind):
        """Return key → target of the column names of a report."""
        headers = self.sudo().search_fetch([("kind", "in", (kind, False))], ["key", "target"])
        return {header.key: header.target for header in headers}
