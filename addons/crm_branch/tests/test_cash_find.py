from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, TransactionCase, tagged
from odoo.tools import mute_logger

from ..cash_money import as_amount, as_quantity
from ..cash_text import is_same_name, number_key, phone_key, street_key
from .cash_common import CashCase


@tagged("post_install", "-at_install")
class TestCashFind(CashCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.invoice = cls._create_invoice(100.0)
        cls.session = cls._open_desk()

    def _person(self, first="Jan", surname="Kowalski", street="Floriańska 15/4", zip_code="31-021", **values):
        return self.session.action_find_person(first, surname, street, zip_code, **values)

    def test_number_as_people_write_it(self):
        """BR-12b: spaces, dashes, small letters: the number is the number."""
        number = self.invoice.name
        for written in (number, number.lower(), f" {number} ", number.replace("/", " "), number.replace("/", " - ")):
            with self.subTest(written=written):
                found = self.session.action_find_number(written)
                self.assertEqual([card["id"] for card in found["invoices"]], self.invoice.ids)
        for written in (number[:-1], number + "1", "INV", "", None, 12, ["x"], "%", "____", "' OR 1=1 --"):
            with self.subTest(written=written):
                self.assertEqual(self.session.action_find_number(written)["invoices"], [])

    def test_number_written_alike(self):
        """BR-12b: of two numbers that are written alike, the slashes tell."""
        twin = self._create_invoice(5.0)
        twin.name = self.invoice.name.replace("/", "", 1) if "/" in self.invoice.name else f"{self.invoice.name}-"
        self.assertEqual(self.session.action_find_number(self.invoice.name.replace("/", " "))["result"], "several")
        found = self.session.action_find_number(self.invoice.name)
        self.assertEqual([card["id"] for card in found["invoices"]], self.invoice.ids)

    def test_card(self):
        """BR-12b: the cashier sees whose invoice it is and what is open, no address and no phone."""
        card = self.session.action_find_number(self.invoice.name)["invoices"][0]
        self.assertEqual((card["customer"], card["open"], card["problem"]), (self.jan.name, 100.0, ""))
        self.assertFalse({"street", "phone", "email", "partner_id"} & card.keys())
        self.assertNotIn("601", str(card))

    def test_person(self):
        """BR-12b: name in any order and without marks, street without “ul.”, and postal code or city."""
        for values in (
            {},
            {"first": "JAN", "surname": "kowalski"},
            {"first": "Kowalski", "surname": "Jan"},
            {"first": "jan lukasz"},
            {"street": "ul. Florianska 15 m. 4"},
            {"street": "ulica FLORIAŃSKA 15/4"},
            {"zip_code": "31021"},
            {"zip_code": "", "city": "krakow"},
            {"zip_code": "31-021", "city": "KRAKÓW"},
            {"phone": "601 234 567"},
        ):
            with self.subTest(values=values):
                self.assertEqual([card["id"] for card in self._person(**values)["invoices"]], self.invoice.ids)

    def test_everything_must_be_right(self):
        """BR-12b: one wrong or missing thing and nothing is found."""
        for values in (
            {"first": "Janusz"},
            {"first": "J"},
            {"surname": "Kowalsk"},
            {"surname": ""},
            {"first": "Jan", "surname": "Jan"},
            {"street": "Floriańska"},
            {"street": "Floriańska 15"},
            {"street": "Grodzka 15/4"},
            {"street": ""},
            {"zip_code": "", "city": ""},
            {"zip_code": "31-020"},
            {"zip_code": "31-021", "city": "Warszawa"},
            {"phone": "601 234 568"},
            {"first": "%", "surname": "%"},
            {"first": {"a": 1}},
        ):
            with self.subTest(values=values):
                found = self._person(**values)
                self.assertIn(found["result"], ("none", "incomplete"))
                self.assertEqual(found["invoices"], [])

    def test_several(self):
        """BR-12b: of several with that name and address none is shown, until number or phone tells them apart."""
        other = self._create_customer("Kowalski Jan", phone="+48 602 000 000")
        self._create_customer("Jan Kowalski", phone="+48 603 000 000")  # no customer: without an invoice
        theirs = self._create_invoice(7.0, other)
        found = self._person()
        self.assertEqual((found["result"], found["invoices"]), ("several", []))
        self.assertNotIn("602", found["message"])
        self.assertEqual([card["id"] for card in self._person(phone="602000000")["invoices"]], theirs.ids)
        with self.assertRaisesRegex(UserError, "Find the invoice first"):
            self.session.action_pay(found["search"], theirs.id, 7.0, 7.0, "test-several-1")

    def test_nothing_to_pay(self):
        """BR-12b: who has paid everything is told so."""
        self._pay(self.session, self.invoice)
        found = self._person()
        self.assertEqual((found["result"], found["invoices"]), ("found", []))
        self.assertIn("nothing to pay", found["message"])
        card = self.session.action_find_number(self.invoice.name)["invoices"][0]
        self.assertIn("paid already", card["problem"])

    def test_other_company(self):
        """BR-12b: a customer of another company isn't found."""
        self.env.cr.execute("UPDATE account_move SET company_id = %s WHERE id = %s", (self.company.id, self.invoice.id))
        self.env.invalidate_all()
        self.assertEqual(self.session.action_find_number(self.invoice.name)["result"], "none")
        self.assertEqual(self._person()["result"], "none")

    def test_searches_are_kept(self):
        """BR-12b: who searched, when, how and with what result is kept; what was typed isn't."""
        self._person()
        self.session.action_find_number("FV/0000/404")
        self._pay(self.session, self.invoice)
        searches = self.env["crm.cash.search"].search([("session_id", "=", self.session.id)], order="id")
        self.assertEqual(searches.mapped("kind"), ["person", "number", "number"])
        self.assertEqual(searches.mapped("result"), ["found", "none", "found"])
        self.assertEqual(searches.mapped("is_paid"), [False, False, True])
        self.assertEqual(searches.user_id, self.cashier_a)
        theirs = searches.with_user(self.branch_manager_a)
        self.assertEqual(len(theirs.search([("session_id", "=", self.session.id)])), 3)
        for user in (self.cashier_a, self.branch_manager_b, self.service_officer_a):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                searches.with_user(user).read(["kind"])
        for user in (self.branch_manager_a, self.clerk):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                searches.with_user(user).unlink()

    def test_trawling(self):
        """BR-12b: who searches and searches without taking money is stopped for the hour, and the manager told."""
        self.books.cash_search_limit = 3
        self._pay(self.session, self._create_invoice(1.0))
        for __ in range(2):
            self.session.action_find_number("FV/0000/404")
        self.assertEqual(self._person()["result"], "found")
        for __ in range(3):
            refused = self.session.action_find_number(self.invoice.name)
            self.assertEqual((refused["result"], refused["invoices"]), ("refused", []))
            self.assertEqual(self._person()["result"], "refused")
        self.assertEqual(len(self.session.activity_ids), 1)
        self.assertEqual(self.session.activity_ids.user_id, self.branch_manager_a)
        self.assertIn("3 searches", self.session.activity_ids.summary)
        with freeze_time(fields.Datetime.now() + timedelta(minutes=61)):
            if self.branch_a._today() == self.session.day:
                self.assertEqual(self._person()["result"], "found")

    def test_cashier_reads_nobody(self):
        """BR-17: a cashier reads colleagues and the company, but no customer, invoice, contract or lead."""
        env = self.env(user=self.cashier_a)
        self.env["crm.lead"].create({"name": "Lead", "partner_id": self.jan.id})
        for model in ("account.move", "account.move.line", "account.payment", "contract.contract", "contract.line"):
            with self.subTest(model=model), self.assertRaises(AccessError):
                env[model].search([])
        for model in ("crm.lead", "sale.order", "crm.cash.search"):
            with self.subTest(model=model), self.assertRaises(AccessError):
                env[model].search_count([])
        self.env["helpdesk.ticket"].create({"name": "T", "description": "T", "partner_id": self.jan.id})
        self.assertFalse(env["helpdesk.ticket"].search([]))
        self.assertFalse(env["res.partner"].search([("name", "ilike", "Kowalski")]))
        self.assertFalse(env["res.partner"].name_search("Kowalski"))
        self.assertFalse(env["res.partner"].search([("id", "=", self.jan.id)]))
        with self.assertRaises(AccessError):
            self.jan.with_user(self.cashier_a).read(["name"])
        self.assertIn(self.branch_manager_a.partner_id, env["res.partner"].search([]))
        self.assertEqual(self.books.partner_id.with_user(self.cashier_a).name, "Test Telekom PLN")
        self.assertTrue(env.user.partner_id.read(["name", "email"]))
        self.assertNotIn(self.portal, env["res.users"].search([]))
        both = self.service_officer_a
        both.group_ids += self.env.ref("crm_branch.group_cashier")
        self.assertTrue(self.env["res.partner"].with_user(both).search([("id", "=", self.jan.id)]))
        anybody = self.jan.with_user(self.internal).with_context(allowed_company_ids=None)
        self.assertTrue(anybody.search([("id", "=", self.jan.id)]))

    def test_canary(self):
        """BR-17: the customer's name is in no record that the cashier reads, but the receipts of their own."""
        word = "Kanarek7341"
        customer = self._create_customer(f"Jan {word}", email=f"{word}@example.com", phone="+48 111 222 333")
        self.env["res.partner.bank"].create({"acc_number": word, "partner_id": customer.id})
        invoice = self._create_invoice(9.0, customer)
        self._pay(self.session, invoice)
        env = self.env(user=self.cashier_b)
        seen = []
        for name, model in env.registry.items():
            stored = (field for field in model._fields.values() if field.store)
            texts = [field.name for field in stored if field.type in ("char", "text", "html")]
            if model._abstract or model._transient or not model._auto or not env[name].has_access("read"):
                continue
            with mute_logger("odoo.sql_db"):
                readable = [key for key in texts if env[name]._has_field_access(env[name]._fields[key], "read")]
                for key in readable:
                    try:
                        if env[name].search_count([(key, "ilike", word)]):
                            seen.append(f"{name}.{key}")
                    except (AccessError, ValueError, NotImplementedError):
                        continue
        self.assertEqual(seen, [])


@tagged("post_install", "-at_install")
class TestCashDuplicate(CashCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.invoice = cls._create_invoice(100.0)
        cls.desk_session = cls._open_desk()

    def _issue(self):
        search = self.desk_session.action_find_number(self.invoice.name)["search"]
        self.desk_session.action_duplicate(search, self.invoice.id)
        return self.env["crm.cash.duplicate"].search([], limit=1, order="id desc")

    def test_duplicate(self):
        """BR-12b: the duplicate is Odoo's invoice with DUPLICATE, the date and who issued it; and is kept."""
        duplicate = self._issue()
        self.assertEqual((duplicate.invoice_id, duplicate.user_id), (self.invoice, self.cashier_a))
        report = self.env.ref("crm_branch.crm_cash_duplicate_report").with_user(self.cashier_a)
        html = report._render_qweb_html(report.report_name, duplicate.ids)[0].decode()
        shown = ("DUPLICATE", self.invoice.name, "Kowalski", "Abonament", "Test Telekom", self.cashier_a.name)
        for text in shown:
            with self.subTest(text=text):
                self.assertIn(text, html)
        plain = self.env["ir.actions.report"]._render_qweb_html("account.report_invoice", self.invoice.ids)[0].decode()
        self.assertNotIn("DUPLICATE", plain)

    def test_only_what_was_found(self):
        """BR-12b: no duplicate of an invoice that the cashier hasn't found, and none of another's or of yesterday."""
        other = self._create_invoice(5.0)
        search = self.desk_session.action_find_number(self.invoice.name)["search"]
        with self.assertRaisesRegex(UserError, "Find the invoice first"):
            self.desk_session.action_duplicate(search, other.id)
        duplicate = self._issue()
        with self.assertRaises(AccessError):
            duplicate.with_user(self.cashier_b).action_print()
        with self.assertRaises(AccessError):
            duplicate.with_user(self.cashier_a).create({"invoice_id": other.id})
        self._close(self.desk_session, 0.0)
        with self.assertRaisesRegex(AccessError, "another day"):
            duplicate.with_user(self.cashier_a).action_print()
        self.assertTrue(duplicate.with_user(self.branch_manager_a).action_print())

    @mute_logger("odoo.http")
    def test_guessed_addresses(self):
        """BR-12b: by address a cashier opens their own receipt and duplicate, but no invoice and nobody else's."""
        duplicate = self._issue()
        payment = self._payment(self._pay(self.desk_session, self.invoice))
        self.env.flush_all()
        mine = {
            f"/report/html/crm_branch.report_cash_duplicate/{duplicate.id}": 200,
            f"/report/html/crm_branch.report_cash_receipt/{payment.id}": 200,
            f"/report/html/account.report_invoice/{self.invoice.id}": 403,
            f"/report/html/account.report_invoice_with_payments/{self.invoice.id}": 403,
            f"/report/html/account.report_payment_receipt/{payment.payment_id.id}": 403,
            f"/report/html/crm_branch.report_cash_session/{self.desk_session.id}": 200,
        }
        for login in ("test_cashier_a", "test_cashier_b"):
            self.authenticate(login, login)
            for url, status in mine.items():
                with self.subTest(login=login, url=url):
                    expected = status if login == "test_cashier_a" else 403
                    self.assertEqual(self.url_open(url).status_code == 200, expected == 200)


@tagged("post_install", "-at_install")
class TestCashWords(TransactionCase):
    """What needs no record."""

    def test_numbers_names_streets(self):
        """BR-12b: written differently, the same; different, different."""
        self.assertEqual(number_key(" fv-2026/0001 "), "FV20260001")  # and full-width digits are digits
        self.assertEqual(number_key("ＦＶ１"), "FV1")
        self.assertEqual(street_key("ul. Święty Marcin 15a/3"), street_key("swiety marcin 15 A m 3"))
        self.assertNotEqual(street_key("Floriańska 1/5"), street_key("Floriańska 15"))
        self.assertFalse(street_key("Floriańska"))
        self.assertTrue(is_same_name("Łucja", "Nowak-Żak", "NOWAK ŻAK Lucja"))
        self.assertFalse(is_same_name("Łucja", "Nowak", "Lucja Nowakowska"))
        self.assertEqual(phone_key("+48 601-234-567"), phone_key("601234567"))
        self.assertEqual(phone_key("123"), "")

    def test_amounts(self):
        """BR-12a: only numbers that can be paid are amounts."""
        zloty, rupiah = self.env.ref("base.PLN"), self.env.ref("base.IDR")
        zloty.rounding = rupiah.rounding = 0.01
        self.assertEqual([as_amount(value, zloty) for value in (1, 0.1, 19.99, -5.0)], [1.0, 0.1, 19.99, -5.0])
        self.assertEqual(str(as_amount(-0.0, zloty)), "0.0")
        for value in (float("nan"), float("inf"), -float("inf"), 1e308, 0.001, 19.999, "1", True, None, [1], {}):
            with self.subTest(value=value):
                self.assertIsNone(as_amount(value, zloty))
        self.assertEqual([as_amount(value, rupiah) for value in (1500, 1500.5)], [1500.0, None])
        self.assertEqual(
            [as_quantity(value) for value in (0, 3, 3.0, 2.5, -1, "3", True, 1e308)], [0, 3, 3] + [None] * 5
        )
