from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

#: First key of the advisory locks under which a unit is being taken; the second key is the lot's id.
LOCK_SPACE = 0x494D4549


class CrmImeiHold(models.Model):
    """Find, lock and hold free units for many order lines, in a number of queries that doesn't grow with them.

    A unit is looked for in what is committed at this moment, not in what was when the transaction began, and locked
    while it is taken; so simultaneous orders neither get the same unit nor have to be tried again.
    """

    _inherit = "crm.imei.hold"

    # === BUSINESS METHODS === #

    @api.model
    def _take(self, wanted, chosen=None):
        """Hold units for order lines: those that were picked, then the oldest in stock.

        What others are taking at this moment is passed over. Where too little is left without it, all is given up and
        tried once more, waiting for them: they may leave some.

        :param dict wanted: sale.order.line → how many more units it needs
        :param dict chosen: sale.order.line → stock.lot picked for it
        :return: sale.order.line → how many units are missing; empty where all were found, and only then held
        :raise UserError: a picked unit can't be had
        """
        missing = {}
        for wait in (False, True):
            with self.env.cr.savepoint(flush=False) as attempt:
                taken = self._find_units(wanted, chosen or {}, wait)
                missing = {line: count - len(taken[line]) for line, count in wanted.items() if len(taken[line]) < count}
                if missing:
                    attempt.rollback()  # and with it its locks: who waits keeps nothing that others wait for
            if not missing:
                self._hold(taken)
                break
        return missing

    def _take_picked(self, line, lot):
        """Lock a unit for the line, waiting for whoever is taking it.

        :raise UserError: it isn't free
        """
        self._flush_facts()
        self._wait_for(lot.ids)
        self._check_picked({line: lot}, self._locations(line.order_id.warehouse_id))

    def _hold(self, taken):
        common = {"user_id": self.env.uid, "held_at": fields.Datetime.now()}
        self.sudo().create(
            [
                {"lot_id": lot, "line_id": line.id, "order_id": line.order_id.id, "expires_at": end, **common}
                for line, lots in taken.items()
                for end in [line.company_id._imei_hold_end()]
                for lot in lots
            ]
        )
        self._in_transaction("taken").update(lot for lots in taken.values() for lot in lots)

    # === FINDING === #

    def _find_units(self, wanted, chosen, wait):
        """Lock units for the lines, warehouse by warehouse.

        :return: sale.order.line → ids of the locked lots, no more than it needs
        """
        self._flush_facts()
        lines = self.env["sale.order.line"].union(*wanted)
        taken = {}
        for warehouse, here in lines.grouped(lambda line: line.order_id.warehouse_id).items():
            locations = self._locations(warehouse)
            picked = self._find_picked(here, chosen, locations, wait)
            needs = {}
            for line in here:
                taken[line] = picked.get(line, [])[: wanted[line]]
                product = line.product_id.id
                needs[product] = needs.get(product, 0) + wanted[line] - len(taken[line])
            oldest = self._find_oldest(needs, locations, wait, {lot for lots in picked.values() for lot in lots})
            for line in here:
                pool = oldest.get(line.product_id.id, [])
                room = wanted[line] - len(taken[line])
                taken[line] += pool[:room]
                del pool[:room]
        return taken

    def _find_picked(self, lines, chosen, locations, wait):
        """Lock the units that were picked for the lines; return line → ids of its lots."""
        chosen = {line: chosen[line] for line in lines if chosen.get(line)}
        if not chosen:
            return {}
        lots = self.env["stock.lot"].union(*chosen.values())
        if wait:
            self._wait_for(lots.ids)
        products = {product.id: units.ids for product, units in lots.grouped("product_id").items()}
        locked = self._lock(products, {product: len(units) for product, units in products.items()}, locations)
        self._check_picked(chosen, locations)
        return {line: [lot for lot in units.ids if lot in locked] for line, units in chosen.items()}

    def _find_oldest(self, needs, locations, wait, tried):
        """Lock the oldest free units of each product.

        :param dict needs: product id → number of units
        :return: product id → ids of lots, oldest first
        """
        found, tried = {product: [] for product in needs}, tried | self._in_transaction("taken")
        while needs := {product: count for product, count in needs.items() if count > 0}:
            candidates = self._candidates(needs, locations, tried)
            offered = [lot for lots in candidates.values() for lot in lots]
            if not offered:
                break
            if wait:
                self._wait_for(offered)
            locked = self._lock(candidates, needs, locations)
            free = locked - self._held_elsewhere(locked)
            for product, lots in candidates.items():
                got = [lot for lot in lots if lot in free]
                found[product] += got
                needs[product] -= len(got)
            tried |= locked or set(offered)
        return found

    def _candidates(self, needs, locations, tried):
        """Return product id → ids of free lots, oldest stock first, as they are at this moment.

        Some more of each than is needed: others are taking theirs. What this transaction itself has received or given
        back isn't committed yet, so it is looked for in its own view of the data where the other one has too little.
        """
        candidates = {product: [] for product in needs}
        query = self._candidates_query({product: count * 2 + 16 for product, count in needs.items()}, locations, tried)
        for product, lot in self._now(query):
            candidates[product].append(lot)
        if short := {product: count for product, count in needs.items() if len(candidates[product]) < count}:
            known = {lot for product in short for lot in candidates[product]}
            for product, lot in self.env.execute_query(self._candidates_query(short, locations, tried | known)):
                candidates[product].append(lot)
        return candidates

    def _candidates_query(self, limits, locations, tried):
        return SQL(
            """
            SELECT wanted.product, unit.lot_id
              FROM unnest(%s::int[], %s::int[]) AS wanted(product, most)
             CROSS JOIN LATERAL (
                SELECT quant.lot_id
                  FROM stock_quant quant
                 WHERE quant.product_id = wanted.product AND quant.location_id = ANY(%s)
                   AND quant.lot_id IS NOT NULL AND quant.owner_id IS NULL
                   AND quant.quantity > 0 AND quant.reserved_quantity = 0
                   AND quant.lot_id != ALL(%s)
                   AND NOT EXISTS (
                        SELECT FROM crm_imei_hold hold WHERE hold.lot_id = quant.lot_id AND hold.state = 'held'
                   )
                 ORDER BY quant.in_date, quant.id
                 LIMIT wanted.most
             ) unit
            """,
            [*limits],
            [*limits.values()],
            locations,
            list(tried),
        )

    def _check_picked(self, chosen, locations):
        """Refuse what was picked but can't be had, and say which."""
        free = self._free_among(self.env["stock.lot"].union(*chosen.values()).ids, locations)
        for line, picked in chosen.items():
            if gone := picked.filtered(lambda lot, line=line: lot.id not in free or lot.product_id != line.product_id):
                raise UserError(
                    self.env._(
                        "%(product)s: these units are not free in %(warehouse)s: %(imeis)s. Pick others, or none to "
                        "get the oldest ones.",
                        product=line.product_id.display_name,
                        warehouse=line.order_id.warehouse_id.display_name,
                        imeis=", ".join(gone.mapped("name")),
                    )
                )

    def _free_among(self, lots, locations):
        """Return those of the lots that are in stock, as this transaction sees it, and that nobody holds by now."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT lot_id FROM stock_quant
                 WHERE lot_id = ANY(%s) AND location_id = ANY(%s) AND owner_id IS NULL
                   AND quantity > 0 AND reserved_quantity = 0
                """,
                lots,
                locations,
            )
        )
        return {lot for (lot,) in rows} - self._held_elsewhere(lots) - self._in_transaction("taken")

    def _held_elsewhere(self, lots):
        held = self._now(SQL("SELECT lot_id FROM crm_imei_hold WHERE state = 'held' AND lot_id = ANY(%s)", list(lots)))
        return {lot for (lot,) in held} - self._in_transaction("released")

    @api.model
    def _locations(self, warehouse):
        """Return the ids of the places from which the warehouse delivers."""
        return (
            self.env["stock.location"]
            .sudo()
            .search([("id", "child_of", warehouse.lot_stock_id.id), ("usage", "=", "internal")])
            .ids
        )

    # === LOCKING === #

    def _lock(self, candidates, needs, locations):
        """Lock up to as many of each product's candidates as are needed, passing over those that others have locked.

        :return: the ids of the locked lots; somebody may have held one and be done with it since it was looked for
        """
        rows = self.env.execute_query(
            SQL(
                """
                WITH here AS MATERIALIZED (
                    SELECT list.lot, quant.product_id AS product
                      FROM unnest(%s::int[]) WITH ORDINALITY AS list(lot, place)
                      JOIN stock_quant quant ON quant.lot_id = list.lot
                     WHERE quant.location_id = ANY(%s) AND quant.quantity > 0 AND quant.reserved_quantity = 0
                     ORDER BY list.place
                )
                SELECT unit.lot
                  FROM unnest(%s::int[], %s::int[]) AS wanted(product, most)
                 CROSS JOIN LATERAL (
                    SELECT here.lot
                      FROM here
                     WHERE CASE WHEN here.product = wanted.product
                                THEN pg_try_advisory_xact_lock(%s, here.lot)
                                ELSE false
                           END
                     LIMIT wanted.most
                 ) unit
                """,
                [lot for lots in candidates.values() for lot in lots],
                locations,
                [*needs],
                [*needs.values()],
                LOCK_SPACE,
            )
        )
        return {lot for (lot,) in rows}

    def _wait_for(self, lots):
        """Lock lots when whoever has them locked is done; in one order, so that nobody waits in a circle."""
        self.env.execute_query(
            SQL("SELECT pg_advisory_xact_lock(%s, lot) FROM unnest(%s::int[]) AS lot", LOCK_SPACE, sorted(lots))
        )

    def _flush_facts(self):
        """Write what this transaction has changed, as the queries here read the tables."""
        self.flush_model(["state", "lot_id"])
        self.env["stock.quant"].flush_model()

    def _in_transaction(self, what):
        """Return the lots that this transaction has ``"taken"`` or ``"released"``: nobody else sees it yet."""
        return self.env.cr.precommit.data.setdefault(f"crm_imei_hold.{what}", set())

    def _now(self, query):
        """Run a query on what is committed at this moment: this transaction sees the data as when it began.

        While addons are being installed, their tables are nobody else's yet.
        """
        if not self.env.registry.ready:
            return self.env.execute_query(query)
        with self.env.registry.cursor() as cr:
            cr.execute(query)
            return cr.fetchall()
