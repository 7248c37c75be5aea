from odoo import api, fields, models
from odoo.exceptions import UserError


class CrmImeiHold(models.Model):
    """A unit that an order keeps for itself, IMEI by IMEI, from the quotation's submission until it is delivered.

    The database itself keeps a unit from being held twice. What ended stays as history: a swap names its successor.
    Nobody writes holds: they follow from what happens to orders.
    """

    _name = "crm.imei.hold"
    _description = "Held Unit"
    _order = "id"
    _rec_name = "lot_id"

    lot_id = fields.Many2one("stock.lot", "IMEI", required=True, readonly=True, ondelete="restrict", index=True)
    product_id = fields.Many2one(related="lot_id.product_id", store=True, precompute=True, index=True)
    line_id = fields.Many2one("sale.order.line", "Order Line", readonly=True, ondelete="set null", index=True)
    order_id = fields.Many2one("sale.order", required=True, readonly=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="order_id.company_id", store=True, precompute=True, index=True)
    state = fields.Selection(
        [("held", "Held"), ("delivered", "Delivered"), ("released", "Released")],
        required=True,
        readonly=True,
        default="held",
    )
    user_id = fields.Many2one("res.users", "Held By", required=True, readonly=True, ondelete="restrict", index=True)
    held_at = fields.Datetime("Since", required=True, readonly=True)
    expires_at = fields.Datetime("Expires", readonly=True, help="Empty once the order is approved.")
    ended_at = fields.Datetime("Ended", readonly=True)
    end_reason = fields.Selection(
        [
            ("delivered", "Delivered"),
            ("cancelled", "Order cancelled"),
            ("expired", "Not approved in time"),
            ("changed", "Order changed"),
            ("swapped", "Swapped"),
        ],
        readonly=True,
    )
    end_note = fields.Char("Note", readonly=True)
    replaced_by_id = fields.Many2one("crm.imei.hold", readonly=True, ondelete="set null", index="btree_not_null")

    _one_live_hold = models.UniqueIndex("(lot_id) WHERE state = 'held'", "This unit is held by an order already.")
    _live_has_line = models.Constraint(
        "CHECK(state != 'held' OR line_id IS NOT NULL)", "A held unit belongs to an order line."
    )
    _expiry_idx = models.Index("(expires_at) WHERE state = 'held' AND expires_at IS NOT NULL")

    # === ENDING HOLDS === #

    def _restart_clock(self):
        """Have live holds end after the company's time from now on, unless their order is approved in it."""
        for company, holds in self.filtered(lambda hold: hold.state == "held").grouped("company_id").items():
            holds.sudo().expires_at = company._imei_hold_end()

    def _end(self, state, reason, note=None):
        """End live holds, with the reason; those that have ended stay as they are."""
        live = self.filtered(lambda hold: hold.state == "held")
        self._in_transaction("taken").difference_update(live.lot_id.ids)
        self._in_transaction("released").update(live.lot_id.ids)
        live.sudo().write({"state": state, "end_reason": reason, "end_note": note, "ended_at": fields.Datetime.now()})

    def _release_elsewhere(self):
        """Release holds of units that aren't where the order's warehouse delivers from; return the others."""
        quants = self.env["stock.quant"].sudo().search([("lot_id", "in", self.lot_id.ids), ("quantity", ">", 0)])
        places = {quant.lot_id.id: quant.location_id.parent_path for quant in quants}
        there = self.filtered(
            lambda hold: places.get(hold.lot_id.id, "").startswith(hold.order_id.warehouse_id.lot_stock_id.parent_path)
        )
        (self - there)._end("released", "changed")
        return there

    def _swap(self, lot, note):
        """Hold ``lot`` instead of this unit, for the same line, and take it over into the reserved delivery.

        :raise UserError: this hold has ended, or ``lot`` isn't free or is another product
        """
        self.ensure_one()
        if self.state != "held":
            raise UserError(self.env._("%s is not held any more.", self.lot_id.name))
        line = self.line_id
        self._take_picked(line, lot)
        self._end("released", "swapped", note)
        self._hold({line: lot.ids})
        successor = line._live_holds().filtered(lambda hold: hold.lot_id == lot)
        successor.sudo().expires_at = self.expires_at
        self.sudo().replaced_by_id = successor
        line._swap_reservation(self.lot_id, lot)
        return successor

    @api.model
    def _cron_expire(self):
        """Release the units of orders that nobody approved in time; what was submitted is a draft again."""
        orders = self.search([("state", "=", "held"), ("expires_at", "<", fields.Datetime.now())]).order_id
        for order in orders:
            if order.try_lock_for_update():
                order.invalidate_recordset(["approval_state"])
                order.hold_ids.invalidate_recordset(["state", "expires_at"])
                order._expire_holds()
            self.env["ir.cron"]._commit_progress(1)
