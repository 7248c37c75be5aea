from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .papers_common import PapersCase


@tagged("post_install", "-at_install")
class TestConsentTake(PapersCase):
    def _open(self, user=None, **context):
        partner = self.customer.with_user(user or self.service_officer_a)
        action = partner.action_take_consents()
        wizards = self.env["crm.consent.take"].with_user(user or self.service_officer_a)
        return Form(wizards.with_context(**action["context"], **context))

    def _tick(self, form, purpose, given=True):
        for index in range(len(form.line_ids)):
            with form.line_ids.edit(index) as line:
                if line.purpose_id == purpose:
                    line.given = given

    def test_give_and_withdraw(self):
        """BR-3: at the counter all purposes are shown with their wording; a tick gives, taking it away withdraws."""
        form = self._open()
        self._tick(form, self.contract)
        self._tick(form, self.marketing)
        form.save().action_save()
        self.assertTrue(self.customer._has_consent(self.contract) and self.customer._has_consent(self.marketing))
        form = self._open()
        self._tick(form, self.marketing, False)
        self.assertTrue(form.is_withdrawal)
        form.channel = "phone"
        form.reason = "Too many calls"
        form.save().action_save()
        self.assertTrue(self.customer._has_consent(self.contract))
        self.assertFalse(self.customer._has_consent(self.marketing))
        withdrawn = self.customer.consent_ids.filtered("withdrawn_at")
        self.assertEqual((withdrawn.withdrawn_channel, withdrawn.withdrawn_reason), ("phone", "Too many calls"))

    def test_language_shown(self):
        """BR-3: the customer reads and consents in the same language."""
        self.contract.with_context(lang="pl_PL").wording = "Zgadzam się."
        self.customer.lang = "pl_PL"
        form = self._open()
        self.assertEqual(form.lang, "pl_PL")
        self._tick(form, self.contract)
        wizard = form.save()
        line = wizard.line_ids.filtered(lambda line: line.purpose_id == self.contract)
        self.assertEqual(line.wording, "Zgadzam się.")
        wizard.action_save()
        self.assertEqual(self.customer.consent_ids.wording, "Zgadzam się.")

    def test_reworded_meanwhile(self):
        """BR-3: nobody consents to words that they haven't read."""
        form = self._open()
        self._tick(form, self.contract)
        wizard = form.save()
        self.contract.wording = "Quite different."
        with self.assertRaisesRegex(UserError, "just changed"):
            wizard.action_save()

    def test_scan_does_not_stay_in_the_window(self):
        """BR-3: the scan is kept with the consent, and nowhere else."""
        form = self._open()
        self._tick(form, self.contract)
        form.channel = "paper"
        form.scan = self._base64()
        wizard = form.save()
        wizard.action_save()
        self.assertFalse(wizard.scan)
        self.assertTrue(self.customer.consent_ids.scan_sha256)

    def test_forged_lines(self):
        """BR-3: what the window believed isn't believed: a forged line gives nothing twice and withdraws nothing."""
        self.customer.with_user(self.service_officer_a)._give_consent(self.contract, "paper")
        form = self._open()
        wizard = form.save()
        wizard.line_ids.sudo().was_given = False
        wizard.action_save()
        self.assertEqual(len(self.customer.consent_ids), 1)
        self.assertTrue(self.customer._has_consent(self.contract))

    def test_retention_only_withdraws(self):
        """BR-17: a retention officer notes withdrawals, and takes no consents."""
        form = self._open(self.retention_officer_a)
        self._tick(form, self.contract)
        with self.assertRaises(UserError):
            form.save().action_save()
