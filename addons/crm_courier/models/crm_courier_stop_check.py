import base64

from odoo import api, fields, models
from odoo.exceptions import UserError

from .. import door
from .crm_courier_stop import HANDED_OVER
from .crm_courier_unit_check import CONDITIONS


class CrmCourierStop(models.Model):
    """Every unit is checked in front of the customer before anything is handed over; nothing damaged is (SOP-8a)."""

    _inherit = "crm.courier.stop"

    damaged_count = fields.Integer("Damaged", compute="_compute_damaged_count", store=True)
    is_checked = fields.Boolean(compute="_compute_is_checked")

    # === COMPUTE METHODS === #

    @api.depends("unit_ids.condition")
    def _compute_damaged_count(self):
        for stop in self:
            stop.damaged_count = len(stop.unit_ids.filtered(lambda unit: unit.condition == "damaged"))

    @api.depends("unit_ids.condition")
    def _compute_is_checked(self):
        for stop in self:
            stop.is_checked = all(unit.condition for unit in stop.unit_ids)

    # === ACTION METHODS === #

    def action_check_rest(self):
        """Say that all units that nobody has checked yet were checked and are in order."""
        self.ensure_one()
        for unit in self.unit_ids.filtered(lambda unit: not unit.condition):
            self._check_unit(unit, "ok")

    # === FROM THE PHONE === #

    def _door_kinds(self):
        """Override: the check."""
        return {**super()._door_kinds(), "check": "_door_check"}

    def _door_data(self):
        """Override: what was found."""
        checks = {
            unit.id: {"condition": unit.condition or False, "note": unit.condition_note or ""} for unit in self.unit_ids
        }
        return {**super()._door_data(), "checks": checks}

    def _door_check(self, values):
        """Note what the courier found: ``{"unit_id", "condition": "ok" or "damaged", "note", "photo": base64 JPEG}``;
        of counted goods with ``quantity``, if not all of them are damaged.

        :raise AccessError: it is another courier's run
        :raise UserError: something is missing or isn't what it should be; says what
        """
        unit_id = values.get("unit_id")
        unit = self.unit_ids.filtered(lambda unit: type(unit_id) is int and unit.id == unit_id)
        photo = door.picture(self.env, values, "photo", "JPEG")
        condition = door.choice(self.env, values, "condition", dict(CONDITIONS))
        quantity = values.get("quantity") if condition == "damaged" else None
        self._check_unit(unit, condition, values.get("note"), base64.b64encode(photo), quantity)

    # === BUSINESS METHODS === #

    def _check_unit(self, unit, condition, note=None, photo=None, quantity=None):
        """Note what was found on one unit. It may be said anew until CRM has answered what becomes of the unit.

        :param str condition: of ``CONDITIONS``
        :param str note: required of what is damaged
        :param bytes photo: base64 of a JPEG or PNG
        :param quantity: how many of counted goods it is said of; None for all
        :raise AccessError: it is somebody else's run
        :raise UserError: not now, not this unit, or no note; says what to do
        """
        self.ensure_one()
        self.check_access("read")
        self.run_id._check_at_door()
        self._lock_for_outcome()
        if not unit or unit.stop_id != self:
            raise UserError(self.env._("This unit isn't one of this delivery."))
        needed = condition == "damaged" and self.env._("Say what is wrong with it: a damaged unit needs a note.")
        note = door.text(self.env, {"note": note}, "note", required=needed or None)
        if unit._is_answered():
            raise UserError(self.env._("CRM has answered about %s: its check stands.", unit.display_name))
        unit._write_facts(
            {
                "condition": condition,
                "condition_note": note or False,
                "photo": photo or False,
                "checked_at": self._door_moment(),
                "checked_by_id": self.env.uid,
            }
        )
        unit._split_off(quantity)
        self._follow_check()

    def _follow_check(self):
        """Hook: act on what was found on a unit."""

    def _door_problems(self, outcome, note, units):
        """Override: what wasn't checked isn't handed over, nor what is damaged."""
        problems = super()._door_problems(outcome, note, units)
        if outcome not in HANDED_OVER:
            return problems
        unchecked = self.sudo().unit_ids.filtered(lambda unit: not unit.condition)
        problems += [self.env._("Check it in front of the customer first: %s", unit.display_name) for unit in unchecked]
        damaged = units.filtered(lambda unit: unit.condition == "damaged")
        problems += [self.env._("It is damaged and comes back: %s", unit.display_name) for unit in damaged]
        return problems


class StockPickingBatch(models.Model):
    _inherit = "stock.picking.batch"

    def _recall_problems(self):
        """Override: what was checked at a door shows that the run had left."""
        problems = super()._recall_problems()
        if not problems and self.sudo().unit_ids.filtered("condition"):
            problems.append(self.env._("Units were checked at a customer's door: have the courier come back instead."))
        return problems
