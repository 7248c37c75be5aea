from odoo import api, fields, models
from odoo.tools import format_datetime

from ..utils import quiet_end


class CrmWhatsappBlastStart(models.TransientModel):
    """Say to how many it goes, from which account and when, before it can't be undone."""

    _name = "crm.whatsapp.blast.start"
    _description = "Start a WhatsApp Blast"
    _rec_name = "blast_id"

    blast_id = fields.Many2one("crm.whatsapp.blast", required=True, ondelete="cascade")
    recipients = fields.Integer(compute="_compute_summary")
    left_out_count = fields.Integer(related="blast_id.left_out_count")
    left_out_words = fields.Text(related="blast_id.left_out_words")
    preview = fields.Text(related="blast_id.preview")
    account_id = fields.Many2one(related="blast_id.account_id")
    tier = fields.Selection(related="account_id.tier")
    over_tier = fields.Boolean(compute="_compute_summary")
    first_at = fields.Char("Begins", compute="_compute_summary")

    @api.depends("blast_id")
    def _compute_summary(self):
        for wizard in self:
            blast, company = wizard.blast_id, wizard.blast_id.company_id
            wizard.recipients = blast._getting() if blast else 0
            wizard.over_tier = 0 < int(wizard.tier or 0) < wizard.recipients
            now = max(fields.Datetime.now(), blast.scheduled_at or fields.Datetime.now())
            quiet = blast and not blast.template_id.any_hour
            begin, end = company.whatsapp_quiet_from, company.whatsapp_quiet_to
            later = quiet_end(now, blast.branch_id.tz, begin, end) if quiet else None
            wizard.first_at = format_datetime(self.env, later or now, dt_format="short")

    def action_start(self):
        """Start it. The blast checks who may and whether it can."""
        self.ensure_one()
        self.blast_id._workflow_do("start")
        return {"type": "ir.actions.act_window_close"}
