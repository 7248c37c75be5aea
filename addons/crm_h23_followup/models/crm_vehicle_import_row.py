from odoo import api, fields, models
from odoo.exceptions import UserError

from ..const import CONFLICT, DECIDABLE, PROBLEMS, STATUSES


class CrmVehicleImportRow(models.Model):
    """A row of an uploaded file as it was understood, and what becomes of it. SQL writes it, see the import."""

    _name = "crm.vehicle.import.row"
    _description = "Row of an Imported File"
    _order = "number, id"
    _rec_name = "number"

    import_id = fields.Many2one("crm.vehicle.import", required=True, ondelete="cascade", readonly=True)
    number = fields.Integer("Row", readonly=True, aggregator=None, help="As a spreadsheet program counts.")
    status = fields.Selection(STATUSES, readonly=True)
    problems = fields.Json(readonly=True)
    changes = fields.Json(readonly=True)
    message = fields.Text("What About It", compute="_compute_message")
    decision = fields.Selection(
        [("take", "Take the File’s"), ("keep", "Keep Ours")],
        help="Take the file’s: the vehicle becomes as this row says. Keep ours: the row is left out.",
    )
    decidable = fields.Boolean(compute="_compute_message")
    done = fields.Boolean("Taken Over", readonly=True)
    vehicle_id = fields.Many2one("crm.vehicle", readonly=True, index="btree_not_null", ondelete="set null")
    branch_id = fields.Many2one("crm.branch", readonly=True)
    engine_number = fields.Char(readonly=True)
    frame_number = fields.Char(readonly=True)
    purchase_date = fields.Date(readonly=True)
    owner_name = fields.Char("Owner", readonly=True)
    owner_phone = fields.Char("Phone", readonly=True)
    phone_problem = fields.Char(readonly=True)
    model_name = fields.Char("Model", readonly=True)
    plate = fields.Char("License Plate", readonly=True)
    owner_street = fields.Char("Street", readonly=True)
    owner_city = fields.Char("City", readonly=True)
    kpb = fields.Integer("KPB", readonly=True, aggregator=None)
    service_date = fields.Date(readonly=True)
    dealer = fields.Char("Service Dealer", readonly=True)

    _number_uniq = models.Constraint("UNIQUE(import_id, number)", "A file has a row once.")
    _status_idx = models.Index("(import_id, status, number)")

    # === COMPUTE METHODS === #

    @api.depends("problems", "changes", "status")
    @api.depends_context("lang")
    def _compute_message(self):
        labels = {name: field["string"] for name, field in self.fields_get(attributes=["string"]).items()}
        labels["branch"] = labels["branch_id"]
        for row in self:
            problems = row.problems or []
            words = [row._problem_words(labels, *problem) for problem in problems]
            words += [
                f"{labels.get(name, name)}: {old or '–'} → {new}" for name, (old, new) in (row.changes or {}).items()
            ]
            row.message = "\n".join(words)
            row.decidable = bool(
                row.status == CONFLICT and problems and all(code in DECIDABLE for code, *__ in problems)
            )

    def _problem_words(self, labels, code, field=None, value=None):
        words = self.env._(PROBLEMS[code])
        return words % {"field": labels.get(field, field or ""), "value": value}

    # === CRUD METHODS === #

    def write(self, vals):
        """Override: a person only decides conflicts, and only before the file is taken over."""
        if vals.keys() - {"decision"}:
            raise UserError(self.env._("Rows of a file are as they are: correct the file and import it again."))
        if any(row.import_id.state != "preview" or not row.decidable for row in self):
            raise UserError(self.env._("This row has nothing to decide."))
        return super().write(vals)

    # === ACTION METHODS === #

    def action_take(self):
        """Decide for the file."""
        self.write({"decision": "take"})

    def action_keep(self):
        """Decide for what is known."""
        self.write({"decision": "keep"})
