import random
from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from statistics import median

from psycopg2.errors import CheckViolation

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .selling_common import SellingCase


@tagged("post_install", "-at_install")
class TestSegment(SellingCase):
    """CC-6c: customers' scores and segments, and what each is compared with."""

    def _of(self, partner, company=None):
        return self.figures.search([("partner_id", "=", partner.id), ("company_id", "=", (company or self.firm).id)])

    def _score(self, values, own):
        below = sum(value < own for value in values)
        same = sum(value == own for value in values)
        return 1 + (5 * (2 * below + same)) // (2 * len(values))

    def test_as_counted_by_hand(self):
        """CC-6c: scores, values and segments are those of a plain computation, whatever was bought."""
        chance = random.Random(6)
        customers = self._create_customers(30)
        people = self.env["res.partner"].create([{"name": "Person", "parent_id": c.id} for c in customers[:5]])
        known = defaultdict(list)
        for _number in range(90):
            buyer = chance.choice((*customers, *people))
            ago = chance.choice((1, 5, 40, 40, 300, 729, 731, 900))
            amount, rate = chance.choice((0, -50, 100, 1000, 33333)), chance.choice((1.0, 0.5, 0.000065))
            self._sell(buyer, self.shoes, ago, amount, currency_rate=rate)
            if ago <= 730:
                known[buyer.commercial_partner_id].append((ago, amount, Decimal(amount) / Decimal(str(rate))))
        self.figures._refresh(self.firm)
        expected = {}
        for customer, orders in known.items():
            paid = [order for order in orders if order[1] > 0]
            if paid:
                cent = Decimal(str(self.firm.currency_id.rounding))
                value = (sum(order[2] for order in orders) / cent).quantize(Decimal(1), ROUND_HALF_UP) * cent
                expected[customer] = (-min(order[0] for order in paid), len(paid), float(value))
        rows = self.figures.search([("company_id", "=", self.firm.id)])
        self.assertEqual(set(rows.partner_id), set(expected))
        columns = list(zip(*expected.values(), strict=True))
        for row in rows:
            own = expected[row.partner_id]
            self.assertEqual(row.order_count, own[1])
            self.assertAlmostEqual(row.value, own[2], places=2)
            scores = [self._score(column, value) for column, value in zip(columns, own, strict=True)]
            self.assertEqual([row.recency_score, row.frequency_score, row.monetary_score], scores)
            fits = self.env["crm.segment"].search([("company_id", "in", (False, self.firm.id))])
            first = next(s for s in fits if self._fits(s, scores))
            self.assertEqual(row.segment_id, first)
        for segment, same in rows.grouped("segment_id").items():
            typical = self.env["crm.segment.figures"].search(
                [("segment_id", "=", segment.id), ("company_id", "=", self.firm.id)]
            )
            self.assertEqual(typical.customer_count, len(same))
            self.assertAlmostEqual(
                typical.median_value, median(same.mapped("value")), delta=self.firm.currency_id.rounding
            )
            self.assertAlmostEqual(typical.median_orders, median(same.mapped("order_count")), places=1)

    def _fits(self, segment, scores):
        names = ("recency", "frequency", "monetary")
        return all(segment[f"{n}_from"] <= s <= segment[f"{n}_to"] for n, s in zip(names, scores, strict=True))

    def test_only_changes_are_written(self):
        """CC-6c: a night in which nothing was bought writes nothing; one order writes those whose place it moves."""
        customers = self._create_customers(6)
        for number, customer in enumerate(customers):
            self._sell(customer, self.shoes, ago=10 + number, amount=100 * (number + 1))
        self.assertEqual(self.figures._refresh(self.firm), 6)
        self.assertEqual(self.figures._refresh(self.firm), 0)
        self._sell(customers[5], self.shoes, ago=40, amount=1000)
        self.assertIn(self.figures._refresh(self.firm), range(1, 7))

    def test_companies(self):
        """CC-6c: what was bought of one company says nothing of the other; each user sees their own company's."""
        other = self._create_company("Other firm")
        customer, second = self._create_customers(2)
        self._sell(customer, self.shoes, amount=100)
        self._sell(customer, self.shoes, amount=900, company=other)
        self._sell(second, self.shoes, amount=50, company=other)
        for company in (self.firm, other):
            self.figures._refresh(company)
        self.assertEqual(self._of(customer).value, 100)
        self.assertEqual(self._of(customer, other).value, 900)
        self.assertEqual(customer.with_company(self.firm).customer_value, 100)
        self.assertEqual(customer.with_company(other).customer_value, 900)
        mine = self.figures.with_user(self.seller).search([])
        self.assertEqual(mine.company_id, self.firm)
        with self.assertRaises(AccessError):
            self._of(second, other).with_user(self.seller).read(["value"])

    def test_currencies(self):
        """CC-6c: an order in dollars counts as rupiahs, by the rate of its day."""
        self.env["res.currency.rate"].search([("currency_id", "=", self.env.ref("base.USD").id)]).unlink()
        usd = self.env.ref("base.USD")
        usd.active = True
        self.env["res.currency.rate"].create(
            [
                {"currency_id": usd.id, "name": "2020-01-01", "rate": 0.0001, "company_id": self.firm.id},
                {"currency_id": usd.id, "name": "2099-01-01", "rate": 0.5, "company_id": self.firm.id},
            ]
        )
        prices = self.env["product.pricelist"].create(
            {"name": "In dollars", "currency_id": usd.id, "company_id": self.firm.id}
        )
        customer = self._create_customers(1)
        order = self._quote(customer, self.shoes, pricelist_id=prices.id)
        self._force(order, state="sale", amount_untaxed=10)
        self.figures._refresh(self.firm)
        self.assertAlmostEqual(self._of(customer).value, 100_000, places=0)

    def test_archived(self):
        """CC-6c: an archived customer isn't counted, and takes nobody's place."""
        customer, gone = self._create_customers(2)
        for partner in (customer, gone):
            self._sell(partner, self.shoes, amount=100)
        self.figures._refresh(self.firm)
        self.assertTrue(self._of(gone))
        gone.active = False
        self.figures._refresh(self.firm)
        self.assertFalse(self._of(gone))
        self.assertEqual(self._of(customer).monetary_score, 3)

    def test_find_and_group(self):
        """CC-6c: contacts are found and grouped by segment; people have their company's; others have none."""
        customer, other = self._create_customers(2)
        person = self.env["res.partner"].create({"name": "Person", "parent_id": customer.id})
        self._sell(person, self.shoes, amount=100)
        self.figures._refresh(self.firm)
        partners = self.env["res.partner"].with_user(self.seller)
        segment = self._of(customer).segment_id
        self.assertTrue(segment)
        both = [("id", "in", (customer + person + other).ids)]
        found = partners.search([*both, ("customer_segment_id", "=", segment.id)])
        self.assertEqual(found, (customer + person).with_user(self.seller))
        self.assertEqual(partners.search([*both, ("customer_segment_id", "=", False)]), other.with_user(self.seller))
        self.assertEqual(partners.search([*both, ("customer_segment_id", "!=", False)]).ids, found.ids)
        self.assertEqual(partners.search([*both, ("customer_segment_id", "!=", segment.id)]).ids, other.ids)
        self.assertEqual(partners.search([*both, ("customer_segment_id.name", "=", segment.name)]).ids, found.ids)
        groups = partners._read_group(both, ["customer_segment_id"], ["__count"])
        self.assertEqual({s.id: count for s, count in groups}, {segment.id: 2, False: 1})
        self.assertTrue(partners.fields_get(["customer_segment_id"])["customer_segment_id"]["groupable"])
        self.assertEqual(len(partners.web_read_group(both, ["customer_segment_id"])["groups"]), 2)

    def test_rights(self):
        """CC-6c: no figures for who isn't an officer; nobody writes them; only supervisors change segments."""
        customer = self._create_customers(1)
        self._sell(customer, self.shoes, amount=100)
        self.figures._refresh(self.firm)
        with self.assertRaises(AccessError):
            customer.with_user(self.internal).read(["customer_value"])
        with self.assertRaises(AccessError):
            self.env["res.partner"].with_user(self.internal)._read_group([], ["customer_segment_id"])
        row = self._of(customer)
        for user in (self.seller, self.boss, self.admin):
            with self.assertRaises(AccessError):
                row.with_user(user).write({"value": 1})
            with self.assertRaises(AccessError):
                row.with_user(user).unlink()
        segment = self.env.ref("crm_contact_center.crm_segment_loyal")
        with self.assertRaises(AccessError):
            segment.with_user(self.seller).write({"priority_points": 100})
        segment.with_user(self.boss).write({"priority_points": 7})
        with mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation), self.cr.savepoint():
            segment.write({"recency_from": 4, "recency_to": 3})
            segment.flush_recordset()

    def test_few_queries(self):
        """CC-6c: the figures of a hundred contacts take as many queries as those of one."""
        customers = self._create_customers(40)
        for customer in customers[:4]:
            self._sell(customer, self.shoes, amount=100)
        self.figures._refresh(self.firm)
        partners = customers.with_user(self.seller).with_company(self.firm)
        partners.mapped("customer_segment_id.name")
        counts = []
        for some in (partners[:1], partners):
            self.env.invalidate_all()
            before = self.cr.sql_statement_count if hasattr(self.cr, "sql_statement_count") else self.cr.sql_log_count
            some.mapped(lambda p: (p.customer_value, p.recency_days, p.segment_recency_days))
            after = self.cr.sql_statement_count if hasattr(self.cr, "sql_statement_count") else self.cr.sql_log_count
            counts.append(after - before)
        self.assertLessEqual(counts[1], counts[0] + 2)

    def test_routing(self):
        """CC-2b, CC-6c: a segment's points come first in the queue, and its skill and the region's are asked for."""
        customer, stranger = self._create_customers(2)
        self._sell(customer, self.shoes, amount=100)
        self.figures._refresh(self.firm)
        skills = self.env["crm.skill"].create(
            [
                {"name": "Test VIP", "kind": "value"},
                {"name": "Test West Java", "kind": "region", "cities": "Bandung\n Bogor "},
                {"name": "Test Nobody's", "kind": "region", "cities": "bandung"},
            ]
        )
        vip, west, _nobodys = skills
        self._of(customer).segment_id.write({"priority_points": 9, "skill_id": vip.id})
        customer.city = " BANDUNG"
        self.seller_agent.skill_ids = [Command.create({"skill_id": skill.id, "level": 2}) for skill in (vip, west)]
        contact, unknown, nobody = (
            self._enter(queue_id=self.firm_queue.id, partner_id=partner)
            for partner in (customer.id, stranger.id, False)
        )
        self.assertEqual(contact.priority, self.firm_queue.priority + 9)
        self.assertEqual(contact.need_ids.skill_id, vip + west)
        self.assertEqual(set(contact.need_ids.mapped("source")), {"customer"})
        self.assertEqual((unknown.priority, nobody.priority), (self.firm_queue.priority,) * 2)
        self.assertFalse((unknown + nobody).need_ids)
