from odoo.tests import tagged

from .common import BranchCase
from .fixtures import ROLES


@tagged("post_install", "-at_install")
class TestRoles(BranchCase):
    def test_roles_are_apart(self):
        """BR-17: nobody gets another's role along with their own."""
        for role in ROLES:
            user = getattr(self, f"{role}_a")
            others = {other for other in ROLES if user.has_group(f"crm_branch.group_{other}")}
            self.assertEqual(others, {role})
            self.assertFalse(user.has_group("crm_branch.group_headquarters"))
