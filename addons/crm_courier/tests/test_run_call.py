from .common import CourierCase


class TestRunCall(CourierCase):
    """SOP-14: what the courier delivered is asked about by CRM; the run shows what the customer said."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.good = cls.env.ref("crm_sop_sales.crm_interaction_outcome_received")
        cls.bad = cls.env.ref("crm_sop_sales.crm_interaction_outcome_bad_goods")

    def _answer(self, stop, outcome):
        call = self.env["crm.interaction"].browse(stop.with_user(self.officer).action_call()["res_id"])
        call = call.with_user(self.officer)
        call.outcome_id = outcome
        call.action_close()
        stop.invalidate_recordset()

    def test_delivery_by_run_plans_one_call(self):
        """SOP-14: what the courier hands over plans a call by the order's officer, once; what comes back plans none."""
        picking, other = self._create_delivery(), self._create_delivery()
        run = self._create_on_road(picking, other)
        self.assertFalse(run.stop_ids[0].delivery_call_state)
        self._say(run.stop_ids[0], "delivered")
        self._say(run.stop_ids[1], "brought_back", "Line on the screen")
        call = picking.sale_id.delivery_call_ids
        self.assertEqual((call.state, call.user_id, call.about), ("open", self.officer, picking.sale_id))
        self.assertEqual(run.stop_ids.mapped("delivery_call_state"), ["to_call", False])

    def test_stop_shows_what_the_customer_says(self):
        """SOP-14: the call opens from the stop, and its outcome is on the run."""
        stop = self._create_back(self._create_delivery()).stop_ids
        self._answer(stop, self.bad)
        self.assertEqual(stop.delivery_call_state, "bad")
        self._answer(stop, self.good)
        self.assertEqual((stop.delivery_call_state, stop.order_id.delivery_call_state), ("closed", "closed"))
        groups = (
            self.env["crm.courier.stop"]
            .with_user(self.officer)
            ._read_group(
                [("id", "in", stop.ids), ("delivery_call_state", "=", "closed")], ["delivery_call_state"], ["__count"]
            )
        )
        self.assertEqual(groups, [("closed", 1)])

    def test_customers_to_call(self):
        """SOP-14: the list of customers to call has the order until its customer has said how the goods came."""
        stop = self._create_back(self._create_delivery()).stop_ids
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_courier.sale_order_action_to_call")
        orders = self.env["sale.order"].with_user(self.officer)
        self.assertEqual(action["res_model"], "sale.order")
        self.assertIn(stop.order_id, orders.search([("delivery_call_state", "=", "to_call")]))
        self._answer(stop, self.good)
        self.assertNotIn(stop.order_id, orders.search([("delivery_call_state", "=", "to_call")]))
