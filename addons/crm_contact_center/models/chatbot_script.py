from odoo import models


class ChatbotScript(models.Model):
    _inherit = "chatbot.script"

    def copy(self, default=None):
        """Override: the copy's steps go on to steps of the copy."""
        copies = super().copy(default)
        for script, copied in zip(self, copies, strict=True):
            twins = dict(zip(script.script_step_ids.sorted(), copied.script_step_ids.sorted(), strict=False))
            for step, twin in twins.items():
                twin.write(
                    {
                        "crm_next_step_id": twins[step.crm_next_step_id].id
                        if step.crm_next_step_id in twins
                        else False,
                        "crm_else_step_id": twins[step.crm_else_step_id].id
                        if step.crm_else_step_id in twins
                        else False,
                    }
                )
        return copies
