from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..const import TEMPLATE_STATES
from ..providers.cloud_templates import STATUSES
from ..utils import VARIABLE
from .crm_whatsapp_template import LANGUAGE, NAME

#: What the provider says and nobody here: below the guard of approved texts.
FACTS = ("whatsapp_key", "whatsapp_status", "whatsapp_reason", "whatsapp_body", "category")


def same_text(one, other):
    """Return whether two texts are the same for WhatsApp: line ends and spaces around numbers don't count."""
    return _plain(one) == _plain(other)


def _plain(text):
    return VARIABLE.sub(r"{{\1}}", (text or "").replace("\r\n", "\n")).strip()


class CrmWhatsappTemplate(models.Model):
    """What the provider says about a template. One that it rejected or paused isn't sent, whatever was noted here."""

    _inherit = "crm.whatsapp.template"

    whatsapp_key = fields.Char("WhatsApp’s Template ID", readonly=True, copy=False)
    whatsapp_status = fields.Selection(
        TEMPLATE_STATES, "At WhatsApp", readonly=True, copy=False, help="What WhatsApp says; empty: it wasn’t asked."
    )
    whatsapp_reason = fields.Char("WhatsApp’s Reason", readonly=True, copy=False)
    whatsapp_body = fields.Text("Text at WhatsApp", readonly=True, copy=False)

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: what the provider says is said by it only."""
        if not self.env.su:
            self._check_facts({name for vals in vals_list for name in vals})
        return super().create(vals_list)

    def write(self, vals):
        """Override: what the provider says is said by it only."""
        if not self.env.su:
            self._check_facts(vals)
        return super().write(vals)

    def _check_facts(self, names):
        if {name for name in names if name.startswith("whatsapp_")} & set(FACTS):
            raise UserError(self.env._("What WhatsApp says about a template is fetched from there: see its account."))

    # === ACTION METHODS === #

    def action_take_text(self):
        """Take over the text that WhatsApp has approved."""
        self.ensure_one()
        self.check_access("write")
        if self.state != "draft" or not self.whatsapp_body:
            raise UserError(self.env._("Only a draft takes over the text from WhatsApp."))
        self.body = self.whatsapp_body
        self.sudo()._note_facts({"whatsapp_status": "approved"} if self.whatsapp_status == "differs" else {})

    # === BUSINESS METHODS === #

    def _why_not(self):
        """Return in words why the template can't be sent; False where it can."""
        self.ensure_one()
        if self.state != "approved":
            return self.env._("“%s” isn’t approved: it can’t be sent.", self.display_name)
        if self.whatsapp_status in (False, "approved"):
            return False
        status = dict(self._fields["whatsapp_status"]._description_selection(self.env))[self.whatsapp_status]
        return self.env._(
            "“%(template)s” can’t be sent. WhatsApp says: %(why)s",
            template=self.display_name,
            why=f"{status} ({self.whatsapp_reason})" if self.whatsapp_reason else status,
        )

    @api.model
    def _take_over(self, account, infos):
        """Note what the provider says about an account's templates, and make drafts of those that aren't here.

        :param infos: all that it has, as a list of ``TemplateInfo``
        :return: how many are new or have changed
        """
        templates = self.search([("account_id", "=", account.id)])
        known = {(template.name, template.language): template for template in templates}
        told = {(info.name, info.language): info for info in infos}
        missing = {key: info for key, info in told.items() if key not in known and self._is_wanted(info)}
        new = self.create([self._prepare_draft_vals(account, info) for info in missing.values()])
        known |= dict(zip(missing, new, strict=True))
        changed = 0
        for key, template in known.items():
            if info := told.get(key):
                changed += template._note_facts(template._facts_told(info))
            elif template.state == "approved" or template.whatsapp_key:
                changed += template._note_facts({"whatsapp_status": "gone", "whatsapp_reason": False})
        return changed

    @staticmethod
    def _is_wanted(info):
        named = NAME.fullmatch(info.name) and LANGUAGE.fullmatch(info.language)
        return named and info.status not in ("gone", "unsupported")

    @api.model
    def _prepare_draft_vals(self, account, info):
        return {
            "title": info.name.replace("_", " ").capitalize(),
            "name": info.name,
            "language": info.language,
            "account_id": account.id,
            "category": info.category,
            "body": info.body,
        }

    def _facts_told(self, info):
        differs = info.status == "approved" and not same_text(self.body, info.body)
        return {
            "whatsapp_key": info.key,
            "whatsapp_status": "differs" if differs else info.status,
            "whatsapp_reason": info.reason or False,
            "whatsapp_body": info.body if differs else False,
            "category": info.category,
        }

    def _note_facts(self, facts):
        """Write what the provider says, and halt what goes out with a template that can't be sent any more.

        :return: whether anything is new
        """
        self.ensure_one()
        facts = {name: value for name, value in facts.items() if (self[name] or False) != (value or False)}
        if not facts:
            return False
        self.flush_recordset()
        setting = SQL(", ").join(SQL("%s = %s", SQL.identifier(name), value or None) for name, value in facts.items())
        self.env.cr.execute(SQL("UPDATE crm_whatsapp_template SET %s WHERE id = %s", setting, self.id))
        self.invalidate_recordset(facts)
        if self.state == "approved" and self._why_not():
            self._halt_blasts()
        return True

    @api.model
    def _apply_status_event(self, accounts, value):
        """Note what an event says about a template: ``{event, message_template_name, …_language, reason}``."""
        status, name = STATUSES.get(str(value.get("event"))), value.get("message_template_name")
        language = value.get("message_template_language")
        if not status or not isinstance(name, str) or not isinstance(language, str):
            return
        found = [("account_id", "in", accounts.ids), ("name", "=", name), ("language", "=", language)]
        reason = str(value.get("reason") or "").replace("\0", "")
        reason = "" if reason == "NONE" else reason.replace("_", " ").capitalize()[:200]
        for template in self.search(found):
            if status == "approved" and template.whatsapp_status in ("differs", "unsupported"):
                continue
            template._note_facts({"whatsapp_status": status, "whatsapp_reason": reason or False})
