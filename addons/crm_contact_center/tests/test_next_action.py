from datetime import timedelta

from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .selling_common import SellingCase


@tagged("post_install", "-at_install")
class TestNextAction(SellingCase):
    """CC-3a: what is best to do next for the customer, by rules that a supervisor edits."""

    def setUp(self):
        super().setUp()
        self.rules = self.env["crm.next.action"]
        self.rules.search([]).active = False
        self.buyer = self.env["res.partner"].create({"name": "Buyer"})
        self._sell(self.buyer, self.shoes, ago=20, amount=500)
        self.figures._refresh(self.firm)
        self.contact = self._serve(self.buyer)

    def _rule(self, kind, text="$what", **values):
        return self.rules.with_user(self.boss).create({"name": f"Rule {kind}", "kind": kind, "text": text, **values})

    def _next(self, contact=None, user=None):
        return self._desk(contact or self.contact, user).sudo()._pop_next_actions()

    def _invoice(self, amount, ago):
        journal = self.env["account.journal"].search(
            [("company_id", "=", self.firm.id), ("type", "=", "sale")], limit=1
        )
        if not journal:
            self.env["account.chart.template"].try_loading("generic_coa", company=self.firm, install_demo=False)
        today = self.branch._today()
        invoice = (
            self.env["account.move"]
            .with_company(self.firm)
            .create(
                {
                    "move_type": "out_invoice",
                    "partner_id": self.buyer.id,
                    "invoice_date": today - timedelta(days=ago),
                    "invoice_date_due": today - timedelta(days=ago),
                    "invoice_line_ids": [Command.create({"name": "x", "price_unit": amount, "tax_ids": False})],
                }
            )
        )
        invoice.action_post()
        return invoice

    def test_in_their_order(self):
        """CC-3a: first what the supervisor put first; only what there is to do."""
        self._make_pair(self.shoes, self.belt, note="Same leather")
        order = self._quote(self.buyer, self.hat, user_id=self.seller.id)
        offer = self._rule("suggestion", "Offer $what to $customer", sequence=2)
        self._rule("quotation", "Close $what ($amount)", sequence=1)
        self._rule("due", sequence=0)
        quotation, suggestion = self._next()
        self.assertEqual((quotation["model"], quotation["id"], quotation["action"]), ("sale.order", order.id, "open"))
        self.assertIn(order.name, quotation["text"])
        self.assertEqual(suggestion["text"], "Offer Belt to Buyer")
        self.assertEqual((suggestion["detail"], suggestion["action"]), ("Same leather", "offer"))
        self.assertFalse(self.suggestions.search([("contact_id", "=", self.contact.id)]), "not shown yet")
        offer.sequence = 0
        self.assertEqual([line["key"] for line in self._next()], ["suggestion", "quotation"])
        desk = self._desk(self.contact)
        (line,) = desk.desk_selling()["suggestions"]
        desk.desk_answer(line["id"], "refused")
        self.assertEqual([line["key"] for line in self._next()], ["quotation"])

    def test_due(self):
        """CC-3a: what is due for so many days and at least so much, all of it."""
        self._invoice(400, ago=20)
        self._invoice(200, ago=5)
        rule = self._rule("due", "$amount since $day", days=10, amount_from=300)
        self._rule("due", "Little: $amount", days=0, amount_from=0, sequence=20)
        (line,) = self._next()
        self.assertIn("400", line["text"])
        self.assertNotIn("600", line["text"])
        rule.amount_from = 401
        self.assertIn("Little", self._next()[0]["text"])
        self.assertFalse(line["model"] and not self.env[line["model"]].with_user(self.seller).has_access("read"))

    def test_conditions(self):
        """CC-6c: by segment, and by value."""
        segment = self.buyer.with_company(self.firm).customer_segment_id
        other = self.env["crm.segment"].search([("id", "!=", segment.id)], limit=1)
        rule = self._rule("customer", "Thank $customer, one of our $segment", segment_ids=[Command.set(segment.ids)])
        self.assertEqual(self._next()[0]["text"], f"Thank Buyer, one of our {segment.name}")
        rule.segment_ids = other
        self.assertEqual(self._next(), [])
        rule.write({"segment_ids": False, "value_from": 500})
        self.assertEqual(len(self._next()), 1)
        rule.value_from = 501
        self.assertEqual(self._next(), [])
        rule.sudo().write({"value_from": 0, "company_id": self.company.id})
        self.assertEqual(self._next(), [], "another company's")

    def test_of_siblings(self):
        """CC-3a: what isn't installed is left out."""
        for kind in ("complaint", "contract", "service"):
            self._rule(kind)
        for line in self._next():
            self.assertIn(line["model"], self.env)

    def test_unknown_customer(self):
        """CC-3a: nothing for somebody whom nobody knows."""
        self._rule("customer", "Hello $customer")
        contact = self._enter(queue_id=self.firm_queue.id, partner_id=False, caller_name="X")
        self.assertEqual(contact._pop_next_actions(), [])

    def test_words(self):
        """CC-3a: words name only what is known, and are no program; a customer's name isn't one either."""
        for text in ("$secret", "${customer.env}", "$", "100 $"):
            with self.assertRaises(ValidationError):
                self._rule("customer", text)
        self._rule("customer", "$$5 for $customer")
        self.buyer.name = "${segment} <b>$what</b>"
        self.assertEqual(self._next()[0]["text"], "$5 for ${segment} <b>$what</b>")

    def test_rights(self):
        """CC-3a: agents read rules, supervisors write them; of another company nobody does."""
        rule = self._rule("customer")
        with self.assertRaises(AccessError):
            rule.with_user(self.seller).write({"text": "x"})
        with self.assertRaises(AccessError):
            rule.with_user(self.internal).read(["text"])
        rule.company_id = self.firm
        with self.assertRaises(AccessError):
            rule.with_user(self.supervisor).write({"text": "x"})

    def test_compared(self):
        """CC-6c: the customer's figures beside what is typical of their segment."""
        compared = self._desk(self.contact).desk_selling()["compared"]
        rows = {row["key"]: (row["own"], row["typical"]) for row in compared["rows"]}
        self.assertEqual(rows, {"value": (500, 500), "orders": (1, 1), "recency": (20, 20)})
        self.assertEqual(compared["segment"], self.buyer.with_company(self.firm).customer_segment_id.name)
        stranger = self._create_customers(1)
        self.rival_agent._set_mode("available")
        contact = self._serve(stranger, self.rival_agent)
        self.assertEqual(
            self._desk(contact, self.rival).desk_selling(),
            {"compared": False, "suggestions": [], "quotations": True},
        )

    def test_few_queries(self):
        """CC-3a: with the rules as shipped, whatever there is to do."""
        self.rules.with_context(active_test=False).search([]).active = True
        for _number in range(4):
            self._quote(self.buyer, self.hat, user_id=self.seller.id)
        for product in self._create_goods(*(f"Thing {number}" for number in range(10))):
            self._make_pair(self.shoes, product)
        self._next()
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(30):
            self._next()
