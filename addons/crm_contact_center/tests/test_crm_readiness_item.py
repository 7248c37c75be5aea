from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import ContactCenterCase


@tagged("post_install", "-at_install")
class TestReadiness(ContactCenterCase):
    """CC-11: the check list of a successful customer service, with its state."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.items = cls.env["crm.readiness.item"].with_user(cls.supervisor)
        cls.lessons = cls.items.browse(cls.env.ref("crm_contact_center.crm_readiness_lessons").id)

    def _confirm(self, item, user=None):
        confirmations = self.env["crm.readiness.confirmation"].with_user(user or self.supervisor)
        confirmation = confirmations.create({"item_id": item.id, "note": "Seen on Monday"})
        self.items.invalidate_model()
        return confirmation

    def test_list(self):
        """CC-11: the document's ten lines are there, of every area, and each has a state."""
        items = self.items.search([])
        self.assertGreaterEqual(len(items), 10)
        self.assertEqual(set(items.mapped("area")), set(dict(items._fields["area"].selection)))
        self.assertFalse(items.filtered(lambda item: not item.state))

    def test_by_hand(self):
        """CC-11: a supervisor confirms, and again when that is too long ago."""
        self.assertEqual(self.lessons.state, "review")
        confirmation = self._confirm(self.lessons)
        self.assertEqual((self.lessons.state, self.lessons.confirmed_by_id), ("ready", self.supervisor))
        confirmation.sudo().date = fields.Date.today() - timedelta(days=31)
        self.items.invalidate_model()
        self.assertEqual(self.lessons.state, "review")

    def test_not_forged(self):
        """CC-11: who confirmed, and when, isn't typed; agents don't confirm; nobody changes what was confirmed."""
        confirmations = self.env["crm.readiness.confirmation"].with_user(self.supervisor)
        forged = confirmations.create(
            {"item_id": self.lessons.id, "note": "x", "user_id": self.env.user.id, "date": "2020-01-01"}
        )
        self.assertEqual((forged.user_id, forged.date.year > 2020), (self.supervisor, True))
        for attack in (lambda: forged.write({"note": "y"}), forged.unlink):
            with self.assertRaises(AccessError):
                attack()
        with self.assertRaises(AccessError):
            self._confirm(self.lessons, self.agent_1.user_id)
        with self.assertRaises(AccessError):
            self.lessons.with_user(self.agent_1.user_id).action_confirm()

    def test_checks(self):
        """CC-11: what the system can find out, it does: each check answers, in words."""
        for check, _label in self.items._selection_check():
            holds, facts = getattr(self.items.sudo(), f"_check_{check}")()
            self.assertIsInstance(holds, bool)
            self.assertTrue(facts)

    def test_agents(self):
        """CC-11: agents without a telephone aren't ready; with all they need they are."""
        agents = self.env["crm.agent"].search([("company_id", "=", self.env.company.id)])
        item = self.items.browse(self.env.ref("crm_contact_center.crm_readiness_agents").id)
        self.assertEqual(item.state, "open")
        self.assertIn(self.agent_1.name, item.facts)
        for number, agent in enumerate(agents):
            agent.write({"extension": f"9{number:03}", "skill_ids": [(0, 0, {"skill_id": self.skill.id, "level": 3})]})
        self.items.invalidate_model()
        self.assertEqual(item.state, "ready", item.facts)
