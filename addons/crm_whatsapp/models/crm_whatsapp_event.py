import hashlib
import itertools
import json
import logging

from odoo import api, fields, models
from odoo.tools import SQL

from .. import transaction
from ..const import FINAL, STOP
from ..providers.cloud_ask import refusal
from ..utils import clean
from .crm_whatsapp_message_incoming import moment_of
from .crm_whatsapp_message_report import Report

_logger = logging.getLogger(__name__)

BATCH = 500
MOST_BYTES_AT_ONCE = 4 * 1024 * 1024
TRIES = 20  # of a transaction; after them each event is tried by itself
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
            applied = self._apply_some()
            left = crons._commit_progress(applied, remaining=0)
            if not applied:
                break

    @api.model
    def _apply_some(self):
        """Apply some new events in a transaction of its own; return how many. What fails however often it is tried is
        set aside: nothing that anybody sends holds up what others have sent.
        """
        registry = self.env.registry
        try:
            return transaction.run(registry, lambda env: env[self._name]._apply_batch(), tries=TRIES)
        except transaction.AGAIN:
            ids = transaction.run(
                registry, lambda env: env[self._name].search([("state", "=", "new")], limit=BATCH).ids
            )
        for id_ in ids:
            try:
                transaction.run(registry, lambda env, id_=id_: env[self._name].browse(id_)._apply(), tries=TRIES)
            except transaction.AGAIN as error:
                transaction.run(
                    registry, lambda env, id_=id_, error=error: env[self._name].browse(id_)._set_aside(error)
                )
        return len(ids)

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
        """Apply some new events together; return how many. What another process is applying is passed over."""
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id, octet_length(body) FROM crm_whatsapp_event
                 WHERE state = 'new' ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
                """,
                BATCH,
            )
        )
        sizes = itertools.accumulate(size for id_, size in rows)
        ids = [id_ for (id_, __), size in zip(rows, sizes, strict=True) if size <= MOST_BYTES_AT_ONCE]
        self.browse(ids or [id_ for id_, __ in rows[:1]])._apply()
        return len(rows)

    def _apply(self):
        """Apply events. One that can't be applied is kept with what was wrong, and holds up no other."""
        try:
            with self.env.cr.savepoint():
                self._apply_together()
        except transaction.AGAIN:
            raise
        except Exception as error:  # noqa: BLE001 - set aside, and logged there
            if len(self) > 1:
                for event in self:
                    event._apply()
                return
            self._set_aside(error)
        else:
            self.write({"state": "applied"})

    def _set_aside(self, error):
        """Keep an event that can't be applied, with what was wrong."""
        _logger.error("WhatsApp event %s can't be applied", self.id, exc_info=error)
        self.write({"state": "failed", "error": f"{type(error).__name__}: {error}".replace("\0", "")[:500]})

    def _apply_together(self):
        """Apply all status reports at once, everything else one after the other."""
        for signer, events in self.grouped("account_id").items():
            accounts, reports = signer._same_app(), []
            by_number = {account.number_key: account for account in accounts if account.number_key}
            for value in itertools.chain.from_iterable(event._values() for event in events):
                metadata = value.get("metadata")
                number = str(metadata.get("phone_number_id")) if isinstance(metadata, dict) else None
                self._apply_value(by_number.get(number, signer), value)
                if "message_template_name" in value:
                    self.env["crm.whatsapp.template"]._apply_status_event(accounts, value)
                reports += filter(None, map(self._report_of, _dictionaries(value.get("statuses"))))
            self.env["crm.whatsapp.message"]._apply_reports(accounts, reports)

    def _values(self):
        """Return what the event tells, as a list of dictionaries."""
        content = json.loads(self.body)
        entries = _dictionaries(content.get("entry") if isinstance(content, dict) else None)
        changes = [change for entry in entries for change in _dictionaries(entry.get("changes"))]
        return [change["value"] for change in changes if isinstance(change.get("value"), dict)]

    def _apply_value(self, account, value):
        for error in _dictionaries(value.get("errors")):
            outcome = refusal(error, FINAL)
            if outcome.kind == STOP:
                account._stop(outcome.problem, outcome.detail)
        names = self._names(value)
        for item in _dictionaries(value.get("messages")):
            name = names.get(str(item.get("from"))) or names.get(str(item.get("user_id"))) or ""
            self.env["crm.whatsapp.message"]._receive(account, item, name)
        for preference in _dictionaries(value.get("user_preferences")):
            self._apply_preference(preference)

    @staticmethod
    def _names(value):
        """Return number or user id → what the customer calls themself."""
        names = {}
        for contact in _dictionaries(value.get("contacts")):
            profile = contact.get("profile")
            name = profile.get("name") if isinstance(profile, dict) else None
            names |= {key: name for key in (contact.get("wa_id"), contact.get("user_id")) if isinstance(key, str)}
        return names

    @staticmethod
    def _report_of(status):
        """Return a status of the provider's as a report, or None where it is none."""
        wamid, kind = clean(status.get("id")), status.get("status")
        if not wamid or kind not in STATUSES:
            return None
        errors = _dictionaries(status.get("errors"))
        outcome = refusal(errors[0] if errors else {}, FINAL) if kind == "failed" else None
        return Report(
            wamid, kind, moment_of(status.get("timestamp")), clean(status.get("biz_opaque_callback_data")), outcome
        )

    def _apply_preference(self, preference):
        effect = PREFERENCES.get(str(preference.get("value")))
        phone = self.env["crm.whatsapp.message"]._phone_of(preference.get("wa_id"))
        if effect and phone and preference.get("category") == "marketing_messages":
            moment = moment_of(preference.get("timestamp"))
            detail = clean(preference.get("detail"))[:100]
            self.env["crm.whatsapp.consent"]._note(phone, effect, "whatsapp", moment, detail)
