from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CrmStaffingPattern(models.Model):
    """A kind of shift that plans are made of: how long, from when at the earliest, until when at the latest (CC-8a)."""

    _name = "crm.staffing.pattern"
    _description = "Shift Pattern"
    _inherit = ["crm.branch.mixin"]
    _order = "sequence, id"

    name = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    hours = fields.Float("Length", required=True, default=9.0, aggregator=None, help="From coming to going.")
    earliest = fields.Float("Not Before", required=True, default=7.0, aggregator=None, help="By the branch's clock.")
    latest = fields.Float(
        "Not After",
        required=True,
        default=22.0,
        aggregator=None,
        help="When it ends at the latest; 26 is two at night.",
    )
    step_minutes = fields.Selection(
        [("15", "15 Minutes"), ("30", "30 Minutes"), ("60", "1 Hour")], "Begins Every", required=True, default="60"
    )
    break_minutes = fields.Integer(
        "Break (min)", required=True, default=60, help="About the middle of the shift; it isn't work."
    )

    _hours_range = models.Constraint("CHECK(hours BETWEEN 1 AND 14)", "A shift has 1 to 14 hours.")
    _times = models.Constraint(
        "CHECK(earliest >= 0 AND earliest < 24 AND latest <= 38 AND earliest + hours <= latest)",
        "Between the earliest and the latest there has to be time for the shift.",
    )
    _break_range = models.Constraint(
        "CHECK(break_minutes BETWEEN 0 AND 240 AND break_minutes < hours * 60)", "A break is shorter than the shift."
    )

    @api.constrains("hours", "earliest", "latest", "break_minutes")
    def _check_quarters(self):
        for pattern in self:
            values = (pattern.hours * 60, pattern.earliest * 60, pattern.latest * 60, pattern.break_minutes)
            if any(round(value) % 15 for value in values):
                raise ValidationError(self.env._("%s: times are full quarters of an hour.", pattern.name))

    def _starts(self):
        """Return the minutes of the day at which the shift may begin."""
        begin, end = round(self.earliest * 60), round((self.latest - self.hours) * 60)
        return range(begin, end + 1, int(self.step_minutes))

    def _spans(self, start, step):
        """Return the (begin, end) of the break, about the middle of the shift, one variant each: minutes of the day."""
        if not self.break_minutes:
            return [None]
        length = round(self.hours * 60)
        middle = start + (length - self.break_minutes) // 2
        middle -= middle % step
        room = range(start + step, start + length - self.break_minutes - step + 1)
        begins = [begin for begin in (middle - 2 * step, middle, middle + 2 * step) if begin in room] or [middle]
        return [(begin, begin + self.break_minutes) for begin in begins]
