import hashlib
import json

from odoo import api, fields, models

from ..const import KINDS
from ..identity import name_key


class CrmVehicleImportMapping(models.Model):
    """What the columns of a file held the last time that a file with the same columns was read."""

    _name = "crm.vehicle.import.mapping"
    _description = "Remembered Columns"

    company_id = fields.Many2one("res.company", required=True, index=True, ondelete="cascade", readonly=True)
    kind = fields.Selection(KINDS, "Report", required=True, readonly=True)
    key = fields.Char(required=True, readonly=True)
    headers = fields.Text("Columns", readonly=True)
    targets = fields.Json(readonly=True)

    _key_uniq = models.Constraint("UNIQUE(company_id, kind, key)", "These columns are remembered already.")

    # === BUSINESS METHODS === #

    @staticmethod
    def _key_of(header):
        return hashlib.sha256(json.dumps([name_key(name) for name in header]).encode()).hexdigest()

    @api.model
    def _recall(self, company, kind, header):
        """Return the targets of a file's columns, in order, or None."""
        domain = [("company_id", "=", company.id), ("kind", "=", kind), ("key", "=", self._key_of(header))]
        return self.sudo().search(domain, limit=1).targets or None

    @api.model
    def _remember(self, company, kind, header, targets):
        """Keep what the columns hold for the next file of that kind."""
        values = {"company_id": company.id, "kind": kind, "key": self._key_of(header)}
        known = self.sudo().search([(name, "=", value) for name, value in values.items()], limit=1)
        content = {"headers": ", ".join(header)[:2000], "targets": targets}
        if known:
            known.write(content)
        else:
            known.create({**values, **content})
