from datetime import timedelta
from functools import partial

from odoo import fields
from odoo.exceptions import AccessError, UserError

from .card_common import CardCase


class TestRunMoney(CardCase):
    """SOP-13b: what was to be paid at a door is paid, or a discrepancy says how much isn't and why."""

    def _try_close(self, run):
        run.with_user(self.officer).action_close()

    def _explain(self, run, reason="She pays tomorrow"):
        run.discrepancy_ids.with_user(self.officer).write({"reason": reason})

    def test_amount_in_the_dialog(self):
        """SOP-13b: the dialog takes what is to be paid or nothing: not less, more, or less than nothing."""
        stop = self._create_on_road(self._create_delivery()).stop_ids
        for amount in (-5, 1, 2_999_999, 6_000_000):
            with self.assertRaisesRegex(UserError, "3,000,000 is to be paid"), self.cr.savepoint():
                self._say(stop, "delivered", cash_collected=amount)
        self._say(stop, "delivered", cash_collected=3_000_000)
        self.assertEqual(stop.sudo().cash_collected, 3_000_000)

    def test_handed_over_unpaid(self):
        """SOP-13b: goods that were handed over without money are a discrepancy of that amount; a slip alone isn't
        enough to close the run.
        """
        run = self._create_on_road(self._create_delivery())
        self._say(run.stop_ids, "delivered", has_proof=True, has_payment_proof=True)
        run.with_user(self.courier).action_come_back()
        self._count(run, cash=0)
        unpaid = run.discrepancy_ids
        self.assertEqual((unpaid.kind, unpaid.declared, unpaid.counted), ("due", 3_000_000, 0))
        self.assertEqual(unpaid.difference, -3_000_000)
        self.assertIn("3,000,000", unpaid.display_name)
        with self.assertRaisesRegex(UserError, "Say why: Payment at the door"):
            self._try_close(run)
        self._explain(run)
        self._try_close(run)
        self.assertEqual(run.run_state, "closed")

    def test_part_of_the_cash_is_missing(self):
        """SOP-13b: a part of the cash is missing: one discrepancy, with its amount; what is there is booked."""
        run = self._create_on_road(self._create_delivery(), self._create_delivery())
        for stop in run.stop_ids:
            self._say(stop, "delivered", has_proof=True, has_payment_proof=True, cash_collected=3_000_000)
        run.with_user(self.courier).action_come_back()
        dialog = run.env["crm.courier.count"].with_user(self.officer).create({"run_id": run.id, "equipment_back": True})
        dialog.line_ids.write({"proof_received": True, "payment_proof_received": True, "cash_counted": 3_000_000})
        dialog.line_ids[1].cash_counted = 2_400_000
        dialog.action_confirm()
        missing = run.discrepancy_ids
        self.assertEqual((missing.kind, missing.difference), ("cash", -600_000))
        self.assertEqual(missing.stop_id, run.stop_ids[1])
        self.assertEqual(run.stop_ids.cash_payment_id.mapped("amount"), [3_000_000, 2_400_000])
        with self.assertRaisesRegex(UserError, "Say why: Cash"):
            self._try_close(run)
        self._explain(run, "Change was missing; the courier pays it on Monday.")
        self._try_close(run)
        self.assertEqual(missing.explained_by_id, self.officer)
        owed = run.stop_ids.order_id._courier_amounts_to_collect()
        self.assertEqual(sorted(owed.values()), [0, 600_000])

    def test_card_is_voided_afterwards(self):
        """SOP-13b: a card payment that is taken back after the count leaves the goods unpaid: it is counted anew."""
        stop = self._create_card_stop()
        card = self._pay(stop)
        self._say(stop, "delivered", has_proof=True, has_payment_proof=True)
        run = stop.run_id
        run.with_user(self.courier).action_come_back()
        self._count(run, cash=0)
        self.assertFalse(run.discrepancy_ids)
        card.with_user(self.manager)._workflow_do("void", "Swiped on the wrong terminal")
        with self.assertRaisesRegex(UserError, "count it anew"):
            self._try_close(run)
        run.with_user(self.manager)._workflow_do("recount", "The card was voided")
        self._count(run, cash=0)
        self.assertEqual((run.discrepancy_ids.kind, run.discrepancy_ids.difference), ("due", -3_000_000))
        self._explain(run)
        self._try_close(run)
        self.assertEqual(run.run_state, "closed")

    def test_paid_while_on_the_road(self):
        """SOP-13b: what came in after the run left isn't asked for again, and no proof of it is missed."""
        run = self._create_on_road(self._create_delivery())
        stop = run.stop_ids
        bank = self.env["account.journal"].create({"name": "BCA", "code": "TBCA", "type": "bank"})
        order = stop.order_id.sudo()
        order._book_payment(order._prepare_transfer_payment(3_000_000, fields.Date.today(), bank, "x"))
        stop.invalidate_recordset()
        data = self.env["crm.courier.stop"].with_user(self.courier).courier_day()["stops"][0]
        self.assertEqual((data["cash"]["due"], data["to_collect"]), (0, 0))
        with self.assertRaisesRegex(UserError, "nothing is to be paid"):
            stop.with_user(self.courier)._door_cash({"amount": 3_000_000})
        self._say(stop, "delivered", has_proof=True)
        run.with_user(self.courier).action_come_back()
        self._count(run, slip=False, cash=0)
        self.assertFalse(run.discrepancy_ids)
        self._try_close(run)

    def test_charged_and_not_booked(self):
        """SOP-13b: a card that was charged isn't asked for again while finance hasn't booked it."""
        stop = self._create_card_stop()
        self.company.courier_card_journal_id = False
        card = self._pay(stop)
        self.assertEqual((card.state, card.is_booked, stop._door_due()), ("approved", False, 3_000_000))
        self.assertEqual([*stop.order_id._courier_amounts_to_collect().values()], [0])
        self.company.courier_card_journal_id = self.journal
        card.with_user(self.accountant).action_book()
        self.assertEqual([*stop.order_id._courier_amounts_to_collect().values()], [0])

    def test_customer_takes_a_part(self):
        """SOP-13b: who takes one of two that are in order pays for one; the other is owed when it comes again."""
        run = self._create_on_road(self._create_delivery(2))
        stop = run.stop_ids
        stop.with_user(self.courier).action_check_rest()
        back = stop.unit_ids[0]
        with self.assertRaisesRegex(UserError, "3,000,000 is to be paid"), self.cr.savepoint():
            self._say(stop, "partly", "One is enough", back=back, cash_collected=1_000_000)
        self._say(
            stop, "partly", "One is enough", back=back, has_proof=True, has_payment_proof=True, cash_collected=3e6
        )
        run.with_user(self.courier).action_come_back()
        self._count(run, cash=3_000_000, units_back=1)
        self.assertFalse(run.discrepancy_ids)
        self._try_close(run)
        self.assertEqual([*stop.order_id._courier_amounts_to_collect().values()], [3_000_000])

    def test_counted_below_zero(self):
        """SOP-13b: nobody counts less than nothing, in words that say so."""
        run = self._create_back(self._create_delivery())
        for values in ({"cash": -5}, {"units_back": -1}):
            with self.assertRaisesRegex(UserError, "Less than nothing"), self.cr.savepoint():
                self._count(run, **values)

    def test_only_the_reason(self):
        """SOP-13b: who gives the reason changes neither the amount nor whose discrepancy it is."""
        run = self._create_back(self._create_delivery())
        self._count(run, cash=1)
        missing = run.discrepancy_ids.with_user(self.officer)
        other = self.env["crm.branch"].create({"name": "Other", "code": "TOT"})
        for name, value in (
            ("difference", 0),
            ("declared", 1),
            ("courier_id", self.other_courier.id),
            ("branch_id", other.id),
            ("run_day", "2001-02-03"),
        ):
            with self.assertRaisesRegex(UserError, "noted by the steps"), self.cr.savepoint():
                missing.write({name: value, "reason": "x"})
        self.assertEqual((missing.difference, missing.courier_id), (-2_999_999, self.courier))

    def test_spaces_are_no_reason(self):
        """SOP-13b: a discrepancy whose reason is nothing but spaces isn't explained."""
        run = self._create_back(self._create_delivery())
        self._count(run, cash=1)
        self._explain(run, "   ")
        with self.assertRaisesRegex(UserError, "Say why"):
            self._try_close(run)

    def test_code_of_another_day(self):
        """SOP-12g: a clock that is set back doesn't let an approval code be used again: no entry is older than the
        run's departure.
        """
        orders = [self._create_card_order() for __ in range(2)]
        pickings = self.env["sale.order"].concat(*orders).sudo().picking_ids.with_env(self.env)
        first, second = self._create_on_road(*pickings, terminal_id=self.terminal.id).stop_ids
        self._pay(first)
        self._verify(second)
        slip = {"amount": 3_000_000, "result": "approved", "terminal_id": self.terminal.id}
        slip |= {"approval_code": "A1B2C3", "last_four": "1111", "authorisation_code": "778899"}
        entry = self._entry(second, "card_swipe", **slip)
        entry["made_at"] = (fields.Datetime.now() - timedelta(days=3)).isoformat() + "Z"
        answer = self._send(self.courier, entry)[0]
        self.assertEqual(answer["status"], "refused")
        self.assertIn("used on this terminal today", answer["message"])
        self.assertEqual(second.card_ids.state, "checked")
        entry = self._entry(second, "sign", document="invoice")
        entry["made_at"] = "1999-12-31T23:59:59Z"
        self._send(self.courier, entry)
        self.assertEqual(second.entry_ids[0].made_at, second.run_id.left_at)


class TestRunSecrets(CardCase):
    """What somebody without business at a door can get out of the phone's methods and the dialogs."""

    def test_phone_tells_the_office_nothing(self):
        """SOP-13b: an officer who sends an entry, whatever it is, isn't told what the courier took."""
        stop = self._create_on_road(self._create_delivery()).stop_ids
        stop.with_user(self.courier)._door_cash({"amount": 3_000_000})
        for kind in ("cash", "sign", "nonsense"):
            for user in (self.officer, self.manager, self.stranger, self.other_courier):
                answer = self._send(user, self._entry(stop, kind, amount=1))[0]
                self.assertEqual((answer["status"], answer["stop"]), ("refused", False), (user.login, kind))
        self.assertFalse(stop.entry_ids)

    def test_drafts_tell_nothing(self):
        """SOP-7: nobody learns address, number or IMEI from a draft of a stop or unit that they may not make."""
        stop = self._create_on_road(self._create_delivery()).stop_ids
        drafts = (
            ("crm.courier.stop", "picking_id", stop.picking_id, ("address", "phone", "order_name")),
            ("crm.courier.unit", "lot_id", stop.unit_ids.lot_id, ("imei_text",)),
            ("crm.courier.card", "stop_id", stop, ("display_name", "partner_id")),
            ("crm.courier.replacement.line", "unit_id", stop.unit_ids, ("imei_text",)),
        )
        for user in (self.other_courier, self.stranger, self.accountant):
            for model, about, target, names in drafts:
                with self.subTest(user=user.login, model=model), self.assertRaises(AccessError):
                    self.env[model].with_user(user).onchange({about: target.id}, [], {name: {} for name in names})

    def test_dialogs_tell_nothing(self):
        """SOP-7: nobody opens a dialog about what they don't see: not by creating, changing, default or onchange."""
        mine = self._create_on_road(self._create_delivery(), courier=self.other_courier).stop_ids
        stop = self._create_on_road(self._create_delivery()).stop_ids
        cases = [
            (self.other_courier, "crm.courier.outcome", "stop_id", stop, mine, {"outcome": "delivered"}),
            (self.other_courier, "crm.courier.check", "unit_id", stop.unit_ids, mine.unit_ids, {"condition": "ok"}),
            (self.stranger, "crm.courier.count", "run_id", stop.run_id, None, {}),
        ]
        for user, model, about, theirs, own, values in cases:
            Dialog = self.env[model].with_user(user)
            given = Dialog.with_context(**{f"default_{about}": theirs.id})
            calls = [
                partial(Dialog.create, {about: theirs.id, **values}),
                partial(given.create, values),
                partial(given.default_get, [about]),
                partial(Dialog.onchange, {about: theirs.id}, [about], {"display_name": {}, about: {}}),
            ]
            if own:
                dialog = Dialog.create({about: own.id, **values})
                calls.append(partial(dialog.write, {about: theirs.id}))
            for place, call in enumerate(calls):
                with self.subTest(model=model, call=place), self.assertRaises(AccessError), self.cr.savepoint():
                    call()
                    self.env.flush_all()
