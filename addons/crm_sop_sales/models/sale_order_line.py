from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from .sale_order import STEP

#: What makes the price of a line (SOP-4a), and what it is a price of.
LOCKED_FIELDS = frozenset(
    {
        "combo_item_id",
        "coupon_id",
        "currency_id",
        "discount",
        "display_type",
        "extra_tax_data",
        "is_delivery",
        "is_downpayment",
        "is_expense",
        "is_reward_line",
        "linked_line_id",
        "linked_line_ids",
        "list_price_unit",
        "name",
        "order_id",
        "points_cost",
        "price_unit",
        "product_id",
        "product_template_id",
        "product_uom_id",
        "product_uom_qty",
        "reward_id",
        "tax_ids",
        "technical_discount",
        "technical_price_unit",
        "wanted_lot_ids",
    }
)
#: What invoicing an advance payment writes on its line, whose quantity is always 0.
DOWNPAYMENT_FIELDS = frozenset({"price_unit", "tax_ids", "name", "technical_price_unit", "extra_tax_data"})


class SaleOrderLine(models.Model):
    """A line holds as many units as it sells, and its price doesn't move once the order is submitted."""

    _inherit = "sale.order.line"

    hold_ids = fields.One2many(
        "crm.imei.hold",
        "line_id",
        "Held Units",
        readonly=True,
        groups="sales_team.group_sale_salesman,account.group_account_invoice,stock.group_stock_user",
    )
    lot_ids = fields.Many2many("stock.lot", string="IMEIs", compute="_compute_lot_ids")
    wanted_lot_ids = fields.Many2many(
        "stock.lot",
        "crm_sale_line_wanted_lot_rel",
        "line_id",
        "lot_id",
        "Picked IMEIs",
        copy=False,
        domain="[('product_id', '=', product_id), ('product_qty', '>', 0)]",
        help="Units that the customer wants. Left empty, the oldest ones in stock are held.",
        groups="sales_team.group_sale_salesman,account.group_account_invoice,stock.group_stock_user",
    )
    list_price_unit = fields.Float(
        "List Price",
        readonly=True,
        copy=False,
        min_display_digits="Product Price",
        help="Price by the price list, without discount, when the order was submitted.",
    )

    # === COMPUTE METHODS === #

    @api.depends("hold_ids.state", "hold_ids.lot_id")
    def _compute_lot_ids(self):
        for line in self:
            line.lot_ids = line._get_imei_lots()

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: refuse new lines on an order whose prices are locked, but for those that invoicing in advance adds.

        Afterwards: what a line becomes depends on defaults too, and these on the context.
        """
        lines = super().create(vals_list)
        is_step = self.env.context.get("crm_sop_sales_step") is STEP
        lines.filtered(lambda line: not (is_step and line._is_advance_payment())).order_id._check_prices_unlocked()
        return lines

    def write(self, vals):
        """Override: refuse what would change a locked price, and moving lines to or from a locked order.

        What only repeats a locked value isn't written: Odoo would compute price and taxes anew.
        """
        if vals.get("order_id"):
            moved = self.filtered(lambda line: line.order_id.id != vals["order_id"])
            if moved:
                self.env["sale.order"].browse(vals["order_id"])._check_prices_unlocked()
        for locked, lines in self.grouped(lambda line: line._locked_fields().intersection(vals)).items():
            for line in lines:
                if any(line._changes(name, vals[name]) for name in locked):
                    line.order_id._check_prices_unlocked()
            super(SaleOrderLine, lines).write({name: vals[name] for name in vals if name not in locked})
        return True

    def unlink(self):
        """Override: lines of a locked order stay; another one that goes gives its units back.

        Not by ``ondelete``, which a key in the context switches off.
        """
        self.order_id._check_prices_unlocked()
        self.hold_ids._end("released", "changed")
        return super().unlink()

    def _locked_fields(self):
        if not self.order_id._is_price_locked():
            return frozenset()
        return LOCKED_FIELDS - DOWNPAYMENT_FIELDS if self._is_advance_payment() else LOCKED_FIELDS

    def _is_advance_payment(self):
        return self.is_downpayment and not self.product_uom_qty

    def _changes(self, name, value):
        field = self._fields[name]
        if field.type in ("one2many", "many2many"):
            return set(field.convert_to_cache(value, self, validate=False)) != set(self[name].ids)
        return field.convert_to_cache(value, self) != field.convert_to_cache(self[name], self)

    # === BUSINESS METHODS === #

    def _holds_units(self):
        """Return the lines whose units are held one by one."""
        return self.filtered(
            lambda line: not line.display_type and line.product_id.tracking == "serial" and line.product_id.is_storable
        )

    def _live_holds(self):
        held = [("line_id", "in", self.ids), ("state", "=", "held")]
        return self.env["crm.imei.hold"].sudo().search_fetch(held, ["line_id", "lot_id", "product_id", "state"])

    def _get_imei_lots(self):
        """Return the units of the line, in the order in which they were taken: held now, or delivered (SOP-4b)."""
        return self.sudo().hold_ids.filtered(lambda hold: hold.state != "released").sorted("id").lot_id.sudo(False)

    def _unit_count(self):
        """Return how many units the line sells.

        :raise UserError: not a whole number of units
        """
        self.ensure_one()
        quantity = self.product_uom_id._compute_quantity(self.product_uom_qty, self.product_id.uom_id)
        if quantity < 0 or quantity != int(quantity):
            raise UserError(
                self.env._(
                    "%(product)s is sold in whole units, not %(count)s.", product=self.product_id.name, count=quantity
                )
            )
        return int(quantity)

    def _outstanding_count(self):
        """Return how many units the customer hasn't got yet: an order cancelled half-way may come back."""
        return max(self._unit_count() - len(self.sudo().move_ids._delivered_and_returned_lots()[0]), 0)

    def _drop_manual_taxes(self):
        """Have taxes follow from prices alone: Odoo also believes amounts that a client writes beside them."""
        lines = self.filtered("extra_tax_data")
        lines.extra_tax_data = False
        lines.modified(["price_unit"])  # Odoo doesn't know that amounts depend on it

    def _check_prices(self):
        """Check that nothing is sold at a negative price; discounts on a whole order are lines of their own."""
        for order in self.order_id:
            if order.currency_id.compare_amounts(order.amount_total, 0.0) < 0:
                raise UserError(self.env._("%s: the total can't be negative.", order.display_name))
        for line in self:
            on_order = line.is_reward_line or line._is_discount_line() or line.is_downpayment
            if line.price_unit < 0 and not on_order:
                raise UserError(self.env._("%s: the price can't be negative.", line.name))
            if not 0 <= line.discount <= 100:
                raise UserError(self.env._("%s: a discount is between 0 and 100 %%.", line.name))
            if line.product_uom_qty < 0:
                raise UserError(self.env._("%s: the quantity can't be negative.", line.name))

    def _hold_units(self):
        """Hold as many units as each line sells: keep what it holds, give back what is too much, take what lacks.

        What is kept has the company's whole time again, as what is taken has.

        :raise UserError: stock is short; says of what, and by how many (SOP-3c1)
        """
        lines = self._holds_units()
        live = lines._live_holds()._release_elsewhere().grouped("line_id")
        wanted, chosen, kept = {}, {}, self.env["crm.imei.hold"]
        for line in lines:
            holds = line._release_surplus(live.get(line, self.env["crm.imei.hold"]))
            kept |= holds
            wanted[line] = line._outstanding_count() - len(holds)
            chosen[line] = line.wanted_lot_ids - holds.lot_id
        kept._restart_clock()
        missing = self.env["crm.imei.hold"]._take({line: n for line, n in wanted.items() if n > 0}, chosen)
        if missing:
            raise UserError(self._short_stock_message(missing))

    def _release_surplus(self, holds):
        """Release holds of another product, of units no longer picked, and above the quantity; return what stays."""
        self.ensure_one()
        picked = self.wanted_lot_ids
        fitting = holds.filtered(lambda hold: hold.product_id == self.product_id).sorted(
            lambda hold: (hold.lot_id not in picked, hold.id)
        )
        count = self._outstanding_count()
        room_for_unpicked = max(count - len(picked), 0)
        keep = fitting.filtered(lambda hold: hold.lot_id in picked)[:count]
        keep |= (fitting - keep)[:room_for_unpicked]
        (holds - keep)._end("released", "changed")
        return keep

    def _release_undeliverable(self):
        """Give back the units of confirmed lines for which no transfer is under way any more."""
        settled = self.filtered(
            lambda line: line.state == "sale" and all(move.state in ("done", "cancel") for move in line.move_ids)
        )
        settled._live_holds()._end("released", "changed")

    def _short_stock_message(self, missing):
        lines = [
            self._missing_text(line.product_id, line.order_id.warehouse_id, count, line._unit_count())
            for line, count in missing.items()
        ]
        return "\n".join([*lines, self._short_stock_advice()])

    def _missing_text(self, product, warehouse, missing, wanted):
        return self.env._(
            "%(product)s: %(missing)s of %(wanted)s units are missing in %(warehouse)s.",
            product=product.display_name,
            missing=missing,
            wanted=wanted,
            warehouse=warehouse.display_name,
        )

    def _short_stock_advice(self):
        return self.env._("Sell fewer, offer another product, or have the shop resupplied.")

    def _note_list_prices(self):
        """Note each product's price by the price list, before discounts: the cancellation fee is a part of it."""
        for line in self.filtered(lambda line: line.product_id and not line.display_type):
            line.list_price_unit = line.with_company(line.company_id)._get_display_price_ignore_combo()

    def _swap_reservation(self, old, new):
        """Replace a unit on the reserved, not yet done, deliveries of the line."""
        self.ensure_one()
        done = ("done", "cancel")
        lines = self.sudo().move_ids.move_line_ids.filtered(lambda line: line.lot_id == old and line.state not in done)
        lines.write({"lot_id": new.id})
        if self.wanted_lot_ids:
            self._write_below_lock({"wanted_lot_ids": [Command.unlink(old.id), Command.link(new.id)]})

    def _write_below_lock(self, vals):
        return super().write(vals)
