from odoo import api, models
from odoo.exceptions import AccessError


class CrmCashMixin(models.AbstractModel):
    """What the cash desk keeps: nobody makes it or writes its facts by way of the API, whatever their rights."""

    _name = "crm.cash.mixin"
    _description = "Kept by the Cash Desk"
    _inherit = ["crm.workflow.mixin", "crm.branch.mixin"]

    #: Names of the fields that a user with write access may write; all others are facts.
    _open_fields = frozenset({"message_follower_ids", "message_ids", "activity_ids", "activity_user_id"})

    @api.model_create_multi
    def create(self, vals_list):
        """Override: only our own code makes such a record, after it has checked who acts."""
        if not self.env.su:
            raise AccessError(self._kept_by_desk())
        return super().create(vals_list)

    def write(self, vals):
        """Override: facts are noted by our own code alone; the state is the workflow's."""
        if not self.env.su and vals.keys() - self._open_fields - {self._workflow_field}:
            raise AccessError(self._kept_by_desk())
        return super().write(vals)

    def _kept_by_desk(self):
        return self.env._("A %(model)s is kept by the cash desk: use its buttons.", model=self._workflow_document())
