from odoo import api, fields, models


class ResUsers(models.Model):
    _inherit = "res.users"

    branch_ids = fields.Many2many(
        "crm.branch", "crm_branch_users_rel", "user_id", "branch_id", "Branches", groups="base.group_user"
    )
    branch_id = fields.Many2one(
        "crm.branch", "Main Branch", compute="_compute_branch_id", compute_sudo=True, help="New records belong to it."
    )
    visible_branch_ids = fields.Many2many(
        "crm.branch",
        string="Visible Branches",
        compute="_compute_visible_branch_ids",
        compute_sudo=True,
        context={"active_test": False},  # without it, Odoo leaves out what is archived when the field is read
    )

    @api.depends("branch_ids.sequence", "branch_ids.active")
    @api.depends_context("company")
    def _compute_branch_id(self):
        for user in self:
            branches = user.branch_ids.sorted()
            user.branch_id = branches.filtered(lambda branch: branch.company_id == self.env.company)[:1] or branches[:1]

    @api.depends("branch_ids.kind", "branch_ids.active", "company_ids")
    def _compute_visible_branch_ids(self):
        """A user sees their branches; who belongs to a headquarters sees all, closed ones too, of their companies."""
        overseers = self.filtered(lambda user: user._sees_all_branches())
        branches = self.env["crm.branch"].with_context(active_test=False)
        branches = branches.search([("company_id", "in", overseers.company_ids.ids)]).grouped("company_id")
        for user in overseers:
            user.visible_branch_ids = self.env["crm.branch"].union(
                *(branches[company] for company in user.company_ids if company in branches)
            )
        for user in self - overseers:
            user.visible_branch_ids = user.with_context(active_test=False).branch_ids

    def _sees_all_branches(self):
        """Return whether the user belongs to a headquarters that isn't closed."""
        return "headquarters" in self.sudo().with_context(active_test=True).branch_ids.mapped("kind")

    def _get_invalidation_fields(self):
        """Override: record rules depend on the user's branches."""
        return super()._get_invalidation_fields() | {"branch_ids"}
