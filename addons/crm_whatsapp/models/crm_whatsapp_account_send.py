import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..const import LOCK_SPACE, PAIR_BURST, PAIR_SECONDS
from ..providers import Letter, Provider
from ..sender import Sender
from ..utils import quiet_end

MOST_AT_ONCE = 32  # what is in doubt when a sender is killed
LONGEST_PAUSE = 3600  # seconds


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
        for account in self.search([]).filtered(lambda account: account._is_automatic()):
            sent = Sender(self.env.registry, account.id).run(time.monotonic() + left)
            left = crons._commit_progress(sent, remaining=0)
        self.env["crm.whatsapp.blast"]._finish_done()
        self._call_again()

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
        self._settle_lost()
        now = fields.Datetime.now()
        if self.problem or not self.active or (self.paused_until and self.paused_until > now):
            return Batch()
        self._postpone_quiet(now)
        messages = self.env["crm.whatsapp.message"]
        while not messages and (due := self._due(now)):
            # what may not go is no longer due: the loop ends
            messages = self._within_tier(self._within_pair_limit(due._still_allowed(now), now), now)
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
        """Return messages that are due, locked; those that another sender has locked are passed over."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT message.id
                  FROM crm_whatsapp_message message
             LEFT JOIN crm_whatsapp_blast blast ON blast.id = message.blast_id
                 WHERE message.account_id = %s AND message.state = 'queued' AND message.due_at <= %s
                   AND (blast.id IS NULL OR blast.state = 'running')
              ORDER BY message.blast_id NULLS FIRST, message.due_at, message.id
                 LIMIT %s
                   FOR UPDATE OF message SKIP LOCKED
                """,
                self.id,
                now,
                min(self.rate, MOST_AT_ONCE),
            )
        )
        messages = self.env["crm.whatsapp.message"].browse(id_ for (id_,) in rows)
        messages.invalidate_recordset(flush=False)
        return messages

    def _postpone_quiet(self, now):
        """Put what is due in its recipient's quiet hours off to their end, all of one time zone at once."""
        begin, end = self.company_id.whatsapp_quiet_from, self.company_id.whatsapp_quiet_to
        waiting = SQL(
            "account_id = %s AND state = 'queued' AND due_at <= %s AND NOT any_hour",
            self.id,
            now,
        )
        self.env.flush_all()
        for (tz,) in self.env.execute_query(SQL("SELECT DISTINCT tz FROM crm_whatsapp_message WHERE %s", waiting)):
            if until := quiet_end(now, tz, begin, end):
                self.env.cr.execute(
                    SQL(
                        "UPDATE crm_whatsapp_message SET due_at = %s WHERE %s AND tz IS NOT DISTINCT FROM %s",
                        until,
                        waiting,
                        tz,
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

    def _settle_lost(self):
        """Call "unknown" what was under way in senders that don't live any more."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT worker FROM (
                    SELECT DISTINCT worker FROM crm_whatsapp_message
                     WHERE account_id = %s AND state = 'sending' AND worker IS NOT NULL
                ) AS senders
                 WHERE pg_try_advisory_xact_lock(%s, worker)
                """,
                self.id,
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
        self._lock()
        messages = self.env["crm.whatsapp.message"].browse(id_ for id_, outcome in outcomes)
        messages._lock_rows()
        for id_, outcome in outcomes:
            messages.browse(id_)._apply_outcome(outcome)
        if self.back_offs and any(outcome.kind == "accepted" for __, outcome in outcomes):
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
