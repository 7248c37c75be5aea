from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .crm_courier_facts import STEP

#: The states of a run in which its deliveries are with the courier, or about to be.
CARRIED = ("loaded", "on_road")


class StockPicking(models.Model):
    """A delivery on a courier's run is done at the door, through the run, and by no other button (SOP-7, SOP-13)."""

    _inherit = "stock.picking"

    courier_stop_ids = fields.One2many(
        "crm.courier.stop",
        "picking_id",
        "Runs",
        readonly=True,
        copy=False,
        groups="crm_base.group_officer,crm_courier.group_courier,account.group_account_invoice,stock.group_stock_user",
    )
    courier_run_id = fields.Many2one(
        "stock.picking.batch",
        "Delivery Run",
        compute="_compute_courier_run_id",
        search="_search_courier_run_id",
        compute_sudo=True,
        help="The run that carries this delivery now.",
    )
    waits_for_courier = fields.Boolean(
        compute="_compute_waits_for_courier",
        search="_search_waits_for_courier",
        help="It is ready, goes by our own courier, and is on no run.",
    )

    # === COMPUTE METHODS === #

    @api.depends("courier_stop_ids.is_live")
    def _compute_courier_run_id(self):
        live = self.env["crm.courier.stop"].search([("picking_id", "in", self.ids), ("is_live", "=", True)])
        runs = {stop.picking_id.id: stop.run_id for stop in live}
        for picking in self:
            picking.courier_run_id = runs.get(picking._origin.id, False)

    @api.model
    def _search_courier_run_id(self, operator, value):
        if operator != "in":
            return NotImplemented
        live = [("is_live", "=", True)]
        found = [("courier_stop_ids", "any", [*live, ("run_id", "in", [id_ for id_ in value if id_])])]
        return found if all(value) else ["|", ("courier_stop_ids", "not any", live), *found]

    @api.depends("state", "carrier_id.is_own_courier", "courier_stop_ids.is_live", "transfer_wait")
    def _compute_waits_for_courier(self):
        waiting = self.filtered_domain(self._courier_waiting_domain()) if self.ids else self.browse()
        for picking in self:
            picking.waits_for_courier = picking in waiting and not picking.courier_run_id

    @api.model
    def _search_waits_for_courier(self, operator, value):
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        return [*self._courier_waiting_domain(), ("courier_run_id", "=", False)]

    @api.model
    def _courier_waiting_domain(self):
        """Hook: return the domain of deliveries that a run should take."""
        return [
            ("picking_type_code", "=", "outgoing"),
            ("state", "=", "assigned"),
            ("carrier_id.is_own_courier", "=", True),
            ("transfer_wait", "!=", "proof"),
        ]

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: a transfer that begins on a run is a stop of it."""
        pickings = super().create(vals_list)
        if any(vals.get("batch_id") for vals in vals_list):
            pickings.batch_id._sync_stops()
        return pickings

    def write(self, vals):
        """Override: the runs' stops follow; a delivery that a courier carries doesn't change its run."""
        if "batch_id" not in vals:
            return super().write(vals)
        if self.env.context.get("crm_courier_step") is STEP and not vals["batch_id"]:
            # Odoo takes each transfer from its batch as it is validated by itself; of a run it stays a part.
            rest = {name: value for name, value in vals.items() if name != "batch_id"}
            return super().write(rest) if rest else True
        self._check_changes_run(vals["batch_id"])
        before = self.batch_id
        result = super().write(vals)
        (before | self.batch_id)._sync_stops()
        return result

    def _check_changes_run(self, batch_id):
        moving = self.filtered(lambda picking: picking.batch_id.id != (batch_id or False))
        stops = moving._live_stops()
        for stop in stops.filtered(lambda stop: stop.run_id.run_state not in ("planned", "reviewed")):
            raise UserError(
                self.env._(
                    "%(delivery)s is on %(run)s, which is “%(state)s”: it leaves that run when it is brought back.",
                    delivery=stop.picking_id.name,
                    run=stop.run_id.name,
                    state=stop.run_id._workflow_label(stop.run_id.run_state),
                )
            )

    # === ACTION METHODS === #

    def button_validate(self):
        """Override: a delivery on a run is done at the door, not from the office."""
        self._check_done_at_door()
        return super().button_validate()

    def action_cancel(self):
        """Override: what a courier carries is brought back first; what is only planned leaves its run."""
        self._check_not_carried()
        result = super().action_cancel()
        cancelled = self.sudo().filtered(lambda picking: picking.state == "cancel" and picking.batch_id.is_courier_run)
        cancelled.batch_id = False
        return result

    def action_plan_run(self):
        """Open a new run with these deliveries."""
        if kinds := self.picking_type_id.filtered(lambda kind: kind.code != "outgoing"):
            raise UserError(self.env._("%s are no deliveries.", kinds[0].display_name))
        if len(self.picking_type_id) != 1:
            raise UserError(self.env._("Choose deliveries of one warehouse."))
        run = self.env["stock.picking.batch"].create(
            {"is_courier_run": True, "picking_type_id": self.picking_type_id.id, "company_id": self.company_id.id}
        )
        self.batch_id = run
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_courier.stock_picking_batch_action_runs")
        return {**action, "res_id": run.id, "views": [(False, "form")], "view_mode": "form", "domain": []}

    @api.model
    def get_empty_list_help(self, help_message):
        """Override: the list of what is to be planned says itself what it is for."""
        if self.env.context.get("courier_to_plan"):
            return help_message
        return super().get_empty_list_help(help_message)

    def action_view_courier_stops(self):
        """Open the runs on which this delivery was, and what came of it."""
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_courier.crm_courier_stop_action")
        return {**action, "domain": [("picking_id", "in", self.ids)], "context": {}}

    # === ODOO'S AUTOMATIC BATCHES === #

    def _is_auto_batchable(self, picking=None):
        """Override: what our own courier takes waits for a run; a batch of its own would only be in the way."""
        own = (self | (picking or self)).carrier_id.filtered("is_own_courier")
        return not own and super()._is_auto_batchable(picking)

    def _get_possible_batches_domain(self):
        """Override: nothing comes onto a courier's run by itself."""
        return super()._get_possible_batches_domain() & Domain("is_courier_run", "=", False)

    # === BUSINESS METHODS === #

    def _live_stops(self):
        return self.env["crm.courier.stop"].sudo().search([("picking_id", "in", self.ids), ("is_live", "=", True)])

    def _check_done_at_door(self):
        """Check that none of these is on a run, unless it is the run that delivers it.

        :raise UserError: says through what it is delivered
        """
        if self.env.context.get("crm_courier_step") is STEP:
            return
        for stop in self._live_stops():
            raise UserError(
                self.env._(
                    "%(delivery)s is on %(run)s of %(courier)s: it is delivered at the customer's door, by the run.",
                    delivery=stop.picking_id.name,
                    run=stop.run_id.name,
                    courier=stop.courier_id.name or "–",
                )
            )

    def _check_not_carried(self):
        """Check that no courier has the goods of these transfers.

        :raise UserError: says who has them
        """
        if self.env.context.get("crm_courier_step") is STEP:
            return
        for stop in self._live_stops().filtered(lambda stop: stop.run_id.run_state in CARRIED):
            raise UserError(
                self.env._(
                    "The goods of %(delivery)s are with %(courier)s on %(run)s: they don't change until they are "
                    "delivered or brought back.",
                    delivery=stop.picking_id.name,
                    courier=stop.courier_id.name,
                    run=stop.run_id.name,
                )
            )

    def _courier_hand_over(self, units):
        """Deliver at the door exactly these units; what came along besides stays reserved for the customer.

        For :meth:`crm.courier.stop._record_outcome`, which checks who may.

        :param units: crm.courier.unit of this transfer's stop
        :raise UserError: the transfer can't be done
        """
        self.ensure_one()
        picking = self.sudo().with_context(crm_courier_step=STEP, skip_backorder=True, skip_sms=True)
        loose = units.filtered(lambda unit: not unit.lot_id).grouped("product_id")
        counted = {product: sum(rows.mapped("quantity")) for product, rows in loose.items()}
        for line in picking.move_line_ids:
            if line.lot_id:
                line.picked = line.lot_id in units.lot_id
                continue
            given = min(counted.get(line.product_id, 0.0), line.quantity_product_uom)
            if 0 < given < line.quantity_product_uom:
                line.quantity = line.product_id.uom_id._compute_quantity(given, line.product_uom_id)
            line.picked = given > 0
            counted[line.product_id] = counted.get(line.product_id, 0.0) - given
        picking.button_validate()
        if picking.state != "done":
            raise UserError(self.env._("%s can't be delivered as it is: ask the warehouse.", self.name))

    def _courier_tell(self, stop):
        """Note on the transfer that it came back, and why."""
        outcome = dict(stop._fields["outcome"]._description_selection(self.env))[stop.outcome]
        self.message_post(
            body=self.env._(
                "%(run)s: %(outcome)s. %(note)s", run=stop.run_id.name, outcome=outcome, note=stop.outcome_note
            )
        )
