from odoo import fields, models


class HelpdeskTicket(models.Model):
    """The ticket of a complaint that a branch took (BR-11); ``branch_id`` is that of ``crm_sop_sales``, too."""

    _inherit = "helpdesk.ticket"

    branch_id = fields.Many2one("crm.branch", index="btree_not_null", ondelete="restrict", tracking=True)
    complaint_report_ids = fields.One2many(
        "crm.complaint.report",
        "ticket_id",
        "Complaint Reports",
        readonly=True,
        groups="crm_branch.group_retention_officer,crm_branch.group_branch_manager,crm_branch.group_headquarters",
    )

    # === ACTION METHODS === #

    def action_view_complaint_report(self):
        """Open the event report of the branch."""
        self.ensure_one()
        return self.complaint_report_ids[:1].get_formview_action()
