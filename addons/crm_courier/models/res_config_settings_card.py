from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    courier_card_minimum = fields.Monetary(
        related="company_id.courier_card_minimum", currency_field="currency_id", readonly=False
    )
    courier_card_authorise_above = fields.Monetary(
        related="company_id.courier_card_authorise_above", currency_field="currency_id", readonly=False
    )
    courier_card_journal_id = fields.Many2one(related="company_id.courier_card_journal_id", readonly=False)
    courier_cash_journal_id = fields.Many2one(related="company_id.courier_cash_journal_id", readonly=False)
    courier_consent_text = fields.Text(related="company_id.courier_consent_text", readonly=False)
    courier_id_days = fields.Integer(related="company_id.courier_id_days", readonly=False)
