from odoo import models
from odoo.exceptions import AccessError

OFFICER, MANAGER = "crm_base.group_officer", "crm_base.group_manager"


class CrmBranch(models.Model):
    """Who leads the branch's follow-ups, and who does them."""

    _inherit = "crm.branch"

    def _is_led_by(self, user):
        """Return whether the user leads the branch: its person in charge, head or coordinator, or a manager who sees
        it.
        """
        self.ensure_one()
        if user in (self.pic_id, self.head_id, self.coordinator_id):
            return True
        return user.has_group(MANAGER) and self in user.visible_branch_ids

    def _check_led(self):
        """Check that the user leads these branches.

        :raise AccessError: they don't
        """
        for branch in self.sudo():
            if not (self.env.su or branch._is_led_by(self.env.user)):
                raise AccessError(
                    self.env._("Only the person in charge of %s, its head or a manager may do this.", branch.name)
                )

    def _followup_admins(self):
        """Return who may be given follow-ups of the branch: its members who are officers, leaders too."""
        self.ensure_one()
        members = self.sudo().user_ids | self.sudo().pic_id
        return members.filtered(lambda user: user.active and not user.share and user.has_group(OFFICER))

    def _followup_present(self, day):
        """Return branch → its admins who aren't away on that day."""
        away = self.env["crm.followup.absence"]._away(day)
        return {branch: branch._followup_admins() - away for branch in self}

    def _followup_pools(self, day):
        """Return branch → the admins to whom a day's follow-ups go: officers who aren't away; managers only where a
        branch has nobody else.
        """
        pools = {}
        for branch, present in self._followup_present(day).items():
            officers = present.filtered(lambda user: not user.has_group(MANAGER))
            pools[branch] = (officers or present).sorted("id")
        return pools
