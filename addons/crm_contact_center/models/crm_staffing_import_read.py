import json

import pytz

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL
from odoo.tools.translate import LazyTranslate

from .. import staffing_file, staffing_rows

_lt = LazyTranslate(__name__)

REFUSALS = {
    "empty": _lt("The file is empty."),
    "too_big": _lt("The file is bigger than 20 MB: split it."),
    "too_big_inside": _lt("Unpacked, the file is bigger than 64 MB: split it."),
    "too_many_rows": _lt("The file has more than 300,000 rows: split it."),
    "too_many_columns": _lt("The file has more than 100 columns."),
    "not_table": _lt("This is no table. Files may be .tsv, .csv, .gz of these, or .xlsx."),
}
BROKEN = _lt("The file is damaged: it can't be read.")
#: So many refused rows are kept to look at; all are counted.
FAULTS = 500

INSERT_LINES = """
INSERT INTO crm_staffing_import_line (import_id, interval_at, minutes, channel, offered, answered, in_target, abandoned,
                                      handle_seconds, wait_seconds)
SELECT %(id)s, interval_at, minutes, channel, offered, answered, in_target, abandoned, handle, wait
  FROM jsonb_to_recordset(%(lines)s::jsonb) AS line(
       interval_at timestamp, minutes text, channel text, offered int, answered int, in_target int, abandoned int,
       handle int, wait int)
"""


class CrmStaffingImport(models.Model):
    """Reading the file: its columns, its rows, counted into intervals."""

    _inherit = "crm.staffing.import"

    def _read_file(self):
        """Count the file's rows.

        :raise UserError: it can't be read, or its columns don't say enough
        """
        self._forget()
        try:
            rows = staffing_file.rows(self._content())
            header = next(rows, None)
            if not header:
                raise staffing_file.Refused("empty")
            counter = self._counter(header[1])
            faults, number = [], 0
            for place, cells in rows:
                number += 1
                try:
                    counter.take(place, cells)
                except staffing_rows.Wrong as wrong:
                    faults.append((place, *wrong.args))
        except staffing_file.Refused as error:
            raise UserError(self.env._(REFUSALS.get(str(error), BROKEN))) from error
        self._keep(counter, faults, number)

    def _content(self):
        attachment = self.env["ir.attachment"].sudo()
        domain = [("res_model", "=", self._name), ("res_field", "=", "file"), ("res_id", "=", self.id)]
        return attachment.search(domain, limit=1).raw or b""

    def _counter(self, header):
        found = staffing_rows.columns(header)
        lacking, calls = staffing_rows.missing(found)
        if lacking:
            raise UserError(
                self.env._(
                    "The first row has to name the columns. Missing: %s.",
                    " ".join(
                        self.env._("the time (interval_at, or date and time).")
                        if code == "moment"
                        else self.env._("either outcome, for single calls, or offered, for counts.")
                        for code in lacking
                    ),
                )
            )
        zone = pytz.timezone(self.branch_id.tz)

        def utc(local):
            return zone.localize(local).astimezone(pytz.utc).replace(tzinfo=None)

        return staffing_rows.Counter(
            found,
            calls,
            minutes=int(self.minutes),
            utc=utc,
            now=fields.Datetime.now(),
            target=self.queue_id.target_seconds,
            channel=self.channel,
        )

    def _keep(self, counter, faults, number):
        zone = pytz.timezone(self.branch_id.tz)
        lines = [
            {"interval_at": moment.isoformat(), "minutes": str(minutes), "channel": channel, **_plain(counts)}
            for (moment, minutes, channel), counts in counter.intervals.items()
        ]
        self.env.flush_all()
        self.env.cr.execute(SQL(INSERT_LINES, id=self.id, lines=json.dumps(lines)))
        self.env["crm.staffing.import.fault"].sudo().create(
            [
                {"import_id": self.id, "number": place, "code": code, "detail": str(detail)[:100]}
                for place, code, detail in faults[:FAULTS]
            ]
        )
        days = {pytz.utc.localize(moment).astimezone(zone).date() for moment, *_rest in counter.intervals}
        self.sudo().write(
            {
                "kind": "calls" if counter.calls else "counts",
                "row_count": number,
                "fault_count": len(faults),
                "ignored_count": counter.ignored,
                "contact_count": sum(counts.offered for counts in counter.intervals.values()),
                "interval_count": len(lines),
                "day_count": len(days),
                "day_from": min(days, default=False),
                "day_to": max(days, default=False),
            }
        )
        self.invalidate_recordset(["line_ids", "fault_ids"])
        self._compare()


def _plain(counts):
    return {name: int(value) for name, value in vars(counts).items()}
