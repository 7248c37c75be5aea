from odoo import models
from odoo.exceptions import UserError

from .sale_order import APPROVERS
from .sale_order_cancellation import CANCELLATION


class StockMove(models.Model):
    """Cancelling the delivery instead of the order is no way around the cancellation form (SOP-6).

    A manager may give up a part of it, so that the rest isn't waited for; nobody the whole.
    """

    _inherit = "stock.move"

    def write(self, vals):
        """Override, through which every path of cancelling comes: transfer, list, missing backorder, API."""
        if vals.get("state") in ("cancel", "draft"):
            self._check_given_up()
        return super().write(vals)

    def unlink(self):
        """Override: to delete is to give up, too. Not by ``ondelete``, which a context switches off."""
        self._check_given_up()
        return super().unlink()

    def _merge_moves(self, merge_into=False):
        """Override: what is merged into another move isn't given up."""
        step = self.with_context(crm_sop_sales_cancellation=CANCELLATION)
        return super(StockMove, step)._merge_moves(merge_into).with_env(self.env)

    def _action_done(self, cancel_backorder=False):
        """Override: without a backorder, the rest of a delivery is given up too."""
        if cancel_backorder:
            delivering = self.sudo().filtered(lambda move: move._delivers_order())
            short = delivering.filtered(lambda move: move.product_uom.compare(move.quantity, move.product_uom_qty) < 0)
            short.with_env(self.env)._check_manager_gives_up()
        return super()._action_done(cancel_backorder)

    def _check_given_up(self):
        """Check that no delivery of a confirmed order is given up while the order itself lives.

        :raise UserError: names the order; says what to do
        """
        if self.env.context.get("crm_sop_sales_cancellation") is CANCELLATION:
            return
        given_up = self.sudo().filtered(lambda move: move._delivers_order())
        for order, moves in given_up.grouped(lambda move: move.sale_line_id.order_id).items():
            others = order.order_line.move_ids - moves
            if not any(move.state == "done" or move._delivers_order() for move in others):
                raise UserError(
                    self.env._(
                        "The delivery of %s can't be cancelled by itself: sales cancels the order, by its cancellation "
                        "form, and with it the delivery.",
                        order.name,
                    )
                )
        given_up.with_env(self.env)._check_manager_gives_up()

    def _check_manager_gives_up(self):
        if self and not any(self.env.user.has_group(group) for group in APPROVERS):
            raise UserError(
                self.env._(
                    "The rest of %s is still to be delivered: make a backorder. Only a manager gives it up.",
                    ", ".join(self.sudo().sale_line_id.order_id.mapped("name")),
                )
            )

    def _delivers_order(self):
        """Whether this is an open move that brings what a submitted and confirmed order sells to the customer."""
        order = self.sale_line_id.order_id
        is_open = self.state not in ("done", "cancel") and self.product_uom_qty > 0
        return is_open and order.state == "sale" and order._is_price_locked() and self.location_dest_id._is_outgoing()
