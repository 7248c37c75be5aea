from odoo import api, fields, models
from odoo.exceptions import UserError

from ..contract_const import OUTCOMES


class CrmContractContact(models.TransientModel):
    """Tell a customer that the contract ends, by phone or e-mail, and note what came of it (BR-9)."""

    _name = "crm.contract.contact"
    _description = "Contact about an Ending Contract"
    _inherit = ["crm.about.mixin"]
    _about = ("contract_id",)

    contract_id = fields.Many2one("contract.contract", required=True, readonly=True, ondelete="cascade")
    partner_id = fields.Many2one(related="contract_id.partner_id")
    phone = fields.Char(related="contract_id.partner_id.phone")
    email = fields.Char(related="contract_id.partner_id.email")
    date_end = fields.Date(related="contract_id.date_end")
    channel = fields.Selection(
        [("call", "Call"), ("email", "Email"), ("visit", "Visit")],
        required=True,
        default="call",
        help="An e-mail goes out by its template, in the customer's language.",
    )
    outcome = fields.Selection(OUTCOMES, required=True)
    lost_reason_id = fields.Many2one("crm.contract.lost.reason", "Why Not")
    call_on = fields.Date("Call Again On")
    note = fields.Text()

    @api.onchange("channel")
    def _onchange_channel(self):
        """Who gets an e-mail hasn't decided yet."""
        if self.channel == "email":
            self.outcome = "undecided"
            self.call_on = self.call_on or fields.Date.add(self.contract_id.branch_id._today(), days=7)

    def action_confirm(self):
        """Note the contact; who extends has the renewal prepared, and it opens."""
        self.ensure_one()
        contract = self.contract_id
        contract.check_access("read")
        if self.channel == "email":
            self._send()
        self._log()
        if self.outcome == "extend":
            return contract.action_renew()
        return {"type": "ir.actions.act_window_close"}

    def _log(self):
        """Note a contact that is done, with its outcome; the contract takes it from there."""
        outcome = self.env["crm.interaction.outcome"].search([("contract_outcome", "=", self.outcome)], limit=1)
        if not outcome:
            raise UserError(self.env._("There is no outcome of contacts for this: a manager adds one."))
        contact = self.env["crm.interaction"].create(
            {
                "branch_id": self.contract_id.branch_id.id,
                "partner_id": self.contract_id.partner_id.id,
                "res_model": "contract.contract",
                "res_id": self.contract_id.id,
                "channel": self.channel,
                "direction": "outgoing",
                "purpose_id": self.env.ref("crm_branch.crm_interaction_purpose_ending").id,
                "outcome_id": outcome.id,
                "lost_reason_id": self.lost_reason_id.id if self.outcome == "not_extend" else False,
                "call_on": self.call_on if self.outcome == "undecided" else False,
                "note": self.note,
            }
        )
        contact.action_close()

    def _send(self):
        """Send the e-mail in the customer's language, by the outbox."""
        contract = self.contract_id
        if not contract.partner_id.email:
            raise UserError(self.env._("%s has no e-mail address: call instead.", contract.partner_id.display_name))
        contract.sudo().message_post_with_source(
            self.env.ref("crm_branch.mail_template_contract_ending").sudo(),
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )
