from odoo.exceptions import AccessError, UserError

from .common import CourierCase


class TestRunRoad(CourierCase):
    """At the door: what came of each delivery, and what is then in the books."""

    def test_delivered(self):
        """SOP-13a: a delivery is done at the door: its units are delivered, the hold ends, the run keeps it."""
        picking = self._create_delivery(2)
        lots = picking.move_line_ids.lot_id
        run = self._create_on_road(picking, self._create_delivery())
        self._say(run.stop_ids[0], "delivered", has_proof=True)
        self.assertEqual(picking.state, "done")
        self.assertEqual(picking.sale_id.hold_ids.mapped("state"), ["delivered", "delivered"])
        self.assertEqual(picking.move_line_ids.lot_id, lots)
        self.assertEqual(run.picking_ids, run.stop_ids.picking_id)
        self.assertEqual((run.run_state, run.state), ("on_road", "in_progress"))
        stop = run.stop_ids[0]
        self.assertEqual((stop.outcome_by_id, stop.attempts), (self.courier, 1))

    def test_not_from_the_office(self):
        """SOP-7: the office can't validate a delivery that is on a run, by any button, before or on the road."""
        picking = self._create_delivery()
        run = self._create_run(picking)
        for step in (lambda: None, lambda: run.with_user(self.pic).action_review(), lambda: self._load(run)):
            step()
            picking.move_ids.picked = True
            with self.assertRaisesRegex(UserError, "customer's door"), self.cr.savepoint():
                picking.with_user(self.logistics).with_context(skip_backorder=True).button_validate()
            with self.assertRaisesRegex(UserError, "customer's door"), self.cr.savepoint():
                picking.move_ids._action_done()
        self.assertEqual(picking.state, "assigned")
        run.with_user(self.courier).action_leave()
        with self.assertRaises(UserError):
            picking.with_user(self.logistics).button_validate()

    def test_forged_context_opens_nothing(self):
        """SOP-7: no value that JSON can make passes for a step of a run."""
        picking = self._create_delivery()
        run = self._create_run(picking)
        for said in (True, "STEP", {"step": 1}, [1]):
            forged = picking.with_user(self.logistics).with_context(crm_courier_step=said)
            with self.assertRaises(UserError):
                forged.button_validate()
            with self.assertRaises(UserError):
                run.with_user(self.logistics).with_context(crm_courier_step=said).write({"reviewed_by_id": self.pic.id})

    def test_partly(self):
        """SOP-8b: what the customer doesn't take comes back: the rest is delivered, and it waits for another run."""
        picking = self._create_delivery(2)
        run = self._create_on_road(picking)
        stop = run.stop_ids
        refused = stop.unit_ids[0]
        with self.assertRaisesRegex(UserError, "Say why"):
            self._say(stop, "partly", back=refused)
        with self.assertRaisesRegex(UserError, "choose what comes back"):
            self._say(stop, "partly", "Wants one only")
        with self.assertRaisesRegex(UserError, "choose what comes back"):
            self._say(stop, "partly", "Wants one only", back=stop.unit_ids)
        self._say(stop, "partly", "Wants one only", back=refused)
        self.assertEqual(picking.state, "done")
        self.assertEqual(picking.move_line_ids.lot_id, (stop.unit_ids - refused).lot_id)
        rest = picking.backorder_ids
        self.assertEqual(rest.move_line_ids.lot_id, refused.lot_id)
        run.with_user(self.courier).action_come_back()
        self.assertEqual(self._create_run(rest).unit_ids.lot_id, refused.lot_id)

    def test_partly_counted_goods(self):
        """SOP-8b: counted goods may come back too."""
        picking = self._create_delivery(1, cases=2)
        stop = self._create_on_road(picking).stop_ids
        cases = stop.unit_ids.filtered(lambda unit: not unit.lot_id)
        self._say(stop, "partly", "Wrong colour", back=cases)
        self.assertEqual(picking.move_line_ids.product_id, self.phone)
        self.assertEqual(picking.backorder_ids.move_ids.product_uom_qty, 2)

    def test_brought_back(self):
        """SOP-13a: what is brought back, with a reason, stays reserved and may go on another run once it is back."""
        picking = self._create_delivery()
        run = self._create_on_road(picking)
        with self.assertRaisesRegex(UserError, "Say why"):
            self._say(run.stop_ids, "brought_back")
        self._say(run.stop_ids, "brought_back", "Line on the screen")
        self.assertEqual(picking.state, "assigned")
        with self.assertRaises(UserError):
            self._create_run(picking)
        run.with_user(self.courier).action_come_back()
        self.assertFalse(picking.batch_id)
        second = self._create_run(picking)
        self.assertEqual(picking.courier_stop_ids.run_id, run | second)
        self.assertEqual(run.stop_ids.picking_id, picking, "the first run remembers its attempt")

    def test_nobody_home(self):
        """SOP-13a: where nobody is at home, the courier may try again on the same run."""
        picking = self._create_delivery()
        stop = self._create_on_road(picking).stop_ids
        self._say(stop, "not_home", "Rang twice")
        self._say(stop, "delivered")
        self.assertEqual((stop.outcome, stop.attempts, picking.state), ("delivered", 2, "done"))

    def test_twice(self):
        """SOP-13a: an outcome is said once: a delivery can't be completed twice, nor taken back."""
        stop = self._create_on_road(self._create_delivery()).stop_ids
        self._say(stop, "delivered")
        for outcome in ("delivered", "brought_back"):
            with self.assertRaisesRegex(UserError, "said already"):
                self._say(stop, outcome, "again")

    def test_only_on_the_road(self):
        """SOP-7: nothing is delivered before the run has left, or after it is back."""
        run = self._create_reviewed(self._create_delivery())
        with self.assertRaisesRegex(UserError, "while it is on the road"):
            self._say(run.stop_ids, "delivered")
        self._load(run)
        with self.assertRaisesRegex(UserError, "while it is on the road"):
            run.stop_ids.with_user(self.courier).action_say_outcome()

    def test_another_couriers_stop(self):
        """SOP-13a: another courier can neither see the stop nor say what came of it; an officer can't say it either."""
        stop = self._create_on_road(self._create_delivery()).stop_ids
        with self.assertRaises(AccessError):
            self._say(stop, "delivered", user=self.other_courier)
        with self.assertRaises(AccessError):
            stop.with_user(self.other_courier).action_say_outcome()
        with self.assertRaises(AccessError):
            stop.with_user(self.officer).action_say_outcome()
        self.assertFalse(stop.outcome)
        self._say(stop, "delivered", user=self.logistics)
        self.assertEqual(stop.outcome_by_id, self.logistics)

    def test_foreign_units_come_back_from_nowhere(self):
        """SOP-8b: units of another stop named by a client don't come back from this one."""
        run = self._create_on_road(self._create_delivery(2), self._create_delivery())
        first, second = run.stop_ids
        with self.assertRaisesRegex(UserError, "choose what comes back"):
            self._say(first, "partly", "Hm", back=second.unit_ids)

    def test_every_stop_has_an_outcome(self):
        """SOP-13a: the courier isn't back before it is said what came of each delivery."""
        run = self._create_on_road(self._create_delivery(), self._create_delivery())
        self._say(run.stop_ids[0], "delivered")
        with self.assertRaisesRegex(UserError, "say what came of this delivery"):
            run.with_user(self.courier).action_come_back()
        self._say(run.stop_ids[1], "not_home", "Nobody")
        run.with_user(self.courier).action_come_back()
        self.assertEqual(run.run_state, "back")
        self.assertTrue(run.returned_at)

    def test_hasnt_left(self):
        """SOP-13c: a departure that was none is taken back with a reason, as long as nothing was delivered."""
        run = self._create_on_road(self._create_delivery())
        run.with_user(self.logistics)._workflow_do("recall", "Rain")
        self.assertEqual((run.run_state, run.left_at), ("loaded", False))
        run.with_user(self.courier).action_leave()
        self._say(run.stop_ids, "delivered")
        with self.assertRaises(UserError):
            run.with_user(self.logistics)._workflow_do("recall", "Rain")

    def test_more_ordered_while_on_the_road(self):
        """SOP-7: what is ordered in addition doesn't come onto a loaded run; it is delivered later."""
        picking = self._create_delivery()
        run = self._create_on_road(picking)
        line = picking.sale_id.order_line.filtered(lambda line: line.product_id == self.phone)
        move = picking.move_ids.copy({"picking_id": picking.id, "sale_line_id": line.id})
        move._action_confirm(merge=False)
        move._action_assign()
        self.assertFalse(move.move_line_ids)
        self._say(run.stop_ids, "delivered")
        self.assertEqual(len(picking.move_line_ids.lot_id), 1)

    def test_timeline(self):
        """SOP-15: the run is a part of the order's timeline."""
        picking = self._create_delivery()
        run = self._create_on_road(picking)
        self._say(run.stop_ids, "delivered")
        timeline = str(picking.sale_id.timeline)
        self.assertIn(run.name, timeline)
        self.assertIn("Delivered", timeline)
