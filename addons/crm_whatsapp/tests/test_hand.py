from odoo.exceptions import AccessError, UserError

from .common import WhatsappCase


class TestByHand(WhatsappCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.hand = cls._create_account(provider="hand", number_key=False, access_token=False, app_secret=False)
        cls.by_hand = cls._create_template(name="hand", account_id=cls.hand.id)

    def _waiting(self, count=1):
        messages = self._queue(self._create_customers(count), template=self.by_hand)
        return messages.with_user(self.officer_a)

    def test_a_person_sends_and_says_so(self):
        """H23-4.2.3: by hand: the text opens in WhatsApp, then the person says what came of it; then the next."""
        first, second, third = self._waiting(3)
        self.assertIn("https://wa.me/62812", first.link)
        action = first.action_open_by_hand()
        self.assertEqual((first.state, action["res_id"]), ("sending", first.id))
        self.assertEqual(first.action_hand_sent()["res_id"], second.id)
        self.assertEqual(second.action_hand_no_whatsapp()["res_id"], third.id)
        self.assertEqual(third.action_hand_skipped()["type"], "ir.actions.act_window_close")
        self.assertEqual((first + second + third).mapped("state"), ["sent", "failed", "failed"])
        self.assertEqual((second + third).mapped("problem"), ["no_whatsapp", "skipped"])
        self.assertEqual(first.settled_by_id, self.officer_a)
        self.assertFalse(self.stub.calls)

    def test_two_people_dont_tell_one_customer(self):
        """H23-4.2.3: whom a colleague has taken on isn't told twice."""
        message = self._waiting()
        message.action_open_by_hand()
        colleague = message.with_user(self.manager_hq)
        with self.assertRaisesRegex(UserError, "can’t be done any more"):
            colleague.action_open_by_hand()
        message.action_open_by_hand()
        colleague.action_hand_sent()
        with self.assertRaises(UserError):
            message.action_hand_sent()

    def test_not_for_whom_and_when(self):
        message = self._waiting()
        with self.assertRaises(AccessError):
            message.with_user(self.officer_b).action_open_by_hand()
        message.partner_id.with_user(self.officer_a).action_whatsapp_opt_out()
        with self.assertRaisesRegex(UserError, "opted out"):
            message.action_open_by_hand()
        automatic = self._queue().with_user(self.officer_a)
        with self.assertRaisesRegex(UserError, "by itself"):
            automatic.action_open_by_hand()
        self.assertFalse(automatic.link)

    def test_the_sender_leaves_them_alone(self):
        message = self._waiting()
        with self.enter_registry_test_mode():
            self.env.ref("crm_whatsapp.ir_cron_send").method_direct_trigger()
        self.assertEqual(message.state, "queued")

    def test_blast_by_hand(self):
        customers = self._create_customers(2)
        blast = self.env["crm.whatsapp.blast"].with_user(self.manager_a)
        blast = blast.create(
            {"name": "H", "template_id": self.by_hand.id, "recipients": str([("id", "in", customers.ids)])}
        )
        blast.action_prepare()
        message = self.messages.with_user(self.officer_a).search([("blast_id", "=", blast.id)], order="id", limit=1)
        with self.assertRaisesRegex(UserError, "isn’t running"):
            message.action_open_by_hand()
        blast._workflow_do("start")
        second = message.browse(message.action_open_by_hand() and message.action_hand_sent()["res_id"])
        second.action_hand_sent()
        self.assertEqual(blast.state, "done")
