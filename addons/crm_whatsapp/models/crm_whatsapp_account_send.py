import logging
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from .. import transaction
from ..const import LOCK_SPACE, PAIR_BURST, PAIR_SECONDS, SENDING_BLASTS
from ..providers import Letter, Provider
from ..providers.base import ACCEPTED
from ..sender import Sender
from ..utils import quiet_end

_logger = logging.getLogger(__name__)

#: How many a sender takes on: what the account sends in 0.4 seconds. So many are in doubt when a sender is killed.
LEAST_AT_ONCE, MOST_AT_ONCE, SECONDS_AT_ONCE = 32, 64, 0.4
LONGEST_PAUSE = 3600  # seconds
TURN = 20  # seconds that one account sends before others have their turn


@dataclass
class Batch:
    """What one sender has taken on.

    :param wait: seconds until the first may go
    :param pace: seconds between one and the next
    """

    provider: Provider | None = None
    letters: list[Letter] = field(default_factory=list)
    wait: float = 0.0
    pace: float = 0.0


class CrmWhatsappAccount(models.Model):
    """Choose what may go out now, and record what came of it: the two halves of :class:`~..sender.Sender`."""

    _inherit = "crm.whatsapp.account"

    # === CRON === #

    @api.model
    def _cron_send(self):
        """Send what is due, of every account that sends by itself, until the scheduler's time is up."""
        crons = self.env["ir.cron"]
        left = crons._commit_progress()
        self.env["crm.whatsapp.event"]._apply_some()  # who has just written STOP gets nothing more
        busy = self.search([]).filtered(lambda account: account._is_automatic())
        while busy and left > 0:
            # in turns: one account's large blast keeps no other account waiting
            for account in busy:
                sent = account._send_due(time.monotonic() + min(left, TURN))
                left = crons._commit_progress(sent, remaining=0)
                busy -= account if not sent else account.browse()
        self.env["crm.whatsapp.blast"]._finish_done()
        self._call_again()

    def _send_due(self, deadline):
        """Send what is due of this account until the deadline; return how many attempts were made. An error is noted
        with the account, and keeps no other account from sending.
        """
        self.ensure_one()
        registry, name, id_ = self.env.registry, self._name, self.id
        try:
            sent = Sender(registry, id_).run(deadline)
        except Exception as error:
            _logger.exception("WhatsApp account %s can't send", self.name)
            words = error
            transaction.run(registry, lambda env: env[name].browse(id_)._note_failure(words))
            return 0
        if sent and self.failures:
            self.write({"failures": 0, "failure_words": False})
        return sent

    def _call_again(self):
        """Ask the scheduler to come back when the next message is due: quiet hours and back-offs end."""
        now = fields.Datetime.now()
        accounts = self.search([("problem", "=", False)]).filtered(lambda account: account._is_automatic())
        moments = [account.paused_until for account in accounts if account.paused_until and account.paused_until > now]
        waiting = [("state", "=", "queued"), ("due_at", ">", now), ("account_id", "in", accounts.ids)]
        moments += self.env["crm.whatsapp.message"].search(waiting, order="due_at", limit=1).mapped("due_at")
        if moments:
            self.env["crm.whatsapp.message"]._trigger_sending(min(moments))

    # === CLAIM === #

    def _claim(self, number):
        """Take on messages that are due: they are "sending" when this transaction ends.

        :param int number: of the sender, under whose advisory lock it lives
        """
        self.ensure_one()
        self._lock()
        self._settle_lost(number)
        now = fields.Datetime.now()
        if self.problem or not self.active or (self.paused_until and self.paused_until > now):
            return Batch()
        messages = self.env["crm.whatsapp.message"]
        while not messages and (due := self._due(now)):
            # what may not go is no longer due: the loop ends
            awake = self._outside_quiet(due, now)
            messages = self._within_tier(self._within_pair_limit(awake._still_allowed(now), now), now)
        if not messages:
            return Batch()
        messages._start_sending(number, now)
        wait = self._take_slots(len(messages))
        return Batch(self._get_provider(), messages._letters(), wait, 1 / self.rate)

    def _lock(self):
        """Let one sender at a time choose: limits are counted over all of them."""
        self.env.cr.execute("SELECT id FROM crm_whatsapp_account WHERE id = %s FOR UPDATE", self.ids)
        self.invalidate_recordset()

    def _due(self, now):
        """Return messages that are due, locked, single ones before blasts; those that another sender has locked are
        passed over.
        """
        self.env.flush_all()
        going = [("account_id", "=", self.id), ("state", "in", SENDING_BLASTS)]
        blasts = self.env["crm.whatsapp.blast"].search(going, order="id")
        ids, most = [], min(self.rate, MOST_AT_ONCE, max(LEAST_AT_ONCE, round(self.rate * SECONDS_AT_ONCE)))
        for blast in (None, *blasts.ids):
            if len(ids) < most:
                ids += self._due_of(blast, now, most - len(ids))
        messages = self.env["crm.whatsapp.message"].browse(ids)
        messages.invalidate_recordset(flush=False)
        return messages

    def _due_of(self, blast, now, most):
        """Return the ids of messages that are due, of one blast or of none: by an index, however many wait."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id FROM crm_whatsapp_message
                 WHERE account_id = %s AND state = 'queued' AND due_at <= %s AND %s
              ORDER BY due_at, id LIMIT %s
                   FOR UPDATE SKIP LOCKED
                """,
                self.id,
                now,
                SQL("blast_id = %s", blast) if blast else SQL("blast_id IS NULL"),
                most,
            )
        )
        return [id_ for (id_,) in rows]

    def _outside_quiet(self, messages, now):
        """Return those whose recipients have no quiet hours. What is due in a time zone where they are is put off to
        their end, all of the account at once.
        """
        begin, end = self.company_id.whatsapp_quiet_from, self.company_id.whatsapp_quiet_to
        allowed = messages.browse()
        for tz, theirs in messages.grouped("tz").items():
            until = quiet_end(now, tz, begin, end)
            allowed |= theirs.filtered("any_hour") if until else theirs
            if until:
                self._postpone_quiet(tz, now, until)
        return allowed.sorted(lambda message: messages.ids.index(message.id))

    def _postpone_quiet(self, tz, now, until):
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                UPDATE crm_whatsapp_message SET due_at = %s
                 WHERE account_id = %s AND state = 'queued' AND due_at <= %s AND NOT any_hour
                   AND tz IS NOT DISTINCT FROM %s
                """,
                until,
                self.id,
                now,
                tz or None,
            )
        )
        self.env["crm.whatsapp.message"].invalidate_model(["due_at"])

    def _within_pair_limit(self, messages, now):
        """Return those that don't make too many to one number; the others wait for their turn."""
        since = now - timedelta(seconds=PAIR_SECONDS)
        counts = Counter(
            dict(
                self.env["crm.whatsapp.message"]._read_group(
                    [
                        ("account_id", "=", self.id),
                        ("attempted_at", ">=", since),
                        ("phone", "in", messages.mapped("phone")),
                    ],
                    ["phone"],
                    ["__count"],
                )
            )
        )
        allowed = messages.browse()
        for message in messages:
            if counts[message.phone] < PAIR_BURST:
                counts[message.phone] += 1
                allowed |= message
        (messages - allowed).due_at = now + timedelta(seconds=PAIR_SECONDS)
        return allowed

    def _within_tier(self, messages, now):
        """Return those that don't make too many recipients within 24 hours; the others wait an hour.

        Answers within the customer's own 24 hours don't count, nor do further messages to one recipient.
        """
        if self.tier == "0":
            return messages
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT phone FROM crm_whatsapp_message
                 WHERE account_id = %s AND attempted_at >= %s AND kind = 'template'
                """,
                self.id,
                now - timedelta(days=1),
            )
        )
        told = {phone for (phone,) in rows}
        allowed = messages.browse()
        for message in messages:
            if message.kind == "text" or message.phone in told or len(told) < int(self.tier):
                told |= {message.phone} if message.kind == "template" else set()
                allowed |= message
        if messages != allowed:
            self._postpone_new_recipients(told, now + timedelta(hours=1))
        return allowed

    def _postpone_new_recipients(self, told, until):
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                UPDATE crm_whatsapp_message SET due_at = %s
                 WHERE account_id = %s AND state = 'queued' AND kind = 'template' AND due_at < %s
                   AND NOT phone = ANY(%s)
                """,
                until,
                self.id,
                until,
                list(told),
            )
        )
        self.env["crm.whatsapp.message"].invalidate_model(["due_at"])

    def _take_slots(self, count):
        """Reserve moments to send at, behind those that other senders have reserved; return the seconds until then."""
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE crm_whatsapp_account
                   SET next_slot_at = GREATEST(next_slot_at, clock_timestamp() AT TIME ZONE 'UTC')
                                      + %s * interval '1 second'
                 WHERE id = %s
             RETURNING EXTRACT(EPOCH FROM next_slot_at - clock_timestamp() AT TIME ZONE 'UTC')
                """,
                count / self.rate,
                self.id,
            )
        )
        self.invalidate_recordset(["next_slot_at"], flush=False)
        return max(0.0, float(rows[0][0]) - count / self.rate)

    def _settle_lost(self, number):
        """Call "unknown" what was under way in senders that don't live any more.

        :param int number: of the sender that asks, which lives
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT worker FROM (
                    SELECT DISTINCT worker FROM crm_whatsapp_message
                     WHERE account_id = %s AND state = 'sending' AND worker != %s
                ) AS senders
                 WHERE pg_try_advisory_xact_lock(%s, worker)
                """,
                self.id,
                number,
                LOCK_SPACE,
            )
        )
        if workers := [worker for (worker,) in rows]:
            messages = self.env["crm.whatsapp.message"]
            lost = messages.search([("account_id", "=", self.id), ("state", "=", "sending"), ("worker", "in", workers)])
            lost._advance("unknown", problem="no_answer")

    # === RECORD === #

    def _record(self, outcomes):
        """Record what came of attempts.

        :param outcomes: list of ``(message id, Outcome)``
        """
        self.ensure_one()
        messages = self.env["crm.whatsapp.message"].browse(id_ for id_, outcome in outcomes)
        messages._lock_rows()
        others = messages._accept(outcomes)
        if others:
            self._lock()
        for id_, outcome in others:
            messages.browse(id_)._apply_outcome(outcome)
        if self.back_offs and any(outcome.kind == ACCEPTED for __, outcome in outcomes):
            self.back_offs = 0

    def _back_off(self):
        """Pause the whole account: 2, 4, 8 … seconds, an hour at most. One pause for all that were refused together."""
        now = fields.Datetime.now()
        if self.paused_until and self.paused_until > now:
            return
        self.write(
            {
                "back_offs": self.back_offs + 1,
                "paused_until": now + timedelta(seconds=min(LONGEST_PAUSE, 2 ** (self.back_offs + 1))),
            }
        )
