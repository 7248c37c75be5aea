from urllib.parse import quote

from odoo import api, fields, models
from odoo.exceptions import UserError

OUTCOMES = [
    ("delivered", "Delivered"),
    ("partly", "Partly delivered"),
    ("brought_back", "Brought back"),
    ("not_home", "Nobody at home"),
]
#: Outcomes by which something was handed over.
HANDED_OVER = ("delivered", "partly")
#: What a client may say of a stop; everything else is noted by steps.
CLIENT_FIELDS = frozenset({"run_id", "picking_id", "sequence", "planned_at"})


class CrmCourierStop(models.Model):
    """One delivery on one run: where, what, for how much, and what came of it at the door (SOP-7, SOP-13).

    A delivery that came back gets another stop on the next run; the database keeps it from two live ones.
    """

    _name = "crm.courier.stop"
    _description = "Stop of a Delivery Run"
    _inherit = ["crm.courier.facts"]
    _order = "run_id desc, sequence, id"
    _rec_names_search = ["picking_id", "order_id", "partner_id"]
    _check_company_auto = True

    run_id = fields.Many2one(
        "stock.picking.batch",
        required=True,
        index=True,
        ondelete="cascade",
        domain="[('is_courier_run', '=', True), ('run_state', '=', 'planned')]",
    )
    run_state = fields.Selection(related="run_id.run_state", store=True, index=True)
    company_id = fields.Many2one(related="run_id.company_id", store=True, index=True)
    branch_id = fields.Many2one(related="run_id.branch_id", store=True, index=True)
    courier_id = fields.Many2one(related="run_id.user_id", string="Courier", store=True, index=True)
    run_day = fields.Date(related="run_id.run_day", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    sequence = fields.Integer(default=10)
    planned_at = fields.Datetime("Planned For", help="About when the courier is to be there.")
    picking_id = fields.Many2one(
        "stock.picking",
        "Delivery",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('picking_type_code', '=', 'outgoing'), ('state', '=', 'assigned'), ('courier_run_id', '=', False), "
        "('transfer_wait', '!=', 'proof')]",
    )
    order_id = fields.Many2one(related="picking_id.sale_id", string="Order", store=True, index="btree_not_null")
    delivery_call_state = fields.Selection(related="order_id.delivery_call_state", string="Customer Says")
    order_name = fields.Char(compute="_compute_customer", compute_sudo=True)
    partner_id = fields.Many2one(
        related="picking_id.partner_id", string="Customer", store=True, index=True, related_sudo=True
    )
    address = fields.Char(compute="_compute_customer", compute_sudo=True)
    phone = fields.Char(compute="_compute_customer", compute_sudo=True)
    map_url = fields.Char("Map", compute="_compute_customer", compute_sudo=True)
    is_live = fields.Boolean(compute="_compute_is_live", store=True, help="Its run still has the delivery.")
    unit_ids = fields.One2many("crm.courier.unit", "stop_id", "Units", readonly=True)
    unit_count = fields.Integer(compute="_compute_unit_count", store=True)
    unit_text = fields.Text("Goods", compute="_compute_unit_text")
    value = fields.Monetary(readonly=True, copy=False, help="What its goods cost the customer.")
    to_collect = fields.Monetary(readonly=True, copy=False, help="What the customer still owes at the door.")

    _one_live_run = models.UniqueIndex("(picking_id) WHERE is_live", "This delivery is on another run already.")
    _once_on_run = models.UniqueIndex("(run_id, picking_id)", "A delivery is on a run once.")

    @property
    def _facts(self):
        return frozenset(self._fields) - CLIENT_FIELDS - set(models.MAGIC_COLUMNS)

    # === COMPUTE METHODS === #

    @api.depends("partner_id", "order_id", "picking_id")
    def _compute_display_name(self):
        for stop in self:
            document = stop.sudo().order_id.name or stop.sudo().picking_id.name or ""
            stop.display_name = " · ".join(filter(None, (stop.partner_id.sudo().name, document)))

    @api.depends("picking_id.partner_id", "company_id.courier_map_url")
    def _compute_customer(self):
        for stop in self:
            partner = stop.picking_id.partner_id
            parts = (partner.street, partner.street2, partner.city, partner.zip)
            stop.address = ", ".join(part for part in parts if part)
            stop.phone = partner.phone or stop.order_id.partner_id.phone
            stop.order_name = stop.order_id.name or stop.picking_id.name
            url = stop.company_id.courier_map_url or ""
            stop.map_url = stop.address and url.replace("{address}", quote(stop.address, safe=""))

    @api.depends("run_id.run_state", "outcome")
    def _compute_is_live(self):
        """Until the run is back every stop is; from then on those where something was handed over, until it closes."""
        for stop in self:
            handed_over = stop.outcome in HANDED_OVER
            stop.is_live = stop.run_id.run_state in ("planned", "reviewed", "loaded", "on_road") or (
                stop.run_id.run_state in ("back", "handed_over") and handed_over
            )

    @api.depends("unit_ids.quantity")
    def _compute_unit_count(self):
        for stop in self:
            stop.unit_count = sum(stop.unit_ids.mapped("quantity"))

    @api.depends("unit_ids.quantity", "unit_ids.lot_id")
    def _compute_unit_text(self):
        for stop in self:
            stop.unit_text = "\n".join(
                f"{quantity:g} × {name}" + (f": {', '.join(imeis)}" if imeis else "")
                for name, quantity, imeis in stop._units_by_type()
            )

    # === ACTION METHODS === #

    def action_call(self):
        """Open the call to the customer, to make it and say what came of it (SOP-14)."""
        self.ensure_one()
        self.check_access("read")
        return self.order_id.action_call_after_delivery()

    # === DOCUMENTS === #

    def _as_document(self):
        """Return this stop for a document: its goods and address, for whoever may read the stop."""
        self.check_access("read")
        return self.sudo()

    def _units_by_type(self, goods=None):
        """Return (product's name, quantity, IMEIs) of the stop's goods, by type (SOP-7).

        :param goods: crm.courier.unit of the stop, if not all
        """
        goods = self.sudo().unit_ids if goods is None else goods.sudo()
        return [
            (product.display_name, sum(units.mapped("quantity")), units.lot_id._imei_texts())
            for product, units in goods.grouped("product_id").items()
        ]

    def _units_back(self):
        """Return what the customer didn't get, once that is said (SOP-8b); as long as it isn't, nothing."""
        over = self.outcome and self.outcome != "not_home"
        return self.sudo().unit_ids.filtered(lambda unit: over and not unit.is_handed_over)

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: put the transfer on the run too, at the end of its list."""
        runs = self.env["stock.picking.batch"].browse({vals["run_id"] for vals in vals_list if vals.get("run_id")})
        runs.check_access("write")
        runs._check_takes_stops()
        last = {run.id: max(run.stop_ids.mapped("sequence"), default=0) for run in runs.sudo()}
        for vals in vals_list:
            if "sequence" not in vals and vals.get("run_id"):
                last[vals["run_id"]] += 1
                vals["sequence"] = last[vals["run_id"]]
        self._take_from_other_runs(vals_list)
        stops = super().create(vals_list)
        for run, added in stops.grouped("run_id").items():
            added.picking_id.filtered(lambda picking, run=run: picking.batch_id != run).batch_id = run
        stops._sync_units()
        stops._note_amounts()
        return stops

    def _take_from_other_runs(self, vals_list):
        """Let transfers that another run has planned go from there first."""
        for vals in vals_list:
            picking = self.env["stock.picking"].browse(vals.get("picking_id"))
            if picking.batch_id and picking.batch_id.id != vals.get("run_id"):
                picking._check_changes_run(vals.get("run_id"))
                picking.batch_id = False

    def write(self, vals):
        """Override: order and time of stops are the schedule's: they change while the run is planned."""
        if not self._in_step():
            if vals.keys() & {"run_id", "picking_id"}:
                self._refuse_facts(
                    {name for name in ("run_id", "picking_id") if name in vals and self._fact_changes(name, vals[name])}
                )
            if vals.keys() & {"sequence", "planned_at"}:
                self.run_id._check_takes_stops()
        return super().write(vals)

    def unlink(self):
        """Override: the transfer isn't on the run any more either."""
        if not self._in_step():
            self.run_id._check_takes_stops()
        planned = self.sudo().filtered(lambda stop: stop.picking_id.batch_id == stop.run_id)
        pickings = {stop.picking_id: stop.run_id for stop in planned}
        result = super().unlink()
        for picking, run in pickings.items():
            if picking.batch_id == run:
                picking.batch_id = False
        return result

    # === BUSINESS METHODS === #

    def _sync_units(self):
        """Have the list of units be what the transfers have reserved; a few queries however many stops."""
        stops = self.sudo().filtered(lambda stop: stop.run_id.run_state in ("planned", "reviewed"))
        wanted = stops._reserved_units()
        obsolete = self.env["crm.courier.unit"].sudo()
        for unit in stops.unit_ids:
            quantity = wanted.pop((unit.stop_id, unit.product_id, unit.lot_id), 0)
            if not quantity:
                obsolete |= unit
            elif unit.quantity != quantity:
                unit._write_facts({"quantity": quantity, "loaded_quantity": min(unit.loaded_quantity, quantity)})
        obsolete.unlink()
        obsolete._as_step().create(
            [
                {"stop_id": stop.id, "product_id": product.id, "lot_id": lot.id, "quantity": quantity}
                for (stop, product, lot), quantity in wanted.items()
            ]
        )

    def _reserved_units(self):
        """Return (stop, product, lot) → quantity reserved, in the product's unit."""
        reserved = {}
        for stop in self:
            for line in stop.picking_id.move_line_ids:
                if line.quantity_product_uom > 0 and line.state not in ("done", "cancel"):
                    key = (stop, line.product_id, line.lot_id)
                    reserved[key] = reserved.get(key, 0) + line.quantity_product_uom
        return reserved

    def _check_units_current(self):
        """Check that what is on the list is what the transfers have reserved at this moment (SOP-7).

        :raise UserError: it changed; the list is right once it is reviewed again
        """
        wanted = self.sudo()._reserved_units()
        listed = {(unit.stop_id, unit.product_id, unit.lot_id): unit.quantity for unit in self.sudo().unit_ids}
        if wanted != listed:
            changed = {stop.display_name for (stop, __, __), __ in wanted.items() ^ listed.items()}
            raise UserError(
                self.env._("The goods of %s changed: have the run planned again.", ", ".join(sorted(changed)))
            )

    def _note_amounts(self):
        """Note what the goods cost and what is still owed, out of the orders' locked prices."""
        stops = self.sudo()
        lines = stops.picking_id.move_ids.sale_line_id
        lines.fetch(["price_total", "product_uom_qty", "product_uom_id", "currency_id", "order_id"])  # all at once
        owed = stops.order_id._courier_amounts_to_collect()
        for order, theirs in stops.grouped("order_id").items():
            rest = owed.get(order, 0.0)
            elsewhere = order._courier_open_pickings() - theirs.picking_id
            for stop in theirs.sorted("id"):
                value = stop._goods_value()
                last = stop == theirs.sorted("id")[-1] and not elsewhere
                collect = rest if last else min(rest, value)
                rest -= collect
                if (stop.value, stop.to_collect) != (value, collect):
                    stop._write_facts({"value": value, "to_collect": collect})

    def _goods_value(self):
        """Return what the customer pays for the stop's goods, in the company's currency."""
        value = 0.0
        for move in self.picking_id.move_ids.filtered(lambda move: move.state != "cancel"):
            line = move.sale_line_id
            if line:
                count = move.product_uom._compute_quantity(move.product_uom_qty, line.product_uom_id, round=False)
                price = line.price_total * count / line.product_uom_qty if line.product_uom_qty else 0.0
                value += line.currency_id._convert(
                    price, self.currency_id, self.company_id, line.order_id.date_order or fields.Date.today()
                )
            else:
                value += move.product_id.lst_price * move.product_qty
        return self.currency_id.round(value)
