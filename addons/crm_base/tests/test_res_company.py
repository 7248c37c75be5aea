from odoo.fields import Command

from .common import CrmBaseCase


class TestResCompany(CrmBaseCase):
    """A company that has opened no branch is one itself."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.env["res.company"].create({"name": "PT Lain"})
        cls.other.resource_calendar_id = cls.env["resource.calendar"].create(
            {"name": "Office", "tz": "Asia/Makassar", "company_id": cls.other.id}
        )
        cls.officer_a.company_ids = [Command.link(cls.other.id)]

    def test_existing_branches(self):
        """SOP-14: the headquarters comes first, then the first branch; none is opened beside them."""
        self.assertEqual(self.company._main_branch(), self.headquarters)
        first = self._create_branch(code="L2", company_id=self.other.id, sequence=2)
        self._create_branch(code="L3", company_id=self.other.id, sequence=3)
        self.assertEqual(self.other._main_branch(), first)

    def test_no_branch(self):
        """SOP-14: a branch is opened once, by the clock of the company, and its officers see what is in it alone."""
        branch = self.other._main_branch()
        self.assertEqual((branch.company_id, branch.tz, branch.name), (self.other, "Asia/Makassar", "PT Lain"))
        self.assertEqual(self.other._main_branch(), branch)
        self.assertIn(branch, self.officer_a.visible_branch_ids)
        self.assertNotIn(branch, self.officer_b.visible_branch_ids)
        self.assertFalse(self.officer_a._sees_all_branches())

    def test_closed_branch(self):
        """SOP-14: where all branches are closed, another one is opened, beside their codes."""
        old = self.other._main_branch()
        old.active = False
        new = self.other._main_branch()
        self.assertTrue(new.active)
        self.assertNotEqual((new.id, new.code), (old.id, old.code))
