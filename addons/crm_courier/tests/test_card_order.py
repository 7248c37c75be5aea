from psycopg2.errors import CheckViolation

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form
from odoo.tools import mute_logger

from .card_common import CardCase


class TestCardOrder(CardCase):
    """SOP-12a, SOP-12b, SOP-12c: choosing to pay by card, and what is known before the courier leaves."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cheap = cls._create_phone("Cheap Phone", 600_000)
        cls._create_units(cls.cheap, 5)

    # === THE LEAST AMOUNT === #

    def test_minimum(self):
        """SOP-12a: from 1,000,000 on an order may be paid by card."""
        order = self._create_card_order(confirm=False)
        self.assertEqual(order.payment_choice, "card")
        self.company.courier_card_minimum = order.amount_total
        order._check_card_minimum()

    def test_below_minimum_on_every_path(self):
        """SOP-12a: less is refused when it is created, written, imported, or chosen on the form."""
        with self.assertRaisesRegex(ValidationError, "1,000,000"):
            self._create_order(product=self.cheap, payment_choice="card")
        order = self._create_order(product=self.cheap)
        with self.assertRaisesRegex(ValidationError, "Choose another way to pay"), self.cr.savepoint():
            order.payment_choice = "card"
        with self.assertRaises(ValidationError), self.cr.savepoint(), Form(order) as form:
            form.payment_choice = "card"
        result = (
            self.env["sale.order"]
            .with_user(self.officer)
            .load(
                ["partner_id/.id", "payment_choice", "order_line/product_id/.id", "order_line/product_uom_qty"],
                [[str(self.partner.id), "card", str(self.cheap.id), "1"]],
            )
        )
        self.assertFalse(result["ids"])
        self.assertIn("without delivery", result["messages"][0]["message"])
        with self.assertRaises(ValidationError), self.cr.savepoint():
            order.with_user(self.manager)._change_payment("card", self.env["res.partner.bank"], "because")
        self.assertEqual(order.payment_choice, "handover")

    def test_delivery_does_not_count(self):
        """SOP-12a: the delivery's charge doesn't lift an order above the least amount."""
        order = self._create_order(product=self.cheap)
        charge = self.env["product.product"].create({"name": "JNE", "type": "service", "taxes_id": False})
        order.sudo().order_line = [
            Command.create({"product_id": charge.id, "price_unit": 900_000, "is_delivery": True})
        ]
        self.assertGreater(order.amount_total, 1_000_000)
        with self.assertRaises(ValidationError):
            order.payment_choice = "card"

    def test_order_changes(self):
        """SOP-12a: an order that is paid by card doesn't fall below it: quantity, price, discount or line."""
        order = self._create_order(2, product=self.cheap, payment_choice="card")
        line = order.order_line
        for vals in ({"product_uom_qty": 1}, {"price_unit": 100_000}, {"discount": 50}):
            with self.assertRaises(ValidationError), self.cr.savepoint():
                line.write(vals)
        line.product_uom_qty = 1.9
        second = line.copy({"order_id": order.id})
        order.order_line = [Command.update(line.id, {"product_uom_qty": 1})]
        with self.assertRaises(ValidationError), self.cr.savepoint():
            second.unlink()

    def test_submission_looks_again(self):
        """SOP-12a: submitting checks it again: the setting may have changed since."""
        order = self._create_order(2, product=self.cheap, payment_choice="card")
        self.company.courier_card_minimum = 5_000_000
        with self.assertRaisesRegex(UserError, "5,000,000"):
            order.action_submit()

    def test_third_party_takes_no_cards(self):
        """SOP-12a: what a delivery service brings can't be paid to our courier by card."""
        order = self._create_order(2, product=self.cheap, payment_choice="card")
        carrier = self.env["delivery.carrier"].search([("is_own_courier", "=", False)], limit=1)
        order.carrier_id = carrier
        self.assertIn("our own couriers", order._card_carrier_problem())

    def test_setting_isnt_negative(self):
        """SOP-12a: the least amount isn't negative."""
        with mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation):
            self.company.courier_card_minimum = -1
            self.env.flush_all()

    # === BANK AND KIND === #

    def test_bank_and_kind_before_leaving(self):
        """SOP-12b: a run doesn't load before CRM has asked for bank and kind; it says which order."""
        order = self._create_card_order()
        order.write({"card_bank_id": False, "card_kind": False})
        run = self._create_reviewed(order.sudo().picking_ids.with_env(self.env), terminal_id=self.terminal.id)
        with self.assertRaisesRegex(UserError, f"{order.name} is paid by card: ask the customer which bank"):
            self._load(run)
        order.write({"card_bank_id": self.bank.id, "card_kind": "debit"})
        self._load(run)
        order.card_kind = False
        with self.assertRaisesRegex(UserError, "which kind"):
            run.with_user(self.courier).action_leave()

    def test_terminal_goes_along(self):
        """SOP-12c: a run with a card payment needs the terminal, and its equipment list says so."""
        order = self._create_card_order()
        run = self._create_reviewed(order.sudo().picking_ids.with_env(self.env))
        self.assertTrue(run.needs_terminal)
        needed = run.equipment_ids.filtered("is_needed").equipment_id
        self.assertIn(self.env.ref("crm_courier.crm_courier_equipment_edc"), needed)
        with self.assertRaisesRegex(UserError, "card terminal"):
            self._load(run)

    def test_journal_and_phone_before_leaving(self):
        """SOP-12f: before a run leaves, the bank's number is known above 2,000,000, and there is a journal."""
        order = self._create_card_order()
        run = self._create_reviewed(order.sudo().picking_ids.with_env(self.env), terminal_id=self.terminal.id)
        self.company.courier_card_journal_id = False
        self.bank.phone = False
        with self.assertRaises(UserError) as refused:
            self._load(run)
        self.assertIn("no phone number", str(refused.exception))
        self.assertIn("journal for card payments", str(refused.exception))

    def test_charged_card_stays(self):
        """SOP-12b: once the card is charged, bank and kind are facts."""
        order = self._create_card_order()
        self._pay(self._create_card_stop(order))
        with self.assertRaisesRegex(UserError, "was paid with this card"):
            order.card_kind = "debit"

    # === TELLING === #

    def test_customer_is_told(self):
        """SOP-12c: on confirmation the customer is told to prepare card and copy of the ID, once."""
        self.partner.email = "rina@example.com"
        order = self._create_card_order(confirm=False)
        order.action_confirm()
        mail = self.env["mail.mail"].search([("model", "=", "sale.order"), ("res_id", "=", order.id)])
        mail = mail.filtered(lambda mail: "card" in (mail.subject or ""))
        self.assertEqual(len(mail), 1)
        for words in ("identity card (KTP", "a copy of it", "your card, signed"):
            self.assertIn(words, mail.body_html)
        self.assertTrue(order.card_told_at)
        order._tell_to_prepare_card()
        found = self.env["mail.mail"].search_count([("model", "=", "sale.order"), ("res_id", "=", order.id)])
        self.assertEqual(found, 1)

    def test_customer_without_mail_is_called(self):
        """SOP-12c: who has no e-mail is called."""
        order = self._create_card_order()
        self.assertIn("prepare the card", order.activity_ids.mapped("summary")[-1])
        with self.assertRaises(UserError):
            order.card_told_at = "2026-01-01"

    def test_chosen_later(self):
        """SOP-12c: who chooses the card after confirmation is told then; only a manager changes it."""
        self._create_units(self.phone, 1)
        order = self._create_approved()
        order.action_confirm()
        wizard = self.env["crm.payment.choice"].with_user(self.officer)
        with self.assertRaises(AccessError):
            wizard.create({"order_id": order.id, "payment_choice": "card", "reason": "No cash"})
        order.with_user(self.manager)._change_payment("card", self.env["res.partner.bank"], "No cash")
        self.assertTrue(order.card_told_at)

    def test_without_the_addon(self):
        """SOP-12a: uninstalling leaves orders that are paid at hand-over, submitted ones too."""
        order = self._create_card_order()
        order.sudo()._forget_card_choice()
        self.assertEqual(order.payment_choice, "handover")
