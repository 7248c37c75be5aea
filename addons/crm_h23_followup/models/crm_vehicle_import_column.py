from odoo import fields, models
from odoo.exceptions import UserError

from ..const import TARGETS


class CrmVehicleImportColumn(models.Model):
    """A column of an uploaded file, and what it holds."""

    _name = "crm.vehicle.import.column"
    _description = "Column of an Imported File"
    _order = "place, id"

    import_id = fields.Many2one("crm.vehicle.import", required=True, index=True, ondelete="cascade", readonly=True)
    place = fields.Integer("#", readonly=True, aggregator=None)
    name = fields.Char("Column in the File", readonly=True)
    sample = fields.Char("For Example", readonly=True)
    target = fields.Selection(TARGETS, "Holds", help="Empty: the column isn’t read.")

    def write(self, vals):
        """Override: only what the column holds is chosen, and only before the file is checked."""
        if vals.keys() - {"target"}:
            raise UserError(self.env._("Of a file’s columns only what they hold can be chosen."))
        if any(column.import_id.state != "draft" for column in self):
            raise UserError(self.env._("The file has been read with these columns: use “Change Columns” first."))
        return super().write(vals)
