import hashlib
import json
import logging

from odoo import api, fields, models
from odoo.tools import SQL

from .. import transaction
from ..const import FINAL, STOP
from ..providers.cloud import refusal
from ..utils import clean
from .crm_whatsapp_message_incoming import moment_of

_logger = logging.getLogger(__name__)

BATCH = 50
STATUSES = ("sent", "delivered", "read", "failed")
PREFERENCES = {"stop": "out_marketing", "resume": "in"}


def _dictionaries(value):
    """Return the dictionaries in what should be a list of them: events come from outside."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


class CrmWhatsappEvent(models.Model):
    """What the provider told, as it came: kept first, once, and applied later, in any order."""

    _name = "crm.whatsapp.event"
    _description = "WhatsApp Event"
    _order = "id desc"
    _rec_name = "digest"

    account_id = fields.Many2one("crm.whatsapp.account", required=True, readonly=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="account_id.company_id", store=True, index=True)
    body = fields.Text(required=True, readonly=True)
    digest = fields.Char(required=True, readonly=True)
    received_at = fields.Datetime("Received", required=True, readonly=True, index=True)
    state = fields.Selection(
        [("new", "New"), ("applied", "Applied"), ("failed", "Failed")], "Status", required=True, readonly=True
    )
    error = fields.Char(readonly=True)

    _digest_uniq = models.UniqueIndex("(account_id, digest)", "This event is here already.")
    _new_idx = models.Index("(id) WHERE state = 'new'")

    # === ACTION METHODS === #

    def action_apply_again(self):
        """Apply events again whose application failed. Only the administrator reads them; nobody writes them."""
        self.check_access("read")
        self.filtered(lambda event: event.state == "failed").sudo().write({"state": "new", "error": False})
        self._trigger()

    # === CRON === #

    @api.model
    def _cron_apply(self):
        """Apply what has come, batch by batch, each in a transaction of its own."""
        crons = self.env["ir.cron"]
        left = crons._commit_progress()
        while left > 0:
            applied = transaction.run(self.env.registry, lambda env: env[self._name]._apply_batch())
            left = crons._commit_progress(applied, remaining=0)
            if not applied:
                break

    @api.autovacuum
    def _gc_applied(self):
        """Forget raw events after 30 days: the provider repeats them for some days only."""
        before = fields.Datetime.subtract(fields.Datetime.now(), days=30)
        self.search([("state", "=", "applied"), ("received_at", "<", before)], limit=10000).unlink()

    # === BUSINESS METHODS === #

    @api.model
    def _keep(self, account, body):
        """Keep an event unless it is here already.

        :param bytes body: as it was signed
        """
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO crm_whatsapp_event (account_id, company_id, body, digest, received_at, state)
                VALUES (%s, %s, %s, %s, %s, 'new') ON CONFLICT DO NOTHING RETURNING id
                """,
                account.id,
                account.company_id.id,
                body.decode(),
                hashlib.sha256(body).hexdigest(),
                fields.Datetime.now(),
            )
        )
        if rows:
            self._trigger()
        return bool(rows)

    @api.model
    def _trigger(self):
        """Wake the scheduler, unless it is about to come anyway."""
        cron = self.env.ref("crm_whatsapp.ir_cron_apply").sudo()
        soon = [("cron_id", "=", cron.id), ("call_at", "<=", fields.Datetime.now())]
        if not self.env["ir.cron.trigger"].sudo().search_count(soon, limit=1):
            cron._trigger()

    @api.model
    def _apply_batch(self):
        """Apply some new events; return how many. What another process is applying is passed over."""
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM crm_whatsapp_event WHERE state = 'new' ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED",
                BATCH,
            )
        )
        for (id_,) in rows:
            self.browse(id_)._apply()
        return len(rows)

    def _apply(self):
        """Apply one event. One that can't be applied is kept with what was wrong, and holds up no other."""
        try:
            with self.env.cr.savepoint():
                self._apply_body(json.loads(self.body))
        except transaction.AGAIN:
            raise
        except Exception as error:
            _logger.exception("WhatsApp event %s can't be applied", self.id)
            self.write({"state": "failed", "error": f"{type(error).__name__}: {error}"[:500]})
        else:
            self.state = "applied"

    def _apply_body(self, content):
        for entry in _dictionaries(content.get("entry") if isinstance(content, dict) else None):
            for change in _dictionaries(entry.get("changes")):
                if isinstance(change.get("value"), dict):
                    self._apply_value(change["value"])

    def _apply_value(self, value):
        account = self._account_of(value)
        for error in _dictionaries(value.get("errors")):
            outcome = refusal(error, FINAL)
            if outcome.kind == STOP:
                account._stop(outcome.problem, outcome.detail)
        for status in _dictionaries(value.get("statuses")):
            self._apply_status(status)
        names = self._names(value)
        for item in _dictionaries(value.get("messages")):
            name = names.get(item.get("from")) or names.get(item.get("user_id")) or ""
            self.env["crm.whatsapp.message"]._receive(account, item, name)
        for preference in _dictionaries(value.get("user_preferences")):
            self._apply_preference(preference)

    def _account_of(self, value):
        """Return the account that the event is about, among those whose secret has signed it."""
        metadata = value.get("metadata")
        number = metadata.get("phone_number_id") if isinstance(metadata, dict) else None
        return self.account_id._same_app().filtered(lambda a: number and a.number_key == str(number)) or self.account_id

    @staticmethod
    def _names(value):
        """Return number or user id → what the customer calls themself."""
        names = {}
        for contact in _dictionaries(value.get("contacts")):
            profile = contact.get("profile")
            name = profile.get("name") if isinstance(profile, dict) else None
            names |= {key: name for key in (contact.get("wa_id"), contact.get("user_id")) if isinstance(key, str)}
        return names

    def _apply_status(self, status):
        wamid, kind = clean(status.get("id")), status.get("status")
        if not wamid or kind not in STATUSES:
            return
        message = self._message_of(wamid, clean(status.get("biz_opaque_callback_data")))
        if message:
            message._lock_rows()
            errors = _dictionaries(status.get("errors"))
            outcome = refusal(errors[0] if errors else {}, FINAL)
            message._apply_status(kind, moment_of(status.get("timestamp")), wamid, outcome)

    def _message_of(self, wamid, key):
        """Return our message: by its id, else by our key, which is known before anything is sent."""
        messages = self.env["crm.whatsapp.message"]
        ours = [("account_id", "in", self.account_id._same_app().ids), ("direction", "=", "outgoing")]
        found = messages.search([*ours, ("wamid", "=", wamid)], limit=1)
        if not found and key:
            found = messages.search([*ours, ("uuid", "=", key)], limit=1)
        return found or messages._of_old_attempt(wamid).filtered_domain(ours)

    def _apply_preference(self, preference):
        effect = PREFERENCES.get(preference.get("value"))
        phone = self.env["crm.whatsapp.message"]._phone_of(preference.get("wa_id"))
        if effect and phone and preference.get("category") == "marketing_messages":
            moment = moment_of(preference.get("timestamp"))
            detail = clean(preference.get("detail"))[:100]
            self.env["crm.whatsapp.consent"]._note(phone, effect, "whatsapp", moment, detail)
