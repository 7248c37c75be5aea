from odoo.addons.crm_base.tests.common import CrmBaseCase
from odoo.addons.crm_base.tests.fixtures import have

from . import fixtures


class BranchCase(CrmBaseCase):
    """Everybody of branches A and B, as ``cls.service_officer_a`` …, and ``cls.clerk`` at the headquarters."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        have(cls, "branch", fixtures.make)

    @classmethod
    def _consent(cls, partner, branch=None):
        """Have the customer agree that a contract be prepared."""
        purpose = cls.env.ref("crm_branch.consent_purpose_contract")
        vals = {"partner_id": partner.id, "branch_id": (branch or cls.branch_a).id, "channel": "paper"}
        return cls.env["crm.consent"]._give([{**vals, **purpose._prepare_snapshot("pl_PL")}])
