from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .inquiry_common import InquiryCase


@tagged("post_install", "-at_install")
class TestInquiryLostOrder(InquiryCase):
    """What is ordered isn't lost: an order under way is cancelled first, by its form (SOP-3b2, SOP-6)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.opportunity_won_on = "confirmation"
        cls._create_units(cls.phone, 3)
        cls.lead.write({"anything_else_asked": True, "anything_else_answer": "No"})
        cls.quotation = cls._create_order(opportunity_id=cls.lead.id)

    def _ways(self, user):
        lead = self.lead.with_user(user)
        reason = {"lost_reason_id": self.reason.id}
        wizard = self.env["crm.lead.lost"].with_user(user).create({"lead_ids": lead.ids, **reason})
        return (
            lambda: lead.action_set_lost(**reason),
            wizard.action_lost_reason_apply,
            lambda: lead.write({"active": False, "probability": 0, **reason}),
            lambda: lead.write({"active": False, **reason}),
        )

    def test_order_under_way(self):
        """SOP-3b2, SOP-6: with an order submitted or approved nobody gives the opportunity up, on any path."""
        self.quotation.action_submit()
        steps = (lambda: None, self.quotation.with_user(self.manager).action_approve)
        for step in steps:
            step()
            for user in (self.officer, self.manager):
                for way in self._ways(user):
                    with (
                        self.subTest(user=user.login, state=self.quotation.approval_state),
                        self.assertRaisesRegex(ValidationError, self.quotation.name),
                        self.env.cr.savepoint(),
                    ):
                        way()
                    self.env.invalidate_all()
                    self.assertTrue(self.lead.active)
        self.assertEqual(self.quotation.approval_state, "approved")
        self._cancel(self.quotation)
        self.lead.action_set_lost(lost_reason_id=self.reason.id)
        self.assertEqual(self.lead.won_status, "lost")

    def test_confirmed_order(self):
        """SOP-3b2: what is sold isn't lost before it is delivered and paid, also where a manager says so."""
        self.quotation.action_submit()
        self.quotation.with_user(self.manager).action_approve()
        self.quotation.action_confirm()
        with self.assertRaisesRegex(ValidationError, self.quotation.name):
            self.lead.with_user(self.manager).action_set_lost(lost_reason_id=self.reason.id)

    def test_quotations_go_too(self):
        """SOP-3b2: quotations that nobody submitted are cancelled with it, whichever way, and say why."""
        for way in self._ways(self.officer):
            self.quotation = self._create_order(opportunity_id=self.lead.id)
            way()
            self.assertEqual((self.lead.won_status == "lost", self.quotation.state), (not self.lead.active, "cancel"))
            self.assertIn(self.lead.name, "".join(self.quotation.message_ids.mapped("body")))
            self.lead.action_unarchive()
            self.lead.write({"anything_else_asked": True, "anything_else_answer": "No"})

    def test_held_units_come_back(self):
        """SOP-3b2, SOP-4b: what a quotation still holds after a manager unlocked it is free again."""
        self.quotation.action_submit()
        self.quotation.with_user(self.manager)._workflow_do("unlock", "Another colour")
        self.assertIn("held", self.quotation.hold_ids.mapped("state"))
        self.lead.action_set_lost(lost_reason_id=self.reason.id)
        self.assertEqual(set(self.quotation.hold_ids.mapped("state")), {"released"})

    def test_won_keeps_its_order(self):
        """FL-8: to archive what is won cancels nothing."""
        self.lead.with_user(self.manager).action_set_won()
        self.lead.with_user(self.manager).write({"active": False, "lost_reason_id": self.reason.id})
        self.assertEqual(self.quotation.state, "draft")

    def test_dialog_says_it(self):
        """SOP-3b2: the dialog names the quotations that go too, and the orders that stand in the way."""
        wizard = Form(self.env["crm.lead.lost"].with_user(self.officer).with_context(default_lead_ids=self.lead.ids))
        self.assertEqual((wizard.quotations, wizard.orders_under_way), (self.quotation.name, ""))
        self.quotation.action_submit()
        wizard = Form(self.env["crm.lead.lost"].with_user(self.officer).with_context(default_lead_ids=self.lead.ids))
        self.assertEqual(wizard.orders_under_way, self.quotation.name)
        with self.assertRaises(UserError):
            self.lead.action_archive()

    def test_anothers_opportunity(self):
        """SOP-G1: an officer doesn't read the name of a colleague's opportunity by putting it on an order."""
        secret = self._create_opportunity(self.other_officer, name="Secret")
        for attack in (
            lambda: self.quotation.with_user(self.officer).write({"opportunity_id": secret.id}),
            lambda: self._create_order(opportunity_id=secret.id),
            lambda: (
                self.quotation.with_user(self.officer)
                .with_context(default_opportunity_id=secret.id)
                .create({"partner_id": self.partner.id})
            ),
        ):
            with self.assertRaises(AccessError):
                attack()
        self.lead.user_id = self.other_officer
        copied = self.quotation.with_user(self.officer).copy()
        self.assertFalse(copied.opportunity_id)

    def test_an_order_under_way_stays(self):
        """SOP-3b2: an officer doesn't take it off its opportunity, to give that up; a manager does, or it moves on."""
        self.quotation.action_submit()
        lead = self.lead.with_user(self.officer)
        for attack in (
            lambda: self.quotation.with_user(self.officer).write({"opportunity_id": False}),
            lambda: lead.write({"order_ids": [Command.unlink(self.quotation.id)]}),
            lambda: lead.write({"order_ids": [Command.clear()]}),
        ):
            with self.assertRaisesRegex(UserError, "stays with its opportunity"):
                attack()
        other = lead.create({"name": "Phone", "type": "opportunity", "partner_id": self.partner.id})
        self.quotation.with_user(self.officer).opportunity_id = other
        self.quotation.with_user(self.manager).opportunity_id = False
        self.assertFalse(self.quotation.opportunity_id)
