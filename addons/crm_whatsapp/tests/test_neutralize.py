from odoo.modules.neutralize import get_neutralization_queries
from odoo.tests import tagged

from ..models.crm_whatsapp_account import SECRETS
from .common import SECRET, WhatsappCase
from .stub_server import TOKEN


@tagged("post_install", "-at_install")
class TestNeutralize(WhatsappCase):
    """A copy for trials tells no customer anything (H23-4.2.4), and has no key of the real one."""

    def _neutralize(self):
        self.env.flush_all()
        for query in get_neutralization_queries(["crm_whatsapp"]):
            self.env.cr.execute(query)
        self.env.invalidate_all()

    def test_nothing_goes_out(self):
        """H23-4.2.4: what was queued, and what is queued in the copy, reaches nobody; no account sends by hand."""
        hand = self._create_account(name="By hand", provider="hand", number_key=False, access_token=False)
        queued = self._queue(self.customer)
        self._neutralize()
        self.assertEqual(set((self.account | hand).mapped("provider")), {"sandbox"})
        queued |= self._queue(self.customer)
        self._run(hand)
        self._run()
        self.assertEqual(self.stub.calls, [])
        self.assertEqual(set(queued.mapped("state")), {"sent"})

    def test_no_key_of_the_real_one(self):
        """H23-4.2.4: no secret is there, nor an address that WhatsApp knows."""
        before = {name: self.account[name] for name in (*SECRETS, "webhook_key")}
        self.assertEqual((before["access_token"], before["app_secret"]), (TOKEN, SECRET))
        self._neutralize()
        for name, value in before.items():
            self.assertNotEqual(self.account[name], value, name)
