import json
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
        windows = self._window_ends(self.filtered(lambda message: message.kind == "text").mapped("phone"))
        for message in self:
            if problem := consents.get(message):
                message._write_fact({"state": "left_out", "problem": problem})
            elif message.kind == "text" and windows.get(message.phone, now) <= now:
                message._advance("failed", problem="window_closed", failed_at=now)
            else:
                allowed |= message
        return allowed

    def _window_ends(self, phones):
        """Return number → until when free text may be sent to it (naive UTC), for who ever wrote."""
        latest = (
            self.env["crm.whatsapp.message"]
            .sudo()
            ._read_group(
                [("direction", "=", "incoming"), ("phone", "in", list(phones))], ["phone"], ["received_at:max"]
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
        vals = {} if self.wamid else {"wamid": outcome.wamid}
        self._advance("sent", sent_at=self.sent_at or fields.Datetime.now(), **vals)
        if outcome.held and self.state == "sent":
            self._write_fact({"held": True})

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
        for message in self:
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

    # === EVENTS === #

    @api.model
    def _of_old_attempt(self, wamid):
        """Return the message of which an earlier attempt had this id."""
        self.flush_model(["old_wamids"])
        query = SQL(
            "SELECT id FROM crm_whatsapp_message WHERE old_wamids IS NOT NULL AND old_wamids @> %s::jsonb LIMIT 1",
            json.dumps([wamid]),
        )
        return self.browse(id_ for (id_,) in self.env.execute_query(query))

    def _apply_status(self, status, moment, wamid, outcome=None):
        """Apply a status event to one message.

        :param status: ``sent``, ``delivered``, ``read`` or ``failed``
        :param moment: when, by the provider's clock (naive UTC)
        :param outcome: for ``failed``: what it means
        """
        self.ensure_one()
        of_old_attempt = wamid in (self.old_wamids or ())
        if of_old_attempt and status in ("sent", "failed"):
            return
        if not self.wamid and not of_old_attempt:
            self._write_fact({"wamid": wamid})
        if status != "failed":
            self._advance(status, **{f"{status}_at": moment})
        elif self.state not in ("delivered", "read", "failed"):
            self._failed_later(outcome, moment)

    def _failed_later(self, outcome, moment):
        """The provider took the message and could not deliver it."""
        if outcome.kind == LATER and self.attempts < MOST_LATER:
            self._refused(outcome)
            return
        if outcome.kind == STOP:
            self.account_id._stop(outcome.problem, outcome.detail)
        self._advance(
            "failed",
            failed_at=moment,
            problem=outcome.problem,
            error_code=outcome.code,
            error_detail=outcome.detail,
        )
