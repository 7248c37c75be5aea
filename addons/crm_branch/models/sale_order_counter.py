from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL

OFFICER = "crm_branch.group_service_officer"


class SaleOrder(models.Model):
    """What a service officer sells is in the stock of their branch, and is handed out at once (BR-10).

    An order is sold at the counter if its salesperson is a service officer of a branch, or was made by one.
    """

    _inherit = "sale.order"

    is_counter_sale = fields.Boolean(compute="_compute_is_counter_sale", compute_sudo=True)
    waits_at_counter = fields.Boolean(compute="_compute_waits_at_counter")

    # === COMPUTE METHODS === #

    @api.depends("user_id", "create_uid", "company_id")
    def _compute_is_counter_sale(self):
        for order in self:
            order.is_counter_sale = bool(order._counter_branches())

    @api.depends("is_counter_sale", "picking_ids.state")
    def _compute_waits_at_counter(self):
        """Whether goods of the order wait to be handed out by the officer."""
        for order in self:
            order.waits_at_counter = order.is_counter_sale and any(
                picking.state not in ("done", "cancel") for picking in order.picking_ids
            )

    def _compute_warehouse_id(self):
        """Override: the officer sells from the warehouse of their branch."""
        result = super()._compute_warehouse_id()
        for order in self.filtered(lambda order: order.state in ("draft", "sent")):
            warehouses = order.sudo()._counter_branches().warehouse_id
            if warehouses and order.warehouse_id not in warehouses:
                order.warehouse_id = warehouses[:1]
        return result

    # === CONSTRAINS METHODS === #

    @api.constrains("warehouse_id", "user_id", "company_id")
    def _check_counter_warehouse(self):
        for order in self.sudo().filtered(lambda order: order.state in ("draft", "sent")):
            branches = order._counter_branches()
            if branches.warehouse_id and order.warehouse_id not in branches.warehouse_id:
                raise ValidationError(
                    self.env._(
                        "%(order)s: the branch %(branch)s sells from its own stock (warehouse %(warehouse)s).",
                        order=order.display_name,
                        branch=branches[:1].name,
                        warehouse=branches.warehouse_id[:1].name,
                    )
                )

    @api.constrains("state")
    def _check_counter_seller(self):
        """Check that at a point of sale the service officers sell, and nobody else of its people (BR-17)."""
        user = self.env.user
        others = user._works_at_point_of_sale() and not user.has_group(OFFICER)
        if others and any(order.state == "sale" for order in self):
            raise AccessError(
                self.env._("At a point of sale service officers sell: let one of them confirm the order.")
            )

    @api.constrains("state")
    def _check_counter_stock(self):
        """Check that all that is sold at the counter is there. It holds however the order comes to be confirmed."""
        sold = self.sudo().filtered(lambda order: order.state == "sale" and order.company_id.counter_stock_only)
        sold = sold.filtered("is_counter_sale")
        if sold:
            sold._check_counter_routes()
            sold._lock_counter_stock()
        for warehouse, orders in sold.grouped("warehouse_id").items():
            orders.order_line._check_in_stock(warehouse)

    def _check_counter_routes(self):
        """Check that the goods leave from the branch: no warehouse, or no other route, is in between."""
        for order in self:
            if not order.warehouse_id or order.warehouse_id not in order._counter_branches().warehouse_id:
                raise UserError(
                    self.env._(
                        "%(branch)s has no warehouse to sell from: have the headquarters choose one "
                        "(Branches → Configuration → Branches).",
                        branch=order._counter_branches()[:1].name,
                    )
                )
            if order.order_line.route_ids:
                raise UserError(
                    self.env._("%s: what is sold at the counter has no route of its own.", order.display_name)
                )

    def _lock_counter_stock(self):
        """Let one sale at a time look at a branch's stock: who comes second begins anew and sees what is left."""
        ids = tuple(self.warehouse_id.ids)
        self.env.cr.execute(SQL("UPDATE stock_warehouse SET write_date = write_date WHERE id IN %s", ids))

    # === ACTION METHODS === #

    def action_confirm(self):
        """Override: hand the goods out at once."""
        result = super().action_confirm()
        for order in self.filtered(lambda order: order.company_id.sudo().counter_hand_out and order.is_counter_sale):
            order._hand_out()
        return result

    def action_hand_out(self):
        """Open what waits to be handed out: a serial number is to be chosen, say."""
        self.ensure_one()
        pickings = self.picking_ids.filtered(lambda picking: picking.state not in ("done", "cancel"))
        action = self.env["ir.actions.act_window"]._for_xml_id("stock.action_picking_tree_all")
        if len(pickings) == 1:
            return {**action, "views": [[False, "form"]], "res_id": pickings.id, "context": {}}
        return {**action, "domain": [("id", "in", pickings.ids)], "context": {}}

    # === BUSINESS METHODS === #

    def _counter_branches(self):
        """Return the branches of the officer who sells at the counter, the main one first; none for other orders."""
        self.ensure_one()
        company = self.company_id or self.env.company
        for user in (self.user_id.sudo(), self.create_uid.sudo() or self.env.user.sudo()):
            if user and user.has_group(OFFICER):
                branches = user.branch_ids.sorted().filtered_domain([("company_id", "=", company.id)])
                if branches:
                    return branches
        return self.env["crm.branch"].sudo()

    def _hand_out(self):
        """Hand out what is reserved in full and has no serial number to be chosen; with all rights, for the stock is
        the branch's and the order is confirmed. What something else stands against stays open.
        """
        self.ensure_one()
        pickings = self.sudo().picking_ids.filtered(lambda picking: picking.picking_type_code == "outgoing")
        if waiting := pickings.filtered(lambda picking: picking.state == "confirmed"):
            waiting.action_assign()
        ready = pickings.filtered(
            lambda picking: (
                picking.state == "assigned"
                and all(move.state == "assigned" and move.has_tracking == "none" for move in picking.move_ids)
            )
        )
        try:
            with self.env.cr.savepoint():
                ready.move_ids.picked = True
                ready._action_done()
        except UserError as error:
            ready.move_ids.invalidate_recordset(["picked"])
            self.sudo().message_post(body=self.env._("Not handed out yet: %s", error))
