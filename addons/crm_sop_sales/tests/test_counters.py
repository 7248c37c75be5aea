from odoo.tests import tagged

from .common import PhoneShopCase

COUNTS = ["hold_count", "proof_count", "received_payment_count", "cancellation_count", "complaint_count"]


@tagged("post_install", "-at_install")
class TestCounters(PhoneShopCase):
    """SOP-15: what an order's buttons lead to is counted at once, however many orders a list shows."""

    def test_counts(self):
        """SOP-6, SOP-15: units held, and the form that cancels the order, until it is withdrawn."""
        self._create_units(self.phone, 2)
        order = self._create_approved(2)
        self.assertEqual(order.hold_count, 2)
        self.assertEqual((order.cancellation_count, order.is_being_cancelled), (0, False))
        form = self._create_form(order)
        self.assertEqual((order.cancellation_count, order.is_being_cancelled), (1, True))
        form._workflow_do("withdraw", "She keeps it after all.")
        self.assertEqual((order.cancellation_count, order.is_being_cancelled), (0, False))

    def test_one_query(self):
        """SOP-15: one query counts for all orders and all buttons."""
        self._create_units(self.phone, 3)
        orders = self._create_approved() | self._create_approved() | self._create_approved()
        orders = orders.with_user(self.manager)
        orders.mapped("hold_count")  # rights and rules are known
        self.env.invalidate_all()
        orders.mapped("name")
        with self.assertQueryCount(1):
            self.assertEqual([order.hold_count for order in orders], [1, 1, 1])
            self.assertEqual({order[name] for order in orders for name in COUNTS}, {0, 1})

    def test_not_what_the_user_may_not_read(self):
        """A colleague who reads orders, and neither units nor complaints, sees none, without an error."""
        self._create_units(self.phone, 1)
        order = self._create_approved()
        seller = self._create_user("counter", "sales_team.group_sale_salesman_all_leads")
        self.env["ir.model.access"].search(
            [("model_id.model", "=", "crm.imei.hold"), ("group_id", "in", seller.all_group_ids.ids)]
        ).perm_read = False
        self.assertEqual(order.with_user(seller).hold_count, 0)
        self.assertEqual(order.sudo().hold_count, 1)
