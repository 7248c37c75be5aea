from datetime import date, datetime

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tools import mute_logger

from .common import CrmBaseCase


class TestCrmBranch(CrmBaseCase):
    def test_code_is_unique_in_the_company(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.cr.savepoint():
            self._create_branch(code="TA")

    def test_code_may_repeat_in_another_company(self):
        other = self.env["res.company"].create({"name": "Test company"})
        self.assertEqual(self._create_branch(code="TA", company_id=other.id).code, "TA")

    def test_copy_gets_a_code_of_its_own(self):
        copy = self.branch_a.copy()
        self.assertEqual((copy.name, copy.code), ("Shop TA", "TA (copy)"))
        self.assertEqual(self.branch_a.copy({"code": "TC"}).code, "TC")

    def test_name_says_code_and_name_and_is_found_by_both(self):
        self.assertEqual(self.branch_a.display_name, "TA Shop TA")
        for word in ("TA", "Shop TA"):
            found = [id_ for id_, __ in self.env["crm.branch"].with_user(self.officer_a).name_search(word)]
            self.assertEqual(found, self.branch_a.ids)

    def test_headquarters_opens_and_changes_branches(self):
        """From the web client: what was just saved is read at once, by the record rules of a moment ago."""
        branches = self.env["crm.branch"].with_user(self.manager_hq)
        self.assertNotIn("TN", branches.search([]).mapped("code"))
        [saved] = branches.web_save({"name": "New shop", "code": "TN"}, {"display_name": {}})
        self.assertEqual(saved["display_name"], "TN New shop")
        branch = branches.browse(saved["id"])
        branch.web_save({"kind": "headquarters"}, {"kind": {}})
        branch.action_archive()
        branch.unlink()

    def test_manager_of_a_shop_keeps_the_shop_but_decides_nothing_above_it(self):
        """Who could make their shop a headquarters, or open one, would see every branch."""
        branch = self.branch_a.with_user(self.manager_a)
        branch.write({"name": "Renamed", "user_ids": [Command.link(self.internal.id)], "pic_id": self.manager_a.id})
        for values in (
            {"kind": "headquarters"},
            {"company_id": self.company.id},
            {"active": False},
            {"head_id": self.manager_a.id},
            {"coordinator_id": self.manager_a.id},
            {"warehouse_id": self.env["stock.warehouse"].search([], limit=1).id},
            {"team_id": self.env["crm.team"].search([], limit=1).id},
        ):
            with self.subTest(values), self.assertRaisesRegex(AccessError, "headquarters"):
                branch.write(values)
        for attack in (
            lambda: branch.create({"name": "x", "code": "TX", "kind": "headquarters"}),
            lambda: branch.create({"name": "x", "code": "TX", "user_ids": [Command.link(self.manager_a.id)]}),
            lambda: branch.copy({"code": "TX", "kind": "headquarters"}),
            branch.unlink,
        ):
            with self.assertRaisesRegex(AccessError, "headquarters"):
                attack()

    def test_manager_of_a_shop_does_not_touch_another(self):
        for attack in (
            lambda branch: branch.write({"user_ids": [Command.link(self.manager_a.id)]}),
            lambda branch: branch.write({"name": "x"}),
            lambda branch: branch.read(["name"]),
        ):
            with self.assertRaises(AccessError):
                attack(self.branch_b.with_user(self.manager_a))

    def test_officers_and_others_change_no_branch(self):
        for user in (self.officer_a, self.internal, self.portal):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.branch_a.with_user(user).write({"name": "x"})

    def test_branch_with_records_is_closed_not_deleted(self):
        self._create_interaction()
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.cr.savepoint():
            self.branch_a.unlink()

    def test_team_and_warehouse_are_of_the_company(self):
        other = self.env["res.company"].create({"name": "Test company"})
        team = self.env["crm.team"].create({"name": "Test team", "company_id": other.id})
        with self.assertRaises(UserError):
            self.branch_a.team_id = team

    @freeze_time("2026-11-21 18:30:00")
    def test_days_are_counted_by_the_clock_of_the_branch(self):
        """Half past six in the evening, UTC, is tomorrow in Jakarta."""
        self.assertEqual(self.branch_a._today(), date(2026, 11, 22))
        self.assertEqual(self._create_branch(code="TW", tz="Europe/Warsaw")._today(), date(2026, 11, 21))
        local = self.branch_a._local(datetime(2026, 11, 22, 0, 0))
        self.assertEqual((local.hour, local.utcoffset().total_seconds()), (7, 7 * 3600))

    def test_country_of_phone_numbers(self):
        """The address's country, else the company's."""
        self.assertEqual(self.branch_a._country(), self.env.ref("base.id"))
        self.branch_a.partner_id = self.env["res.partner"].create(
            {"name": "x", "country_id": self.env.ref("base.pl").id}
        )
        self.assertEqual(self.branch_a._country(), self.env.ref("base.pl"))
        self.assertEqual(self.branch_a._e164("601 234 567"), "+48601234567")

    def test_phone_numbers_get_their_country_code(self):
        for number in (
            "081234567890",
            "0812 3456 7890",
            "0812-3456-7890",
            "0812.3456.7890",
            "(0812) 3456 7890",
            "+62 812 3456 7890",
            "+62 (812) 3456‑7890",
            " 0812\u00a03456 7890 ",
            "6281234567890",
            81234567890,
        ):
            with self.subTest(number):
                self.assertEqual(self.branch_a._e164(number).strip(), "+6281234567890")

    def test_what_is_no_phone_number_is_refused(self):
        """Among them what spreadsheets make of numbers: ".0" would be one more digit of a valid, wrong number."""
        for number in (
            "08123456789.0",
            "0812345678.9",
            "8.12346E+09",
            "81234567890.0",
            "abc",
            "0812 CALL ME",
            "0812 3456 7890 ext. 5",
            "0812 3456 7890 x5",
            "123",
            "+62",
            "+",
            "",
            " ",
            "0812 3456 7890 / 0813 4567 8901",
            "+1 234",
            "=HYPERLINK(1)",
            "0812;3456",
            True,
            "9" * 40,
        ):
            with self.subTest(number), self.assertRaises(UserError):
                self.branch_a._e164(number)
