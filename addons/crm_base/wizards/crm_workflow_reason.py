from odoo import api, fields, models
from odoo.exceptions import UserError


class CrmWorkflowReason(models.TransientModel):
    """Ask why, then do the step: the documents and the step come from the button that opened this.

    Only steps that need a reason: others have conditions of their own in front of them, or are the system's.
    """

    _name = "crm.workflow.reason"
    _description = "Reason for a Step"
    _rec_name = "transition"

    res_model = fields.Char(required=True, default=lambda self: self.env.context.get("active_model"))
    res_ids = fields.Json(required=True, default=lambda self: self.env.context.get("active_ids"))
    transition = fields.Char(required=True)
    reason = fields.Text(required=True)
    step = fields.Char(compute="_compute_step")

    @api.depends("res_model", "res_ids", "transition")
    def _compute_step(self):
        """Say what is about to happen, as far as it can: which documents, from which state to which."""
        for wizard in self:
            try:
                documents = wizard._documents().exists()
            except UserError:
                wizard.step = False
                continue
            target = documents._workflow.find(wizard.transition).target
            names = ", ".join(documents[:10].mapped("display_name"))
            wizard.step = f"{names} → {documents._workflow_label(target)}"

    def action_confirm(self):
        """Do the step. The workflow of the documents checks everything: this only asks."""
        self.ensure_one()
        self._documents()._workflow_do(self.transition, self.reason)
        return {"type": "ir.actions.act_window_close"}

    def _documents(self):
        """Return the documents, whatever a client may have named as such."""
        model, ids = self.env.get(self.res_model), self.res_ids
        workflow = isinstance(model, self.env.registry["crm.workflow.mixin"]) and model._workflow
        transition = workflow and workflow.find(self.transition)
        if not transition or not transition.reason:
            raise UserError(self.env._("Documents of this kind have no such step that needs a reason."))
        if not ids or not isinstance(ids, list) or not all(type(id_) is int for id_ in ids):
            raise UserError(self.env._("Choose the documents first."))
        return model.browse(ids)
