from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .common import ContactCenterCase


@tagged("post_install", "-at_install")
class TestCrmReasonReport(ContactCenterCase):
    """CC-9: half of the calls are about the same thing."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.env["crm.interaction.purpose"].create({"name": "Other test purpose"})

    def _contacts(self, purpose, count, days=1, **values):
        began = fields.Datetime.now() - timedelta(days=days)
        for _number in range(count):
            self._create_interaction(self.officer_a, purpose_id=purpose.id, began_at=began, **values)

    def _rows(self, user=None, days=None):
        report = self.env["crm.reason.report"].with_user(user or self.supervisor)
        rows = report.with_context(crm_reason_days=days).search([("purpose_id", "in", (self.purpose + self.other).ids)])
        self.env.invalidate_all()
        return {row.purpose_id: row for row in rows}

    def test_share(self):
        """CC-9: count, share and cumulative share in the period; cancelled ones don't count."""
        self._contacts(self.purpose, 3)
        self._contacts(self.other, 1)
        self._contacts(self.other, 2, days=100)
        self._create_cancelled(purpose_id=self.other.id)
        rows = self._rows()
        first, second = rows[self.purpose], rows[self.other]
        self.assertEqual((first.contacts, first.share, first.cumulative), (3, 75, 75))
        self.assertEqual((second.contacts, second.former_contacts, second.cumulative), (1, 2, 100))
        self.assertEqual(self._rows(days=365)[self.other].contacts, 3)
        self.assertEqual(self._rows(days=10**9)[self.other].contacts, 3)

    def test_our_own_calls(self):
        """CC-9: what we called customers for isn't why they turn to us, unless they had asked to be called."""
        self._contacts(self.purpose, 1)
        self._contacts(self.purpose, 3, direction="outgoing", channel="whatsapp")
        asked = self._create_interaction(self.officer_a, purpose_id=self.purpose.id, direction="outgoing")
        contact = self._enter(phone="+6281234567890")
        contact._write({"interaction_id": asked.id, "callback_at": fields.Datetime.now()})
        contact.invalidate_recordset()
        self.assertEqual(self._rows()[self.purpose].contacts, 2)

    def test_branches(self):
        """CC-9: what another branch was asked doesn't count here."""
        self._contacts(self.purpose, 1)
        self._create_interaction(self.officer_b, purpose_id=self.other.id)
        self.assertNotIn(self.other, self._rows())
        self.assertEqual(self._rows()[self.purpose].share, 100)

    def test_did_it_help(self):
        """CC-9: contacts a day before and since the question was published."""
        faq = self.env["crm.faq"].create(
            {
                "name": "Why?",
                "answer": "<p>Because.</p>",
                "category_id": self.env.ref("crm_contact_center.crm_faq_category_service").id,
                "purpose_ids": [Command.set(self.purpose.ids)],
            }
        )
        self._contacts(self.purpose, 30, days=20)
        self._contacts(self.purpose, 5, days=5)
        self.assertFalse(self._rows()[self.purpose].faq_count)
        faq.is_published = True
        faq.flush_recordset()
        self.env.cr.execute("UPDATE crm_faq SET published_at = now() - interval '10 days' WHERE id = %s", [faq.id])
        row = self._rows()[self.purpose]
        self.assertEqual((row.faq_count, row.daily_before), (1, 1))
        self.assertAlmostEqual(row.daily_after, 0.5, delta=0.05)
        self.assertAlmostEqual(row.change, -50, delta=5)

    def test_write_faq(self):
        """CC-9: from a reason to its question; only supervisors, who see the report."""
        self._contacts(self.purpose, 1)
        row = self._rows()[self.purpose]
        context = row.action_write_faq()["context"]
        faq = self.env["crm.faq"].with_user(self.supervisor).with_context(**context).new({})
        self.assertEqual(faq.purpose_ids._origin or faq.purpose_ids, self.purpose)
        self.assertEqual(row.action_view_faqs()["res_model"], "crm.faq")
        with self.assertRaises(AccessError):
            self._rows(self.agent_1.user_id)
        with self.assertRaises(AccessError):
            row.with_user(self.agent_1.user_id).action_write_faq()

    def test_groups(self):
        """CC-9: graph and pivot add up."""
        self._contacts(self.purpose, 2)
        report = self.env["crm.reason.report"].with_user(self.supervisor)
        groups = report._read_group([("purpose_id", "=", self.purpose.id)], ["purpose_id"], ["contacts:sum"])
        self.assertEqual(groups, [(self.purpose, 2)])
