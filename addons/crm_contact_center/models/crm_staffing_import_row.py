from odoo import api, fields, models
from odoo.tools.translate import LazyTranslate

from .crm_queue_contact import CHANNELS
from .crm_queue_staffing import MINUTES

_lt = LazyTranslate(__name__)

#: Why a row isn't taken: code → words, with what it is about.
WORDS = {
    "date": _lt("“%s” is no date."),
    "time": _lt("“%s” is no time of the day."),
    "moment": _lt("“%s” is no date and time: write 2026-12-31 08:30."),
    "future": _lt("%s is in the future."),
    "outcome": _lt("“%s” is no outcome: write answered or abandoned."),
    "number": _lt("“%s” is no count, or no number of seconds."),
    "minutes": _lt("Intervals have 15, 30 or 60 minutes, not %s."),
    "aligned": _lt("%s isn't when an interval of this length begins."),
    "channel": _lt("“%s” is no channel: write call, chat, whatsapp or email."),
    "counts": _lt("More were answered or given up than came (%s)."),
    "double": _lt("This is row %s again."),
}


class CrmStaffingImportLine(models.Model):
    """What a file says of an interval."""

    _name = "crm.staffing.import.line"
    _description = "Interval of an Import"
    _order = "interval_at, channel, id"
    _log_access = False

    import_id = fields.Many2one("crm.staffing.import", required=True, readonly=True, index=True, ondelete="cascade")
    interval_at = fields.Datetime("Interval", required=True, readonly=True)
    minutes = fields.Selection(MINUTES, "Length", required=True, readonly=True)
    channel = fields.Selection(CHANNELS, required=True, readonly=True)
    offered = fields.Integer(readonly=True)
    answered = fields.Integer(readonly=True)
    in_target = fields.Integer("Answered in Time", readonly=True)
    abandoned = fields.Integer(readonly=True)
    handle_seconds = fields.Integer("Handling (s)", readonly=True)
    wait_seconds = fields.Integer("Waiting (s)", readonly=True)


class CrmStaffingImportFault(models.Model):
    """A row that isn't taken, and why."""

    _name = "crm.staffing.import.fault"
    _description = "Refused Row of an Import"
    _order = "number, id"
    _rec_name = "words"

    import_id = fields.Many2one("crm.staffing.import", required=True, readonly=True, index=True, ondelete="cascade")
    number = fields.Integer("Row", required=True, readonly=True, aggregator=None)
    code = fields.Char(required=True, readonly=True)
    detail = fields.Char(readonly=True)
    words = fields.Char("Why", compute="_compute_words")

    @api.depends("code", "detail")
    @api.depends_context("lang")
    def _compute_words(self):
        for fault in self:
            words = self.env._(WORDS.get(fault.code, fault.code))
            fault.words = words % fault.detail if "%s" in words else words
