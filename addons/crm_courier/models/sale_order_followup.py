from odoo import models
from odoo.tools import format_date, format_datetime

from .crm_courier_replacement import OWED


class SaleOrder(models.Model):
    """Where the goods are, for the customer who follows the order on the portal."""

    _inherit = "sale.order"

    def _delivery_followup(self):
        """Return the order's deliveries for its page, in the customer's language and the branch's time.

        :return: dictionaries of ``goods``, ``steps`` (label, when or "", whether it has happened), ``url``
        """
        self.ensure_one()
        pickings = self.sudo().picking_ids.filtered(
            lambda picking: picking.picking_type_code == "outgoing" and picking.state != "cancel"
        )
        return [picking._followup() for picking in pickings.sorted("id")]


class StockPicking(models.Model):
    _inherit = "stock.picking"

    def _followup(self):
        return {
            "goods": self._followup_goods(),
            "steps": self._followup_steps(),
            "url": self.carrier_tracking_url or "",
            "reference": self.carrier_tracking_ref or "",
            "carrier": self.carrier_id.name or "",
        }

    def _followup_goods(self):
        """Return “2 × Phone” lines of what it brings."""
        moves = self.move_ids.filtered(lambda move: move.state != "cancel")
        return [
            f"{move.quantity if move.state == 'done' else move.product_uom_qty:g} × {move.product_id.display_name}"
            for move in moves
        ]

    def _followup_steps(self):
        """Return (label, when, whether it has happened) of this delivery's way to the customer."""
        done, waiting = self.state == "done", self.carrier_proof_state == "waiting"
        steps = [(self.env._("Being prepared"), "", True)]
        if self.is_third_party:
            left = self._followup_moment(self.date_done) if done else ""
            steps.append((self.env._("Handed to %s", self.carrier_id.name), left, done))
            arrived = format_date(self.env, self.arrived_on) if self.arrived_on else ""
            return [*steps, (self.env._("Delivered"), arrived, done and not waiting)]
        stop = self.courier_stop_ids.sorted("id")[-1:]
        if not done and not stop.is_live:
            stop = stop.browse()
        steps.append(self._followup_planned(stop))
        left = stop.run_id.left_at if done or stop.run_state == "on_road" else False
        steps.append((self.env._("On the road"), self._followup_moment(left), bool(left) or done))
        return [*steps, (self.env._("Delivered"), self._followup_moment(done and self.date_done), done)]

    def _followup_planned(self, stop):
        """Return the step that says the day: the run's, or that of a replacement."""
        owed = (
            self.env["crm.courier.replacement"]
            .sudo()
            .search([("order_id", "=", self.sale_id.id), ("state", "in", OWED)], order="id desc")
        )
        promised = owed.filtered(lambda replacement: self in replacement._deliveries())[:1]
        is_set = bool(stop) and stop.run_state not in ("planned", "cancelled")
        if is_set:
            return self.env._("Planned for"), stop._window_text(), True
        if promised and self.state != "done":
            return self.env._("Replacement comes on"), promised._due_text(), True
        return self.env._("Planned"), "", self.state == "done"

    def _followup_moment(self, moment):
        """Return the moment by the branch's clock, "" for none."""
        if not moment:
            return ""
        zone = self.env["stock.picking.batch"]._branch_of(self.picking_type_id).tz
        return format_datetime(self.env, moment, tz=zone or "UTC", dt_format="short")
