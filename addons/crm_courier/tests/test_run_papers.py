from odoo.exceptions import AccessError, UserError
from odoo.tests import Form

from .common import CourierCase


class TestRunPapers(CourierCase):
    """SOP-13a, SOP-13b: what the courier hands over to CRM is counted, and nothing closes without its proofs."""

    def test_closed(self):
        """SOP-13a: a run whose proofs are all there is handed over and closed by CRM."""
        run = self._create_back(self._create_delivery())
        self._count(run)
        self.assertEqual((run.run_state, run.counted_by_id), ("handed_over", self.officer))
        self.assertFalse(run.missing_proofs or run.discrepancy_ids)
        run.with_user(self.officer).action_close()
        self.assertEqual((run.run_state, run.state), ("closed", "done"))

    def test_missing_proof_of_hand_over(self):
        """SOP-13a: a run can't close while a proof of hand-over is missing; it may come in later."""
        run = self._create_back(self._create_delivery())
        self._count(run, proof=False)
        run.discrepancy_ids.with_user(self.officer).reason = "Left in the car"
        with self.assertRaisesRegex(UserError, "proof of hand-over is missing"):
            run.with_user(self.officer).action_close()
        self.assertIn("hand-over", run.missing_proofs)
        with self.assertRaises(UserError):
            run.stop_ids.with_user(self.courier).action_receive_proof()
        run.stop_ids.with_user(self.officer).action_receive_proof()
        run.with_user(self.officer).action_close()

    def test_missing_proof_of_payment(self):
        """SOP-13b: likewise the proof of payment, where the customer was to pay."""
        run = self._create_back(self._create_delivery())
        self._count(run, slip=False)
        run.discrepancy_ids.with_user(self.officer).reason = "At the bank"
        with self.assertRaisesRegex(UserError, "proof of payment is missing"):
            run.with_user(self.officer).action_close()
        run.stop_ids.with_user(self.officer).action_receive_payment_proof()
        run.with_user(self.officer).action_close()

    def test_nothing_to_pay_needs_no_proof(self):
        """SOP-13b: where nothing was to be paid, no proof of payment is missed."""
        run = self._create_back(self._create_delivery())
        run.stop_ids._write_facts({"to_collect": 0})
        self.assertNotIn("payment", " ".join(run._missing_proofs()))

    def test_brought_back_needs_no_proof(self):
        """SOP-13a: of what came back there is no proof of hand-over; the goods are counted."""
        run = self._create_on_road(self._create_delivery(2))
        self._say(run.stop_ids, "brought_back", "Not at home")
        run.with_user(self.courier).action_come_back()
        self._count(run, units_back=1)
        self.assertEqual(run.discrepancy_ids.mapped("kind"), ["goods"])
        self.assertEqual((run.discrepancy_ids.declared, run.discrepancy_ids.counted), (2, 1))

    def test_difference(self):
        """SOP-13b: what is counted otherwise than the courier said is a discrepancy; it needs a reason."""
        run = self._create_back(self._create_delivery())
        self._count(run, cash=2_900_000)
        difference = run.discrepancy_ids
        self.assertEqual((difference.kind, difference.difference), ("cash", -100_000))
        self.assertIn("3,000,000", difference.display_name)
        with self.assertRaisesRegex(UserError, "Say why"):
            run.with_user(self.officer).action_close()
        with self.assertRaises(AccessError):
            difference.with_user(self.courier).reason = "I don't know"
        difference.with_user(self.officer).reason = "Wrong change; he pays it back"
        self.assertEqual(difference.explained_by_id, self.officer)
        run.with_user(self.officer).action_close()
        with self.assertRaisesRegex(UserError, "closed"):
            difference.with_user(self.officer).reason = "Another"

    def test_manager_is_told(self):
        """SOP-13b: the branch's head is told of a difference."""
        self.branch.head_id = self.manager
        run = self._create_back(self._create_delivery())
        self._count(run, cash=0)
        self.assertEqual(run.activity_ids.user_id, self.manager)

    def test_count_is_blind(self):
        """SOP-13b: who counts isn't told what the courier said, nor what should be there, on any path."""
        run = self._create_back(self._create_delivery())
        stop = run.stop_ids.with_user(self.officer)
        for name in ("cash_collected", "has_proof", "has_payment_proof"):
            with self.assertRaises(AccessError):
                stop.read([name])
            self.assertNotIn(name, stop.fields_get())
        wizard = Form(self.env["crm.courier.count"].with_user(self.officer).with_context(default_run_id=run.id))
        with wizard.line_ids.edit(0) as line:
            self.assertEqual((line.cash_counted, line.proof_received), (0, False))

    def test_not_the_courier(self):
        """SOP-13a: the courier doesn't count what they bring back, nor close the run, in whatever other role."""
        self.courier.group_ids += self.env.ref("crm_base.group_officer")
        run = self._create_back(self._create_delivery())
        with self.assertRaisesRegex(AccessError, "not by the courier"):
            self._count(run, self.courier)
        self._count(run)
        with self.assertRaisesRegex(AccessError, "your own run"):
            run.with_user(self.courier).action_close()

    def test_only_crm(self):
        """SOP-13a: logistics and the committee don't count; nor does an officer of elsewhere."""
        run = self._create_back(self._create_delivery())
        for user in (self.logistics, self.pic, self.stranger):
            with self.assertRaises(AccessError):
                run.with_user(user).action_count()

    def test_no_hand_over_without_count(self):
        """SOP-13a: the step alone isn't enough: something was counted."""
        run = self._create_back(self._create_delivery())
        with self.assertRaisesRegex(UserError, "fill in"):
            run.with_user(self.officer)._workflow_do("hand_over")
        with self.assertRaises(AccessError):
            self.env["crm.courier.count"].with_user(self.courier).create({"run_id": run.id})

    def test_equipment_comes_back(self):
        """SOP-12c: equipment that isn't back is a discrepancy."""
        run = self._create_back(self._create_delivery())
        self._count(run, equipment=False)
        self.assertEqual(run.discrepancy_ids.mapped("kind"), ["equipment"])

    def test_count_anew(self):
        """SOP-13a: a manager has it counted anew, with a reason; the old count is gone."""
        run = self._create_back(self._create_delivery())
        self._count(run, cash=1)
        with self.assertRaises(AccessError):
            run.with_user(self.officer)._workflow_do("recount", "again")
        run.with_user(self.manager)._workflow_do("recount", "Counted the wrong envelope")
        self.assertFalse(run.discrepancy_ids or run.counted_at or run.stop_ids.cash_counted)
        self._count(run)
        run.with_user(self.officer).action_close()
        run.with_user(self.manager)._workflow_do("reopen", "A slip is wrong")
        self.assertEqual(run.run_state, "handed_over")

    def test_closed_run_is_a_record(self):
        """SOP-13a: a closed run doesn't change any more."""
        run = self._create_back(self._create_delivery())
        self._count(run)
        run.with_user(self.officer).action_close()
        for vals in (
            {"description": "x"},
            {"user_id": self.other_courier.id},
            {"terminal_id": False, "ends_at": False},
        ):
            with self.assertRaises(UserError):
                run.with_user(self.pic).write(vals)
