from odoo import api, fields, models


class CrmComplaintChoice(models.TransientModel):
    """Ask whether a call is about one of the customer's open complaints or about something new (SOP-2c)."""

    _name = "crm.complaint.choice"
    _description = "Which Complaint?"
    _inherit = ["crm.about.mixin"]
    _rec_name = "interaction_id"
    _about = ("interaction_id",)

    interaction_id = fields.Many2one("crm.interaction", "Contact", required=True, ondelete="cascade")
    complaint_ids = fields.Many2many("helpdesk.ticket", compute="_compute_complaint_ids")
    complaint_id = fields.Many2one(
        "helpdesk.ticket",
        "Open Complaint",
        compute="_compute_complaint_id",
        compute_sudo=False,
        store=True,
        readonly=False,
        ondelete="cascade",
        domain="[('id', 'in', complaint_ids)]",
    )

    # === COMPUTE METHODS === #

    @api.depends("interaction_id")
    def _compute_complaint_ids(self):
        for choice in self:
            choice.complaint_ids = choice.interaction_id._find_complaints()

    @api.depends("interaction_id")
    def _compute_complaint_id(self):
        for choice in self:
            choice.complaint_id = choice.complaint_ids[:1]

    # === ACTION METHODS === #

    def action_continue(self):
        """Let the contact be about the chosen complaint."""
        self.ensure_one()
        self.interaction_id._check_free()
        return self.interaction_id._take_complaint(self.complaint_ids & self.complaint_id or self.complaint_ids[:1])

    def action_new(self):
        """Open a new complaint for the contact."""
        self.ensure_one()
        self.interaction_id._check_free()
        return self.interaction_id._take_complaint(self.interaction_id._create_complaint())
