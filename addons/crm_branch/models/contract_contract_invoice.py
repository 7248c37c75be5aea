from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class ContractContract(models.Model):
    """Only what headquarters has accepted is invoiced, whoever asks (BR-7)."""

    _inherit = "contract.contract"

    @api.model
    def _get_contracts_to_invoice_domain(self, date_ref=None):
        """Override: of customers' contracts the active ones; OCA's scheduled action and wizard look here."""
        active = Domain("contract_type", "=", "purchase") | Domain("approval_state", "=", "active")
        return super()._get_contracts_to_invoice_domain(date_ref) & active

    def _recurring_create_invoice(self, date_ref=False):
        """Override: refuse others, on every path; post what is made, as the company wants it.

        :raise UserError: one of them isn't active
        """
        ours = self._customers()
        ours._check_active()
        moves = super(ContractContract, self._by_step())._recurring_create_invoice(date_ref).with_env(self.env)
        wanted = moves.filtered(lambda move: move.move_type == "out_invoice" and move.company_id.contract_invoice_post)
        if wanted:
            wanted.action_post()
        return moves

    def _record_invoice_generation_error(self, exc, create_type):
        """Override: the note of an error isn't locked."""
        return super(ContractContract, self._by_step())._record_invoice_generation_error(exc, create_type)

    def _clear_invoice_generation_error(self):
        """Override: likewise."""
        return super(ContractContract, self._by_step())._clear_invoice_generation_error()

    def _check_active(self):
        for contract in self:
            if contract.approval_state != "active":
                raise UserError(
                    self.env._(
                        "%(contract)s is “%(state)s”: it is invoiced once headquarters has accepted it.",
                        contract=contract.display_name,
                        state=contract._workflow_label(contract.approval_state),
                    )
                )
