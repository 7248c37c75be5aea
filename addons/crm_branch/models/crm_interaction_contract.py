from odoo import fields, models

from ..contract_const import OUTCOMES


class CrmInteractionOutcome(models.Model):
    _inherit = "crm.interaction.outcome"

    contract_outcome = fields.Selection(OUTCOMES, "Of an Ending Contract", help="What it says about extending it.")


class CrmInteraction(models.Model):
    """A contact about an ending contract says whether it is extended, and why not or when to ask again (BR-9)."""

    _inherit = "crm.interaction"

    contract_outcome = fields.Selection(related="outcome_id.contract_outcome")
    lost_reason_id = fields.Many2one("crm.contract.lost.reason", "Why Not Extended", ondelete="restrict", copy=False)
    call_on = fields.Date("Call Again On", copy=False)

    def _about_contract(self):
        """Return the contract that it is about, where the outcome says something of it."""
        self.ensure_one()
        about = self.res_id if self.res_model == "contract.contract" and self.contract_outcome else False
        return self.env["contract.contract"].browse(about or [])

    def _check_transition(self, transition):
        """Override: reason and day are said with the outcome."""
        if transition.name == "close":
            for contact in self:
                if not (contract := contact._about_contract()):
                    continue
                contract._check_outcome(contact.contract_outcome, contact.lost_reason_id, contact.call_on)
        return super()._check_transition(transition)

    def _after_transition(self, transition):
        """Override: the contract has the outcome."""
        result = super()._after_transition(transition)
        if transition.name == "close":
            for contact in self:
                contract = contact._about_contract()
                if contract:
                    contract._note_outcome(contact.contract_outcome, contact.lost_reason_id, contact.call_on)
        return result
