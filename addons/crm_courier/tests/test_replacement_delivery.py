from datetime import date, datetime, timedelta

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import mute_logger

from .damage_common import DamageCase


class TestReplacementDelivery(DamageCase):
    """SOP-9: the replacement is sent H+1 after the exchange at headquarters."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tomorrow = cls.branch._today() + timedelta(days=1)

    def _exchanged(self, quantity=1, outcome="brought_back", **values):
        question = self._create_answered(quantity, **values)
        self._bring_back(question, outcome)
        question.with_user(self.logistics).action_exchange()
        return question

    def test_one_of_two(self):
        """SOP-8b, SOP-9: one of two is delivered; the other's replacement comes the next working day, and closes it."""
        question = self._exchanged(2, "partly")
        picking, new = question.stop_id.picking_id, question.line_ids.new_lot_id
        self.assertEqual(picking.state, "done")
        self.assertEqual(len(picking.move_line_ids), 1)
        rest = question.delivery_ids
        self.assertEqual(rest, picking.backorder_ids)
        self.assertEqual((rest.state, rest.move_line_ids.lot_id), ("assigned", new))
        self.assertEqual(question.due_date, self.tomorrow)
        self.assertEqual(self.branch._local(rest.scheduled_date).date(), self.tomorrow)
        run = self._create_on_road(rest)
        self.assertEqual(run.unit_ids.lot_id, new)
        self._say(run.stop_ids, "delivered")
        self.assertEqual((question.state, question.result), ("closed", "delivered"))
        line = question.line_ids.sale_line_id
        self.assertEqual(line.qty_delivered, 2)
        self.assertEqual(line._get_imei_lots(), (picking | rest).move_line_ids.lot_id)

    def test_all_brought_back(self):
        """SOP-9: where everything comes back, the same delivery brings the replacement."""
        question = self._exchanged()
        picking = question.stop_id.picking_id
        self.assertEqual(question.delivery_ids, picking)
        self.assertEqual(picking.move_line_ids.lot_id, question.line_ids.new_lot_id)
        self.assertFalse(picking.batch_id)
        self.assertTrue(picking.waits_for_courier)

    def test_not_before_the_exchange(self):
        """SOP-9: before the damaged unit is exchanged, its replacement is neither loaded nor delivered, by no path."""
        question = self._create_answered()
        self._bring_back(question)
        picking = question.delivery_ids
        picking.move_ids.picked = True
        with self.assertRaisesRegex(UserError, "isn't exchanged at headquarters yet"), self.cr.savepoint():
            picking.with_user(self.logistics).button_validate()
        run = self._create_reviewed(picking)
        theirs = run.with_user(self.courier)
        theirs.unit_ids.action_load()
        theirs.equipment_ids.filtered("is_needed").action_toggle()
        with self.assertRaisesRegex(UserError, "isn't exchanged at headquarters yet"):
            theirs.action_load()
        question.with_user(self.logistics).action_exchange()
        theirs.action_load()
        self.assertEqual(run.run_state, "loaded")

    def test_working_days(self):
        """SOP-9: H+n counts the branch's working days by its clock: weekends and holidays don't count, nor does UTC."""
        self.calendar.attendance_ids.filtered(lambda line: line.dayofweek in "56").unlink()
        branch = self.branch
        friday_noon = datetime(2026, 3, 6, 5)  # 12:00 in Jakarta
        self.assertEqual(branch._working_day_after(friday_noon, 1), date(2026, 3, 9))
        self.assertEqual(branch._working_day_after(friday_noon, 2), date(2026, 3, 10))
        self.assertEqual(branch._working_day_after(friday_noon, 0), date(2026, 3, 6))
        thursday_late = datetime(2026, 3, 5, 17, 30)  # Friday 00:30 in Jakarta
        self.assertEqual(branch._working_day_after(thursday_late, 1), date(2026, 3, 9))
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Nyepi",
                "calendar_id": self.calendar.id,
                "date_from": datetime(2026, 3, 8, 17),
                "date_to": datetime(2026, 3, 9, 16, 59, 59),
            }
        )
        self.assertEqual(branch._working_day_after(friday_noon, 1), date(2026, 3, 10))
        self.assertEqual(branch._morning_of(date(2026, 3, 10)), datetime(2026, 3, 10, 1))
        self.env.company.resource_calendar_id = False
        self.assertEqual(branch._working_day_after(friday_noon, 1), date(2026, 3, 7))
        self.assertEqual(branch._morning_of(date(2026, 3, 7)), datetime(2026, 3, 7, 2))

    def test_number_of_days_is_a_setting(self):
        """SOP-9: the number of days is the company's; nonsense is refused."""
        self.env.company.courier_replacement_days = 3
        question = self._create_answered()
        self.assertEqual(question.promised_date, self.branch._today() + timedelta(days=3))
        for days in (-1, 15):
            with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.cr.savepoint():
                self.env.company.courier_replacement_days = days
                self.env.flush_all()

    def test_late(self):
        """SOP-9: what isn't there on the promised day is late, and on the list; delivered, it isn't any more."""
        Replacement = self.env["crm.courier.replacement"]
        question = self._exchanged()
        late = [("is_late", "=", True), ("id", "=", question.id)]
        self.assertFalse(question.is_late)
        self.assertFalse(Replacement.search(late))
        with freeze_time(fields.Datetime.now() + timedelta(days=3)):
            question.invalidate_recordset()
            self.assertTrue(question.is_late)
            self.assertEqual(Replacement.search(late), question)
            self._say(self._create_on_road(question.delivery_ids).stop_ids, "delivered")
            question.invalidate_recordset()
            self.assertFalse(question.is_late)

    def test_late_by_the_branch(self):
        """SOP-9: a promised day is over when it is at the branch, wherever who looks is: 17:00 UTC in Jakarta."""
        question = self._exchanged()
        late = [("is_late", "=", True), ("id", "=", question.id)]
        for hour, expected in ((16, False), (17, True)):
            for tz in ("UTC", "Asia/Jakarta", "Pacific/Auckland"):
                with freeze_time(f"{question.promised_date} {hour}:30:00"):
                    seen = question.with_context(tz=tz)
                    seen.invalidate_recordset(["is_late"])
                    self.assertEqual((seen.is_late, bool(seen.search(late))), (expected, expected), (hour, tz))

    def test_exchanged_late(self):
        """SOP-9: where the exchange comes late, the delivery follows from it, and the customer hears the new day."""
        question = self._create_answered()
        self._bring_back(question)
        with freeze_time(fields.Datetime.now() + timedelta(days=3)):
            question.with_user(self.logistics).action_exchange()
            day = self.branch._today() + timedelta(days=1)
        self.assertEqual((question.promised_date, question.due_date), (self.tomorrow, day))
        self.assertEqual(self.branch._local(question.delivery_ids.scheduled_date).date(), day)
        mails = self.env["mail.mail"].search([("model", "=", question._name), ("res_id", "=", question.id)])
        told = mails.filtered(lambda mail: "replacement for your order" in (mail.subject or ""))
        self.assertEqual(len(told), 2)

    def test_later_by_agreement(self):
        """SOP-9: a later day that CRM has agreed with the customer stays, whenever the exchange is."""
        question = self._create_asked()
        dialog = self._answer_dialog(question)
        dialog.date = self.tomorrow + timedelta(days=4)
        dialog.action_answer()
        self._bring_back(question)
        question.with_user(self.logistics).action_exchange()
        self.assertEqual(question.due_date, self.tomorrow + timedelta(days=4))

    def test_customer_is_told(self):
        """SOP-9: the customer hears of the replacement's day by e-mail, in their language, without an IMEI of ours."""
        self.partner.lang = "id_ID" if self.env["res.lang"]._get_data(code="id_ID") else "en_US"
        question = self._create_answered()
        mail = self.env["mail.mail"].search([("model", "=", question._name), ("res_id", "=", question.id)])
        mail = mail.filtered(
            lambda mail: question.order_id.name in (mail.subject or "") and "access_token" in mail.body_html
        )
        self.assertEqual(mail.recipient_ids, self.partner)

    def test_replacement_found_later(self):
        """SOP-10: after “none”, CRM may still find one: it is held, the delivery is reserved and scheduled."""
        question = self._create_none()
        self._bring_back(question)
        self.assertEqual((question.state, question.stop_id.picking_id.state), ("none", "confirmed"))
        question.with_user(self.logistics).action_exchange()
        self.assertEqual(question.state, "none")
        self._create_units(self.phone, 1)
        dialog = self._answer_dialog(question)
        with self.assertRaisesRegex(UserError, "Choose what replaces"):
            dialog.action_none()
        dialog.action_answer()
        self.assertEqual(question.state, "exchanged")
        picking = question.delivery_ids
        self.assertEqual((picking.state, picking.move_line_ids.lot_id), ("assigned", question.line_ids.new_lot_id))
        self.assertEqual(self.branch._local(picking.scheduled_date).date(), question.due_date)

    def test_swapped_again(self):
        """SOP-8c: where CRM swaps the promised unit for another one, the replacement is that."""
        question = self._exchanged()
        other = self._create_units(self.phone, 1)
        hold = question.order_id.hold_ids.filtered(lambda hold: hold.state == "held")
        swap = self.env["crm.imei.swap"].with_user(self.officer)
        swap.create({"hold_id": hold.id, "lot_id": other.id, "reason": "Sealed box"}).action_swap()
        self.assertEqual(question.line_ids.new_lot_id, other)
        self._say(self._create_on_road(question.delivery_ids).stop_ids, "delivered")
        self.assertEqual(question.state, "closed")

    def test_order_cancelled(self):
        """SOP-9: a customer who cancels although there is a replacement pays the fee; nothing is owed any more."""
        question = self._exchanged()
        form = self._cancel(question.order_id)
        self.assertTrue(form.fee_amount)
        self.assertEqual((question.state, question.result), ("closed", "cancelled"))
        order = self._create_order()
        order.action_submit()
        self.assertEqual(order.hold_ids.lot_id, question.line_ids.new_lot_id, "the replacement is free again")

    def test_replacement_note(self):
        """SOP-9: the replacement note names both IMEIs; another courier can't print it."""
        question = self._create_answered()
        reports = self.env["ir.actions.report"]
        name = "crm_courier.crm_courier_replacement_report"
        html = reports.with_user(self.courier)._render_qweb_html(name, question.ids)[0].decode()
        for text in (question.line_ids.lot_id.name, question.line_ids.new_lot_id.name, self.env.company.name):
            self.assertIn(text, html)
        with self.assertRaises(AccessError):
            reports.with_user(self.other_courier)._render_qweb_html(name, question.ids)

    def test_timeline(self):
        """SOP-15: question, answer and exchange are a part of the order's path."""
        question = self._exchanged()
        timeline = str(question.order_id.timeline)
        for text in ("asked for at the door", "CRM answers", "Exchanged at headquarters"):
            self.assertIn(text, timeline)
        self.assertEqual(question.order_id.replacement_count, 1)
        self.assertEqual(question.order_id.action_view_replacements()["res_id"], question.id)


class TestReplacementNone(DamageCase):
    """SOP-10: no replacement: no fee, whether the whole order is cancelled or what is damaged is taken off it."""

    def test_order_cancelled_without_fee(self):
        """SOP-10: the courier's check and CRM's “none” are the facts; the form is filled in and waives the fee."""
        question = self._create_none()
        order = question.order_id
        with self.assertRaisesRegex(UserError, "still on the road"):
            question.with_user(self.officer).action_cancel_order()
        self._bring_back(question)
        self.assertEqual((question.can_take_off, question.can_cancel), (False, True))
        with self.assertRaisesRegex(UserError, "cancel it"):
            question.with_user(self.officer).action_give_up()
        action = question.with_user(self.officer).action_cancel_order()
        form = self.env["crm.cancellation"].with_user(self.officer).browse(action["res_id"])
        self.assertEqual(form.defective_lot_ids, question.line_ids.lot_id)
        self.assertIn("A line across the screen", form.defect_note)
        self.assertTrue(form.photo)
        self.assertIn("without a fee", form.outcome)
        form.action_confirm()
        self.assertEqual((order.state, form.waiver, form.fee_amount), ("cancel", "facts", 0))
        self.assertEqual(form.lot_ids, question.line_ids.lot_id)
        self.assertEqual((question.state, question.result), ("closed", "cancelled"))
        question.with_user(self.logistics).action_exchange()
        self.assertTrue(question.exchanged_at)
        self.assertEqual(self._quantity_at(question.line_ids.lot_id, self.warehouse.quarantine_location_id), 1)

    def test_none_although_there_is_one(self):
        """SOP-10: an officer's “none” while units are free needs a reason, and waives nothing; a manager's does."""
        for user, waiver in ((self.officer, False), (self.manager, "facts")):
            question = self._create_asked()
            dialog = self._answer_dialog(question, user)
            with self.assertRaisesRegex(UserError, "is in stock or expected"), self.cr.savepoint():
                dialog.action_none()
            dialog.note = "They are promised to another customer"
            dialog.action_none()
            self._bring_back(question)
            form_id = question.with_user(self.officer).action_cancel_order()["res_id"]
            form = self.env["crm.cancellation"].with_user(self.officer).browse(form_id)
            form.action_confirm()
            self.assertEqual(form.waiver, waiver)
            spare = self.env["stock.quant"].search(
                [("product_id", "=", self.phone.id), ("location_id", "=", self.location.id), ("quantity", ">", 0)]
            )
            spare.sudo().with_context(inventory_mode=True).inventory_quantity = 0
            spare.sudo().action_apply_inventory()

    def test_without_photo(self):
        """SOP-10: a check without a photo proves nothing before the warehouse has taken the unit in."""
        picking = self._create_delivery()
        stop = self._create_on_road(picking).stop_ids
        self._damage(stop.unit_ids, photo=None)
        question = self._ask(stop)
        self._answer_dialog(question).action_none()
        self._bring_back(question)
        form_id = question.with_user(self.officer).action_cancel_order()["res_id"]
        form = self.env["crm.cancellation"].with_user(self.officer).browse(form_id)
        with self.assertRaisesRegex(UserError, "confirmed the defect"):
            form.action_confirm()
        question.with_user(self.logistics).action_exchange()
        form.action_confirm()
        self.assertEqual(form.waiver, "facts")

    def test_ones_own_check(self):
        """SOP-10: who checked the unit at the door doesn't prove it to their own form."""
        self.officer.group_ids += self.env.ref("stock.group_stock_user")
        stop = self._create_on_road(self._create_delivery()).stop_ids
        self._damage(stop.unit_ids, user=self.officer)
        question = self._ask(stop)
        self._answer_dialog(question).action_none()
        self._bring_back(question)
        form_id = question.with_user(self.officer).action_cancel_order()["res_id"]
        with self.assertRaisesRegex(UserError, "confirmed the defect"):
            self.env["crm.cancellation"].with_user(self.officer).browse(form_id).action_confirm()

    def test_damaged_unit_of_another_order(self):
        """SOP-10: another order's damage is nothing to this one's form."""
        question = self._create_none()
        self._create_units(self.phone, 1)
        form = self._create_form(self._create_approved())
        with self.assertRaises(ValidationError):
            form.defective_lot_ids = question.line_ids.lot_id

    def test_one_of_two_given_up(self):
        """SOP-10: of two, one is delivered and the damaged one is taken off the order without a fee."""
        question = self._create_none(2)
        order, line = question.order_id, question.line_ids.sale_line_id
        self._bring_back(question, "partly")
        total = order.amount_total
        self.assertEqual((question.can_take_off, question.can_cancel), (True, False))
        question.with_user(self.officer).action_give_up()
        self.assertEqual((line.product_uom_qty, line.qty_delivered), (1, 1))
        self.assertEqual(order.amount_total, total / 2)
        self.assertFalse(order.cancellation_ids)
        self.assertEqual((question.state, question.result), ("closed", "given_up"))
        self.assertEqual(order.delivery_status, "full")
        open_ = order.picking_ids.filtered(lambda picking: picking.state not in ("done", "cancel"))
        self.assertFalse(open_)
        self.assertIn("taken off the order", str(order.message_ids.mapped("body")))
        with self.assertRaisesRegex(UserError, "replaced or given up"):
            question.with_user(self.officer).action_give_up()

    def test_rest_still_comes(self):
        """SOP-10: what isn't damaged of an order that came back whole is delivered after the damaged is given up."""
        question = self._create_none(2)
        self._bring_back(question)
        question.with_user(self.officer).action_give_up()
        picking = question.stop_id.picking_id
        self.assertEqual((picking.state, picking.move_ids.product_uom_qty), ("assigned", 1))
        self._say(self._create_on_road(picking).stop_ids, "delivered")
        self.assertEqual(question.order_id.delivery_status, "full")

    def test_invoiced_already(self):
        """SOP-10: where the whole was invoiced, somebody is to have a credit note written."""
        question = self._create_none(2)
        self._bring_back(question, "partly")
        invoice = question.order_id.sudo()._create_invoices()
        invoice.action_post()
        question.with_user(self.officer).action_give_up()
        self.assertIn("credit note", str(question.order_id.activity_ids.mapped("summary")))

    def test_who_gives_up(self):
        """SOP-10: only who may change the order, when the courier is back, and not against what the system found."""
        question = self._create_none(2)
        with self.assertRaisesRegex(UserError, "still on the road"):
            question.with_user(self.officer).action_give_up()
        self._bring_back(question, "partly")
        for user in (self.courier, self.logistics, self.stranger):
            with self.assertRaises(UserError):
                question.with_user(user).action_give_up()
            with self.assertRaises(UserError):
                question.with_user(user).action_cancel_order()
        question.line_ids.sudo().found = "stock"
        with self.assertRaisesRegex(UserError, "a manager takes it off"):
            question.with_user(self.officer).action_give_up()
        question.with_user(self.manager).action_give_up()
        self.assertEqual(question.result, "given_up")
