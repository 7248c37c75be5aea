from odoo.exceptions import AccessError, UserError
from odoo.tests import Form

from .common import CANARY, CrmBaseCase


class TestCrmBranchMixin(CrmBaseCase):
    """What belongs to a branch, on interactions, which do."""

    def test_new_record_belongs_to_the_main_branch(self):
        self.assertEqual(self._create_interaction().branch_id, self.branch_a)

    def test_user_in_no_branch_is_told_what_to_do(self):
        """Not the database's NOT NULL, whatever the way in."""
        newcomer = self._create_user("test_newcomer", "crm_base.group_officer", self.env["crm.branch"])
        interactions = self.env["crm.interaction"].with_user(newcomer)
        for values in ({}, {"branch_id": False}, {"branch_id": None}):
            with self.subTest(values), self.assertRaisesRegex(UserError, "belongs to a branch, and you belong to none"):
                interactions.create({"caller_name": "x", **values})
        with self.assertRaisesRegex(UserError, "belongs to a branch"):
            interactions.web_save({"caller_name": "x"}, {})
        result = interactions.load(["caller_name"], [["x"]])
        self.assertIn("belongs to a branch", result["messages"][0]["message"])

    def test_message_speaks_the_language_of_the_user(self):
        self.env["ir.model"]._get("crm.interaction").with_context(lang="id_ID").name = "Interaksi"
        newcomer = self._create_user("test_newcomer", "crm_base.group_officer", self.env["crm.branch"])
        with self.assertRaisesRegex(UserError, "Interaksi"):
            self.env["crm.interaction"].with_user(newcomer).with_context(lang="id_ID").create({"caller_name": "x"})

    def test_one_without_a_branch_among_many_stops_all(self):
        newcomer = self._create_user("test_newcomer", "crm_base.group_officer", self.env["crm.branch"])
        with self.assertRaises(UserError):
            self.env["crm.interaction"].with_user(newcomer).create(
                [{"caller_name": "x", "branch_id": self.branch_a.id}, {"caller_name": "y"}]
            )

    def test_nothing_is_put_into_a_branch_that_the_user_does_not_see(self):
        """Odoo's own rules look at where a record is, not at where a write takes it."""
        own = self._create_interaction()
        for number, attack in enumerate(
            (
                lambda: self._create_interaction(branch_id=self.branch_b.id),
                lambda: own.write({"branch_id": self.branch_b.id}),
                lambda: own.with_context(allowed_company_ids=self.company.ids).web_save(
                    {"branch_id": self.branch_b.id}, {}
                ),
                lambda: own.copy({"branch_id": self.branch_b.id}),
                lambda: own.with_context(default_branch_id=self.branch_b.id).create({"caller_name": "x"}),
            )
        ):
            with self.subTest(number), self.assertRaises(AccessError):
                attack()
        self.assertEqual(own.branch_id, self.branch_a)

    def test_headquarters_moves_records_between_branches(self):
        interaction = self._create_interaction()
        interaction.with_user(self.manager_hq).branch_id = self.branch_b
        self.assertEqual(interaction.with_user(self.officer_b).branch_id, self.branch_b)

    def test_company_is_that_of_the_branch(self):
        self.assertEqual(self._create_interaction().company_id, self.company)

    def test_records_of_a_company_not_chosen_are_hidden(self):
        other = self.env["res.company"].create({"name": "Test company"})
        self.manager_hq.company_ids += other
        branch = self._create_branch(code="TO", company_id=other.id)
        interaction = self._create_interaction(
            branch_id=branch.id, user=self.env.user, partner_id=False, caller_name="x"
        )
        interactions = self.env["crm.interaction"].with_user(self.manager_hq)
        domain = [("id", "=", interaction.id)]
        self.assertFalse(interactions.with_context(allowed_company_ids=self.company.ids).search(domain))
        both = interactions.with_context(allowed_company_ids=(self.company + other).ids)
        self.assertEqual(both.search(domain), interaction)

    def test_refusal_does_not_name_the_record(self):
        """In developer mode Odoo lists what it refuses by name, read with all rights."""
        interaction = self._create_interaction(partner_id=False, caller_name=CANARY)
        self.patch(self.registry["res.users"], "has_group", lambda user, group: True)  # as if in developer mode
        foreign = interaction.with_user(self.officer_b)
        for attack in (
            lambda: foreign.check_access("read"),
            lambda: foreign.read(["caller_name"]),
            lambda: foreign.write({"note": "x"}),
            foreign.action_close,
        ):
            self.env.invalidate_all()
            with self.assertRaisesRegex(AccessError, "another branch or company") as refusal:
                attack()
            self.assertNotIn(CANARY, str(refusal.exception))

    def test_refusal_for_want_of_rights_says_so(self):
        with self.assertRaisesRegex(AccessError, "Officer"):
            self._create_interaction().with_user(self.internal).check_access("read")

    def test_form_offers_the_main_branch(self):
        form = Form(self.env["crm.interaction"].with_user(self.officer_a))
        self.assertEqual(form.branch_id, self.branch_a)
