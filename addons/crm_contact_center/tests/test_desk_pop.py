import time
from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.crm_base.tests.common import CANARY
from odoo.addons.crm_base.tests.reading import read

from .common import ContactCenterCase

MOST_QUERIES = 40


@tagged("post_install", "-at_install")
class TestDeskPop(ContactCenterCase):
    """CC-3a, CC-3b: one page with the customer's data, before the agent answers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.product = cls.env["product.product"].create({"name": "Desk product", "list_price": 100, "type": "consu"})

    def _order(self, **values):
        line = {"product_id": self.product.id, "product_uom_qty": 1, "price_unit": 100, "tax_ids": False}
        values = {"partner_id": self.customer.id, "order_line": [Command.create(line)], **values}
        return self.env["sale.order"].create(values)

    def _invoice(self, amount=250, days=-3, **values):
        line = {"name": "Repair", "quantity": 1, "price_unit": amount, "tax_ids": False}
        day = self.branch_a._today() + timedelta(days=days)
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.customer.id,
                "invoice_date": day - timedelta(days=30),
                "invoice_date_due": day,
                "invoice_line_ids": [Command.create(line)],
                **values,
            }
        )
        invoice.action_post()
        return invoice

    def _offered(self, **values):
        self._come(self.agent_1)
        contact = self._enter(**values)
        self._route()
        self.assertEqual(contact.state, "offered")
        return contact

    def _pop(self, contact, user=None):
        self.env.invalidate_all()
        return contact.with_user(user or self.agent_1.user_id).desk_pop()

    def _section(self, pop, key):
        return next((section for section in pop["sections"] if section["key"] == key), {"lines": []})

    # === WHO === #

    def test_certain(self):
        """CC-3a: a customer whom the source knows is certain; one found by the number is a guess until asked."""
        known = self._pop(self._offered())
        self.assertEqual((known["who"]["name"], known["who"]["certain"]), (self.customer.name, True))

    def test_guessed_by_number(self):
        """CC-3a: whose number it is, is guessed, and certain once the agent has asked."""
        contact = self._offered(partner_id=False, phone="0812 3456 7890")
        who = self._pop(contact)["who"]
        self.assertEqual((who["id"], who["certain"]), (self.customer.id, False))
        contact.with_user(self.agent_1.user_id).action_choose_customer(self.customer.id)
        self.assertTrue(self._pop(contact)["who"]["certain"])

    def test_shared_number(self):
        """CC-3a: of several who share a number the agent chooses."""
        self.customer.copy({"name": "Siti Santoso", "phone": self.customer.phone})
        contact = self._offered(partner_id=False, phone="0812 3456 7890")
        who = self._pop(contact)["who"]
        self.assertFalse(who["id"])
        self.assertEqual({maybe["name"] for maybe in who["maybe"]}, {"Budi Santoso", "Siti Santoso"})

    def test_unknown(self):
        """CC-3b: an unknown caller is shown as such, and becomes a customer on the same page."""
        contact = self._offered(partner_id=False, phone="0812 0000 1111", caller_name="Ibu Wati")
        pop = self._pop(contact)
        self.assertEqual((pop["who"]["id"], pop["who"]["said"], pop["sections"]), (False, "Ibu Wati", []))
        mine = contact.with_user(self.agent_1.user_id)
        with self.assertRaises(UserError):
            mine.action_create_customer("  ")
        partner = mine.action_create_customer("Ibu Wati", "0812 0000 1111")
        self.assertEqual(contact.partner_id.id, partner)
        self.assertEqual(contact.partner_id.phone_sanitized, "+6281200001111")
        self.assertTrue(self._pop(contact)["who"]["certain"])

    def test_identify_open_interaction(self):
        """CC-3b, FL-12: the interaction that is open already gets the customer, too."""
        contact = self._talk(partner_id=False, phone="0812 0000 1111")
        contact.with_user(self.agent_1.user_id).action_choose_customer(self.customer.id)
        self.assertEqual(contact.interaction_id.partner_id, self.customer)

    def test_find(self):
        """CC-3b: by name or number; nothing for one letter."""
        partners = self.env["res.partner"].with_user(self.agent_1.user_id)
        for text in ("Budi San", "0812 3456 7890", "+62 812-3456-7890"):
            self.assertIn(self.customer.id, [found["id"] for found in read(self, partners.desk_find, text)], text)
        for text in ("B", "", None, "0812 3456 78"):
            self.assertNotIn(self.customer.id, [found["id"] for found in read(self, partners.desk_find, text)], text)

    # === WHAT IS OPEN === #

    def test_sections(self):
        """CC-3a: quotations, orders, deliveries, invoices with what is due, leads, planned contacts."""
        quotation, order = self._order(), self._order()
        order.action_confirm()
        invoice = self._invoice(250)
        lead = self._create_lead(name="Wants a tablet")
        self._create_interaction(began_at=self._later(days=2), purpose_id=self.purpose.id)
        self.customer.activity_schedule(
            "mail.mail_activity_data_todo", summary="Send the catalogue", user_id=self.admin.id
        )
        pop = self._pop(self._offered())
        titles = {key: [line["text"] for line in self._section(pop, key)["lines"]] for key in ("orders", "leads")}
        self.assertEqual(set(titles["orders"]), {quotation.name, order.name})
        self.assertEqual(titles["leads"], [lead.name])
        (due,) = self._section(pop, "invoices")["lines"]
        self.assertEqual((due["text"], due["urgent"]), (invoice.name, True))
        self.assertIn("250", due["detail"])
        (delivery,) = self._section(pop, "deliveries")["lines"]
        self.assertIn(order.name, delivery["detail"])
        planned = [line["text"] for line in self._section(pop, "planned")["lines"]]
        self.assertEqual(planned[0], "Test purpose")

    def test_paid_and_drafts_are_no_debts(self):
        """CC-3a: what is paid, or not posted yet, isn't due."""
        invoice = self._invoice()
        wizard = self.env["account.payment.register"].with_context(active_model="account.move", active_ids=invoice.ids)
        wizard.create({}).action_create_payments()
        self.assertFalse(self._section(self._pop(self._offered()), "invoices")["lines"])

    def test_other_company(self):
        """CC-3a: no amounts of another company, though both sell to this customer."""
        other = self.env["res.company"].create({"name": "Other company", "country_id": self.company.country_id.id})
        order = self.env["sale.order"].with_company(other).create({"partner_id": self.customer.id})
        self.assertEqual(order.company_id, other)
        self.assertFalse(self._section(self._pop(self._offered()), "orders")["lines"])

    def test_other_branch(self):
        """CC-3a: what another branch has planned, or has as a lead of its team, isn't shown."""
        team = self.env["crm.team"].create({"name": "Team B"})
        self.branch_b.team_id = team
        self._create_interaction(self.officer_b, began_at=self._later(days=2), purpose_id=self.purpose.id)
        self._create_interaction(self.officer_b, began_at=self._later(days=-2), purpose_id=self.purpose.id)
        self._create_lead(name=CANARY, team_id=team.id, user_id=False)
        pop = self._pop(self._offered())
        self.assertEqual((pop["sections"], pop["interactions"]), ([], []))

    def test_colleagues_order(self):
        """CC-3a: the order that a colleague took is shown, without a link where the agent may not open it."""
        order = self._order(user_id=self.officer_b.id)
        (line,) = self._section(self._pop(self._offered()), "orders")["lines"]
        self.assertEqual(line["text"], order.name)
        may = bool(order.with_user(self.agent_1.user_id)._filtered_access("read"))
        self.assertEqual(bool(line["model"]), may)

    def test_people_of_a_company(self):
        """CC-3a: who calls for a company sees... what is open with the company, whoever ordered it."""
        company = self.env["res.partner"].create({"name": "PT Maju", "is_company": True})
        people = self.env["res.partner"].create([{"name": name, "parent_id": company.id} for name in ("Ana", "Ben")])
        order = self._order(partner_id=people[0].id)
        pop = self._pop(self._offered(partner_id=people[1].id))
        self.assertEqual(pop["who"]["company"], "PT Maju")
        self.assertEqual([line["text"] for line in self._section(pop, "orders")["lines"]], [order.name])

    def test_last_contacts_and_others(self):
        """CC-3a: the last five contacts; what else the customer waits for now."""
        for _number in range(7):
            self._create_done(purpose_id=self.purpose.id)
        contact = self._offered()
        chat = self._enter(channel="chat")
        pop = self._pop(contact)
        self.assertEqual(len(pop["interactions"]), 5)
        self.assertEqual(pop["interactions"][0]["purpose"], "Test purpose")
        self.assertEqual([other["id"] for other in pop["others"]], [chat.id])

    # === WHO MAY === #

    def test_somebody_elses(self):
        """CC-3: the page of a contact is its agent's and their supervisor's; the other branch's don't get it."""
        contact = self._offered()
        for user in (self.agent_2.user_id, self.agent_b.user_id, self.internal, self.portal):
            with self.assertRaises(AccessError):
                self._pop(contact, user)
        self.assertTrue(self._pop(contact, self.supervisor)["who"]["id"])

    def test_identify_by_rpc(self):
        """CC-3b: whose customer it is, only its agent says, of customers that there are, while it is at hand."""
        contact = self._offered()
        with self.assertRaises(AccessError):
            contact.with_user(self.agent_2.user_id).action_choose_customer(self.customer.id)
        mine = contact.with_user(self.agent_1.user_id)
        for partner_id in (False, 0, 10**9):
            with self.assertRaises(UserError):
                mine.action_choose_customer(partner_id)
        contact._answer()
        self._finish(contact)
        with self.assertRaises(UserError):
            mine.action_choose_customer(self.customer.id)

    def test_telephones_clock(self):
        """CC-2a: a call of this very second, or of a telephone system whose clock is ahead, rings at once."""
        self._come(self.agent_1)
        contact = self._enter(entered_at=self._later(seconds=3))
        self._route()
        self.assertEqual((contact.state, contact.decision_ids.waited_seconds), ("offered", 0))
        contact._answer(moment=self._later(seconds=4))
        contact._end(self._later(seconds=5))
        contact.with_user(self.agent_1.user_id).action_wrap_up(self.purpose.id, self.outcome.id)
        self.assertEqual((contact.state, contact.wrap_seconds), ("done", 0))

    # === COST === #

    def test_cost(self):
        """CC-3a: with 30 orders, invoices and contacts, at most 40 queries."""
        orders = self.env["sale.order"].concat(*(self._order() for _number in range(30)))
        orders[:15].action_confirm()
        for number in range(6):
            self._invoice(days=number - 3)
            self._create_done(purpose_id=self.purpose.id)
            self._create_lead(name=f"Lead {number}")
        contact = self._offered()
        self._enter(channel="chat")
        mine = contact.with_user(self.agent_1.user_id)
        mine.desk_pop()
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(MOST_QUERIES):
            pop = mine.desk_pop()
        self.assertEqual(len(self._section(pop, "orders")["lines"]), 5)
        self.assertTrue(self._section(pop, "orders")["more"])
        self.assertLess(min(self._seconds(mine) for _try in range(5)), 0.1, "of computing; 50 ms in all is the goal")

    def _seconds(self, contact):
        self.env.invalidate_all()
        before = time.process_time()
        contact.desk_pop()
        return time.process_time() - before
