from odoo import models
from odoo.api import SUPERUSER_ID

from .crm_branch_followup import OFFICER


class CrmBranch(models.Model):
    _inherit = "crm.branch"

    def _has_admin(self, user):
        """Return whether the user follows up at the branch: an officer who sees it, or the scheduler."""
        self.ensure_one()
        return user.id == SUPERUSER_ID or (user.has_group(OFFICER) and self in user.sudo().visible_branch_ids)
