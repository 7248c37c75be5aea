from dateutil.relativedelta import relativedelta

from odoo import fields, models


class ResPartner(models.Model):
    """What a customer has of us: devices by serial number, and until when their warranty lasts (CC-4)."""

    _inherit = "res.partner"

    def _devices(self):
        """Return the units that were delivered to this customer, and not given back, the newest first.

        With all rights, of this customer and their company alone: portal users read no stock.

        :return: dicts with ``product``, ``serial``, ``order``, ``bought_on``, ``warranty_until``, ``in_warranty``
        """
        self.ensure_one()
        customer = self.commercial_partner_id.ids
        lines = self.env["stock.move.line"].sudo()
        came = lines.search(
            [
                ("state", "=", "done"),
                ("lot_id", "!=", False),
                ("picking_id.picking_type_id.code", "=", "outgoing"),
                "|",
                ("picking_id.partner_id", "child_of", customer),
                ("picking_id.sale_id.partner_id", "child_of", customer),
            ]
        )
        moved = lines.search([("state", "=", "done"), ("lot_id", "in", came.lot_id.ids)], order="date, id")
        last = {line.lot_id: line for line in moved}
        mine = [last[lot] for lot in came.lot_id if last[lot] in came]
        return [self._device(line) for line in sorted(mine, key=lambda line: (line.date, line.id), reverse=True)]

    def _device(self, line):
        order = line.picking_id.sale_id
        moment = order.date_order or line.date
        bought_on = fields.Datetime.context_timestamp(self, moment).date()
        product = line.product_id
        months = product.warranty_months if "warranty_months" in product._fields else 0
        until = bought_on + relativedelta(months=months) if months else False
        return {
            "product": product.display_name,
            "serial": line.lot_id.name,
            "order": order,
            "bought_on": bought_on,
            "warranty_until": until,
            "in_warranty": bool(until) and until >= fields.Date.context_today(self),
        }
