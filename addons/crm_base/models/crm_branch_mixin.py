from odoo import api, fields, models
from odoo.exceptions import UserError


class CrmBranchMixin(models.AbstractModel):
    """Give a model its branch. The model's addon adds the record rule, as ``security/crm_base_rules.xml`` does:
    users see their branches, headquarters sees all.
    """

    _name = "crm.branch.mixin"
    _description = "Belongs to a Branch"

    branch_id = fields.Many2one(
        "crm.branch",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.user.branch_id,
    )
    company_id = fields.Many2one(related="branch_id.company_id", store=True, precompute=True, index=True)

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: say what to do where a user belongs to no branch; the database would only say NOT NULL."""
        if any(not vals.get("branch_id", True) for vals in vals_list) or (
            any("branch_id" not in vals for vals in vals_list) and not self.default_get(["branch_id"]).get("branch_id")
        ):
            raise UserError(
                self.env._(
                    "A %(model)s belongs to a branch, and you belong to none: choose one, or have a manager add you to "
                    "yours (CRM → Configuration → Branches).",
                    model=self.env["ir.model"]._get(self._name).name,
                )
            )
        records = super().create(vals_list)
        records._check_company_of_branch()
        return records

    def write(self, vals):
        """Override: nothing goes to a branch that the user doesn't see. Odoo's rules look at where a record was, and
        its constraints don't know who acts.
        """
        result = super().write(vals)
        if vals.get("branch_id"):
            self.branch_id.check_access("read")
        if "company_id" in vals:
            self._check_company_of_branch()
        return result

    def _check_company_of_branch(self):
        """Check that nobody has written a company of its own: a stored column takes what a client writes, and a record
        of another company is out of everybody's sight.
        """
        for record in self.sudo():
            if record.company_id != record.branch_id.company_id:
                raise UserError(self.env._("The company is that of the branch: choose another branch."))
