from odoo.exceptions import AccessError, UserError

from .common import CourierCase


class TestRunReview(CourierCase):
    """SOP-13c: the committee reviews each run before it leaves."""

    def test_review(self):
        """SOP-13c: a PIC reviews: who and when is noted, the deliveries get their time, the schedule is set."""
        picking = self._create_delivery()
        run = self._create_run(picking)
        run.with_user(self.pic).action_review()
        self.assertEqual((run.run_state, run.reviewed_by_id), ("reviewed", self.pic))
        self.assertEqual(picking.scheduled_date, run.starts_at)
        with self.assertRaisesRegex(UserError, "can't be changed"):
            run.with_user(self.pic).user_id = self.other_courier
        with self.assertRaises(UserError):
            self._create_delivery().with_user(self.logistics).batch_id = run

    def test_only_the_committee(self):
        """SOP-13c: logistics, officers and managers can't release a run, nor can the courier."""
        run = self._create_run(self._create_delivery())
        for user in (self.logistics, self.officer, self.manager, self.courier):
            with self.assertRaises(AccessError):
                run.with_user(user).action_review()
        self.assertEqual(run.run_state, "planned")

    def test_not_the_own_run(self):
        """SOP-13c: a courier who is in the committee doesn't review their own run."""
        self.courier.group_ids += self.env.ref("crm_courier.group_pic")
        run = self._create_run(self._create_delivery())
        with self.assertRaisesRegex(AccessError, "your own run"):
            run.with_user(self.courier).action_review()

    def test_no_leaving_without_review(self):
        """SOP-13c: a run that wasn't reviewed can't be loaded, nor leave, whoever says so."""
        run = self._create_run(self._create_delivery())
        for step in ("load", "leave"):
            for user in (self.courier, self.pic):
                with self.assertRaises(UserError):
                    run.with_user(user)._workflow_do(step)
        self.assertEqual(run.run_state, "planned")

    def test_limits(self):
        """SOP-13c: above the company's limits the review asks for a reason, and keeps it."""
        self.env.company.courier_max_value = 1_000_000
        run = self._create_run(self._create_delivery())
        self.assertIn("3,000,000", run.limits_problem)
        action = run.with_user(self.pic).action_review()
        self.assertEqual(action["context"]["default_transition"], "review_over_limits")
        self.assertEqual(run.run_state, "planned")
        with self.assertRaises(UserError):
            run.with_user(self.pic)._workflow_do("review")
        with self.assertRaises(UserError):
            run.with_user(self.pic)._workflow_do("review_over_limits")
        context = {**action["context"]}
        wizard = self.env["crm.workflow.reason"].with_user(self.pic).with_context(**context)
        wizard.create({"reason": "One big order"}).action_confirm()
        self.assertEqual(run.run_state, "reviewed")
        self.assertEqual(run.workflow_log_ids[0].reason, "One big order")

    def test_number_of_deliveries(self):
        """SOP-13c: the number of deliveries has its limit too."""
        self.env.company.courier_max_deliveries = 1
        run = self._create_run(self._create_delivery(), self._create_delivery())
        self.assertIn("2 deliveries", run.limits_problem)

    def test_not_ready(self):
        """SOP-13c: what isn't all reserved, or nothing at all, isn't released."""
        with self.assertRaisesRegex(UserError, "No deliveries"):
            self._create_run().with_user(self.pic).action_review()
        picking = self._create_delivery()
        run = self._create_run(picking)
        picking.do_unreserve()
        with self.assertRaisesRegex(UserError, "isn't ready"):
            run.with_user(self.pic).action_review()

    def test_schedule_is_required(self):
        """SOP-13c: without courier or time there is nothing to review."""
        run = self._create_run(self._create_delivery())
        run.starts_at = run.ends_at = False
        with self.assertRaisesRegex(UserError, "fill in"):
            run.with_user(self.pic).action_review()

    def test_back_to_planning(self):
        """SOP-13c: taking a run back needs a reason, and another review afterwards."""
        run = self._create_reviewed(self._create_delivery())
        with self.assertRaises(UserError):
            run.with_user(self.logistics)._workflow_do("replan")
        run.with_user(self.logistics)._workflow_do("replan", "Another courier")
        self.assertFalse(run.reviewed_by_id)
        run.user_id = self.other_courier
        with self.assertRaises(UserError):
            run.with_user(self.other_courier).action_load()

    def test_cancelled_run_frees_its_deliveries(self):
        """SOP-13c: a cancelled run lets its deliveries go to another."""
        picking = self._create_delivery()
        run = self._create_reviewed(picking)
        run.with_user(self.pic)._workflow_do("cancel", "Flood")
        self.assertFalse(picking.batch_id)
        self.assertEqual(run.state, "cancel")
        self.assertEqual(self._create_run(picking).stop_ids.picking_id, picking)

    def test_count_and_value_per_courier_and_day(self):
        """SOP-13c: the review shows count and value per courier and day."""
        run = self._create_run(self._create_delivery(), self._create_delivery())
        groups = self.env["stock.picking.batch"]._read_group(
            [("id", "=", run.id)], ["user_id", "run_day:day"], ["stop_count:sum", "stop_value:sum"]
        )
        self.assertEqual(groups, [(self.courier, run.run_day, 2, 6_000_000)])

    def test_queries_dont_grow_with_stops(self):
        """SOP-13c: reviewing ten stops takes no more queries for each than reviewing two."""

        def cost(count):
            run = self._create_run(*[self._create_delivery() for __ in range(count)])
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            run.with_user(self.pic).action_review()
            self.env.flush_all()
            return self.cr.sql_log_count - before

        cost(1)
        few, many = cost(2), cost(6)
        self.assertLessEqual(many, few + 2)
