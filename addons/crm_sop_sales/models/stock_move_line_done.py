from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class StockMoveLine(models.Model):
    """Move the held units of a delivery in a few statements, where Odoo takes several for each unit."""

    _inherit = "stock.move.line"

    def _action_done(self):
        """Override: what isn't a plain held unit goes Odoo's way."""
        units = self._plain_held_units()
        units._move_units()
        return super(StockMoveLine, self - units)._action_done()

    def _plain_held_units(self):
        """Return the lines of one whole held unit each: reserved, unpacked, owned by us, new to its destination."""
        lines = self.browse()
        for move, candidates in self.grouped("move_id").items():
            if move.state not in ("done", "cancel") and move._held_line() and not move._should_bypass_reservation():
                lines |= candidates.filtered(lambda line: line._is_plain_unit())
        lots = lines.lot_id
        if not lots or len(lots) != len(lines):
            return self.browse()
        known = (
            self.env["stock.quant"]
            .sudo()
            .search([("lot_id", "in", lots.ids), ("location_id", "in", lines.location_dest_id.ids)])
        )
        return lines.filtered(lambda line: line.lot_id not in known.lot_id)

    def _is_plain_unit(self):
        packed = self.package_id or self.result_package_id or self.owner_id
        return (
            self.lot_id
            and not packed
            and self.quantity_product_uom == 1
            and self.product_uom_id == self.product_id.uom_id
        )

    def _move_units(self):
        if not self:
            return
        self._check_company(["lot_id", "location_id", "location_dest_id"])
        arrived = self._take_from_source()
        # Below stock.quant's own create, which is for inventories and makes quants one by one.
        models.BaseModel.create(
            self.env["stock.quant"].sudo(),
            [
                {
                    "product_id": line.product_id.id,
                    "location_id": line.location_dest_id.id,
                    "lot_id": line.lot_id.id,
                    "quantity": 1,
                    "in_date": arrived[line.lot_id.id],
                }
                for line in self
            ],
        )
        self.write({"date": fields.Datetime.now()})

    def _take_from_source(self):
        """Take the units out of their places, in one statement.

        :return: lot id → when the unit came into stock
        :raise UserError: one isn't there any more
        """
        quant = self.env["stock.quant"].sudo()
        quant.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE stock_quant quant
                   SET quantity = 0, reserved_quantity = 0, write_date = now() AT TIME ZONE 'UTC', write_uid = %s
                  FROM unnest(%s::int[], %s::int[]) AS unit(lot, place)
                 WHERE quant.lot_id = unit.lot AND quant.location_id = unit.place AND quant.quantity = 1
                   AND quant.package_id IS NULL AND quant.owner_id IS NULL
                RETURNING quant.id, quant.lot_id, quant.in_date
                """,
                self.env.uid,
                [line.lot_id.id for line in self],
                [line.location_id.id for line in self],
            )
        )
        arrived = {lot: in_date for __, lot, in_date in rows}
        if gone := self.filtered(lambda line: line.lot_id.id not in arrived):
            raise UserError(
                self.env._(
                    "%(imei)s is not at %(place)s any more.",
                    imei=gone[0].lot_id.name,
                    place=gone[0].location_id.display_name,
                )
            )
        quants = quant.browse(id_ for id_, __, __ in rows)
        quants.invalidate_recordset(["quantity", "reserved_quantity"], flush=False)
        quants.modified(["quantity", "reserved_quantity"])
        return arrived
