import secrets
from datetime import timedelta

from odoo import api, fields, models


class CrmTelephonySystem(models.Model):
    """A telephone system that reports its calls and carries out ours, believed by its signature (CC-1)."""

    _name = "crm.telephony.system"
    _description = "Telephone System"
    _inherit = ["mail.thread", "crm.branch.mixin", "crm.branch.link.mixin"]
    _order = "sequence, name"
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True, tracking=True)
    queue_id = fields.Many2one(
        "crm.queue", "Default Queue", required=True, check_company=True, help="Of calls whose number says nothing else."
    )
    number_ids = fields.One2many("crm.telephony.number", "system_id", "Numbers")
    key = fields.Char(
        required=True, readonly=True, copy=False, default=lambda self: secrets.token_hex(16), groups="base.group_system"
    )
    secret = fields.Char(
        required=True, readonly=True, copy=False, default=lambda self: secrets.token_hex(32), groups="base.group_system"
    )
    window_seconds = fields.Integer(
        "Age of a Signature (s)", required=True, default=300, help="What was signed longer ago isn't believed."
    )
    gap_seconds = fields.Integer(
        "Wait for Missing Events (s)",
        required=True,
        default=30,
        help="An event that comes before the one before it waits so long for that, and is then applied without it.",
    )
    last_event_at = fields.Datetime("Last Heard", readonly=True, copy=False)
    address = fields.Char("Address for Events", compute="_compute_address", groups="base.group_system")

    _key_uniq = models.Constraint("UNIQUE(key)", "This address is another system's.")
    _window_range = models.Constraint(
        "CHECK(window_seconds BETWEEN 10 AND 3600 AND gap_seconds BETWEEN 1 AND 3600)",
        "Signatures are good for 10 seconds to an hour, missing events are waited for 1 second to an hour.",
    )

    # === COMPUTE METHODS === #

    @api.depends("key")
    def _compute_address(self):
        for system in self:
            system.address = f"{system.get_base_url()}/crm_contact_center/telephony/{system.key}"

    # === ACTION METHODS === #

    def action_new_secret(self):
        """Make a new secret: the old one is worth nothing from now on."""
        self.check_access("write")
        for system in self:
            system.sudo().secret = secrets.token_hex(32)
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    # === BUSINESS METHODS === #

    def _heard(self):
        """Note that the system is alive, at most once a minute."""
        now = fields.Datetime.now()
        for system in self.sudo():
            if not system.last_event_at or system.last_event_at < now - timedelta(minutes=1):
                system.last_event_at = now

    def _queue_of(self, called, code):
        """Return the queue that the system names, or that of the number called, and the number's language.

        A queue that takes no calls isn't meant: the caller would wait where nobody answers.
        """
        self.ensure_one()
        number = self.number_ids.filtered(lambda line: line.number == called)[:1]
        queues = self.env["crm.queue"].sudo()
        named = code and queues.search([("company_id", "=", self.company_id.id), ("code", "=", code)], limit=1)
        queue = next((q for q in (named, number.queue_id, self.queue_id) if q and q._takes("call")), self.queue_id)
        return queue, number.lang_id
