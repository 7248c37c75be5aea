from odoo import fields, models
from odoo.exceptions import UserError


class CrmWorkflowReason(models.TransientModel):
    """Ask why, then do the step: the documents and the step come from the button that opened this."""

    _name = "crm.workflow.reason"
    _description = "Reason for a Step"

    res_model = fields.Char(required=True, default=lambda self: self.env.context.get("active_model"))
    res_ids = fields.Json(required=True, default=lambda self: self.env.context.get("active_ids"))
    transition = fields.Char(required=True)
    reason = fields.Text(required=True)

    def action_confirm(self):
        """Do the step. The workflow of the documents checks everything: this only asks."""
        self.ensure_one()
        model = self.env.get(self.res_model)
        if not isinstance(model, self.env.registry["crm.workflow.mixin"]):
            raise UserError(self.env._("A document of this kind has no such steps."))
        model.browse(self.res_ids)._workflow_do(self.transition, self.reason)
        return {"type": "ir.actions.act_window_close"}
