from odoo import models

from .helpdesk_ticket_purchase import OPEN


class ResUsers(models.Model):
    """Who leaves hands over: a complaint has an owner who answers it (SOP-G3)."""

    _inherit = "res.users"

    # === CRUD METHODS === #

    def write(self, vals):
        """Override: the complaints of who is archived go to somebody of their branch."""
        leaving = self.filtered("active") if "active" in vals and not vals["active"] else self.browse()
        result = super().write(vals)
        leaving.sudo()._hand_over_complaints()
        return result

    # === BUSINESS METHODS === #

    def _hand_over_complaints(self):
        """Give open complaints to the branch's person in charge, its head, or another officer of it; tell them."""
        complaints = self.env["helpdesk.ticket"].search([("user_id", "in", self.ids), ("complaint_state", "in", OPEN)])
        for complaint in complaints:
            branch = complaint.branch_id
            people = (branch.pic_id | branch.head_id | branch.user_ids.sorted("id")) - self
            heirs = people.filtered(
                lambda user, branch=branch: (
                    user.active and user.has_group("crm_base.group_officer") and branch in user.visible_branch_ids
                )
            )
            if heirs:
                complaint.user_id = heirs[0]
