from odoo import fields, models


class CrmWhatsappBlast(models.Model):
    """A blast of follow-ups knows its day."""

    _inherit = "crm.whatsapp.blast"

    followup_run_id = fields.Many2one(
        "crm.followup.run", "Day of Follow-ups", readonly=True, copy=False, index="btree_not_null", ondelete="restrict"
    )
