from odoo import fields, models
from odoo.exceptions import UserError

from .crm_courier_unit import CrmCourierUnit as Unit

CONDITIONS = [("ok", "In Order"), ("damaged", "Damaged")]


class CrmCourierUnit(models.Model):
    """What the courier found when they checked a unit in front of the customer (SOP-8a)."""

    _inherit = "crm.courier.unit"

    _facts = Unit._facts | {"condition", "condition_note", "photo", "checked_at", "checked_by_id"}

    condition = fields.Selection(CONDITIONS, "Check", readonly=True, copy=False)
    condition_note = fields.Text("What Is Wrong", readonly=True, copy=False)
    photo = fields.Image(readonly=True, copy=False, max_width=1920, max_height=1920)
    checked_at = fields.Datetime("Checked", readonly=True, copy=False)
    checked_by_id = fields.Many2one("res.users", readonly=True, copy=False, index="btree_not_null")
    replacement_line_ids = fields.One2many("crm.courier.replacement.line", "unit_id", readonly=True)

    # === ACTION METHODS === #

    def action_check(self):
        """Open the check of one unit, for the courier or for the office on their behalf."""
        self.ensure_one()
        self.check_access("read")
        self.stop_id.run_id._check_at_door()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Check"),
            "res_model": "crm.courier.check",
            "view_mode": "form",
            "target": "new",
            "context": {"default_unit_id": self.id},
        }

    # === BUSINESS METHODS === #

    def _split_off(self, quantity):
        """Let this be so many of the counted goods; the others become a row of their own and are in order (SOP-8a).

        What was split off before comes back first: the courier has looked again.

        :param quantity: how many, as a client says it; None for all of them
        :raise UserError: there aren't so many
        """
        self.ensure_one()
        rests = self.sudo().search([("split_from_id", "=", self.id), ("condition", "=", "ok")])
        together = self.quantity + sum(rests.mapped("quantity"))
        wanted = together if quantity is None else quantity
        if type(wanted) not in (int, float) or not 0 < wanted <= together or (wanted != together and wanted % 1):
            raise UserError(self.env._("Say how many of them are damaged: %s at most.", f"{together:g}"))
        rests.unlink()
        self._write_facts({"quantity": wanted, "loaded_quantity": wanted})
        if wanted < together:
            rest = {"split_from_id": self.id, "condition": "ok", "quantity": together - wanted}
            rest |= {name: self[name].id for name in ("stop_id", "product_id", "lot_id", "loaded_by_id")}
            rest |= {"loaded_quantity": together - wanted, "loaded_at": self.loaded_at}
            self._as_step().create({**rest, "checked_at": self.checked_at, "checked_by_id": self.checked_by_id.id})

    def _is_answered(self):
        """Return whether CRM has answered what becomes of this damaged unit."""
        return any(line.answer for line in self.sudo().replacement_line_ids)
