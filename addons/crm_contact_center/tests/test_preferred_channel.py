from odoo.tests import tagged

from .common import ContactCenterCase


@tagged("post_install", "-at_install")
class TestPreferredChannel(ContactCenterCase):
    """CC-5: how a customer likes to be spoken to."""

    def _contacted(self, *channels, **values):
        for number, channel in enumerate(channels):
            self._create_interaction(channel=channel, began_at=self._later(days=-10, hours=number), **values)
        self.env["res.partner"]._cron_channels()
        return self.customer

    def test_used_most(self):
        """CC-5: without a word of theirs, the channel that they use most."""
        customer = self._contacted("call", "whatsapp", "whatsapp", "visit", "visit", "visit")
        self.assertEqual((customer.channel_used, customer.preferred_channel), ("whatsapp", "whatsapp"))

    def test_latest_of_equals(self):
        """CC-5: of equals the latest; what we did, and what is long ago, doesn't count."""
        self._contacted("call", "email")
        self.assertEqual(self.customer.preferred_channel, "email")
        self._contacted("chat", "chat", "chat", direction="outgoing")
        for _times in range(3):
            self._create_interaction(channel="chat", began_at=self._later(days=-400))
        self.env["res.partner"]._cron_channels()
        self.assertEqual(self.customer.preferred_channel, "email")

    def test_own_choice(self):
        """CC-5: what the customer says goes before what they do, now and after the next night."""
        self.customer.channel_choice = "email"
        self._contacted("call", "call")
        self.assertEqual((self.customer.channel_used, self.customer.preferred_channel), ("phone", "email"))
        self.customer.channel_choice = False
        self.assertEqual(self.customer.preferred_channel, "phone")
