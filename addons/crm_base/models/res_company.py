from odoo import models
from odoo.tools import SQL


class ResCompany(models.Model):
    """A company that has opened no branch is one branch itself: nothing that belongs to a branch is lost there."""

    _inherit = "res.company"

    # === BUSINESS METHODS === #

    def _main_branch(self):
        """Return the company's headquarters, else its first branch, else one that is opened now; with all rights."""
        self.ensure_one()
        branches = self.env["crm.branch"].sudo().search([("company_id", "=", self.id)])
        return (branches.filtered(lambda branch: branch.kind == "headquarters") or branches)[:1] or self._open_branch()

    def _open_branch(self):
        """Open a branch for the whole company, of all its officers, by the clock of its working hours.

        It is a point of sale: its members gain no sight of branches that are opened later.
        """
        # Who comes second is sent back by the database and tries again, instead of opening another one.
        self.env.cr.execute(SQL("UPDATE res_company SET write_date = write_date WHERE id = %s", self.id))
        return self.env["crm.branch"].sudo().create(self._prepare_branch_vals())

    def _prepare_branch_vals(self):
        company = self.sudo()
        officers = self.env.ref("crm_base.group_officer").sudo().all_user_ids
        known = self.env["crm.branch"].sudo().with_context(active_test=False).search([("company_id", "=", self.id)])
        return {
            "name": company.name,
            "code": f"C{len(known) + 1}",
            "kind": "point_of_sale",
            "company_id": company.id,
            "partner_id": company.partner_id.id,
            "tz": company.resource_calendar_id.tz or company.partner_id.tz or "UTC",
            "user_ids": officers.filtered(lambda user: company in user.company_ids and not user.share).ids,
        }
