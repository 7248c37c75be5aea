from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .helpdesk_ticket import OFFICERS, STEP


class HelpdeskTicket(models.Model):
    """Where a complaint belongs and who answers for it (SOP-G3)."""

    _inherit = "helpdesk.ticket"

    branch_id = fields.Many2one("crm.branch", index="btree_not_null", ondelete="restrict", tracking=True)

    # === COMPUTE METHODS === #

    def _compute_user_id(self):
        """Override: the owner of a complaint is an officer of its branch; nobody has to be put into a team first."""
        return super(HelpdeskTicket, self.filtered(lambda ticket: not ticket.team_id.is_complaint))._compute_user_id()

    # === CONSTRAINS METHODS === #

    @api.constrains("branch_id", "company_id", "team_id")
    def _check_branch_company(self):
        for ticket in self.filtered(lambda ticket: ticket.is_complaint and ticket.branch_id):
            if ticket.branch_id.sudo().company_id != ticket.company_id:
                raise ValidationError(self.env._("%s: the branch belongs to another company.", ticket.display_name))

    @api.constrains("user_id", "branch_id", "complaint_state")
    def _check_owner(self):
        """Check that who answers for the complaint can see it (SOP-G3)."""
        for ticket in self.filtered(lambda ticket: ticket.complaint_state not in ("new", "cancelled", "closed")):
            owner = ticket.user_id.sudo()
            if not owner or not owner.has_group(OFFICERS[0]) or ticket.branch_id not in owner.visible_branch_ids:
                raise ValidationError(
                    self.env._(
                        "%(owner)s can't answer for %(complaint)s: choose an officer of the branch %(branch)s.",
                        owner=owner.name,
                        complaint=ticket.display_name,
                        branch=ticket.branch_id.sudo().name,
                    )
                )

    # === ACTION METHODS === #

    def assign_to_me(self):
        """Override: any officer who sees a complaint may take it; no team stands before it."""
        if self.is_complaint:
            return self.write({"user_id": self.env.uid})
        return super().assign_to_me()

    # === BUSINESS METHODS === #

    @api.model
    def _find_branch(self, company):
        """Return where a complaint belongs that says none: the user's branch, else the company's main one."""
        own = self.env.user.branch_id
        if own.sudo().company_id == company:
            return own
        return company._main_branch().with_env(self.env)

    def _become_complaints(self):
        """Give tickets that have just become complaints their branch, and their stage whatever was typed."""
        for ticket in self.filtered("is_complaint").with_context(complaint_step=STEP):
            stage = ticket.team_id._complaint_stage(ticket.complaint_state)
            if stage and ticket.stage_id != stage:
                ticket.write({"stage_id": stage.id, "closed_date": False})
            if not ticket.branch_id and (branch := ticket._find_branch(ticket.company_id)):
                ticket.write({"branch_id": branch.id})
