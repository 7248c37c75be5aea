from odoo.exceptions import UserError
from odoo.tests import tagged

from .complaint_common import FACTS, ComplaintCase


@tagged("post_install", "-at_install")
class TestComplaintContact(ComplaintCase):
    """A call about something bought opens a complaint, or goes on with one (SOP-2c, SOP-2d, SOP-T2)."""

    def _complaint(self, action):
        self.assertEqual(action["res_model"], "helpdesk.ticket")
        return self.env["helpdesk.ticket"].with_user(self.officer).browse(action["res_id"])

    def test_new(self):
        """SOP-2c, SOP-2d: the button opens a new complaint of the caller, with what was noted; they show each other."""
        contact = self._log(note="<p>Screen is black</p>")
        complaint = self._complaint(contact.action_complaint())
        self.assertEqual((complaint.complaint_state, complaint.partner_id), ("new", self.partner))
        self.assertEqual((complaint.branch_id, complaint.user_id), (self.shop, self.officer))
        self.assertIn("Screen is black", complaint.description)
        self.assertEqual(contact.about, complaint)
        self.assertEqual(contact.purpose_id, self.env.ref("crm_base.crm_interaction_purpose_complaint"))
        complaint.invalidate_recordset()
        self.assertEqual(complaint.interaction_ids, contact)
        self.assertEqual(self._complaint(contact.action_complaint()), complaint)
        complaint.write(FACTS)
        complaint.action_register()
        outcome = self.env.ref("crm_base.crm_interaction_outcome_complaint_registered")
        self.assertEqual(contact.outcome_id, outcome)

    def test_new_caller(self):
        """SOP-2c, SOP-T1: a caller with name and number becomes the complaint's customer; a name alone stays one."""
        contact = self._log(caller_name="Dedi", phone="0813 5500 7799")
        self.assertEqual(self._complaint(contact.action_complaint()).partner_id.name, "Dedi")
        complaint = self._complaint(self._log(caller_name="A visitor", channel="visit").action_complaint())
        self.assertEqual((complaint.partner_id.id, complaint.partner_name), (False, "A visitor"))

    def test_continue(self):
        """SOP-2c: a customer with open complaints is asked which one it is; nothing is doubled silently."""
        first = self._create_registered()
        contact = self._log()
        action = contact.action_complaint()
        self.assertEqual(action["res_model"], "crm.complaint.choice")
        self.assertFalse(contact.res_id)
        choice = self.env["crm.complaint.choice"].with_user(self.officer).with_context(**action["context"]).create({})
        self.assertEqual(choice.complaint_id, first)
        self.assertEqual(self._complaint(choice.action_continue()), first)
        self.assertEqual(contact.about, first)
        with self.assertRaises(UserError):
            choice.action_new()

    def test_another(self):
        """SOP-2c: another matter of the same customer becomes another complaint."""
        first = self._create_registered()
        contact = self._log()
        choice = self.env["crm.complaint.choice"].with_user(self.officer).create({"interaction_id": contact.id})
        self.assertNotEqual(self._complaint(choice.action_new()), first)

    def test_choice_of_others(self):
        """SOP-2c: a contact can't be turned to a complaint that isn't the customer's."""
        self._create_registered()
        stranger = self._create_complaint(partner_id=self._create_customer("Somebody Else").id)
        contact = self._log()
        choice = self.env["crm.complaint.choice"].with_user(self.officer)
        choice = choice.create({"interaction_id": contact.id, "complaint_id": stranger.id})
        self.assertNotEqual(self._complaint(choice.action_continue()), stranger)

    def test_done_contact(self):
        """SOP-2c: what is done opens no complaint any more."""
        contact = self._log(outcome_id=self.outcome.id)
        contact.action_close()
        with self.assertRaises(UserError):
            contact.action_complaint()

    def test_history(self):
        """SOP-T2: the contact's form opens the customer's complaints, units and orders; whoever calls reads of them."""
        complaint = self._create_registered()
        contact = self._log()
        self.assertEqual(contact.complaint_count, 1)
        self.assertEqual(self.tickets.search(contact.action_view_complaints()["domain"]), complaint)
        self.assertEqual(contact.action_view_units()["res_model"], "stock.lot")
        self.assertEqual(contact.action_view_orders()["res_model"], "sale.order")
        html = (
            self.env["mail.activity"]
            .with_user(self.officer)
            ._render_call_preparation(self.partner.with_user(self.officer))
        )
        self.assertIn(complaint.number, html)
