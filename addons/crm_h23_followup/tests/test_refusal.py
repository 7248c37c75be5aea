import psycopg2

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .followup_common import ScheduleCase

#: reason → what must be offered, and to what it leads, as the document says.
TABLE = {
    "time": ("weekend", "workshop"),
    "distance": ("home_service", "home"),
    "disappointed": ("promo", "workshop"),
    "other_dealer": ("promo", "workshop"),
}


@tagged("post_install", "-at_install")
class TestRefusal(ScheduleCase):
    def test_the_table(self):
        """H23-4.2.6, H23-4.2.7a, H23-4.2.7b: each refusal has its offer, as data of the schedule's version."""
        self.assertEqual({code: (reason.offer, reason.lead_to) for code, reason in self.reasons.items()}, TABLE)
        self.assertEqual([code for code, reason in self.reasons.items() if reason.asks_weekdays], ["time"])
        self.assertEqual([code for code, reason in self.reasons.items() if reason.opens_complaint], ["disappointed"])

    def test_offer_and_answer_at_every_step(self):
        """H23-4.2.6, H23-4.3.3, H23-4.3.4, H23-4.3.5, H23-4.4.3, H23-4.4.4, H23-4.4.5: the same rules for FU-1 … 3."""
        number = 0
        for step in "123":
            for code, (offer, __) in TABLE.items():
                with self.subTest(step=step, code=code):
                    number += 1
                    followup = self._due(step, number)
                    with self.assertRaises(UserError):
                        followup._answer("refused", "No")
                    with self.assertRaisesRegex(UserError, "can't be saved without"):
                        followup._answer("refused", "No", reason=self.reasons[code])
                    with self.assertRaisesRegex(UserError, "can't be saved without"):
                        self._refuse(followup, code, answer="perhaps")
                    self._refuse(followup, code)
                    self.assertEqual((followup.result, followup.offer_id.offer), ("refused", offer))
                    self.assertEqual((followup.offer_id.answer, followup.case_id.state), ("refused", "refused"))

    def test_weekdays_are_made_sure_of(self):
        """H23-4.2.6: the weekend is offered only to who really can't come from Monday to Friday."""
        followup = self._due()
        for answer in ("accepted", "refused"):
            with self.assertRaisesRegex(UserError, "Monday to Friday"):
                self._refuse(followup, answer=answer, sure=False)
        self._refuse(followup, answer="accepted")
        self.assertTrue(followup.offer_id.weekdays_impossible)
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.errors.CheckViolation), self.cr.savepoint():
            self.cr.execute("UPDATE crm_followup_offer SET weekdays_impossible = FALSE")

    def test_accepting_the_offer_is_willing(self):
        """H23-4.2.6: who refuses and takes the offer is willing; the refusal and the offer stay on record."""
        followup = self._due()
        self._refuse(followup, "distance", answer="accepted", sure=False)
        self.assertEqual(
            (followup.result, followup.reason_id, followup.case_id.state),
            ("willing", self.reasons["distance"], "booked"),
        )
        self.assertFalse(followup.case_id.next_date)

    def test_disappointment_opens_a_complaint(self):
        """H23-4.2.7b: the disappointment is a complaint with the customer's words; the other dealer is none."""
        followup = self._due("2", 1)
        self._refuse(followup, "disappointed")
        ticket = followup.sudo().ticket_id
        self.assertEqual(ticket.partner_id, followup.sudo().partner_id)
        self.assertIn("Not now", ticket.description)
        self.assertEqual(ticket.team_id, self.env.ref("crm_h23_followup.helpdesk_ticket_team_service"))
        other = self._due("2", 2)
        self._refuse(other, "other_dealer")
        self.assertFalse(other.sudo().ticket_id)

    def test_a_complaint_is_its_branchs(self):
        """H23-4.2.7b: helpdesk's people of another branch don't see the complaint, those of the branch do."""
        followup = self._due()
        self._refuse(followup, "disappointed")
        ticket = followup.sudo().ticket_id
        self.assertEqual(ticket.branch_id, self.branch_a)
        helpdesk = "helpdesk_mgmt.group_helpdesk_user_own,helpdesk_mgmt.group_helpdesk_user"
        for branch, seen in ((self.branch_a, True), (self.branch_b, False)):
            user = self._create_user(f"test_helpdesk_{branch.code}", helpdesk, branch)
            found = self.env["helpdesk.ticket"].with_user(user).search([("id", "=", ticket.id)])
            self.assertEqual(bool(found), seen)

    def test_offers_never_change(self):
        """H23-4.2.6: an offer is noted by the answer alone, and nobody changes it, context or not."""
        followup = self._due()
        self._refuse(followup)
        offer = followup.offer_id
        vals = {
            "followup_id": followup.id,
            "reason_id": offer.reason_id.id,
            "offer": "promo",
            "answer": "refused",
            "user_id": self.admin.id,
        }
        for user in (self.admin_1, self.manager_a, self.admin):
            theirs = offer.with_user(user).with_context(followup_step=True)
            with self.assertRaises(UserError):
                theirs.answer = "accepted"
            with self.assertRaises(UserError):
                theirs.unlink()
            with self.assertRaises(UserError):
                theirs.create(vals)
        with self.assertRaises(UserError):
            offer.sudo().with_context(_force_unlink=True).unlink()
        self.assertEqual(offer.answer, "refused")

    def test_another_versions_reason(self):
        """H23-6: a refusal is of the version that the case follows."""
        followup = self._due()
        draft = self.schedule.copy()
        with self.assertRaisesRegex(UserError, "Say why"):
            followup._answer(
                "refused", "No", reason=draft.reason_ids[0], offer={"answer": "refused", "weekdays_impossible": True}
            )

    def test_only_a_refusal_has_an_offer(self):
        """H23-4.2.6: an offer with another result is a mistake."""
        followup = self._due()
        with self.assertRaises(UserError):
            followup._answer("willing", "Comes", reason=self.reasons["time"])
