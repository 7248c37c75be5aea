from odoo.tests import tagged

from .common import PhoneShopCase


@tagged("post_install", "-at_install")
class TestGivenBack(PhoneShopCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_units(cls.phone, 2)
        cls.order = cls._create_order()
        cls.order.action_submit()

    def test_the_officer_reads_who_gave_it_back_and_why(self):
        """SOP-3c3: a rejected order says by whom and why, until it is submitted again."""
        self.assertFalse(self.order.given_back)
        self.order.with_user(self.manager)._workflow_do("reject", "Offer her the larger one first.")
        self.assertEqual(self.order.given_back, f"{self.manager.name}: Offer her the larger one first.")
        self.order.action_submit()
        self.assertFalse(self.order.given_back)

    def test_a_new_one_was_not_given_back(self):
        """SOP-3c3: an order that was never submitted says nothing of the kind, saved or not."""
        self.assertFalse(self._create_order().given_back)
        self.assertFalse(self.env["sale.order"].new({"partner_id": self.partner.id}).given_back)

    def test_one_query_for_many(self):
        """SOP-3c3: a list of orders reads the histories together."""
        orders = self.order + self._create_order()
        self.order.with_user(self.manager)._workflow_do("reject", "No.")

        def queries(records):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            records.mapped("given_back")
            return self.env.cr.sql_log_count - before

        queries(orders)  # what is read once per transaction
        self.assertLessEqual(queries(orders), queries(self.order))
