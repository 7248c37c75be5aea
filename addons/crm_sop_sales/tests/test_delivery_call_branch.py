from datetime import timedelta

from odoo import Command, fields
from odoo.tests import tagged

from .transfer_common import TransferCase


@tagged("post_install", "-at_install")
class TestDeliveryCallBranch(TransferCase):
    """SOP-14: every delivery is followed by a call that somebody sees, however the company is organised."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.resource_calendar_id = cls.env["resource.calendar"].create(
            {
                "name": "Round the Clock",
                "tz": "Asia/Jayapura",
                "company_id": cls.company.id,
                "attendance_ids": [
                    Command.create({"name": day, "dayofweek": day, "hour_from": 0, "hour_to": 24}) for day in "0123456"
                ],
            }
        )

    def _delivered(self, **values):
        order = self._create_approved(**values)
        order.action_confirm()
        self._deliver(order)
        return order.sudo().delivery_call_ids

    def test_company_without_branch(self):
        """SOP-14: a company that has opened no branch plans its calls too, by its own clock, for its officers."""
        self.assertFalse(self.env["crm.branch"].search([("company_id", "=", self.company.id)]))
        call = self._delivered()
        self.assertEqual((call.state, call.user_id, call.company_id), ("open", self.officer, self.company))
        self.assertEqual(call.branch_id.tz, "Asia/Jayapura")
        due = fields.Datetime.now() + timedelta(hours=self.company.delivery_call_hours)
        self.assertAlmostEqual(call.began_at, due, delta=timedelta(minutes=5))
        self.assertEqual(call.with_user(self.officer).delivered_order_id, call.delivered_order_id)
        again = self._delivered(user=self.other_officer)
        self.assertEqual((again.branch_id, again.user_id), (call.branch_id, self.other_officer))
        call.with_user(self.officer).action_goods_good()
        self.assertEqual(call.delivered_order_id.delivery_call_state, "closed")

    def test_who_calls_sees_the_call(self):
        """SOP-14, SOP-G2: an officer who doesn't belong to the branch isn't given a call that they can't open."""
        shop = self.env["crm.branch"].create(
            {
                "name": "Shop",
                "code": "SHP",
                "company_id": self.company.id,
                "warehouse_id": self.warehouse.id,
                "user_ids": self.other_officer.ids,
            }
        )
        call = self._delivered()
        self.assertEqual((call.branch_id, call.user_id), (shop, self.other_officer))
        self.assertTrue(call.with_user(self.other_officer).name_search(""))
        shop.pic_id = self.manager
        shop.user_ids += self.manager
        self.assertEqual(self._delivered().user_id, self.manager)
        shop.user_ids += self.officer
        self.assertEqual(self._delivered().user_id, self.officer)

    def test_nobody_of_the_branch(self):
        """SOP-G2: where a branch has nobody, the call is planned all the same, for its headquarters to hand out."""
        self.env["crm.branch"].create({"name": "Shop", "code": "SHP", "company_id": self.company.id})
        self.assertEqual(self._delivered().state, "open")
