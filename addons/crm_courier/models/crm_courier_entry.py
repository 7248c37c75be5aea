from datetime import timedelta

from odoo import api, fields, models

#: How long it is kept what a phone sent: after that its run isn't on the road, and nothing of it would be done again.
DAYS_KEPT = 90
PURGED_AT_ONCE = 10_000


class CrmCourierEntry(models.Model):
    """One thing that a courier's phone sent from a customer's door: done exactly once, however often it is sent.

    What was entered isn't in here, only what came of it: photos and signatures are where they belong.
    """

    _name = "crm.courier.entry"
    _description = "Entry from a Courier's Phone"
    _order = "id desc"
    _rec_name = "kind"
    _check_company_auto = True

    uuid = fields.Char("Number of the Phone", required=True, readonly=True)
    stop_id = fields.Many2one("crm.courier.stop", required=True, readonly=True, index=True, ondelete="cascade")
    run_id = fields.Many2one(related="stop_id.run_id")
    company_id = fields.Many2one(related="stop_id.company_id", store=True, index=True, precompute=True)
    branch_id = fields.Many2one(related="stop_id.branch_id", store=True, index=True, precompute=True)
    kind = fields.Char("Step", required=True, readonly=True)
    made_at = fields.Datetime("Entered", required=True, readonly=True, help="By the clock of the phone.")
    received_at = fields.Datetime("Received", required=True, readonly=True, index=True)
    user_id = fields.Many2one("res.users", required=True, readonly=True, index=True, ondelete="restrict")
    status = fields.Selection([("done", "Done"), ("refused", "Refused")], required=True, readonly=True)
    message = fields.Text("Why", readonly=True)

    _uuid_uniq = models.UniqueIndex("(uuid)", "This was sent already.")

    # === BUSINESS METHODS === #

    @api.autovacuum
    def _gc_entries(self):
        """Forget old ones."""
        limit = fields.Datetime.now() - timedelta(days=DAYS_KEPT)
        old = self.sudo().search([("received_at", "<", limit)], limit=PURGED_AT_ONCE)
        old.unlink()
        return len(old), len(old) == PURGED_AT_ONCE
