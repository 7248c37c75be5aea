from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..const import BACK_OFF, FINAL, LATER, MOST_BACK_OFFS, MOST_LATER, STOP, UNKNOWN, WINDOW_HOURS
from ..providers import Letter
from ..providers.base import ACCEPTED

PAIR_WAIT = 6  # seconds; doubled with each attempt


class CrmWhatsappMessage(models.Model):
    """On the way: may it still go, what the provider answered, what it told later."""

    _inherit = "crm.whatsapp.message"

    # === BEFORE SENDING === #

    def _still_allowed(self, now):
        """Return those that may go at this moment: opt-outs and the 24 hours are asked now, not only at queueing."""
        allowed = self.browse()
        consents = self.env["crm.whatsapp.consent"]._refusals(self)
        texts = self.filtered(lambda message: message.kind == "text")
        windows = self._window_ends(texts.mapped("phone"), [("account_id", "in", texts.account_id.ids)])
        unfit = self.template_id.filtered(lambda template: template._why_not())
        for message in self:
            if problem := consents.get(message):
                message._write_fact({"state": "left_out", "problem": problem})
            elif message.kind == "text" and windows.get(message.phone, now) <= now:
                message._advance("failed", problem="window_closed", failed_at=now)
            elif message.template_id in unfit:
                message._advance("failed", problem="template_paused", failed_at=now)
            else:
                allowed |= message
        return allowed

    @api.model
    def _window_ends(self, phones, domain=()):
        """Return number → until when free text may be sent to it (naive UTC), for who ever wrote.

        :param domain: conditions of the messages that open it: each account has a window of its own
        """
        latest = (
            self.env["crm.whatsapp.message"]
            .sudo()
            ._read_group(
                [("direction", "=", "incoming"), ("phone", "in", list(phones)), *domain],
                ["phone"],
                ["received_at:max"],
            )
        )
        return {phone: moment + timedelta(hours=WINDOW_HOURS) for phone, moment in latest if moment}

    def _start_sending(self, worker, now):
        """Note the intent. It is committed before anything is sent."""
        for attempts, messages in self.grouped("attempts").items():
            messages._write_fact(
                {"state": "sending", "worker": worker, "attempted_at": now, "attempts": attempts + 1, "problem": False}
            )

    def _letters(self):
        return [
            Letter(
                id=message.id,
                to=message.phone,
                uuid=message.uuid,
                body=message.body or "",
                template=message.template_id.name if message.kind == "template" else None,
                language=message.language,
                values=tuple(message.variables or ()),
            )
            for message in self
        ]

    # === AFTER SENDING === #

    @api.model
    def _accept(self, outcomes):
        """Record by one statement what was simply taken; return the outcomes that need a closer look.

        :param outcomes: list of ``(message id, Outcome)``
        """
        taken = {id_: outcome.wamid for id_, outcome in outcomes if outcome.kind == ACCEPTED and not outcome.held}
        if not taken:
            return outcomes
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE crm_whatsapp_message
                   SET state = 'sent', wamid = given.wamid, sent_at = COALESCE(sent_at, %(now)s), problem = NULL,
                       error_code = NULL, error_detail = NULL, write_date = %(now)s, write_uid = %(user)s
                  FROM unnest(%(ids)s::int4[], %(wamids)s::text[]) AS given (id, wamid)
                 WHERE crm_whatsapp_message.id = given.id AND state = 'sending' AND old_wamids IS NULL
                   AND crm_whatsapp_message.wamid IS NULL
                   AND NOT EXISTS (SELECT FROM crm_whatsapp_message other WHERE other.wamid = given.wamid)
             RETURNING crm_whatsapp_message.id
                """,
                now=fields.Datetime.now(),
                user=self.env.uid,
                ids=list(taken),
                wamids=list(taken.values()),
            )
        )
        messages = self.browse(id_ for (id_,) in rows)
        messages.invalidate_recordset(flush=False)
        messages._settled()
        return [(id_, outcome) for id_, outcome in outcomes if id_ not in messages._ids]

    def _apply_outcome(self, outcome):
        """Record what came of one attempt. What an event has said in the meantime stands."""
        self.ensure_one()
        if outcome.kind == ACCEPTED:
            self._accepted(outcome)
        elif outcome.kind == UNKNOWN:
            self._advance("unknown", problem=outcome.problem, error_code=outcome.code, error_detail=outcome.detail)
        elif self.state in ("sending", "unknown"):
            self._refused(outcome)

    def _accepted(self, outcome):
        if outcome.wamid in (self.old_wamids or ()):
            return  # it has failed already, and is queued again
        vals = {} if self.wamid or self._is_taken(outcome.wamid) else {"wamid": outcome.wamid}
        self._advance("sent", sent_at=self.sent_at or fields.Datetime.now(), **vals)
        if outcome.held and self.state == "sent":
            self._write_fact({"held": True})

    def _is_taken(self, wamid):
        """Return whether another message has this id already: then the provider says what can't be."""
        return bool(self.search_count([("wamid", "=", wamid), ("id", "!=", self.id)], limit=1))

    def _refused(self, outcome):
        """Decide by the error: again soon, again in days, never, or stop everything."""
        self.ensure_one()
        now = fields.Datetime.now()
        why = {"problem": outcome.problem, "error_code": outcome.code, "error_detail": outcome.detail}
        if outcome.kind == STOP:
            self._requeue(now, **why)
            self.account_id._stop(outcome.problem, outcome.detail)
        elif outcome.kind == BACK_OFF and self.attempts < MOST_BACK_OFFS:
            self._back_off(outcome, now, why)
        elif outcome.kind == LATER and self.attempts < MOST_LATER:
            self._requeue(now + timedelta(days=2 ** (self.attempts - 1)), **why)
        elif outcome.kind in (FINAL, BACK_OFF, LATER):
            problem = outcome.problem if outcome.kind == FINAL else "gave_up"
            self._advance("failed", failed_at=now, **{**why, "problem": problem})
        else:
            self._advance("unknown", **why)

    def _back_off(self, outcome, now, why):
        if outcome.problem == "pair_limit":
            self._requeue(now + timedelta(seconds=PAIR_WAIT * 2**self.attempts), **why)
        else:
            self._requeue(now, **why)
            self.account_id._back_off()

    def _requeue(self, due_at, **facts):
        """Put messages that surely weren't taken back into the queue. What is told of the old attempt later is known by
        its id.
        """
        stopped = self.filtered(lambda message: message.blast_id.state == "stopped")
        stopped._write_fact({"state": "cancelled", "problem": "stopped", "worker": False})
        for message in self - stopped:
            old = [*(message.old_wamids or ()), *([message.wamid] if message.wamid else ())]
            message._write_fact(
                {
                    "state": "queued",
                    "due_at": due_at,
                    "worker": False,
                    "wamid": False,
                    "old_wamids": old or False,
                    "problem": False,
                    "error_code": False,
                    "error_detail": False,
                    "failed_at": False,
                    "sent_at": False,
                    "held": False,
                    **facts,
                }
            )
        self._trigger_sending(due_at)
