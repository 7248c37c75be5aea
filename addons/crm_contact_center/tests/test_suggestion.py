from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .selling_common import SellingCase


@tagged("post_install", "-at_install")
class TestSuggestion(SellingCase):
    """CC-3c: “the matching belt?”: suggested with a reason, answered once, and the answers improve it."""

    def setUp(self):
        super().setUp()
        self.buyer = self.env["res.partner"].create({"name": "Buyer"})
        self._sell(self.buyer, self.shoes, ago=20)

    def _chosen(self, partner=None, order=None, **values):
        choices = self.suggestions._choose(partner or self.buyer, self.firm, order, **values)
        return [choice.pair.other_id for choice in choices]

    def _past(self, product, accepted=0, refused=0):
        """Let customers have answered so."""
        for answer, count in (("accepted", accepted), ("refused", refused)):
            partners = self._create_customers(count)
            self.suggestions.create(
                [
                    {
                        "branch_id": self.branch.id,
                        "partner_id": partner.id,
                        "product_id": product.id,
                        "user_id": self.seller.id,
                        "shown_at": fields.Datetime.now(),
                        "answer": answer,
                        "answered_at": fields.Datetime.now(),
                        "answered_by_id": self.seller.id,
                    }
                    for partner in partners
                ]
            )

    def test_on_the_desk(self):
        """CC-3c: the agent sees what and why; “quotation” puts it on a draft of the customer's."""
        self._make_pair(self.shoes, self.belt, note="Same leather")
        contact = self._serve(self.buyer)
        desk = self._desk(contact)
        (line,) = desk.desk_selling()["suggestions"]
        self.assertEqual((line["product"], line["reason"], line["answer"]), ("Belt", "Same leather", ""))
        self.assertEqual([one["id"] for one in desk.desk_selling()["suggestions"]], [line["id"]], "noted once")
        made = desk.desk_answer(line["id"], "quotation")
        order = self.env["sale.order"].browse(made["id"])
        self.assertEqual(order.order_line.product_id.product_tmpl_id, self.belt)
        self.assertEqual((order.partner_id, order.state, order.company_id), (self.buyer, "draft", self.firm))
        self.assertEqual((order.create_uid, order.user_id), (self.seller, self.seller))
        suggestion = self.suggestions.browse(line["id"])
        self.assertEqual((suggestion.answer, suggestion.answered_by_id), ("accepted", self.seller))
        self.assertEqual((suggestion.order_id, suggestion.is_accepted), (order, 1.0))
        (line,) = desk.desk_selling()["suggestions"]
        self.assertEqual((line["answer"], line["document"]), ("accepted", order.name))
        for answer in ("quotation", "refused"):
            with self.assertRaises(UserError):
                desk.desk_answer(line["id"], answer)
        self.assertEqual(len(order.order_line), 1)

    def test_open_quotation(self):
        """CC-3c: what is accepted comes on the quotation that is open already."""
        self._make_pair(self.shoes, self.belt)
        order = self._quote(self.buyer, self.hat, user_id=self.seller.id)
        desk = self._desk(self._serve(self.buyer))
        line = next(one for one in desk.desk_selling()["suggestions"] if one["product"] == "Belt")
        self.assertEqual(desk.desk_answer(line["id"], "quotation")["id"], order.id)
        self.assertEqual(order.order_line.product_id.product_tmpl_id, self.hat + self.belt)

    def test_opportunity(self):
        """CC-3c: “opportunity” makes a lead of the agent's, and so does “quotation” of who may make none."""
        self._make_pair(self.shoes, self.belt)
        self._make_pair(self.shoes, self.socks)
        desk = self._desk(self._serve(self.buyer))
        one, two = desk.desk_selling()["suggestions"]
        lead = self.env["crm.lead"].browse(desk.desk_answer(one["id"], "lead")["id"])
        self.assertEqual((lead.partner_id, lead.user_id, lead.type), (self.buyer, self.seller, "opportunity"))
        access = self.env["ir.model.access"].search([("model_id.model", "=", "sale.order"), ("perm_create", "=", True)])
        access.perm_create = False
        self.assertFalse(desk.desk_selling()["quotations"])
        self.assertEqual(desk.desk_answer(two["id"], "quotation")["model"], "crm.lead")

    def test_order_of_answers(self):
        """CC-3c: what is refused often sinks, what is accepted rises, what nobody was asked about is in between."""
        self._make_pair(self.shoes, self.belt, strength=4)
        self._make_pair(self.shoes, self.socks, strength=3)
        self._make_pair(self.shoes, self.hat, strength=2)
        self.assertEqual(self._chosen(), [self.belt, self.socks, self.hat])
        self._past(self.belt, refused=8)
        self.assertEqual(self._chosen(), [self.socks, self.hat, self.belt])
        self._past(self.hat, accepted=8, refused=1)
        self.assertEqual(self._chosen(), [self.hat, self.socks, self.belt])
        points = {c.pair.other_id: c.points for c in self.suggestions._choose(self.buyer, self.firm)}
        self.assertAlmostEqual(points[self.hat], 2 * 9 / 11)
        self.assertAlmostEqual(points[self.belt], 4 * 1 / 10)

    def test_never(self):
        """CC-3c: not what they have or were quoted, not what they refused, not what is out of stock or not sold."""
        self._make_pair(self.shoes, self.belt)
        self.assertEqual(self._chosen(), [self.belt])
        bought = self._sell(self.buyer, self.belt, ago=30)
        self.assertEqual(self._chosen(), [])
        self.belt.is_used_up = True
        self.assertEqual(self._chosen(), [self.belt])
        self.belt.is_used_up = False
        self._force(bought, date_order=fields.Datetime.subtract(fields.Datetime.now(), days=400))
        self.assertEqual(self._chosen(), [self.belt])
        quoted = self._quote(self.buyer, self.belt)
        self.assertEqual(self._chosen(), [])
        quoted.sudo()._action_cancel()
        self.assertEqual(self._chosen(), [self.belt])
        self.belt.is_storable = True
        self.assertEqual(self._chosen(), [])
        self.firm.suggestion_in_stock = False
        self.assertEqual(self._chosen(), [self.belt])
        self.firm.suggestion_in_stock = True
        stock = self.env["stock.warehouse"].search([("company_id", "=", self.firm.id)], limit=1).lot_stock_id
        self.env["stock.quant"]._update_available_quantity(self.belt.product_variant_id, stock, 1)
        self.assertEqual(self._chosen(), [self.belt])
        self.belt.sale_ok = False
        self.assertEqual(self._chosen(), [])
        self.belt.sale_ok = True
        self.pairs.search([("other_id", "=", self.belt.id)]).banned = True
        self.assertEqual(self._chosen(), [])

    def test_refused_and_not_now(self):
        """CC-3c: a refusal holds for its days, “not now” for this talk."""
        self._make_pair(self.shoes, self.belt)
        self._make_pair(self.shoes, self.socks)
        contact = self._serve(self.buyer)
        desk = self._desk(contact)
        lines = {one["product"]: one["id"] for one in desk.desk_selling()["suggestions"]}
        desk.desk_answer(lines["Belt"], "refused")
        desk.desk_answer(lines["Socks"], "not_now")
        self.assertEqual(self._chosen(contact=contact), [])
        self.assertEqual(self._chosen(), [self.socks])
        suggestion = self.suggestions.browse(lines["Belt"])
        self._force(suggestion, answered_at=fields.Datetime.subtract(fields.Datetime.now(), days=91))
        self.assertIn(self.belt, self._chosen())
        self.assertEqual(self.suggestions._rates(self.socks, self.firm), {self.socks.id: 0.5})

    def test_attacks(self):
        """CC-3c: neither a colleague nor a stranger answers; nobody writes answers; no other contact's suggestion."""
        self._make_pair(self.shoes, self.belt)
        contact = self._serve(self.buyer)
        (line,) = self._desk(contact).desk_selling()["suggestions"]
        suggestion = self.suggestions.browse(line["id"])
        for user in (self.rival, self.officer_a, self.internal, self.salesman, self.portal):
            for call in (
                lambda user=user: self._desk(contact, user).desk_selling(),
                lambda user=user: self._desk(contact, user).desk_answer(line["id"], "lead"),
                lambda user=user: suggestion.with_user(user).action_accept(),
                lambda user=user: suggestion.with_user(user).action_refuse(),
            ):
                with self.assertRaises(AccessError):
                    call()
        for user in (self.seller, self.boss, self.admin):
            for vals in ({"answer": "accepted"}, {"product_id": self.hat.id}, {"user_id": user.id}):
                with self.assertRaises(AccessError):
                    suggestion.with_user(user).write(vals)
            with self.assertRaises(AccessError):
                suggestion.with_user(user).unlink()
        other = self._serve(self._create_customers(1), self.rival_agent)
        with self.assertRaises(ValueError):
            self._desk(other, self.rival).desk_answer(line["id"], "refused")
        with self.assertRaises(ValueError):
            self._desk(contact).desk_answer(line["id"], "draft")
        self.assertFalse(suggestion.answer)
        self._desk(contact, self.boss).desk_answer(line["id"], "refused")
        self.assertEqual(suggestion.answered_by_id, self.boss)

    def test_on_the_quotation(self):
        """CC-3c: a salesperson without a branch sees the matching belt while they type the order, and adds it."""
        self._make_pair(self.hat, self.belt, note="Same red")
        self._make_pair(self.shoes, self.socks)
        order = self._quote(self.buyer, self.hat, user_id=self.salesman.id).with_user(self.salesman)
        action = order.action_suggestions()
        listed = self.suggestions.with_user(self.salesman).search(action["domain"])
        self.assertEqual(listed.product_id.ids, self.belt.ids, "the order's products lead, not the past's")
        self.assertEqual((listed.reason, listed.from_order), ("Same red", True))
        listed.action_accept()
        self.assertEqual(order.order_line.product_id.product_tmpl_id.ids, (self.hat + self.belt).ids)
        self.assertFalse(self.suggestions.with_user(self.salesman).search(order.action_suggestions()["domain"]))
        with self.assertRaises(UserError):
            listed.action_accept()
        order.action_confirm()
        with self.assertRaises(UserError):
            order.action_suggestions()

    def test_quotation_of_a_colleague(self):
        """CC-3c: who may not change a quotation neither asks for its suggestions nor answers them."""
        self._make_pair(self.hat, self.belt)
        order = self._quote(self.buyer, self.hat, user_id=self.seller.id)
        order.with_user(self.seller).action_suggestions()
        suggestion = self.suggestions.search([("order_id", "=", order.id)])
        for call in (
            order.with_user(self.salesman).action_suggestions,
            suggestion.with_user(self.salesman).action_accept,
        ):
            with self.assertRaises(AccessError):
                call()
        with self.assertRaises(AccessError):
            suggestion.with_user(self.rival).action_accept()

    def test_confirmed_meanwhile(self):
        """CC-3c: an order that was confirmed meanwhile takes nothing more, and the answer isn't noted."""
        self._make_pair(self.hat, self.belt)
        order = self._quote(self.buyer, self.hat, user_id=self.seller.id)
        order.with_user(self.seller).action_suggestions()
        suggestion = self.suggestions.search([("order_id", "=", order.id)])
        order.action_confirm()
        with self.assertRaises(UserError), self.cr.savepoint():
            suggestion.with_user(self.seller).action_accept()
        suggestion.invalidate_recordset()
        self.assertFalse(suggestion.answer)

    def test_few_queries(self):
        """CC-3c: as many queries for twenty pairs as for one."""
        self._make_pair(self.shoes, self.belt)
        self._chosen()
        with self.assertQueryCount(9):
            self.env.invalidate_all()
            self._chosen()
        for product in self._create_goods(*(f"Thing {number}" for number in range(20)), is_storable=False):
            self._make_pair(self.shoes, product)
        self._sell(self.buyer, self.hat)
        self.env.flush_all()
        with self.assertQueryCount(9):
            self.env.invalidate_all()
            self._chosen()

    def test_variant(self):
        """CC-3c: of a product in sizes the most sold one comes on the quotation."""
        size = self.env["product.attribute"].create({"name": "Test size"})
        values = self.env["product.attribute.value"].create(
            [{"name": name, "attribute_id": size.id} for name in ("S", "M")]
        )
        self.belt.attribute_line_ids = [
            fields.Command.create({"attribute_id": size.id, "value_ids": [fields.Command.set(values.ids)]})
        ]
        small, middle = self.belt.product_variant_ids
        order = self._quote(self._create_customers(1), self.hat)
        order.order_line.product_id = middle
        self._force(order, state="sale")
        self.assertEqual(self.belt._most_sold_variant(self.firm), middle)
        self._force(order, state="cancel")
        self.assertEqual(self.belt._most_sold_variant(self.firm), small)
