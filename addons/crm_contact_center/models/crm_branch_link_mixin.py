from odoo import api, models
from odoo.exceptions import UserError


class CrmBranchLinkMixin(models.AbstractModel):
    """Link nothing with what its user doesn't see: an agent put into another branch's queue would be given its callers.

    Odoo's rules look at a record as it was before it is written, and never at what it is linked with; a many2one's name
    is even read with all rights.
    """

    _name = "crm.branch.link.mixin"
    _description = "Linked within Branches"

    @api.model_create_multi
    def create(self, vals_list):
        """Override: check what the new records are linked with, by the context's defaults too."""
        records = super().create(vals_list)
        if not self.env.su:
            for name in self._branch_links():
                records.sudo()[name].with_env(self.env).check_access("read")
            records._check_following()
        return records

    def write(self, vals):
        """Override: check what is linked anew; what somebody with more rights has linked may stay."""
        if self.env.su:
            return super().write(vals)
        before = {name: self.sudo()[name] for name in self._branch_links() if name in vals}
        result = super().write(vals)
        for name, known in before.items():
            (self.sudo()[name] - known).with_env(self.env).check_access("read")
        if {"branch_id", "company_id"} & vals.keys():
            self._check_following()
        if "company_id" in vals:  # what was for every company isn't given to one of which its user isn't
            self.check_access("write")
        return result

    def _check_following(self):
        """Check that nobody has typed a branch or company that follows from another record: a stored column takes what
        a client writes.
        """
        for name in ("branch_id", "company_id"):
            field = self._fields.get(name)
            if field and field.related and any(one[name] != one.mapped(field.related) for one in self.sudo()):
                raise UserError(self.env._("The branch is that of what this belongs to."))

    @api.model
    def _branch_links(self):
        """Return the names of the fields that lead to what belongs to a branch."""
        of_branch = self.env.registry["crm.branch.mixin"]
        return [
            name
            for name, field in self._fields.items()
            if field.type in ("many2one", "many2many")
            if field.store and not (field.related or field.compute)
            if issubclass(self.env.registry[field.comodel_name], of_branch)
        ]
