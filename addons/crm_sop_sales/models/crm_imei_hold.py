from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

#: First key of the advisory locks under which a unit is being taken; the second key is the lot's id.
LOCK_SPACE = 0x494D4549


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
    product_id = fields.Many2one(related="lot_id.product_id", store=True, index=True)
    line_id = fields.Many2one("sale.order.line", "Order Line", readonly=True, ondelete="set null", index=True)
    order_id = fields.Many2one("sale.order", required=True, readonly=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="order_id.company_id", store=True, index=True)
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

    # === TAKING UNITS === #

    @api.model
    def _take(self, wanted, chosen=None):
        """Hold units for order lines: those that were picked, then the oldest in stock.

        A unit is looked for in what is committed at this moment, not in what was when the transaction began, and locked
        while it is taken; so simultaneous orders neither get the same unit nor have to be tried again.

        :param dict wanted: sale.order.line → how many more units it needs
        :param dict chosen: sale.order.line → stock.lot picked for it
        :return: sale.order.line → how many units are missing; empty where all were found, and only then held
        """
        taken, missing = {}, {}
        for line, quantity in wanted.items():
            picked = (chosen or {}).get(line)
            taken[line] = self._take_for_line(line, quantity, picked)
            if len(taken[line]) < quantity:
                missing[line] = quantity - len(taken[line])
        if not missing:
            self._hold(taken)
        return missing

    def _hold(self, taken):
        now = fields.Datetime.now()
        self.sudo().create(
            [
                {
                    "lot_id": lot,
                    "line_id": line.id,
                    "order_id": line.order_id.id,
                    "user_id": self.env.uid,
                    "held_at": now,
                    "expires_at": line.company_id._imei_hold_end(),
                }
                for line, lots in taken.items()
                for lot in lots
            ]
        )

    def _take_for_line(self, line, quantity, picked):
        """Lock up to ``quantity`` free units for the line and return the ids of their lots."""
        locations = self._locations(line.order_id.warehouse_id)
        lots, tried = [], set(self._in_transaction("taken"))
        if picked:
            self._check_picked(line, picked, locations)
            lots = self._lock(picked.ids, quantity, locations)
            tried |= set(lots)
        while len(lots) < quantity:
            need = quantity - len(lots)
            candidates = self._candidates(line.product_id, locations, tried, limit=need * 2 + 16)
            if not candidates:
                break
            found = self._lock(candidates, need, locations)
            tried |= set(candidates) if len(found) < need else set(found)
            lots += found
        return lots

    def _in_transaction(self, what):
        """Return the lots that this transaction has ``"taken"`` or ``"released"``: nobody else sees it yet."""
        return self.env.cr.precommit.data.setdefault(f"crm_imei_hold.{what}", set())

    def _check_picked(self, line, picked, locations):
        """Refuse what was picked but can't be had, and say which."""
        free = self._candidates(line.product_id, locations, set(), among=picked.ids, limit=len(picked))
        if gone := picked.filtered(lambda lot: lot.id not in free):
            raise UserError(
                self.env._(
                    "%(product)s: these units are not free in %(warehouse)s: %(imeis)s. Pick others, or none to get "
                    "the oldest ones.",
                    product=line.product_id.display_name,
                    warehouse=line.order_id.warehouse_id.display_name,
                    imeis=", ".join(gone.mapped("name")),
                )
            )

    def _candidates(self, product, locations, tried, limit, among=None):
        """Return ids of free lots, oldest stock first, as they are at this moment."""
        query = SQL(
            """
            SELECT quant.lot_id
              FROM stock_quant quant
             WHERE quant.product_id = %s AND quant.location_id = ANY(%s)
               AND quant.lot_id IS NOT NULL AND quant.owner_id IS NULL
               AND quant.quantity > 0 AND quant.reserved_quantity = 0
               AND quant.lot_id != ALL(%s) %s
               AND NOT EXISTS (SELECT FROM crm_imei_hold hold WHERE hold.lot_id = quant.lot_id AND hold.state = 'held')
             ORDER BY quant.in_date, quant.id
             LIMIT %s
            """,
            product.id,
            locations,
            list(tried),
            SQL("AND quant.lot_id = ANY(%s)", among) if among is not None else SQL(),
            limit,
        )
        self.flush_model(["state", "lot_id"])
        self.env["stock.quant"].flush_model()
        found = self._now(query)
        # What this transaction itself has received is not committed yet, so the other view of the data lacks it.
        return [lot for (lot,) in found or self.env.execute_query(query)]

    def _lock(self, candidates, quantity, locations):
        """Lock up to ``quantity`` of the candidates until the transaction ends; return those that are free still.

        Free in both views: to everybody else, and in this transaction, which may have just delivered one.
        """
        rows = self.env.execute_query(
            SQL(
                """
                WITH here AS MATERIALIZED (
                    SELECT list.lot
                      FROM unnest(%s::int[]) WITH ORDINALITY AS list(lot, position)
                      JOIN stock_quant quant ON quant.lot_id = list.lot
                     WHERE quant.location_id = ANY(%s) AND quant.quantity > 0 AND quant.reserved_quantity = 0
                     ORDER BY list.position
                )
                SELECT lot FROM here WHERE pg_try_advisory_xact_lock(%s, lot) LIMIT %s
                """,
                candidates,
                locations,
                LOCK_SPACE,
                quantity,
            )
        )
        locked = [lot for (lot,) in rows]
        held = self._now(SQL("SELECT lot_id FROM crm_imei_hold WHERE state = 'held' AND lot_id = ANY(%s)", locked))
        elsewhere = {lot for (lot,) in held} - self._in_transaction("released")
        free = [lot for lot in locked if lot not in elsewhere]
        self._in_transaction("taken").update(free)
        return free

    def _now(self, query):
        """Run a query on what is committed at this moment: this transaction sees the data as when it began.

        While addons are being installed, their tables are nobody else's yet.
        """
        if not self.env.registry.ready:
            return self.env.execute_query(query)
        with self.env.registry.cursor() as cr:
            cr.execute(query)
            return cr.fetchall()

    @api.model
    def _locations(self, warehouse):
        """Return the ids of the places from which the warehouse delivers."""
        return (
            self.env["stock.location"]
            .sudo()
            .search([("id", "child_of", warehouse.lot_stock_id.id), ("usage", "=", "internal")])
            .ids
        )

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
        locations = self._locations(line.order_id.warehouse_id)
        self._check_picked(line, lot, locations)
        if not self._lock(lot.ids, 1, locations):
            raise UserError(self.env._("%s is being taken by another order at this moment.", lot.name))
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
