from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, tagged

from .damage_common import DamageCase


@tagged("post_install", "-at_install")
class TestPortalDelivery(DamageCase, HttpCase):
    """The customer follows the delivery on the portal, and hears of it by e-mail."""

    def _page(self, order, token=None):
        token = token or order._portal_ensure_token()
        self.env.flush_all()
        return self.url_open(f"/my/orders/{order.id}?access_token={token}").text

    def _steps(self, order, index=-1):
        return [(label, bool(reached)) for label, __, reached in order._delivery_followup()[index]["steps"]]

    def test_steps(self):
        """SOP-13c: prepared, planned for a day, on the road, delivered at: the order's page says where it is."""
        picking = self._create_delivery()
        order = picking.sale_id
        self.assertEqual([label for label, reached in self._steps(order) if reached], ["Being prepared"])
        run = self._create_run(picking)
        self.assertNotIn(("Planned for", True), self._steps(order), "before the review no day is promised")
        run.with_user(self.pic).action_review()
        self.assertIn(("Planned for", True), self._steps(order))
        begin = self.branch._local(run.starts_at)
        html = self._page(order)
        self.assertIn(f"{begin:%H:%M}", html)
        self._load(run)
        run.with_user(self.courier).action_leave()
        self.assertIn(("On the road", True), self._steps(order))
        self.assertIn(("Delivered", False), self._steps(order))
        self._say(run.stop_ids, "delivered")
        self.assertIn(("Delivered", True), self._steps(order))
        self.assertIn("Delivered", self._page(order))

    def test_brought_back(self):
        """SOP-13a: what came back isn't on the road any more; the next run's day is shown."""
        picking = self._create_delivery()
        run = self._create_on_road(picking)
        self._say(run.stop_ids, "brought_back", "Not now")
        run.with_user(self.courier).action_come_back()
        self.assertIn(("On the road", False), self._steps(picking.sale_id))

    def test_replacement(self):
        """SOP-9: the page says on which day the replacement comes."""
        question = self._create_answered(2)
        self._bring_back(question, "partly")
        order = question.order_id
        self.assertIn(("Delivered", True), self._steps(order, 0))
        self.assertIn(("Replacement comes on", True), self._steps(order))
        self.assertIn(question._due_text(), self._page(order))

    def test_third_party(self):
        """SOP-5b: the page links the carrier's tracking; a link that is no web address isn't one."""
        picking = self._create_delivery()
        carrier = self.env.ref("crm_sop_sales.delivery_carrier_service_near")
        carrier.write({"active": True, "tracking_url": "https://track.example.com/<shipmenttrackingnumber>"})
        picking.write({"carrier_id": carrier.id, "carrier_tracking_ref": "JNE-0815"})
        html = self._page(picking.sale_id)
        self.assertIn("https://track.example.com/JNE-0815", html)
        carrier.tracking_url = "javascript:alert(<shipmenttrackingnumber>)"
        followup = self._page(picking.sale_id).split('id="delivery"')[1].split('id="portal_sale_content"')[0]
        self.assertIn("JNE-0815", followup)
        self.assertNotIn("javascript:", followup)

    def test_strangers_page(self):
        """SOP-13c: without the order's token nobody sees where it is."""
        order = self._create_delivery().sale_id
        self.assertNotIn('id="delivery"', self._page(order, "guess"))

    def _mails(self, model, records, text):
        mails = self.env["mail.mail"].search([("model", "=", model), ("res_id", "in", records.ids)])
        return mails.filtered(lambda mail: text in (mail.subject or ""))

    def test_messages(self):
        """SOP-13c: the customer hears the day when the committee sets it, once a day, and that the courier comes."""
        picking, other = self._create_delivery(), self._create_delivery(partner=self._create_customer("No Mail"))
        run = self._create_reviewed(picking, other)
        stop = run.stop_ids[0]
        planned = self._mails(stop._name, run.stop_ids, "comes on")
        self.assertEqual(planned.recipient_ids, self.partner)
        body = str(planned.body_html)
        self.assertIn(stop._window_text(), body)
        self.assertIn("access_token", body)
        self.assertIn(stop.currency_id.format(stop.to_collect), body)
        run.with_user(self.pic)._workflow_do("replan", "Rain")
        run.with_user(self.pic).action_review()
        self.assertEqual(len(self._mails(stop._name, run.stop_ids, "comes on")), 1, "the same day isn't told twice")
        run.with_user(self.pic)._workflow_do("replan", "Rain")
        run.with_user(self.pic).write(
            {"starts_at": run.starts_at + timedelta(days=1), "ends_at": run.ends_at + timedelta(days=1)}
        )
        run.with_user(self.pic).action_review()
        self.assertEqual(len(self._mails(stop._name, run.stop_ids, "comes on")), 2)
        self._load(run)
        run.with_user(self.courier).action_leave()
        self.assertEqual(len(self._mails(stop._name, run.stop_ids, "on the road")), 1)

    def test_planned_hour(self):
        """SOP-13c: where the stop has an hour of its own, the customer hears that."""
        run = self._create_run(self._create_delivery())
        stop = run.stop_ids
        stop.planned_at = fields.Datetime.add(run.starts_at, minutes=40)
        self.assertIn(f"about {self.branch._local(stop.planned_at):%H:%M}", stop._window_text())
