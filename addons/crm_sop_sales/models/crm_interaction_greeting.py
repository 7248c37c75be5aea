from odoo import api, fields, models


class CrmInteraction(models.Model):
    """What the officer says first (SOP-2a, SOP-2b, SOP-2c)."""

    _inherit = "crm.interaction"

    greeting = fields.Text("Say", compute="_compute_greeting")

    # === COMPUTE METHODS === #

    @api.depends("partner_id", "partner_id.salutation_id", "user_id", "branch_id", "answered_at", "direction")
    @api.depends_context("lang", "uid")
    def _compute_greeting(self):
        """Greet by the clock of the officer, in the language of whoever reads it out."""
        for contact in self:
            greeting = self.env["crm.greeting"]._at(contact._officer_time())
            branch = contact.branch_id.sudo()
            words = {
                "greeting": ", ".join(filter(None, (greeting.name, contact._address()))),
                "officer": contact.user_id.sudo().name,
                "branch": branch.name,
                "company": branch.company_id.name,
            }
            calls_us = contact.direction != "outgoing"
            contact.greeting = greeting._fill_in(**words) if calls_us else contact._outgoing_words(words)

    # === BUSINESS METHODS === #

    def _outgoing_words(self, words):
        """Return what the officer says who calls: who is meant to be asked what they want, called us."""
        return self.env._("%(greeting)s! This is %(officer)s of %(company)s.", **words)

    def _officer_time(self):
        """Return the officer's wall-clock time at which the call was answered, or now."""
        timezone = self.user_id.sudo().tz or self.branch_id.sudo().tz or "UTC"
        return fields.Datetime.context_timestamp(
            self.with_context(tz=timezone), self.answered_at or fields.Datetime.now()
        )

    def _address(self):
        """Return salutation and name as they are spoken; nothing for an unknown caller, no person's for a company."""
        partner = self.partner_id.sudo()
        if not partner or partner.is_company:
            return ""
        return " ".join(filter(None, (partner.salutation_id.name, partner.name)))
