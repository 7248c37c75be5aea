import logging
from datetime import timedelta

from psycopg2 import DataError, IntegrityError

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError, LockError, UserError
from odoo.tools import SQL

from ..telephony import KINDS

_logger = logging.getLogger(__name__)

#: No telephone system keeps what it has to tell for longer: an older moment is a clock gone wrong.
OLDEST = timedelta(days=30)


class CrmTelephonyEvent(models.Model):
    """What a telephone system told, kept once, and applied in the order of the call (CC-1).

    However often and in whatever order the events of a call arrive, its contact ends in the same state: an event waits
    for the one before it, and if that never comes, is applied without it after the system's ``gap_seconds``.
    """

    _name = "crm.telephony.event"
    _description = "Telephone Event"
    _order = "id desc"
    _rec_name = "uid"

    system_id = fields.Many2one("crm.telephony.system", required=True, readonly=True, index=True, ondelete="restrict")
    branch_id = fields.Many2one(related="system_id.branch_id", store=True, index=True)
    company_id = fields.Many2one(related="system_id.company_id", store=True, index=True)
    uid = fields.Char("Event", required=True, readonly=True)
    call = fields.Char(required=True, readonly=True)
    sequence = fields.Integer("Number in the Call", required=True, readonly=True)
    kind = fields.Selection([(kind, kind.capitalize()) for kind in KINDS], required=True, readonly=True)
    at = fields.Datetime("Happened", required=True, readonly=True)
    received_at = fields.Datetime("Received", required=True, readonly=True, default=fields.Datetime.now, index=True)
    number = fields.Char("Caller", readonly=True)
    called = fields.Char(readonly=True)
    extension = fields.Char(readonly=True)
    queue = fields.Char(readonly=True)
    name = fields.Char("Caller's Name", readonly=True)
    words = fields.Text(readonly=True)
    state = fields.Selection(
        [("new", "Waiting"), ("applied", "Applied"), ("ignored", "Ignored")],
        "Status",
        required=True,
        readonly=True,
        default="new",
    )
    why = fields.Char(readonly=True)

    _uid_uniq = models.UniqueIndex("(system_id, uid)", "This event is here already.")
    _call_idx = models.Index("(system_id, call, sequence)")
    _new_idx = models.Index("(received_at) WHERE state = 'new'")

    @api.model
    def _keep(self, system, events):
        """Keep the events that are new, and apply what can be applied of their calls.

        :param events: :class:`..telephony.Event`
        :return: how many were new
        :raise ConcurrencyError: an agent is changing one of the contacts at this moment; Odoo tries the request again
        """
        system._heard()
        calls = self._insert(system, events)
        if calls:
            self._apply_calls(system, set(calls))
        return len(calls)

    @api.model
    def _insert(self, system, events):
        """Insert the events that aren't here yet; return the call of each of them."""
        now = fields.Datetime.now()
        columns = ("uid", "call", "sequence", "kind", "at", "number", "called", "extension", "queue", "name", "words")
        rows = SQL(", ").join(
            SQL(
                "(%s, %s, %s, %s, 'new', %s, %s, %s, %s)",
                system.id,
                system.branch_id.id,
                system.company_id.id,
                now,
                self.env.uid,
                self.env.uid,
                now,
                SQL(", ").join(SQL("%s", getattr(event, column) or None) for column in columns),
            )
            for event in events
        )
        self.env.cr.execute(
            SQL(
                """INSERT INTO crm_telephony_event
                          (system_id, branch_id, company_id, received_at, state, create_uid, write_uid, create_date, %s)
                   VALUES %s ON CONFLICT DO NOTHING RETURNING call""",
                SQL(", ").join(map(SQL.identifier, columns)),
                rows,
            )
        )
        return [call for (call,) in self.env.cr.fetchall()]

    # === APPLYING === #

    @api.model
    def _apply_calls(self, system, calls):
        """Apply, call by call, the events whose turn it is."""
        events = self.sudo().search(
            [("system_id", "=", system.id), ("call", "in", list(calls))], order="call, sequence, id"
        )
        for call_events in events.grouped("call").values():
            call_events._apply_in_order()

    def _apply_in_order(self):
        """Apply the events of one call, in order of their numbers, as far as none is missing or waited for in vain."""
        applied = {event.sequence for event in self if event.state != "new"}
        expected = max(applied, default=0) + 1
        for event in self.filtered(lambda event: event.state == "new"):
            if event.sequence > expected and not event._waited_in_vain():
                break
            expected = max(expected, event.sequence + 1)
            event._apply()

    def _waited_in_vain(self):
        waited = fields.Datetime.now() - self.received_at
        return waited > timedelta(seconds=self.system_id.gap_seconds)

    def _apply(self):
        """Apply one event; what makes no sense now is kept as ignored, with the reason."""
        try:
            with self.env.cr.savepoint():
                why = getattr(self, f"_apply_{self.kind}")(self._contact())
        except LockError as error:
            raise ConcurrencyError from error
        except UserError as error:
            why = str(error)
        except (DataError, IntegrityError):
            # one event that can't be kept must not hold up all that come after it
            _logger.exception("Telephone event %s of system %s can't be applied", self.uid, self.system_id.id)
            why = self.env._("The database refuses it: see the server's log.")
        self.write({"state": "ignored" if why else "applied", "why": why})

    def _happened(self):
        """Return when it happened, in whole seconds; not in the future, nor before :data:`OLDEST`.

        A contact from tomorrow would wait for less than no time, and be the last to be routed until then.
        """
        at = self.at.replace(microsecond=0)
        return max(min(at, self.received_at), self.received_at - OLDEST)

    # === CRON === #

    @api.model
    def _apply_waiting(self):
        """Each minute: apply what waited in vain for the event before it, give up commands that nobody reported."""
        for system, events in self.search([("state", "=", "new")]).grouped("system_id").items():
            for call in sorted(set(events.mapped("call"))):
                try:
                    self._apply_calls(system, {call})
                except ConcurrencyError:
                    _logger.info("Telephone call %s is being changed: its events are applied in a minute", call)
        self.env["crm.telephony.command"]._expire()

    @api.autovacuum
    def _gc_old(self):
        """Forget what was applied 30 days ago: the contacts keep what counts."""
        before = fields.Datetime.now() - timedelta(days=30)
        self.sudo().search([("received_at", "<", before), ("state", "!=", "new")], limit=50_000).unlink()
