from odoo import api, fields, models
from odoo.exceptions import UserError


class HelpdeskTicketTeam(models.Model):
    """A complaint team has a pipeline of its own: stages that follow the complaint's state (SOP-E2)."""

    _inherit = "helpdesk.ticket.team"

    is_complaint = fields.Boolean(
        "Takes Complaints", help="Its tickets are complaints: registered in full, with owner, deadline and answer."
    )

    # === CRUD METHODS === #

    def write(self, vals):
        """Override: tickets don't become complaints, or cease to be, behind everybody's back."""
        if "is_complaint" in vals:
            turned = self.sudo().filtered(lambda team: team.is_complaint != bool(vals["is_complaint"]))
            self._check_no_tickets(turned)
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_complaints(self):
        self._check_no_tickets(self.sudo().filtered("is_complaint"))

    def _check_no_tickets(self, teams):
        tickets = self.env["helpdesk.ticket"].sudo().with_context(active_test=False)
        if ticket := tickets.search([("team_id", "in", teams.ids)], limit=1):
            raise UserError(
                self.env._(
                    "%(team)s has tickets: archive it, and use another team from now on.",
                    team=ticket.team_id.display_name,
                )
            )

    # === BUSINESS METHODS === #

    def _get_applicable_stages(self):
        """Override: complaints have stages of their own, and those alone."""
        if self and self.is_complaint:
            return self._find_complaint_stages()
        return super()._get_applicable_stages()

    def _find_complaint_stages(self):
        companies = [False, self.company_id.id]
        return (
            self.env["helpdesk.ticket.stage"]
            .sudo()
            .search([("complaint_state", "!=", False), ("company_id", "in", companies)])
            .sudo(False)
        )

    def _complaint_stage(self, state):
        """Return the stage of a complaint's state."""
        return self._find_complaint_stages().filtered(lambda stage: stage.sudo().complaint_state == state)[:1]
