from odoo.addons.crm_base.tests.common import CrmBaseCase

#: Who works at a point of sale, and the group that each has.
ROLES = ("service_officer", "retention_officer", "cashier", "branch_manager")


class BranchCase(CrmBaseCase):
    """Everybody of branches A and B, as ``cls.service_officer_a`` …, and ``cls.clerk`` at the headquarters."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for letter, branch in (("a", cls.branch_a), ("b", cls.branch_b)):
            for role in ROLES:
                user = cls._create_user(f"test_{role}_{letter}", f"crm_branch.group_{role}", branch)
                setattr(cls, f"{role}_{letter}", user)
        cls.clerk = cls._create_user("test_clerk", "crm_branch.group_headquarters", cls.headquarters)

    @classmethod
    def _consent(cls, partner, branch=None):
        """Have the customer agree that a contract be prepared."""
        purpose = cls.env.ref("crm_branch.consent_purpose_contract")
        vals = {"partner_id": partner.id, "branch_id": (branch or cls.branch_a).id, "channel": "paper"}
        return cls.env["crm.consent"]._give([{**vals, **purpose._prepare_snapshot("pl_PL")}])
