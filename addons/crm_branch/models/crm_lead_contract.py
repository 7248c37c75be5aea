from odoo import api, fields, models
from odoo.exceptions import RedirectWarning

#: Who reads customers' contracts.
READERS = ",".join(
    f"crm_branch.group_{role}" for role in ("service_officer", "retention_officer", "branch_manager", "headquarters")
)


class CrmLead(models.Model):
    """From the opportunity to the contract that comes of it (BR-4)."""

    _inherit = "crm.lead"

    contract_ids = fields.One2many("contract.contract", "lead_id", groups=READERS)
    contract_count = fields.Integer(compute="_compute_contract_count", groups=READERS)

    # === COMPUTE METHODS === #

    @api.depends("contract_ids")
    @api.depends_context("uid")
    def _compute_contract_count(self):
        contracts = self.env["contract.contract"]
        counts = dict(contracts._read_group([("lead_id", "in", self.ids)], ["lead_id"], ["__count"]))
        for lead in self:
            lead.contract_count = counts.get(lead, 0)

    # === ACTION METHODS === #

    def action_prepare_contract(self):
        """Open a new contract with the opportunity's customer (BR-4).

        :raise RedirectWarning: the customer hasn't given consent; leads to the window where it is taken (BR-3)
        """
        self.ensure_one()
        customer, purpose = self.partner_id, self.env.ref("crm_branch.consent_purpose_contract")
        if customer and not customer._has_consent(purpose):
            raise RedirectWarning(
                self.env._(
                    "%(customer)s hasn’t consented to “%(purpose)s” yet: read the wording to them, and tick it.",
                    customer=customer.display_name,
                    purpose=purpose.name,
                ),
                customer.action_take_consents(),
                self.env._("Take Consents"),
            )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New Contract"),
            "res_model": "contract.contract",
            "views": [[self.env.ref("crm_branch.contract_contract_view_form").id, "form"]],
            "context": self._contract_defaults(),
        }

    def action_view_contracts(self):
        """Open the contracts that came of the opportunity."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_branch.contract_contract_action")
        return {**action, "domain": [("lead_id", "=", self.id)], "context": self._contract_defaults()}

    # === BUSINESS METHODS === #

    def _contract_defaults(self):
        """Return the context in which a new contract is the opportunity's."""
        return {
            "default_contract_type": "sale",
            "default_lead_id": self.id,
            "default_partner_id": self.partner_id.id,
        }
