from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tools import SQL

from odoo.addons.crm_base.tests.reading import read

from .contact_common import ContactCase

INDEX = "res_partner_caller_idx"


@tagged("post_install", "-at_install")
class TestContactCaller(ContactCase):
    """The phone number finds the customer, or makes one (SOP-T1)."""

    def _find(self, typed, **kwargs):
        return [caller["id"] for caller in read(self, self.contacts.action_find_callers, typed, **kwargs)]

    def test_found_while_typing(self):
        """SOP-T1: the first digits find the customer, however they are written."""
        for typed in ("0812 9000 7", "+62 812 9000 70", "62812-9000-70", "81290007001", "0062 812 9000 7001"):
            with self.subTest(typed=typed):
                self.assertEqual(self._find(typed), self.partner.ids)
        for typed in ("08", "Rina", "0812 9000 7002", "%", "_", ""):
            with self.subTest(typed=typed):
                self.assertEqual(self._find(typed), [])

    def test_country_of_the_branch(self):
        """SOP-T1: a number without its country is one of the country where the branch is."""
        customer = self._create_customer("Anna Nowak", phone="+48 501 234 567", country_id=self.env.ref("base.pl").id)
        address = self.env["res.partner"].create({"name": "Warsaw", "country_id": self.env.ref("base.pl").id})
        warsaw = self._create_branch("Warsaw", "WAW", self.officer, partner_id=address.id)
        self.assertEqual(self._find("501 234", branch_id=warsaw.id), customer.ids)
        self.assertEqual(self._find("501 234"), [])

    def test_what_may_not_be_seen_is_not_found(self):
        """SOP-T1: customers of another company aren't proposed, and outsiders find nobody."""
        self.partner.company_id = self.env["res.company"].create({"name": "Elsewhere"})
        self.assertEqual(self._find("0812 9000 7001"), [])
        with self.assertRaises(AccessError):
            self.contacts.with_user(self.logistics).action_find_callers("0812 9000 7001")

    def test_at_most_eight(self):
        """SOP-T1: a short beginning proposes some, in the order of their numbers."""
        for number in range(12):
            self._create_customer(f"Many {number}", phone=f"+62 815 7777 70{number:02d}")
        found = self.env["res.partner"].browse(self._find("0815 7777"))
        self.assertEqual(len(found), 8)
        self.assertEqual(found.mapped("phone_sanitized"), sorted(found.mapped("phone_sanitized")))

    def test_number_fills_in_the_customer(self):
        """SOP-T1: a whole number that one customer has brings the customer; one that two have waits for the choice."""
        with Form(self.contacts) as form:
            form.phone = "0812 9000 7001"
            self.assertEqual(form.partner_id, self.partner)
        self._create_customer("Her Husband", phone="+62 812 9000 7001")
        with Form(self.contacts) as form:
            form.phone = "0812 9000 7001"
            self.assertFalse(form.partner_id)

    def test_half_a_number(self):
        """SOP-T1: typing on isn't disturbed by errors; half a number finds nobody."""
        with Form(self.contacts) as form:
            form.phone = "0812 x"
            self.assertFalse(form.partner_id)
            form.phone = "0812 9000 7001"

    def test_new_customer(self):
        """SOP-T1: name and number make a customer, once."""
        contact = self._log(caller_name="Dedi Kurnia", phone="0813 5500 7788")
        contact.action_create_customer()
        customer = contact.partner_id
        self.assertEqual((customer.name, customer.phone_sanitized), ("Dedi Kurnia", "+6281355007788"))
        again = self._log(caller_name="Dedi K.", phone="0813 5500 7788")
        again.action_create_customer()
        self.assertEqual(again.partner_id, customer, "nobody is made twice")

    def test_no_customer_without_a_name(self):
        """SOP-T1: an unknown caller isn't made a customer of that name."""
        contact = self.contacts.browse(self.contacts.action_ring()["res_id"])
        contact.phone = "0813 5500 7788"
        with self.assertRaises(UserError):
            contact.action_create_customer()

    def test_several_customers(self):
        """SOP-T1: where several have the number the officer chooses; none of them is taken by chance."""
        contact = self._log(caller_name="Somebody", phone="0812 9000 7001")
        self._create_customer("Her Husband", phone="+62 812 9000 7001")
        with self.assertRaisesRegex(UserError, "Her Husband"):
            contact.action_create_customer()

    def test_history(self):
        """SOP-T2: one click leads to all contacts with the customer."""
        action = self._log().action_view_history()
        self.assertEqual(action["res_model"], "crm.interaction")
        self.assertTrue(self.contacts.search(action["domain"]))


@tagged("post_install", "-at_install")
class TestCallerIndex(ContactCase):
    """Among many customers the number is found by an index (SOP-T1)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.flush_all()
        cls.env.execute_query(
            SQL(
                """
                INSERT INTO res_partner (name, complete_name, active, phone_sanitized, autopost_bills)
                SELECT 'Caller ' || n, 'Caller ' || n, TRUE, '+62815' || LPAD(n::text, 7, '0'), 'ask'
                  FROM generate_series(1, 20000) n RETURNING id
                """
            )
        )
        cls.env.cr.execute("ANALYZE res_partner")

    def _plan(self, query):
        return "\n".join(row for (row,) in self.env.execute_query(SQL("EXPLAIN %s", query.select())))

    def test_whole_number(self):
        """SOP-T1: a whole number is looked up in the index."""
        partners = self.env["res.partner"].with_user(self.officer)
        plan = self._plan(partners._search([("phone_sanitized", "=", "+628150012345")], order="id"))
        self.assertIn(INDEX, plan)
        self.assertNotIn("Seq Scan on res_partner", plan)
        self.assertEqual(len(partners._find_by_number("+628150012345")), 1)

    def test_beginning(self):
        """SOP-T1: so is a beginning; one that fits all isn't read whole and sorted."""
        partners = self.env["res.partner"].with_user(self.officer)
        for prefix in ("+628150012", "+62815"):
            with self.subTest(prefix=prefix):
                plan = self._plan(partners._query_prefix(prefix, 8))
                self.assertIn(INDEX, plan)
                self.assertNotIn("Seq Scan on res_partner", plan)
        self.assertNotIn("Sort", plan, "the widest comes from the index in its order")
        self.assertEqual(len(self.contacts.action_find_callers("0815")), 8)
