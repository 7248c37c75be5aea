from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..models.crm_consent import CHANNELS


class CrmConsentTake(models.TransientModel):
    """The counter's window of consents: every purpose with its wording, and a tick (BR-3).

    A new tick gives consent, a tick that is taken away withdraws it.
    """

    _name = "crm.consent.take"
    _description = "Take Consents"

    partner_id = fields.Many2one("res.partner", "Customer", required=True, readonly=True)
    lang = fields.Selection(
        "_get_languages", "Language", required=True, help="In which the customer reads the wording."
    )
    channel = fields.Selection(CHANNELS, required=True, default="screen")
    scan = fields.Binary("Scan of the Signed Paper", attachment=False)
    scan_name = fields.Char()
    line_ids = fields.One2many("crm.consent.take.line", "wizard_id", "Consents")
    is_withdrawal = fields.Boolean(compute="_compute_is_withdrawal")
    reason = fields.Text("Why Withdrawn")

    # === COMPUTE METHODS === #

    @api.model
    def _get_languages(self):
        return self.env["res.lang"].get_installed()

    @api.depends("line_ids.given", "line_ids.was_given")
    def _compute_is_withdrawal(self):
        for wizard in self:
            wizard.is_withdrawal = any(line.was_given and not line.given for line in wizard.line_ids)

    # === CRUD METHODS === #

    @api.model
    def default_get(self, fields):
        """Override: all purposes, ticked where consent is valid."""
        values = super().default_get(fields)
        partner = self.env["res.partner"].browse(values.get("partner_id"))
        installed = dict(self._get_languages())
        if "lang" in fields:
            values["lang"] = next((lang for lang in (partner.lang, self.env.lang) if lang in installed), "en_US")
        if "line_ids" in fields and partner:
            given = {consent.purpose_id: consent for consent in partner._valid_consents()}
            values["line_ids"] = [
                Command.create(
                    {
                        "purpose_id": purpose.id,
                        "version": purpose.version,
                        "was_given": purpose in given,
                        "given": purpose in given,
                        "given_at": given[purpose].given_at if purpose in given else False,
                    }
                )
                for purpose in self.env["crm.consent.purpose"].search([])
            ]
        return values

    # === ACTION METHODS === #

    def action_save(self):
        """Give the consents that were ticked, withdraw those whose tick was taken away."""
        self.ensure_one()
        self._check_wording()
        before = self.partner_id._valid_consents().purpose_id
        ticked = self.line_ids.filtered("given").purpose_id
        shown = self.line_ids.purpose_id
        if withdrawn := (before & shown) - ticked:
            self.partner_id._withdraw_consent(withdrawn, self.channel, self.reason)
        if given := ticked - before:
            self.partner_id._give_consent(given, self.channel, self.lang, self.scan, self.scan_name)
        self.scan = False
        return {"type": "ir.actions.act_window_close"}

    def _check_wording(self):
        """Check that nobody has reworded a purpose while the customer was reading.

        :raise UserError: somebody has
        """
        for line in self.line_ids.filtered("given"):
            if not line.was_given and line.version != line.purpose_id.version:
                raise UserError(
                    self.env._(
                        "The wording of “%s” has just changed: close this window, open it again and read it to the "
                        "customer.",
                        line.purpose_id.name,
                    )
                )


class CrmConsentTakeLine(models.TransientModel):
    _name = "crm.consent.take.line"
    _description = "Consent to Take"

    wizard_id = fields.Many2one("crm.consent.take", required=True, ondelete="cascade", index=True)
    purpose_id = fields.Many2one("crm.consent.purpose", required=True, readonly=True, ondelete="cascade")
    version = fields.Integer(readonly=True)
    wording = fields.Text(compute="_compute_wording")
    was_given = fields.Boolean(readonly=True)
    given = fields.Boolean("Consents")
    given_at = fields.Datetime("Given On", readonly=True)

    @api.depends("purpose_id", "wizard_id.lang")
    def _compute_wording(self):
        """Show the words that will be kept."""
        for line in self:
            line.wording = line.purpose_id.with_context(lang=line.wizard_id.lang or self.env.lang).wording
