from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .complaint_common import ANSWER, ComplaintCase


@tagged("post_install", "-at_install")
class TestComplaintSolve(ComplaintCase):
    """What was decided and why; and the customer has the last word (SOP-G4, SOP-T7)."""

    def test_solve(self):
        """SOP-G4, SOP-T7: a solution says what was decided and why, who told it when; then a question is planned."""
        self.env.company.complaint_follow_up_days = 5
        complaint = self._create_registered()
        complaint.action_start()
        complaint.write({"decision_id": self.decision.id, **ANSWER})
        complaint.action_solve()
        self.assertEqual((complaint.complaint_state, complaint.answered_by_id), ("solved", self.officer))
        self.assertTrue(complaint.answered_at)
        contact = complaint.follow_up_id
        self.assertEqual((contact.user_id, contact.partner_id, contact.about), (self.officer, self.partner, complaint))
        days = (contact.began_at - fields.Datetime.now()).total_seconds() / 86400
        self.assertAlmostEqual(days, 5, places=2)

    def test_decision_is_required(self):
        """SOP-G4: without decision, reason or solution nothing is solved."""
        for missing in ("decision_id", *ANSWER):
            with self.subTest(missing=missing):
                complaint = self._create_registered()
                complaint.write({"decision_id": self.decision.id, **ANSWER, missing: False})
                with self.assertRaises(UserError):
                    complaint.action_solve()

    def test_decision_stays(self):
        """SOP-G4: what was told to the customer doesn't change afterwards."""
        complaint = self._create_solved()
        for name in ("decision_reason", "solution", "description", "product_name"):
            with self.subTest(name=name), self.assertRaises(UserError):
                complaint.write({name: "Something else"})

    def test_satisfied(self):
        """SOP-T7: a satisfied customer closes the complaint: the contact is recorded, and is its history."""
        complaint = self._create_solved()
        contact = self._tell(complaint, self.satisfied)
        self.assertEqual((complaint.complaint_state, contact.state), ("closed", "done"))
        self.assertTrue(complaint.closed)
        self.assertTrue(complaint.closed_date)
        self.assertFalse(complaint.follow_up_id)

    def test_dissatisfied(self):
        """SOP-T7: who isn't satisfied has the complaint taken up again, with their words and a new deadline."""
        complaint = self._create_solved()
        self.env.cr.execute("UPDATE helpdesk_ticket SET deadline = '2020-01-01' WHERE id = %s", complaint.ids)
        complaint.invalidate_recordset(["deadline"])
        self._tell(complaint, self.dissatisfied, note="<p>Still black</p>")
        self.assertEqual(complaint.complaint_state, "in_progress")
        self.assertIn("Still black", complaint.workflow_log_ids[0].reason)
        self.assertFalse(complaint.answered_at)
        self.assertGreater(complaint.deadline, fields.Datetime.now())
        complaint.solution = "Another handset"
        complaint.action_solve()
        self.assertTrue(complaint.follow_up_id)
        self._tell(complaint, self.satisfied)
        self.assertEqual(complaint.complaint_state, "closed")

    def test_not_reached(self):
        """SOP-T7: who wasn't reached is asked again; the complaint stays solved."""
        complaint = self._create_solved()
        first = self._tell(complaint, self.env.ref("crm_base.crm_interaction_outcome_no_answer"))
        self.assertEqual(complaint.complaint_state, "solved")
        self.assertTrue(complaint.follow_up_id)
        self.assertNotEqual(complaint.follow_up_id, first)
        complaint.follow_up_id._workflow_do("cancel", "By mistake")
        self.assertTrue(complaint.follow_up_id)

    def test_no_close_without_contact(self):
        """SOP-T7: no path closes a complaint whose customer hasn't said that they are satisfied."""
        complaint = self._create_solved()
        closed = self.env.ref("crm_sop_sales.helpdesk_stage_complaint_closed")
        for user in (self.officer, self.manager):
            theirs = complaint.with_user(user)
            with self.subTest(user=user.login):
                for attack in (
                    theirs.action_close,
                    lambda theirs=theirs: theirs._workflow_do("close"),
                    lambda theirs=theirs: theirs.write({"complaint_state": "closed"}),
                    lambda theirs=theirs: theirs.write({"stage_id": closed.id}),
                    lambda theirs=theirs: theirs.write({"closed_date": "2026-01-01"}),
                    lambda theirs=theirs: theirs.write({"active": False}),
                    theirs.action_archive,
                ):
                    with self.assertRaises(UserError):
                        attack()
        self.assertEqual(complaint.complaint_state, "solved")

    def test_old_praise(self):
        """SOP-T7: satisfaction that was recorded before the solution, however it is dated, closes nothing."""
        complaint = self._create_registered()
        contact = self._log(
            res_model=complaint._name,
            res_id=complaint.id,
            outcome_id=self.satisfied.id,
            began_at=fields.Datetime.now() + timedelta(days=9),
            ended_at=fields.Datetime.now() + timedelta(days=9),
        )
        contact.action_close()
        self.assertEqual(complaint.complaint_state, "registered")
        complaint.write({"decision_id": self.decision.id, **ANSWER})
        complaint.action_solve()
        with self.assertRaises(UserError):
            complaint.action_close()

    def test_ask(self):
        """SOP-T7: the button opens the planned contact; before the solution there is nothing to ask."""
        complaint = self._create_registered()
        with self.assertRaises(UserError):
            complaint.action_ask_satisfaction()
        complaint = self._create_solved()
        action = complaint.action_ask_satisfaction()
        self.assertEqual((action["res_model"], action["res_id"]), ("crm.interaction", complaint.follow_up_id.id))

    def test_cancel_and_reopen(self):
        """SOP-G3: cancelling needs a reason; only a manager takes up again what is finished, and says why."""
        complaint = self._create_registered()
        with self.assertRaises(UserError):
            complaint._workflow_do("cancel")
        complaint._workflow_do("cancel", "Withdrawn")
        with self.assertRaises(AccessError):
            complaint._workflow_do("restore", "Again")
        complaint.with_user(self.manager)._workflow_do("restore", "Called again")
        self.assertEqual(complaint.complaint_state, "new")
        complaint = self._create_solved()
        self._tell(complaint, self.satisfied)
        with self.assertRaises(AccessError):
            complaint._workflow_do("reopen", "Again")
        complaint.with_user(self.manager)._workflow_do("reopen", "The same fault came back")
        self.assertEqual((complaint.complaint_state, complaint.closed_date), ("in_progress", False))

    def test_days_to_solve(self):
        """SOP-G4: the days until the answer are kept for the manager's figures."""
        complaint = self._create_registered()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE helpdesk_ticket SET create_date = create_date - interval '2 days' WHERE id = %s", complaint.ids
        )
        complaint.invalidate_recordset(["create_date"])
        complaint.write({"decision_id": self.decision.id, **ANSWER})
        complaint.action_solve()
        self.assertAlmostEqual(complaint.days_to_solve, 2, places=1)
        self.assertEqual(complaint.age_days, 2)
        waiting = self._create_registered()
        domain = [("id", "in", (complaint | waiting).ids)]
        [(average,)] = self.tickets._read_group(domain, [], ["days_to_solve:avg"])
        self.assertAlmostEqual(average, 2, places=1)
