from datetime import timedelta

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models.crm_consent import STEP
from .papers_common import PDF, PapersCase


@tagged("post_install", "-at_install")
class TestConsent(PapersCase):
    def _give(self, user=None, purposes=None, partner=None, **options):
        partner = (partner or self.customer).with_user(user or self.service_officer_a)
        return partner._give_consent(purposes or self.contract, options.pop("channel", "paper"), **options)

    def test_given(self):
        """BR-3: a consent keeps purpose, wording, date, channel, by whom and where."""
        before = fields.Datetime.now()
        consent = self._give(scan=self._base64(), scan_name="../zgoda.exe")
        self.assertEqual(consent.wording, self.contract.wording)
        self.assertEqual((consent.channel, consent.user_id), ("paper", self.service_officer_a))
        self.assertEqual(consent.branch_id, self.branch_a)
        self.assertGreaterEqual(consent.given_at, before.replace(microsecond=0))
        self.assertEqual(consent.scan_name, "zgoda.pdf")
        self.assertEqual(len(consent.scan_sha256), 64)
        self.assertTrue(self.customer._has_consent(self.contract))
        self.assertFalse(self.customer._has_consent(self.marketing))

    def test_wording_in_the_language_shown(self):
        """BR-3: the wording is kept in the language in which it was read, and as it was then."""
        self.contract.with_context(lang="pl_PL").wording = "Wyrażam zgodę."
        version = self.contract.version
        consent = self._give(lang="pl_PL")
        self.assertEqual((consent.wording, consent.lang), ("Wyrażam zgodę.", "pl_PL"))
        self.assertEqual(consent.wording_version, version)
        self.contract.with_user(self.clerk).wording = "Other words."
        self.assertEqual(self.contract.version, version + 1)
        self.contract.with_user(self.clerk).update_field_translations("wording", {"pl_PL": "Inne słowa."})
        self.assertEqual(self.contract.version, version + 2)
        self.assertEqual(consent.wording, "Wyrażam zgodę.")

    def test_required(self):
        """BR-3: without consent nothing is prepared; the refusal says what to do."""
        with self.assertRaisesRegex(UserError, "read the wording to the customer and tick it"):
            self.customer._require_consent(self.contract)
        consent = self._give()
        self.customer._require_consent(self.contract)
        self.customer.with_user(self.service_officer_a)._withdraw_consent(self.contract, "phone", "Changed mind")
        self.assertTrue(consent.withdrawn_at)
        with self.assertRaises(UserError):
            self.customer._require_consent(self.contract)
        self.assertFalse(self.env["res.partner"]._has_consent(self.contract))

    def test_withdrawn_and_given_again(self):
        """BR-3: a withdrawal has date, channel, by whom and why; afterwards consent may be given again."""
        consent = self._give()
        self.customer.with_user(self.retention_officer_a)._withdraw_consent(self.contract, "phone", "Moves away")
        self.assertEqual((consent.withdrawn_channel, consent.withdrawn_reason), ("phone", "Moves away"))
        self.assertEqual(consent.withdrawn_by_id, self.retention_officer_a)
        self._give()
        self.assertTrue(self.customer._has_consent(self.contract))

    def test_one_valid(self):
        """BR-3: one valid consent per customer and purpose: by the steps, and in the database."""
        consent = self._give()
        with self.assertRaisesRegex(UserError, "already"):
            self._give(self.service_officer_b)
        vals = consent.copy_data()[0]
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            consent.sudo().with_context(crm_branch_consent=STEP).create({**vals, "given_at": fields.Datetime.now()})

    def test_between_branches(self):
        """BR-3: branch B knows whether consent was given, notes its withdrawal, and doesn't read A's paper."""
        consent = self._give()
        self.assertTrue(self.customer.with_user(self.service_officer_b)._has_consent(self.contract))
        self.assertFalse(consent.with_user(self.service_officer_b).has_access("read"))
        self.assertFalse(self.customer.with_user(self.service_officer_b).consent_ids)
        self.customer.with_user(self.service_officer_b)._withdraw_consent(self.contract, "screen")
        self.assertEqual(consent.withdrawn_by_id, self.service_officer_b)

    def test_address_has_the_consent_of_its_customer(self):
        """BR-3: an address has the customer's consent; a colleague hasn't."""
        self._give()
        people = self.env["res.partner"].create(
            [
                {"name": "Invoices", "parent_id": self.customer.id, "type": "invoice"},
                {"name": "Colleague", "parent_id": self.customer.id, "type": "contact"},
            ]
        )
        self.assertEqual(people._with_consent(self.contract), people[0])

    def test_another_company(self):
        """BR-3: a consent is given to one company."""
        self._give()
        other = self.env["res.company"].create({"name": "Other"})
        self.assertFalse(self.customer.with_company(other)._has_consent(self.contract))

    def test_who(self):
        """BR-3, BR-17: service officers take consents; retention and headquarters note withdrawals too."""
        for user in (self.retention_officer_a, self.cashier_a, self.branch_manager_a, self.clerk, self.portal):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self._give(user)
        self._give()
        for user in (self.cashier_a, self.branch_manager_a, self.portal):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.customer.with_user(user)._withdraw_consent(self.contract, "phone")

    def test_attacks(self):
        """BR-3: a consent isn't typed in, backdated, changed, deleted or reworded by anybody."""
        consent = self._give()
        vals = {
            "partner_id": self.customer.id,
            "purpose_id": self.marketing.id,
            "wording": "x",
            "wording_version": 1,
            "lang": "en_US",
            "channel": "paper",
            "given_at": fields.Datetime.now() - timedelta(days=30),
            "user_id": self.service_officer_a.id,
            "branch_id": self.branch_a.id,
        }
        for user in (*self._staff("a"), self.clerk, self.admin):
            mine = consent.with_user(user).with_context(crm_branch_consent=True, _force_unlink=True)
            for attack in (
                lambda mine=mine: mine.create(vals),
                lambda mine=mine: mine.write({"given_at": "2020-01-01"}),
                lambda mine=mine: mine.write({"wording": "Everything."}),
                lambda mine=mine: mine.write({"withdrawn_at": fields.Datetime.now()}),
                lambda mine=mine: mine.unlink(),
                lambda mine=mine: mine.sudo().unlink(),
                lambda mine=mine: mine.sudo().write({"wording": "Everything."}),
                lambda mine=mine: mine.sudo().create(vals),
                lambda user=user: self.customer.with_user(user).write({"consent_ids": [(2, consent.id)]}),
            ):
                with self.subTest(user=user.login), self.assertRaises(UserError):
                    attack()
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self.customer.unlink()
        self.assertTrue(consent.exists().is_valid)

    def test_wording_is_headquarters(self):
        """BR-3: branches don't reword what customers are asked."""
        for user in (*self._staff("a"), self.manager_hq):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.contract.with_user(user).wording = "Everything."
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.contract.with_user(user).update_field_translations("wording", {"en_US": "Everything."})
        self.contract.with_user(self.clerk).version = 1000
        self.assertLess(self.contract.version, 1000)

    def test_bad_scan(self):
        """BR-3: a scan is a PDF or picture, whatever its name."""
        for content in (b"MZ\x90", b"<svg/>", b"\x89PNG\r\n\x1a\nbroken", PDF + b"x" * 11 * 2**20):
            with self.assertRaisesRegex(UserError, "no PDF"):
                self._give(scan=self._base64(content), scan_name="scan.pdf")

    def test_cost(self):
        """BR-3: asking for a thousand customers costs as many queries as asking for one."""
        people = self.env["res.partner"].create([{"name": f"P{i}"} for i in range(50)])
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(2):
            self.assertFalse(people._has_consent(self.contract))

    def test_moment_is_the_servers(self):
        """BR-3: the date is that of the server, at any hour."""
        with freeze_time("2026-03-29 22:30:00"):
            self.assertEqual(str(self._give().given_at), "2026-03-29 22:30:00")
