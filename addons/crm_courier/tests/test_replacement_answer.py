from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError

from .damage_common import DamageCase


class TestReplacementAnswer(DamageCase):
    """SOP-8c: the courier asks, CRM answers with a held unit and a date, or with “none”; nothing moves before."""

    def test_ask_and_answer(self):
        """SOP-8c: the answer holds an IMEI for the order in place of the damaged one, a day, and how long it took."""
        question = self._create_asked()
        line = question.line_ids
        order, damaged = question.order_id, line.lot_id
        self.assertEqual((question.state, question.asked_by_id, line.product_id), ("asked", self.courier, self.phone))
        question.asked_at -= timedelta(minutes=7)
        dialog = self._answer_dialog(question)
        proposed = dialog.line_ids.lot_id
        self.assertTrue(proposed)
        tomorrow = self.branch._today() + timedelta(days=1)
        self.assertEqual(dialog.date, tomorrow)
        dialog.note = "Same colour"
        dialog.action_answer()
        self.assertEqual((question.state, question.answered_by_id), ("answered", self.officer))
        self.assertIn(question.wait_minutes, (7, 8))
        self.assertEqual(question.promised_date, tomorrow)
        live = order.hold_ids.filtered(lambda hold: hold.state == "held")
        self.assertEqual(live.lot_id, proposed)
        old = order.hold_ids - live
        self.assertEqual((old.lot_id, old.end_reason, old.replaced_by_id), (damaged, "swapped", live))
        self.assertIn("A line across the screen", old.end_note)
        data = question.stop_id.sudo()._door_data()["replacement"]
        self.assertEqual(data["imeis"], [proposed.name])
        self.assertEqual(data["date"], fields.Date.to_string(tomorrow))
        self.assertIn(proposed.name, data["answer"])

    def test_nothing_moves_before_the_answer(self):
        """SOP-8c: before question and answer no outcome is said, and the courier isn't back."""
        picking = self._create_delivery(2)
        stop = self._create_on_road(picking).stop_ids
        self._damage(stop.unit_ids[0])
        for outcome in ("delivered", "partly", "brought_back", "not_home"):
            with self.assertRaisesRegex(UserError, "Ask CRM about a replacement first"):
                self._say(stop, outcome, "Hm", back=stop.unit_ids[0])
        question = self._ask(stop)
        for outcome in ("partly", "brought_back", "not_home"):
            with self.assertRaisesRegex(UserError, "CRM hasn't answered yet"):
                self._say(stop, outcome, "Hm", back=stop.unit_ids[0])
        with self.assertRaises(UserError):
            stop.run_id.with_user(self.courier).action_come_back()
        self._create_units(self.phone, 1)
        self._answer_dialog(question).action_answer()
        self._say(stop, "partly", "One is damaged", back=stop.unit_ids[0])
        self.assertEqual(stop.outcome, "partly")

    def test_crm_is_told_at_once(self):
        """SOP-8c: who sold the order has an activity and a notification; it is done with the answer."""
        question = self._create_asked()
        activity = question.activity_ids
        self.assertEqual(activity.activity_type_id, self.env.ref("crm_courier.mail_activity_type_answer"))
        self.assertEqual(activity.user_id, self.officer)
        notified = self.env["mail.notification"].search([("mail_message_id.model", "=", question._name)])
        self.assertIn(self.officer.partner_id, notified.res_partner_id)
        self._answer_dialog(question).action_answer()
        self.assertFalse(question.activity_ids)

    def test_each_is_told_in_their_language(self):
        """SOP-8c: the officer reads the question, and the courier the answer, each in the language of their own."""
        self.env["res.lang"]._activate_lang("id_ID")
        self.courier.lang, self.officer.lang = "id_ID", "en_US"
        told = []

        def keep(partner, kind, message):
            if kind == "simple_notification":
                told.append((partner, message["title"], message["message"]))

        with (
            patch.object(self.registry["res.partner"], "_bus_send", keep),
            patch.object(self.registry["crm.courier.replacement"], "_compute_display_name", self._name_by_language),
        ):
            question = self._create_asked()
            self._answer_dialog(question).action_answer()
        (asked, answered) = (
            [one for one in told if one[0] == user.partner_id] for user in (self.officer, self.courier)
        )
        self.assertEqual({one[2] for one in asked}, {"en_US"})
        self.assertEqual({one[1] for one in answered}, {"id_ID"})

    @staticmethod
    def _name_by_language(questions):
        for question in questions:
            question.display_name = question.env.lang

    def test_overdue(self):
        """SOP-8c: a question is red when it is older than the company's minutes; answered ones aren't."""
        Replacement = self.env["crm.courier.replacement"]
        question = self._create_asked()
        self.env.company.courier_answer_minutes = 5
        overdue = [("is_overdue", "=", True), ("id", "=", question.id)]
        self.assertFalse(question.is_overdue)
        self.assertFalse(Replacement.search(overdue))
        question.asked_at = fields.Datetime.now() - timedelta(minutes=5, seconds=1)
        question.invalidate_recordset()
        self.assertTrue(question.is_overdue)
        self.assertEqual((question.age_minutes, Replacement.search(overdue)), (5, question))
        self._answer_dialog(question).action_answer()
        question.invalidate_recordset()
        self.assertFalse(question.is_overdue)
        self.assertFalse(Replacement.search(overdue))

    def test_bad_answers(self):
        """SOP-8c: a unit that another order holds, another product or elsewhere, a past or no day are refused."""
        held = self._create_delivery().move_line_ids.lot_id
        question = self._create_asked()
        line, free = question.line_ids, self._answer_dialog(question).line_ids.lot_id
        tomorrow = self.branch._today() + timedelta(days=1)
        strange = self._create_units(self._create_phone("Other", 1_000_000), 1)
        away = self._create_units(self.phone, 1, location=self.env.ref("stock.stock_location_customers"))
        theirs = question.with_user(self.officer)
        for lot in (held, strange, away, line.lot_id):
            with self.assertRaisesRegex(UserError, "not free"), self.cr.savepoint():
                theirs._answer({line: lot}, tomorrow)
        with self.assertRaisesRegex(UserError, "Choose the unit"):
            theirs._answer({line: self.env["stock.lot"]}, tomorrow)
        with self.assertRaisesRegex(UserError, "on which day"):
            theirs._answer({line: free})
        with self.assertRaisesRegex(UserError, "in the past"):
            theirs._answer({line: free}, tomorrow - timedelta(days=2))
        with self.assertRaisesRegex(UserError, "card's number"):
            theirs._answer({line: free}, tomorrow, "4111111111111111")
        self.assertEqual(question.state, "asked")
        theirs._answer({line: free}, tomorrow)
        with self.assertRaisesRegex(UserError, "answered already"):
            theirs._answer({line: free}, tomorrow)
        with self.assertRaisesRegex(UserError, "check stands"):
            self._check(line.unit_id)

    def test_who_answers(self):
        """SOP-8c: an officer who sees the question answers: no courier, no warehouse, nobody of another branch."""
        question = self._create_asked()
        for user in (self.courier, self.other_courier, self.logistics, self.stranger, self.accountant):
            with self.assertRaises(AccessError, msg=user.login):
                question.with_user(user).action_answer()
            with self.assertRaises(AccessError, msg=user.login):
                question.with_user(user)._answer({}, note="none")
        self.courier.group_ids += self.env.ref("crm_base.group_officer")
        with self.assertRaisesRegex(AccessError, "not the courier"):
            question.with_user(self.courier).action_answer()
        for user in (self.courier, self.officer, self.manager, self.logistics):
            for vals in ({"state": "closed"}, {"promised_date": "2030-01-01"}, {"note": "x"}):
                with self.assertRaises(AccessError):
                    question.with_user(user).write(vals)
            with self.assertRaises(AccessError):
                question.with_user(user).line_ids.write({"answer": "none"})
        for step in ("answer", "none", "exchange", "close", "withdraw"):
            reason = (
                self.env["crm.workflow.reason"]
                .with_user(self.manager)
                .with_context(active_model=question._name, active_ids=question.ids)
            )
            with self.assertRaises(UserError):
                reason.create({"transition": step, "reason": "Because"}).action_confirm()
        self.assertEqual(question.state, "asked")

    def test_another_couriers_question(self):
        """SOP-8c: another courier neither asks nor reads."""
        stop = self._create_on_road(self._create_delivery()).stop_ids
        self._damage(stop.unit_ids)
        with self.assertRaises(AccessError):
            self._ask(stop, user=self.other_courier)
        with self.assertRaises(AccessError):
            stop.with_user(self.other_courier).action_ask_replacement()
        question = self._ask(stop)
        self.assertFalse(question.with_user(self.other_courier).has_access("read"))
        self.assertFalse(question.line_ids.with_user(self.other_courier).has_access("read"))
        self.assertTrue(question.with_user(self.courier).has_access("read"))
        self.assertFalse(question.with_user(self.stranger).has_access("read"))

    def test_bad_questions(self):
        """SOP-8c: nothing is asked where nothing is damaged, and nothing twice."""
        stop = self._create_on_road(self._create_delivery(2)).stop_ids
        with self.assertRaisesRegex(UserError, "Nothing is damaged here"):
            self._ask(stop)
        self.assertFalse(stop.can_ask)
        self._damage(stop.unit_ids[0])
        self.assertTrue(stop.can_ask)
        with self.assertRaisesRegex(UserError, "card's number"):
            self._ask(stop, "4111 1111 1111 1111")
        self._ask(stop)
        self.assertFalse(stop.can_ask)
        with self.assertRaisesRegex(UserError, "has been asked"):
            self._ask(stop)

    def test_question_follows_the_check(self):
        """SOP-8c: an open question is about what is damaged now; where nothing is, it is withdrawn."""
        stop = self._create_on_road(self._create_delivery(2)).stop_ids
        first, second = stop.unit_ids
        self._damage(first)
        question = self._ask(stop)
        self._damage(second)
        self.assertEqual(question.line_ids.unit_id, first | second)
        self._check(first)
        self.assertEqual(question.line_ids.unit_id, second)
        self._check(second)
        self.assertEqual(question.state, "withdrawn")
        self.assertFalse(question.activity_ids)
        self._say(stop, "delivered")
        self.assertEqual(stop.outcome, "delivered")

    def test_one_replaced_and_one_not(self):
        """SOP-8c: of two damaged units one may be replaced and the other not."""
        question = self._create_asked(2, spare=1, damaged=2)
        dialog = self._answer_dialog(question)
        self.assertEqual(dialog.line_ids.mapped("is_replaced"), [True, False])
        dialog.action_answer()
        self.assertEqual(question.line_ids.mapped("answer"), ["replaced", "none"])
        self.assertEqual(question.state, "answered")
        self.assertIn("no replacement", question.answer_text)
        live = question.order_id.hold_ids.filtered(lambda hold: hold.state == "held")
        self.assertEqual(live.lot_id, question.line_ids[0].new_lot_id)

    def test_counted_goods(self):
        """SOP-8b: counted goods that are damaged are replaced out of the stock, and go into quarantine too."""
        picking = self._create_delivery(1, cases=2)
        stop = self._create_on_road(picking).stop_ids
        cases = stop.unit_ids.filtered(lambda unit: not unit.lot_id)
        self._damage(cases)
        self._check(stop.unit_ids - cases)
        question = self._ask(stop)
        self._answer_dialog(question).action_answer()
        self._bring_back(question, "partly")
        rest = picking.backorder_ids
        self.assertEqual((rest.state, rest.move_ids.product_uom_qty), ("assigned", 2))
        question.with_user(self.logistics).action_exchange()
        quants = self.env["stock.quant"].search([("location_id", "=", self.warehouse.quarantine_location_id.id)])
        self.assertEqual((quants.product_id, quants.quantity), (self.case, 2))

    def test_the_courier_waits_in_few_queries(self):
        """SOP-8c: the list of questions takes as many queries for 3 as for 1."""
        counts = []
        for number in (1, 3):
            for __ in range(number):
                self._create_asked()
            self.env.flush_all()
            self.env.invalidate_all()
            questions = self.env["crm.courier.replacement"].with_user(self.officer)
            before = self.cr.sql_log_count
            questions.search([("state", "=", "asked")]).read(["partner_id", "age_minutes", "is_overdue", "courier_id"])
            counts.append(self.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])
