from odoo import api, fields, models
from odoo.tools import SQL

CHANNELS = [
    ("none", "None, please"),
    ("email", "Email"),
    ("phone", "Phone"),
    ("whatsapp", "WhatsApp"),
    ("chat", "Chat"),
]
#: How far back contacts count for what a customer uses most.
DAYS = 365


class ResPartner(models.Model):
    """How a customer likes to be spoken to: as they say; else as they mostly do (CC-5)."""

    _inherit = "res.partner"

    channel_choice = fields.Selection(
        CHANNELS, "Chosen Channel", copy=False, tracking=True, help="What the customer said, here or on the portal."
    )
    channel_used = fields.Selection(
        CHANNELS, "Channel Used Most", readonly=True, copy=False, help="Of the last year's contacts; found each night."
    )
    preferred_channel = fields.Selection(
        CHANNELS, compute="_compute_preferred_channel", store=True, help="As chosen; else as used most."
    )

    @api.depends("channel_choice", "channel_used")
    def _compute_preferred_channel(self):
        for partner in self:
            partner.preferred_channel = partner.channel_choice or partner.channel_used

    @api.model
    def _cron_channels(self):
        """Find out which channel each customer used most within a year, the latest of equals: one statement."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """WITH used AS (
                       SELECT partner_id, CASE channel WHEN 'call' THEN 'phone' ELSE channel END AS channel,
                              COUNT(*) AS times, MAX(began_at) AS latest
                         FROM crm_interaction
                        WHERE partner_id IS NOT NULL AND direction = 'incoming' AND state != 'cancelled'
                          AND channel != 'visit' AND began_at >= %(since)s
                     GROUP BY 1, 2
                   ), most AS (
                       SELECT DISTINCT ON (partner_id) partner_id, channel FROM used
                     ORDER BY partner_id, times DESC, latest DESC
                   )
                   UPDATE res_partner partner
                      SET channel_used = most.channel,
                          preferred_channel = COALESCE(partner.channel_choice, most.channel)
                     FROM most
                    WHERE partner.id = most.partner_id AND partner.channel_used IS DISTINCT FROM most.channel""",
                since=fields.Datetime.subtract(fields.Datetime.now(), days=DAYS),
            )
        )
        self.invalidate_model(["channel_used", "preferred_channel"], flush=False)
