from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

#: What a delivery waits for, by where the money of its order stands.
WAITS = {"no_proof": "proof", "to_confirm": "finance", "short": "short"}


class StockPicking(models.Model):
    """Goods that are paid by bank transfer wait for the proof, and leave when finance has confirmed (SOP-11b, 11c)."""

    _name = "stock.picking"
    _inherit = ["stock.picking", "crm.sale.totals"]

    _totals = frozenset({"transfer_wait"})

    transfer_wait = fields.Selection(
        [
            ("proof", "Waiting for proof of transfer"),
            ("finance", "Waiting for finance"),
            ("short", "Transfer is short"),
        ],
        "Transfer",
        compute="_compute_transfer_wait",
        search="_search_transfer_wait",
        compute_sudo=True,
    )
    transfer_promised_at = fields.Datetime(related="sale_id.transfer_promised_at", related_sudo=True)

    # === COMPUTE METHODS === #

    @api.depends("state", "sale_id.transfer_state", "move_ids.state", "move_ids.location_dest_id")
    def _compute_transfer_wait(self):
        carrying = self.move_ids._carrying_out()
        carrying._orders_carried().mapped("transfer_state")  # read for all at once
        carrying = carrying.grouped("picking_id")
        for picking in self:
            order = carrying.get(picking, picking.move_ids.browse())._orders_carried()[:1]
            picking.transfer_wait = WAITS.get(order.transfer_state, False)

    @api.model
    def _search_transfer_wait(self, operator, value):
        """Look among the few transfers of orders that wait: none of the many others follows each order's money."""
        if operator != "in":
            return NotImplemented
        waiting = Domain("transfer_state", "in", [*WAITS])
        carrying = Domain("sale_id", "any", waiting) | Domain("move_ids.sale_line_id.order_id", "any", waiting)
        found = self.sudo().search(carrying & Domain("state", "not in", ("done", "cancel")))
        waits = {picking.id: picking.transfer_wait for picking in found if picking.transfer_wait}
        wanted = Domain("id", "in", [id_ for id_, wait in waits.items() if wait in value])
        return wanted if all(value) else wanted | Domain("id", "not in", [*waits])

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: a delivery that waits isn't put into a batch."""
        pickings = super().create(vals_list)
        if "batch_id" in self._fields:
            pickings.filtered("batch_id").move_ids._check_transfer()
        return pickings

    def write(self, vals):
        """Override: likewise; the state of a transfer is that of its moves, whatever a client says."""
        if vals.get("batch_id"):
            self.move_ids._check_transfer()
        if "state" in vals and any(picking.move_ids and picking.state != vals["state"] for picking in self):
            self._refuse_totals(["state"])
        return super().write(vals)

    # === ACTION METHODS === #

    def button_validate(self):
        """Override: say it before anything is asked."""
        self.check_access("write")
        self.move_ids._check_transfer(leaving=True)
        return super().button_validate()

    def do_print_picking(self):
        """Override: nothing is printed to prepare what waits."""
        self.move_ids._check_transfer()
        return super().do_print_picking()

    def action_put_in_pack(self, **kwargs):
        """Override: nothing is packed that waits."""
        self.move_ids._check_transfer()
        return super().action_put_in_pack(**kwargs)

    # === AUTOMATIC BATCHES, WHERE STOCK_PICKING_BATCH IS INSTALLED === #

    def _is_auto_batchable(self, picking=None):
        """Override: what waits isn't batched by itself: that would be refused, and with it the order's confirmation."""
        waiting = (self | (picking or self)).move_ids._waits_for_transfer()
        return not waiting and super()._is_auto_batchable(picking)


class StockMove(models.Model):
    _inherit = "stock.move"

    @api.model_create_multi
    def create(self, vals_list):
        """Override: what waits isn't picked."""
        moves = super().create(vals_list)
        if any(vals.get("picked") for vals in vals_list):
            moves.filtered("picked")._check_transfer()
        return moves

    def write(self, vals):
        """Override: likewise."""
        if vals.get("picked"):
            self._check_transfer()
        return super().write(vals)

    def _action_done(self, cancel_backorder=False):
        """Override, through which every path of leaving comes."""
        self._check_transfer(leaving=True)
        return super()._action_done(cancel_backorder)

    def _check_transfer(self, leaving=False):
        """Check that the orders that these moves carry out are paid as far as the step needs.

        :param bool leaving: whether the goods go; otherwise they are only prepared. A step inside the warehouse (pick,
            pack) prepares.
        :raise UserError: names the order and what it waits for
        """
        moves = self.sudo()
        if not any(order._waits_for_money() for order in moves._orders_carried()):
            return
        going = moves._carrying_out()
        out = going.filtered(lambda move: leaving and move.location_dest_id._is_outgoing())._orders_carried()
        for order in going._orders_carried():
            if problem := order._transfer_problem(order in out):
                raise UserError(problem)

    def _waits_for_transfer(self):
        moves = self.sudo()
        if not any(order._waits_for_money() for order in moves._orders_carried()):
            return False
        return any(order._transfer_problem() for order in moves._carrying_out()._orders_carried())

    def _carrying_out(self):
        """Return those that take goods to a customer or nearer to one. Where they go says it: a kind of operation, or
        what they are said to return, is the warehouse's to type.
        """
        moves = self.filtered(lambda move: move.state not in ("done", "cancel"))
        outgoing = {place: place._is_outgoing() for place in moves.location_id | moves.location_dest_id}  # each asks
        return moves.filtered(
            lambda move: (
                not outgoing[move.location_id] and (outgoing[move.location_dest_id] or not move._taken_back_move())
            )
        )

    def _orders_carried(self):
        """Return the orders whose goods these moves carry, or that somebody has added goods to."""
        return self.sale_line_id.order_id | self.picking_id.sale_id


class StockMoveLine(models.Model):
    _inherit = "stock.move.line"

    @api.model_create_multi
    def create(self, vals_list):
        """Override: what waits isn't picked, unit by unit either."""
        lines = super().create(vals_list)
        if any(vals.get("picked") for vals in vals_list):
            lines.filtered("picked").move_id._check_transfer()
        return lines

    def write(self, vals):
        """Override: likewise."""
        if vals.get("picked"):
            self.move_id._check_transfer()
        return super().write(vals)

    def _is_auto_waveable(self):
        """Override: nor is it put into a wave, where stock_picking_batch is installed."""
        return not self.move_id._waits_for_transfer() and super()._is_auto_waveable()


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    def _get_rendering_context(self, report, docids, data):
        """Override: no slip is printed for what waits, as page or as PDF (SOP-11b)."""
        if report.model == "stock.picking" and docids:
            self.env["stock.picking"].browse(docids).move_ids._check_transfer()
        return super()._get_rendering_context(report, docids, data)
