from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from .stock_picking_batch import LOGISTICS


class CrmCourierReplacement(models.Model):
    """The exchange at headquarters: the warehouse takes damaged goods in, and the delivery's day follows (SOP-9)."""

    _inherit = "crm.courier.replacement"

    can_exchange = fields.Boolean(compute="_compute_can_exchange", compute_sudo=True)

    # === COMPUTE METHODS === #

    def _compute_can_exchange(self):
        for replacement in self:
            replacement.can_exchange = bool(replacement._open_exchange()) and replacement.run_state != "on_road"

    # === ACTION METHODS === #

    def action_exchange(self):
        """Confirm, as the warehouse, that the damaged goods are back: with that they are exchanged (SOP-8b)."""
        self.check_access("read")
        if not self.env.user.has_group(LOGISTICS):
            raise AccessError(self.env._("The warehouse takes damaged goods in."))
        for replacement in self.sudo():
            moves = replacement._open_exchange()
            if not moves:
                raise UserError(self.env._("%s: nothing is to be taken in.", replacement.display_name))
            moves.picked = True
            moves.picking_id.with_context(skip_backorder=True, skip_sms=True).button_validate()

    # === BUSINESS METHODS === #

    def _open_exchange(self):
        moves = self.sudo().line_ids.exchange_move_id
        return moves.filtered(lambda move: move.state not in ("done", "cancel"))

    def _check_exchangeable(self):
        """Check that the damaged goods can have arrived at headquarters.

        :raise UserError: the courier is still on the road with them
        """
        for replacement in self.filtered(lambda replacement: replacement.run_state == "on_road"):
            raise UserError(
                self.env._(
                    "%(courier)s still has the damaged goods on %(run)s: they are exchanged when the run is back.",
                    courier=replacement.courier_id.name,
                    run=replacement.run_id.name,
                )
            )

    def _note_exchange(self):
        """Note the exchange when all damaged goods are in."""
        for replacement in self.sudo().filtered(lambda replacement: not replacement.exchanged_at):
            if not replacement._open_exchange():
                replacement.write({"exchanged_at": fields.Datetime.now(), "exchanged_by_id": self.env.uid})
                if replacement.state == "answered":
                    replacement._workflow_do("exchange")

    def _after_transition(self, transition):
        """Override: from the exchange on, the day of the delivery is known."""
        if transition.name == "exchange":
            for replacement in self:
                days = replacement.company_id.courier_replacement_days
                day = replacement.branch_id._working_day_after(replacement.exchanged_at, days)
                replacement.due_date = max(day, replacement.promised_date)
            self._schedule_delivery()
            self.filtered(lambda replacement: replacement.due_date > replacement.promised_date)._tell_customer()
        return super()._after_transition(transition)
