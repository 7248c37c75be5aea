from odoo import api, fields, models
from odoo.fields import Command

from ..models.crm_courier_signature import DOCUMENTS
from ..models.crm_courier_stop import HANDED_OVER, OUTCOMES


class CrmCourierOutcome(models.TransientModel):
    """Ask what came of one delivery; the stop checks and does the rest."""

    _name = "crm.courier.outcome"
    _description = "Outcome at the Door"
    _inherit = ["crm.about.mixin"]
    _about = ("stop_id",)
    _rec_name = "outcome"

    stop_id = fields.Many2one("crm.courier.stop", required=True, readonly=True, ondelete="cascade")
    currency_id = fields.Many2one(related="stop_id.currency_id")
    to_collect = fields.Monetary(related="stop_id.to_collect")
    unit_text = fields.Text(related="stop_id.unit_text")
    payment_choice = fields.Selection(related="stop_id.payment_choice")
    outcome = fields.Selection(OUTCOMES, required=True)
    is_handed_over = fields.Boolean(compute="_compute_is_handed_over")
    note = fields.Text("Why")
    back_unit_ids = fields.Many2many("crm.courier.unit", string="Comes Back", domain="[('stop_id', '=', stop_id)]")
    has_proof = fields.Boolean("The customer signed the proof of hand-over")
    has_payment_proof = fields.Boolean("I have the proof of payment")
    cash_collected = fields.Monetary()
    may_sign_on_paper = fields.Boolean(compute="_compute_may_sign_on_paper")
    paper_draft = fields.Boolean("Sales draft")
    paper_invoice = fields.Boolean("Invoice")
    paper_invoice_copy = fields.Boolean("Copy of the invoice")
    paper_delivery_note = fields.Boolean("Delivery note")

    @api.model
    def default_get(self, fields):  # pylint: disable=redefined-outer-name
        """Override: what is damaged comes back (SOP-8b), and cash is what the phone has noted already."""
        values = super().default_get(fields)
        stop = self.env["crm.courier.stop"].browse(values.get("stop_id"))
        units = stop.unit_ids
        if taken := stop.sudo().cash_collected:
            values["cash_collected"] = taken
        if damaged := units.filtered(lambda unit: unit.condition == "damaged"):
            values["outcome"] = "brought_back" if damaged == units else "partly"
            values["back_unit_ids"] = [Command.set(damaged.ids)]
        return values

    @api.depends("outcome")
    def _compute_is_handed_over(self):
        for wizard in self:
            wizard.is_handed_over = wizard.outcome in HANDED_OVER

    @api.depends("stop_id")
    def _compute_may_sign_on_paper(self):
        for wizard in self:
            wizard.may_sign_on_paper = wizard.stop_id._may_sign_on_paper() and bool(
                wizard.stop_id._unsigned_documents()
            )

    def action_confirm(self):
        """Say it."""
        self.ensure_one()
        entries = {name: self[name] for name in ("has_proof", "has_payment_proof", "cash_collected")}
        back = self.back_unit_ids if self.outcome == "partly" else None
        if self.is_handed_over:
            self.stop_id._sign_on_paper([name for name, __ in DOCUMENTS if self[f"paper_{name}"]])
        self.stop_id._record_outcome(self.outcome, self.note, back, entries)
        return {"type": "ir.actions.act_window_close"}
