from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CrmFollowupAbsence(models.Model):
    """Days on which an admin is away: no follow-up that comes due then is handed to them (H23-4.1.2)."""

    _name = "crm.followup.absence"
    _description = "Absence of an Admin"
    _inherit = ["crm.branch.mixin", "crm.followup.led.mixin"]
    _order = "date_from desc, id desc"
    _rec_name = "user_id"

    user_id = fields.Many2one("res.users", "Admin", required=True, index=True, domain=[("share", "=", False)])
    date_from = fields.Date("From", required=True, default=fields.Date.context_today)
    date_to = fields.Date("To", required=True, default=fields.Date.context_today, help="The last day away.")
    note = fields.Char()

    _in_order = models.Constraint("CHECK(date_to >= date_from)", "An absence doesn't end before it begins.")

    @api.constrains("branch_id", "user_id")
    def _check_user_of_branch(self):
        """Check that a branch says of its own people only that they are away: elsewhere they'd get nothing either."""
        for absence in self:
            if absence.user_id not in absence.branch_id._followup_admins():
                raise ValidationError(
                    self.env._(
                        "%(user)s doesn't work for %(branch)s.",
                        user=absence.user_id.name,
                        branch=absence.branch_id.sudo().name,
                    )
                )

    @api.model
    def _away(self, day):
        """Return who is away on that day."""
        return self.sudo().search([("date_from", "<=", day), ("date_to", ">=", day)]).user_id
