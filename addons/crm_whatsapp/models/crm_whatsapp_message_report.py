from dataclasses import dataclass
from datetime import datetime

from odoo import api, fields, models
from odoo.tools import SQL

from ..const import LATER, MOST_LATER, RANK, STOP
from ..providers import Outcome

#: What a report may change, with the types of the columns.
COLUMNS = {
    "state": "text",
    "wamid": "text",
    "sent_at": "timestamp",
    "delivered_at": "timestamp",
    "read_at": "timestamp",
    "failed_at": "timestamp",
    "problem": "text",
    "error_code": "int4",
    "error_detail": "text",
    "held": "bool",
}


@dataclass(frozen=True)
class Report:
    """What the provider says became of one message.

    :param status: ``sent``, ``delivered``, ``read`` or ``failed``
    :param moment: when, by the provider's clock (naive UTC)
    :param key: ours, where it comes back with the report
    :param outcome: for ``failed``: what it means
    """

    wamid: str
    status: str
    moment: datetime
    key: str = ""
    outcome: Outcome | None = None

    @property
    def acts(self):
        """Return whether more follows from it than facts about its message."""
        return self.status == "failed" and self.outcome.kind in (LATER, STOP)


class CrmWhatsappMessage(models.Model):
    """What the provider reports later, in any order and more than once: the end is the same. Thousands at a time."""

    _inherit = "crm.whatsapp.message"

    # === BUSINESS METHODS === #

    @api.model
    def _apply_reports(self, accounts, reports):
        """Apply reports that came for these accounts; what is reported of nobody's message is passed over.

        :param accounts: all whose events the same secret signs: of other accounts' messages they may say nothing
        :param reports: list of :class:`Report`
        """
        reports = list(dict.fromkeys(reports))
        found, taken = self._messages_of(accounts, reports)
        messages = self.browse(sorted({message.id for message in found.values()}))
        messages._lock_rows()
        messages.fetch([*COLUMNS, "old_wamids"])
        told = {message: [] for message in messages}
        for report in reports:
            if message := found.get(report):
                told[message].append(report)
        ends = {}
        for message, theirs in told.items():
            if any(report.acts for report in theirs):
                for report in theirs:
                    message._apply_report(report, taken)
            elif vals := message._facts_of(theirs, taken):
                ends[message] = vals
        self._write_ends(ends)
        messages.browse(message.id for message, vals in ends.items() if "state" in vals)._settled()

    def _messages_of(self, accounts, reports):
        """Return report → message: by its id, else by our key, which is known before anything is sent, else by the id
        of an earlier attempt. And the ids that messages have already, whosoever's.
        """
        wamids, keys = list({report.wamid for report in reports}), list({r.key for r in reports if r.key})
        self.flush_model()
        columns = SQL("SELECT id, account_id, direction, wamid, uuid FROM crm_whatsapp_message")
        rows = self.env.execute_query(SQL("%s WHERE wamid = ANY(%s)", columns, wamids))
        by_wamid = {row[3]: row for row in rows}

        def ours(row):
            return row is not None and row[1] in accounts._ids and row[2] == "outgoing"

        by_key = {}
        if keys and not all(ours(by_wamid.get(report.wamid)) for report in reports):
            rows = self.env.execute_query(SQL("%s WHERE uuid = ANY(%s)", columns, keys))
            by_key = {row[4]: row for row in rows}
        found, left = {}, []
        for report in reports:
            rows = by_wamid.get(report.wamid), by_key.get(report.key)
            row = next(filter(ours, rows), None)
            if row:
                found[report] = self.browse(row[0])
            else:
                left.append(report)
        old = self._of_old_attempts({report.wamid for report in left}) if left else {}
        for report in left:
            message = old.get(report.wamid, self).filtered_domain(
                [("account_id", "in", accounts.ids), ("direction", "=", "outgoing")]
            )
            if message:
                found[report] = message
        return found, set(by_wamid)

    @api.model
    def _of_old_attempts(self, wamids):
        """Return id of an earlier attempt → its message."""
        rows = self.env.execute_query(
            SQL(
                "SELECT id, old_wamids FROM crm_whatsapp_message WHERE old_wamids IS NOT NULL AND old_wamids ?| %s",
                list(wamids),
            )
        )
        return {wamid: self.browse(id_) for id_, olds in rows for wamid in olds if wamid in wamids}

    def _facts_of(self, reports, taken):
        """Return what reports change in this message, as values of fields. A later state stands, whatever the order;
        moments are kept in any case.

        :param set taken: ids that other messages have; what is given away here is added
        """
        state, wamid, vals = self.state, self.wamid, {}
        for report in reports:
            late = report.wamid in (self.old_wamids or ())
            if late and report.status in ("sent", "failed"):
                continue
            if not wamid and not late and report.wamid not in taken:
                vals["wamid"] = wamid = report.wamid
                taken.add(wamid)
            vals[f"{report.status}_at"] = report.moment
            if RANK.get(state, 99) < RANK[report.status]:
                state = report.status
                why = report.outcome if state == "failed" else Outcome(state)
                vals |= {"state": state, "held": False}
                vals |= {"problem": why.problem, "error_code": why.code, "error_detail": why.detail}
        return {name: value for name, value in vals.items() if (self[name] or None) != (value or None)}

    def _apply_report(self, report, taken=()):
        """Apply one report to this message, and do what follows from it."""
        self.ensure_one()
        taken = set(taken)
        failed = report.status == "failed" and report.wamid not in (self.old_wamids or ())
        if failed and RANK.get(self.state, 99) < RANK["failed"]:
            if report.outcome.kind == LATER and self.attempts < MOST_LATER:
                if not self.wamid and report.wamid not in taken:
                    self._write_fact({"wamid": report.wamid})
                self._refused(report.outcome)
                return
            if report.outcome.kind == STOP:
                self.account_id._stop(report.outcome.problem, report.outcome.detail)
        vals = self._facts_of([report], taken)
        if vals:
            self._write_fact(vals)
        if "state" in vals:
            self._settled()

    @api.model
    def _write_ends(self, ends):
        """Write what has changed, by one statement.

        :param dict ends: message → values
        """
        if not ends:
            return
        self.env.flush_all()
        rows = [{name: message[name] or None for name in COLUMNS} | vals for message, vals in ends.items()]
        columns = SQL(", ").join(
            SQL("%s::text[]::%s[]", [str(row[name]) if row[name] else None for row in rows], SQL.identifier(kind))
            for name, kind in COLUMNS.items()
        )
        names = SQL(", ").join(map(SQL.identifier, COLUMNS))
        setting = SQL(", ").join(SQL("%s = given.%s", SQL.identifier(name), SQL.identifier(name)) for name in COLUMNS)
        self.env.cr.execute(
            SQL(
                """
                UPDATE crm_whatsapp_message SET %s, write_date = %s, write_uid = %s
                  FROM unnest(%s::int4[], %s) AS given (id, %s)
                 WHERE crm_whatsapp_message.id = given.id
                """,
                setting,
                fields.Datetime.now(),
                self.env.uid,
                [message.id for message in ends],
                columns,
                names,
            )
        )
        self.browse(message.id for message in ends).invalidate_recordset(flush=False)
