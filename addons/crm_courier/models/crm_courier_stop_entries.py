import re
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError, LockError, RedirectWarning, UserError

from odoo.addons.phone_validation.tools.phone_validation import phone_format

ENTRIES_AT_ONCE = 50
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
#: What a phone's clock may be ahead of ours.
CLOCK_AHEAD = timedelta(minutes=10)
HERE = ("on_road", "loaded", "reviewed")


class Moment(NamedTuple):
    """When something was entered, naive UTC, said in the context by our own code: what a client sends is never this."""

    value: datetime


class CrmCourierStop(models.Model):
    """What a courier's phone asks and sends at a customer's door (SOP-7 … SOP-14).

    The phone may have no network for hours: it keeps what is entered and sends it later, perhaps twice.
    """

    _inherit = "crm.courier.stop"

    entry_ids = fields.One2many("crm.courier.entry", "stop_id", "Sent by the Phone", readonly=True)

    # === FROM THE PHONE === #

    @api.model
    def courier_day(self):
        """Return what the user delivers now: ``{"run": {…} or False, "next": {…} or False, "stops": [{…}, …]}``.

        The stops are those of their runs that are on the road, else of the next that is loaded, in their order; then
        comes what is to be loaded.
        """
        mine = self.env["stock.picking.batch"].search(
            [("is_courier_run", "=", True), ("user_id", "=", self.env.uid), ("run_state", "in", HERE)],
            order="starts_at, id",
        )
        by_state = mine.grouped("run_state")
        runs = by_state.get("on_road") or by_state.get("loaded", mine.browse())[:1]
        to_load = by_state.get("reviewed", mine.browse())[:1]
        stops = runs.stop_ids.sorted(lambda stop: (runs.ids.index(stop.run_id.id), stop.sequence, stop.id)).sudo()
        return {
            "run": runs[0]._door_run_data() if runs else False,
            "next": to_load._door_run_data() if to_load else False,
            "stops": [stop._door_data() for stop in stops],
        }

    @api.model
    def courier_send(self, entries):
        """Do what the phone sends, one after the other and each once; return what came of each.

        :param list entries: at most 50 of ``{"uuid", "stop_id", "kind", "made_at": UTC ISO, "values": {}}``
        :return: for each ``{"uuid", "status": "done" or "refused", "message", "stop": {…} or False}``, the stop as it
            is after all of them
        :raise UserError: that is no list of entries. What is wrong with one of them is said of that one.
        """
        if not isinstance(entries, list) or len(entries) > ENTRIES_AT_ONCE:
            raise UserError(self.env._("A phone sends a list of at most %s entries.", ENTRIES_AT_ONCE))
        if not all(isinstance(entry, dict) and self._is_uuid(entry.get("uuid")) for entry in entries):
            raise UserError(self.env._("Each entry has a number of its own."))
        results = [(entry["uuid"], *self._receive(entry)) for entry in entries]
        data = {stop.id: stop._door_data() for stop in self.sudo().union(*(stop for *__, stop in results))}
        return [
            {"uuid": uuid, "status": status, "message": message, "stop": data.get(stop.id, False)}
            for uuid, status, message, stop in results
        ]

    # === HOOKS === #

    def _door_kinds(self):
        """Hook: return kind of entry → name of the method that does it with its values, a dictionary made by a client.

        The user may act at the stop's door; everything else the method checks itself.
        """
        return {}

    def _door_data(self):
        """Hook: return what the phone is to know of this stop, as JSON. All rights: the user may read the stop."""
        self.ensure_one()
        outcomes = dict(self._fields["outcome"]._description_selection(self.env))
        due = self._door_due()
        return {
            "id": self.id,
            "run_id": self.run_id.id,
            "run": self.run_id.name,
            "can_act": self.run_state == "on_road" and (not self.outcome or self.outcome == "not_home"),
            "name": self.order_name,
            "customer": self.partner_id.name,
            "address": self.address or "",
            "phone": self.phone or "",
            "phone_e164": self._door_phone(),
            "map_url": self.map_url or "",
            "planned_at": fields.Datetime.to_string(self.planned_at) or False,
            "currency_id": self.currency_id.id,
            "to_collect": due,
            "to_collect_text": self.currency_id.format(due),
            "units": [unit._door_data() for unit in self.unit_ids],
            "outcome": self.outcome or False,
            "outcome_text": outcomes.get(self.outcome, ""),
            "outcome_note": self.outcome_note or "",
            "attempts": self.attempts,
        }

    def _door_phone(self):
        country = self.partner_id.country_id or self.company_id.country_id
        if not self.phone:
            return ""
        number = phone_format(self.phone, country.code, country.phone_code, force_format="E164", raise_exception=False)
        return number if number.startswith("+") else ""

    def _door_moment(self):
        """Return when that which is being done was entered: by the phone's clock if it came from there, else now."""
        moment = self.env.context.get("courier_door_moment")
        return moment.value if isinstance(moment, Moment) else fields.Datetime.now()

    # === RECEIVING === #

    def _is_uuid(self, value):
        return isinstance(value, str) and bool(UUID.fullmatch(value))

    def _receive(self, entry):
        """Return status, message and stop of an entry: of a known one as they were, else do it.

        What isn't the user's, or is no entry at all, is refused and not noted.
        """
        stop_id, kind = entry.get("stop_id"), entry.get("kind")
        nothing = self.browse()
        if type(stop_id) is not int or not isinstance(kind, str) or not isinstance(entry.get("values"), dict):
            return "refused", self.env._("That isn't an entry that can be understood."), nothing
        stop = self.search([("id", "=", stop_id)]) if 0 < stop_id < 2**31 else nothing
        if problem := stop._stranger_text():
            return "refused", problem, nothing
        known = self.env["crm.courier.entry"].sudo().search([("uuid", "=", entry["uuid"])])
        if known:
            if (known.user_id, known.stop_id, known.kind) != (self.env.user, stop.sudo(), kind):
                return "refused", self.env._("This entry can't be taken: enter it again."), nothing
            return known.status, known.message or "", stop
        if kind not in stop._door_kinds():
            return "refused", self.env._("That isn't an entry that can be understood."), stop
        return stop._receive_new(entry)

    def _stranger_text(self):
        """Return why the user enters nothing here, and is told nothing; "" if they may."""
        if not self:
            return self.env._("This delivery isn't on a run of yours.")
        run = self.sudo().run_id
        return "" if run._may_be_at_door() else self.env._("%s is another courier's run.", run.name)

    def _receive_new(self, entry):
        """Do an entry and note what came of it.

        :raise ConcurrencyError: somebody else is at this stop; Odoo, or else the phone, tries again
        """
        if not self.sudo().try_lock_for_update(allow_referencing=True):
            raise ConcurrencyError(self.env._("Somebody else is at this delivery at this moment. Try again."))
        now, status, message = fields.Datetime.now(), "done", ""
        try:
            made_at = self._made_at(entry.get("made_at"), now)
        except UserError as error:
            return "refused", str(error), self
        try:
            with self.env.cr.savepoint():
                self._do_entry(entry["kind"], entry["values"], made_at)
        except LockError:
            raise
        except (UserError, RedirectWarning) as error:
            status, message = "refused", str(error.args[0])
        except psycopg2.IntegrityError as error:
            status, message = "refused", self._database_says(error)
        vals = {
            "uuid": entry["uuid"],
            "stop_id": self.id,
            "kind": entry["kind"],
            "made_at": made_at,
            "received_at": now,
            "user_id": self.env.uid,
            "status": status,
            "message": message,
        }
        try:
            with self.env.cr.savepoint():
                self.env["crm.courier.entry"].sudo().create(vals)
        except psycopg2.errors.UniqueViolation as error:
            raise ConcurrencyError(self.env._("This is being sent by another connection.")) from error
        return status, message, self

    def _do_entry(self, kind, values, made_at):
        self.run_id._check_at_door()
        method = getattr(self.with_context(courier_door_moment=Moment(made_at)), self._door_kinds()[kind])
        method(values)

    def _database_says(self, error):
        """Return in words what the database refuses."""
        table = error.diag.table_name
        model = next((model for model in self.env.registry.values() if model._table == table), type(self))
        return self.env[model._name]._sql_error_to_message(error)

    def _made_at(self, value, now):
        """Return when the entry was made, in UTC: not before the run left, whatever the phone's clock says.

        :raise UserError: that is no time, or the phone's clock is ahead
        """
        try:
            moment = datetime.fromisoformat(value.replace("Z", "+00:00"))
            if moment.tzinfo:
                moment = moment.astimezone(UTC).replace(tzinfo=None)
            moment = moment.replace(microsecond=0)
        except (AttributeError, TypeError, ValueError, OverflowError):
            raise UserError(self.env._("The entry doesn't say when it was made.")) from None
        if moment > now + CLOCK_AHEAD:
            raise UserError(self.env._("The phone's clock is ahead: set it by the network, then enter this again."))
        return max(min(moment, now), self.sudo().run_id.left_at or moment)
