from odoo.exceptions import AccessError
from odoo.fields import Command

from .common import CrmBaseCase


class TestResUsers(CrmBaseCase):
    """Who sees which branch."""

    def _visible(self, user):
        return self.env["crm.branch"].with_user(user).with_context(active_test=False).search([])

    def test_user_sees_their_branches(self):
        self.assertEqual(self.officer_a.visible_branch_ids, self.branch_a)
        self.assertEqual(self._visible(self.officer_a), self.branch_a)

    def test_user_of_several_branches_sees_each(self):
        self.officer_a.branch_ids += self.branch_b
        self.assertEqual(self._visible(self.officer_a), self.branch_a + self.branch_b)

    def test_user_in_no_branch_sees_none(self):
        self.assertFalse(self.internal.visible_branch_ids)
        self.assertFalse(self._visible(self.internal))

    def test_headquarters_sees_all(self):
        everything = self.env["crm.branch"].with_context(active_test=False).search([])
        self.assertEqual(self._visible(self.manager_hq), everything)
        self.assertLessEqual(self.headquarters + self.branch_a + self.branch_b, everything)

    def test_manager_of_a_shop_sees_the_shop_only(self):
        self.assertEqual(self._visible(self.manager_a), self.branch_a)

    def test_main_branch_is_the_first_open_one(self):
        self.officer_a.branch_ids = self.branch_b + self.branch_a
        self.branch_b.sequence = 1
        self.assertEqual(self.officer_a.branch_id, self.branch_b)
        self.branch_b.active = False
        self.assertEqual(self.officer_a.branch_id, self.branch_a)

    def test_main_branch_is_one_of_the_company_worked_in(self):
        other = self.env["res.company"].create({"name": "Test company"})
        branch = self._create_branch(code="TO", company_id=other.id, sequence=1)
        self.officer_a.write({"company_ids": [Command.link(other.id)], "branch_ids": [Command.link(branch.id)]})
        self.assertEqual(self.officer_a.with_company(other).branch_id, branch)
        self.assertEqual(self.officer_a.with_company(self.company).branch_id, self.branch_a)

    def test_joining_and_leaving_take_effect_at_once(self):
        """Record rules are cached: each way to change membership forgets them."""
        interaction = self._create_interaction(user=self.officer_b)
        seen = self.env["crm.interaction"].with_user(self.officer_a)
        domain = [("id", "=", interaction.id)]
        ways = {
            "from the user": (
                lambda: self.officer_a.write({"branch_ids": [Command.link(self.branch_b.id)]}),
                lambda: self.officer_a.write({"branch_ids": [Command.unlink(self.branch_b.id)]}),
            ),
            "from the branch": (
                lambda: self.branch_b.write({"user_ids": [Command.link(self.officer_a.id)]}),
                lambda: self.branch_b.write({"user_ids": [Command.unlink(self.officer_a.id)]}),
            ),
            "to a headquarters and back": (
                lambda: self.branch_a.write({"kind": "headquarters"}),
                lambda: self.branch_a.write({"kind": "point_of_sale"}),
            ),
        }
        for name, (join, leave) in ways.items():
            with self.subTest(name):
                self.assertFalse(seen.search(domain))
                join()
                self.assertEqual(seen.search(domain), interaction)
                leave()
                self.assertFalse(seen.search(domain))

    def test_new_branch_is_seen_by_headquarters_at_once(self):
        self.assertNotIn("TN", self._visible(self.manager_hq).mapped("code"))
        self._create_branch(code="TN")
        self.assertIn("TN", self._visible(self.manager_hq).mapped("code"))

    def test_closed_branch_stays_readable_to_its_members_and_headquarters(self):
        """What a shop did is known after it closed."""
        interaction = self._create_done()
        self.branch_a.active = False
        for user in (self.officer_a, self.manager_hq):
            found = self.env["crm.interaction"].with_user(user).search([("id", "=", interaction.id)])
            self.assertEqual(found, interaction, user.login)
        self.assertFalse(self.env["crm.interaction"].with_user(self.officer_b).search([("id", "=", interaction.id)]))

    def test_closed_headquarters_oversees_nothing(self):
        self.headquarters.active = False
        self.assertEqual(self._visible(self.manager_hq), self.headquarters)

    def test_headquarters_sees_its_companies_only(self):
        other = self.env["res.company"].create({"name": "Test company"})
        branch = self._create_branch(code="TO", company_id=other.id)
        self.assertNotIn(branch, self.manager_hq.visible_branch_ids)
        self.manager_hq.company_ids += other
        self.assertIn(branch, self.manager_hq.visible_branch_ids)
        both = {"allowed_company_ids": (self.company + other).ids}
        self.assertIn(branch, self._visible(self.manager_hq).with_context(**both).search([]))
        one = self.env["crm.branch"].with_user(self.manager_hq).with_context(allowed_company_ids=self.company.ids)
        self.assertNotIn(branch, one.search([]))

    def test_user_does_not_join_a_branch_by_themself(self):
        for user in (self.officer_a, self.manager_a, self.internal, self.portal):
            with self.subTest(user.login), self.assertRaises(AccessError):
                user.with_user(user).write({"branch_ids": [Command.link(self.branch_b.id)]})
            with self.subTest(user.login), self.assertRaises(AccessError):
                user.with_user(user).write({"visible_branch_ids": [Command.link(self.branch_b.id)]})

    def test_visible_branches_of_many_users_take_no_query_each(self):
        users = self.env["res.users"]
        for number in range(12):
            users += self._create_user(f"test_many_{number}", "base.group_user", self.headquarters)
        counts = []
        for some in (users[:2], users):
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            some.mapped("visible_branch_ids")
            counts.append(self.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0], f"2 and 12 users took {counts} queries")
