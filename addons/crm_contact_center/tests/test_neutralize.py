from odoo.modules.neutralize import get_neutralization_queries
from odoo.tests import tagged

from .test_telephony_event import TelephonyCase


@tagged("post_install", "-at_install")
class TestNeutralize(TelephonyCase):
    """CC-1: a copy for trials calls nobody, and the telephone's signature is worth nothing there."""

    def test_telephone(self):
        """CC-1: key and secret are others, and what was to be dialled isn't."""
        before = self.system.key, self.system.secret
        command = self.commands.create(
            {"system_id": self.system.id, "kind": "dial", "agent_id": self.agent_1.id, "number": "+6281234567890"}
        )
        self.env.flush_all()
        for query in get_neutralization_queries(["crm_contact_center"]):
            self.env.cr.execute(query)
        self.env.invalidate_all()
        self.assertNotEqual(self.system.key, before[0])
        self.assertNotEqual(self.system.secret, before[1])
        self.assertEqual(len(self.system.secret), len(before[1]))
        self.assertEqual(command.state, "failed")
