from odoo import models


class CrmWorkflowReason(models.TransientModel):
    _inherit = "crm.workflow.reason"

    def action_confirm(self):
        """Override: after rejecting a proof on the form of a transfer, show the list: that form is no more."""
        result = super().action_confirm()
        if self.env.context.get("of_transfer_review") and self.res_model == "crm.transfer.proof":
            return self.env["crm.transfer.review"]._settled()
        return result
