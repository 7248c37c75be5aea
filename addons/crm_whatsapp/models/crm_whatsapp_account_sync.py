import requests

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..providers import ServiceError


class CrmWhatsappAccount(models.Model):
    """Ask the provider which templates it has, and what it says about them: daily, and by a button."""

    _inherit = "crm.whatsapp.account"

    has_templates = fields.Boolean(compute="_compute_has_templates")
    synced_at = fields.Datetime("Templates As Of", readonly=True, copy=False)
    sync_problem = fields.Char("Templates Not Fetched", readonly=True, copy=False)

    # === COMPUTE METHODS === #

    @api.depends("provider", "business_key")
    def _compute_has_templates(self):
        for account in self:
            provider = self._provider_classes().get(account.provider)
            account.has_templates = bool(provider and provider.has_templates and account.business_key)

    # === CRON === #

    @api.model
    def _cron_sync_templates(self):
        """Fetch the templates of every account, daily. What one account can't be told holds up no other."""
        crons = self.env["ir.cron"]
        accounts = self.search([]).filtered("has_templates")
        crons._commit_progress(remaining=len(accounts))
        for account in accounts:
            account._sync_templates()
            if not crons._commit_progress(1):
                break

    # === ACTION METHODS === #

    def action_sync_templates(self):
        """Fetch the account's templates now. For managers."""
        self.ensure_one()
        self.check_access("read")
        if not self.env.user.has_group("crm_base.group_manager"):
            raise UserError(self.env._("Only managers fetch templates."))
        if not self.has_templates:
            raise UserError(
                self.env._("%s tells no templates: it takes the Cloud API and a business account ID.", self.name)
            )
        changed = self.sudo()._sync_templates()
        if changed is None:
            words, kind = self.sync_problem, "danger"
        else:
            words, kind = self.env._("Templates fetched: %s new or changed.", changed), "success"
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_whatsapp.crm_whatsapp_template_action")
        action |= {"domain": [("account_id", "=", self.id)]}
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"type": kind, "message": words, "next": action},
        }

    # === BUSINESS METHODS === #

    def _sync_templates(self):
        """Fetch the account's templates; return how many are new or have changed, None where the provider doesn't say:
        why is in ``sync_problem``. Nothing is forgotten then.
        """
        self.ensure_one()
        try:
            with requests.Session() as session:
                infos = self._get_provider().templates(session)
        except ServiceError as error:
            outcome = error.outcome
            words = dict(self._fields["problem"]._description_selection(self.env)).get(outcome.problem, "")
            self.sync_problem = f"{words} ({outcome.detail})" if outcome.detail else words
            if outcome.problem == "token":  # what else may be refused here doesn't keep messages from going out
                self._stop(outcome.problem, outcome.detail)
            return None
        self.write({"synced_at": fields.Datetime.now(), "sync_problem": False})
        return self.env["crm.whatsapp.template"].sudo()._take_over(self, infos)
