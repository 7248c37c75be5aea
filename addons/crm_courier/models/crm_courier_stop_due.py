from odoo import fields, models


class CrmCourierStop(models.Model):
    """What a customer pays where something is damaged: for what they get (SOP-8b, SOP-12g)."""

    _inherit = "crm.courier.stop"

    def _door_due(self):
        """Override: what is damaged comes back, and is paid when its replacement is handed over."""
        due = super()._door_due()
        if self._is_handed_over():
            return due  # noted then, without what came back
        damaged = self.sudo().unit_ids.filtered(lambda unit: unit.condition == "damaged")
        if not damaged or self.currency_id.is_zero(due):
            return due
        return self.currency_id.round(max(due - sum(unit._price() for unit in damaged), 0.0))

    def _is_cash_booked(self):
        return self.sudo().cash_payment_id.state in ("in_process", "paid")

    def _cash_had(self):
        """Return the cash of this stop: as CRM counted it, until then as the courier said."""
        stop = self.sudo()
        return stop.cash_counted if stop.run_id.counted_at else stop.cash_collected


class CrmCourierUnit(models.Model):
    _inherit = "crm.courier.unit"

    def _price(self):
        """Return what the customer pays for it by the order, in the company's currency."""
        picking = self.stop_id.picking_id
        lines = picking.move_line_ids.filtered(
            lambda line: line.product_id == self.product_id and line.lot_id == self.lot_id
        )
        # What is damaged has left the transfer by the time that CRM has answered.
        moves = lines.move_id or picking.move_ids.filtered(lambda move: move.product_id == self.product_id)
        line = moves.sale_line_id[:1]
        if not line.product_uom_qty:
            return 0.0
        count = self.product_id.uom_id._compute_quantity(self.quantity, line.product_uom_id, round=False)
        price = line.price_total * count / line.product_uom_qty
        company = self.stop_id.company_id
        return line.currency_id._convert(price, company.currency_id, company, line.order_id.date_order)


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _courier_paid(self):
        """Override: with cash and cards of earlier deliveries that aren't in the books yet: nobody is asked twice."""
        stops = self.sudo().courier_stop_ids.filtered(
            lambda stop: stop._is_handed_over() and not stop._is_cash_booked()
        )
        day = self.date_order or fields.Date.today()
        cash = sum(
            stop.currency_id._convert(stop._cash_had(), self.currency_id, stop.company_id, day) for stop in stops
        )
        cards = self.sudo().card_ids.filtered(lambda card: card.state == "approved" and not card.is_booked)
        charged = sum(card.currency_id._convert(card.amount, self.currency_id, card.company_id, day) for card in cards)
        return super()._courier_paid() + cash + charged
