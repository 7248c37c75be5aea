from odoo import fields, models


class CrmContractTerminate(models.TransientModel):
    """End an active contract on a day, with a reason: before its time, or where it has no end."""

    _name = "crm.contract.terminate"
    _description = "End a Contract"

    contract_id = fields.Many2one("contract.contract", required=True, readonly=True, ondelete="cascade")
    date = fields.Date("Last Day", required=True, default=fields.Date.context_today)
    reason_id = fields.Many2one("crm.contract.lost.reason", required=True)
    note = fields.Text()

    def action_confirm(self):
        """End it: the contract checks who acts and whether the day can be."""
        self.ensure_one()
        self.contract_id._terminate(self.date, self.reason_id, self.note)
        return {"type": "ir.actions.act_window_close"}
