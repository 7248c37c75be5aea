from odoo import fields, models
from odoo.exceptions import UserError

from .. import door
from .crm_courier_facts import STEP
from .crm_courier_replacement import OWED


class CrmCourierReplacement(models.Model):
    """What CRM's answer does: units are held, damaged goods leave the stock, the customer hears the day (SOP-8c)."""

    _inherit = "crm.courier.replacement"

    def _answer(self, lots, date=None, note=None):
        """Answer the courier: hold a unit for each that is replaced, and take all that is damaged out of the stock.

        :param dict lots: crm.courier.replacement.line → stock.lot that replaces it, for those that are replaced; no
            lot for counted goods
        :param date: the day on which the replacements come, by the branch's calendar
        :raise AccessError: the user may not answer
        :raise UserError: a unit isn't free, the day is past, or something is missing; says what to do
        """
        self.ensure_one()
        self._check_answerer()
        self.sudo()._lock_for_step()
        self._check_answerer()
        note = door.text(self.env, {"note": note}, "note")
        first = self.state == "asked"
        lines = self.sudo().line_ids.filtered(lambda line: line.answer != "replaced")
        lots = {line.sudo(): lot for line, lot in lots.items() if line.sudo() in lines}
        replaced = lines.filtered(lambda line: line in lots)
        self._check_answer(replaced, first, date)
        for line in replaced:
            line._replace_by(lots[line])
        if first:
            self.sudo()._set_aside()
            (lines - replaced)._say_none(note)
        self._note_answer(replaced, date, note)
        self._workflow_do("answer" if replaced else "none")
        if replaced:
            self._promise()
        self._tell_courier()

    def _check_answer(self, replaced, first, date):
        """Check that there is an answer, and its day."""
        if not replaced and not first:
            raise UserError(self.env._("Choose what replaces the damaged goods."))
        if replaced and not date:
            raise UserError(self.env._("Say on which day the replacement comes."))
        if replaced and date < self.sudo().branch_id._today():
            raise UserError(self.env._("A replacement doesn't come in the past: choose another day."))

    def _note_answer(self, replaced, date, note):
        facts = {"answered_by_id": self.env.uid, "answer_note": note or self.answer_note}
        if not self.answered_at:
            facts["answered_at"] = fields.Datetime.now()
        if replaced:
            facts |= {"promised_date": date, "due_date": date}
        self.sudo().write(facts)

    def _promise(self):
        """Tell the customer the day. What found a replacement later may have been exchanged already."""
        if self.exchanged_at:
            self._workflow_do("exchange")
        self.sudo()._reserve()
        self.sudo()._schedule_delivery()
        self._tell_customer()

    def _tell_courier(self):
        """Have the courier, who waits at the door, see the answer on their phone."""
        courier = self.sudo().courier_id.partner_id
        answer = self.with_context(lang=courier.lang)
        courier._bus_send(
            "simple_notification",
            {"type": "info", "title": answer.display_name, "message": answer.answer_text, "sticky": True},
        )
        courier._bus_send("crm_courier_day", {})

    def _default_date(self):
        """Return the day on which a replacement comes if the damaged goods are exchanged today."""
        days = self.company_id.courier_replacement_days
        return self.sudo().branch_id._working_day_after(fields.Datetime.now(), days)

    # === DAMAGED GOODS === #

    def _set_aside(self):
        """Take what is damaged out of the stock at once, and have the warehouse expect it (SOP-8b)."""
        self.ensure_one()
        step = self.sudo().with_context(crm_courier_step=STEP)
        warehouse = self.run_id.picking_type_id.warehouse_id
        warehouse._create_quarantine()
        places = warehouse.damaged_location_id, warehouse.quarantine_location_id
        moves = step.env["stock.move"]
        for line in step.line_ids:
            moves |= line._move_goods(line._leave_delivery(), places[0])
        moves._action_done()
        exchange = step.env["stock.picking"].create(
            {
                "picking_type_id": warehouse.int_type_id.id,
                "location_id": places[0].id,
                "location_dest_id": places[1].id,
                "origin": f"{self.stop_id.order_name} · {self.run_id.name}",
                "scheduled_date": self.run_id.ends_at,
                "company_id": self.company_id.id,
            }
        )
        for line in step.line_ids:
            line.exchange_move_id = line._move_goods(*places, exchange)

    # === DELIVERY === #

    def _deliveries(self):
        """Return the outgoing transfers that bring, or brought, the replacements."""
        moves = self.env["stock.move"].union(*(line._delivery_moves() for line in self.sudo().line_ids))
        return moves.picking_id.filtered(lambda picking: picking.picking_type_code == "outgoing")

    def _reserve(self):
        """Have what replaces the damaged goods reserved, unless a courier carries the rest of the delivery."""
        lines = self.sudo().line_ids.filtered(lambda line: line.answer == "replaced")
        moves = lines.sale_line_id.move_ids | lines.unit_id.stop_id.picking_id.move_ids
        moves.filtered(lambda move: move.state in ("confirmed", "partially_available"))._action_assign()

    def _schedule_delivery(self):
        """Have the replacement's delivery planned for its day."""
        for replacement in self.filtered(lambda replacement: replacement.state in OWED and replacement.due_date):
            pickings = replacement._deliveries().filtered(lambda picking: picking.state not in ("done", "cancel"))
            pickings.scheduled_date = replacement.branch_id._morning_of(replacement.due_date)

    def _settle(self):
        """Close what has nothing left to do: everything is delivered, given up or cancelled."""
        for replacement in self.sudo().filtered(lambda replacement: replacement.state in (*OWED, "none")):
            if all(line._is_settled() for line in replacement.line_ids):
                replacement.result = replacement._find_result()
                replacement._workflow_do("close")

    def _find_result(self):
        if self.order_id.state == "cancel":
            return "cancelled"
        return "delivered" if "replaced" in self.line_ids.mapped("answer") else "given_up"
