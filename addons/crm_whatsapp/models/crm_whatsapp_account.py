import re
import uuid

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..const import PROBLEMS, TIERS
from ..providers import CloudApi, Provider, Sandbox

#: What an account is when somebody has mended it.
MENDED = {
    "problem": False,
    "problem_detail": False,
    "paused_until": False,
    "back_offs": 0,
    "failures": 0,
    "failure_words": False,
}
SECRETS = ("access_token", "app_secret", "verify_token")
ADDRESS = re.compile(r"https://[\w.-]+(:\d+)?(/[\w./-]*)?|http://(127\.0\.0\.1|localhost)(:\d+)?")


class ByHand(Provider):
    """A person sends from their own WhatsApp: see ``crm_whatsapp_message_hand.py``."""

    automatic = False


class CrmWhatsappAccount(models.Model):
    """A number from which messages go out, and the service that sends them.

    Its secrets are the administrator's alone: no other role reads them, and nobody exports them.
    """

    _name = "crm.whatsapp.account"
    _description = "WhatsApp Account"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True)
    sequence = fields.Integer(default=10, help="The first account of a company is the one that is offered.")
    active = fields.Boolean(default=True)
    provider = fields.Selection(
        [("cloud", "WhatsApp Cloud API"), ("hand", "By Hand"), ("sandbox", "Sandbox")],
        required=True,
        default="sandbox",
        help="Cloud API: Meta sends. By hand: a person sends each message from their own WhatsApp and says what came "
        "of it. Sandbox: nothing is sent; to try things out.",
    )
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    branch_id = fields.Many2one(
        "crm.branch",
        "Answers Go To",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        default=lambda self: self.env.user.branch_id,
        help="The branch of messages from numbers nobody knows yet.",
    )
    user_id = fields.Many2one(
        "res.users",
        "Who Answers",
        help="Gets the messages of customers to whom nobody wrote before.",
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
    )
    # Cloud API
    phone = fields.Char("Number", help="As customers see it, e.g. +62 812 3456 7890.")
    number_key = fields.Char("Phone Number ID", copy=False, help="From Meta’s app: WhatsApp → API Setup.")
    business_key = fields.Char(
        "Business Account ID", copy=False, help="From Meta’s app, for its templates: WhatsApp → API Setup."
    )
    api_url = fields.Char("API Address", default="https://graph.facebook.com", groups="base.group_system")
    api_version = fields.Char("API Version", default="v23.0", groups="base.group_system")
    access_token = fields.Char(groups="base.group_system", copy=False, exportable=False)
    app_secret = fields.Char(
        groups="base.group_system",
        copy=False,
        exportable=False,
        help="Signs what WhatsApp tells us: without it nothing is believed.",
    )
    verify_token = fields.Char(
        groups="base.group_system", copy=False, exportable=False, default=lambda self: uuid.uuid4().hex
    )
    webhook_key = fields.Char(
        default=lambda self: uuid.uuid4().hex, required=True, copy=False, groups="base.group_system", readonly=True
    )
    webhook_url = fields.Char(compute="_compute_webhook_url", groups="base.group_system")
    # Limits
    rate = fields.Integer("Messages a Second", default=80, required=True, help="WhatsApp’s limit is 80, unless raised.")
    tier = fields.Selection(
        TIERS,
        "Recipients a Day",
        default="250",
        required=True,
        help="Different customers to whom we may write first within 24 hours.",
    )
    next_slot_at = fields.Datetime(readonly=True, copy=False)
    paused_until = fields.Datetime("Waits Until", readonly=True, copy=False)
    back_offs = fields.Integer(readonly=True, copy=False)
    problem = fields.Selection(PROBLEMS, "Stopped Because", readonly=True, copy=False, tracking=True)
    problem_detail = fields.Char(readonly=True, copy=False)
    message_count = fields.Integer(compute="_compute_message_count", groups="crm_base.group_officer")

    _number_key_uniq = models.UniqueIndex(
        "(number_key) WHERE number_key IS NOT NULL", "Another account has this phone number ID already."
    )
    _webhook_key_uniq = models.UniqueIndex("(webhook_key)", "Another account has this key already.")
    _rate_in_range = models.Constraint("CHECK(rate BETWEEN 1 AND 1000)", "WhatsApp takes 1 to 1,000 messages a second.")

    # === COMPUTE METHODS === #

    @api.depends("webhook_key")
    def _compute_webhook_url(self):
        for account in self:
            account.webhook_url = f"{account.get_base_url()}/crm_whatsapp/webhook/{account.webhook_key}"

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_message_count(self):
        groups = self.env["crm.whatsapp.message"]._read_group(
            [("account_id", "in", self.ids)], ["account_id"], ["__count"]
        )
        counts = {account.id: count for account, count in groups}
        for account in self:
            account.message_count = counts.get(account.id, 0)

    # === CONSTRAINS METHODS === #

    @api.constrains("api_url")
    def _check_api_url(self):
        """Check that the token goes out encrypted, or not beyond this machine."""
        for account in self:
            if account.sudo().api_url and not ADDRESS.fullmatch(account.sudo().api_url):
                raise ValidationError(self.env._("The API’s address begins with https://."))

    @api.constrains("provider", "number_key", "business_key", "access_token")
    def _check_credentials(self):
        for account in self.sudo():
            if account.provider == "cloud" and not (account.number_key and account.access_token and account.api_url):
                raise ValidationError(
                    self.env._("%s: the Cloud API needs a phone number ID and an access token.", account.name)
                )
            keys = (account.number_key or "") + (account.business_key or "")
            if keys and not (keys.isascii() and keys.isalnum()):
                raise ValidationError(self.env._("A phone number ID has digits only."))

    # === CRUD METHODS === #

    def _export_rows(self, fields, *, _is_toplevel_call=True):
        """Override: secrets leave by no export, nor by one of records that refer to the account."""
        if any(path and path[0] in SECRETS for path in fields):
            raise UserError(self.env._("The secrets of a WhatsApp account can’t be exported."))
        return super()._export_rows(fields, _is_toplevel_call=_is_toplevel_call)

    def write(self, vals):
        """Override: new credentials may mend what stopped the account."""
        if vals.keys() & {"access_token", "provider", "number_key"}:
            vals = {**MENDED, **vals}
        return super().write(vals)

    # === ACTION METHODS === #

    def action_resume(self):
        """Send again after a person has mended what stopped the account. For managers."""
        self.check_access("read")
        if not self.env.user.has_group("crm_base.group_manager"):
            raise UserError(self.env._("Only managers let an account send again."))
        self.sudo().write(MENDED)
        for account in self.sudo():
            account._tell_managers()
        self.env["crm.whatsapp.message"]._trigger_sending()

    def action_view_messages(self):
        """Open the account's messages."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_whatsapp.crm_whatsapp_message_action")
        action["domain"] = [("account_id", "=", self.id)]
        action["context"] = {}
        return action

    # === BUSINESS METHODS === #

    @api.model
    def _provider_classes(self):
        """Hook: return value of ``provider`` → class. An addon with another service adds its own."""
        return {"cloud": CloudApi, "hand": ByHand, "sandbox": Sandbox}

    def _is_automatic(self):
        """Return whether the system sends by itself."""
        self.ensure_one()
        return self._provider_classes()[self.provider].automatic

    def _get_provider(self):
        """Return what sends, with the account's secrets in it: for the sender only."""
        self.ensure_one()
        account = self.sudo()
        return self._provider_classes()[self.provider](
            {
                "api_url": account.api_url,
                "api_version": account.api_version,
                "number": account.number_key,
                "token": account.access_token,
                "business": account.business_key,
            }
        )

    @api.model
    def _default_account(self, company=None):
        """Return the account that is offered first in the company."""
        return self.search([("company_id", "=", (company or self.env.company).id)], limit=1)

    def _same_app(self):
        """Return the accounts whose events the same secret signs."""
        self.ensure_one()
        if not self.sudo().app_secret:
            return self
        same = self.sudo().with_context(active_test=False).search([("app_secret", "=", self.sudo().app_secret)])
        return (self | same).sudo(self.env.su)

    def _stop(self, problem, detail):
        """Let nothing go out until a person has looked: the account's blasts pause, its managers are told."""
        for account in self.filtered(lambda a: not a.problem):
            account.write({"problem": problem, "problem_detail": detail})
            blasts = self.env["crm.whatsapp.blast"].search([("account_id", "=", account.id), ("state", "=", "running")])
            blasts._halt(account._problem_words())
            account._tell_managers()

    def _problem_words(self):
        self.ensure_one()
        words = dict(self._fields["problem"]._description_selection(self.env)).get(self.problem, "")
        return f"{words} ({self.problem_detail})" if self.problem_detail else words
