from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_date

from ..followup_const import KINDS
from ..service_const import LIVE, WEEKDAYS


def clock(hour):
    """Return the hour of a day as a clock shows it: 13.5 is ``13:30``."""
    hours, minutes = divmod(round(hour * 60), 60)
    return f"{hours:02}:{minutes:02}"


class CrmServiceSlot(models.Model):
    """How many motorcycles a branch takes in at a time of the week, at the workshop or at customers' homes
    (H23-4.2.5, H23-4.2.7a).
    """

    _name = "crm.service.slot"
    _description = "Service Time"
    _inherit = ["crm.branch.mixin", "crm.followup.led.mixin"]
    _order = "branch_id, weekday, hour_from, kind, id"

    kind = fields.Selection(KINDS, required=True, default="workshop")
    weekday = fields.Selection(WEEKDAYS, required=True, default="0", group_expand=True)
    hour_from = fields.Float("From", required=True, aggregator=None, help="By the branch’s clock.")
    hour_to = fields.Float("To", required=True, aggregator=None)
    capacity = fields.Integer(required=True, default=1, help="So many motorcycles at the same time.")
    valid_from = fields.Date(required=True, default=fields.Date.context_today)
    valid_to = fields.Date(help="The last day; empty: until further notice.")

    _hours = models.Constraint(
        "CHECK(hour_from >= 0 AND hour_from < hour_to AND hour_to <= 24)", "A time begins before it ends, within a day."
    )
    _capacity_positive = models.Constraint("CHECK(capacity BETWEEN 1 AND 200)", "The capacity is from 1 to 200.")
    _validity = models.Constraint("CHECK(valid_to >= valid_from)", "A time isn't valid to a day before it begins.")
    # The database's range operators stand for “the same branch, kind and weekday”; they need no extension.
    _no_twins = models.Constraint(
        "EXCLUDE USING gist ("
        "int4range(branch_id, branch_id, '[]') WITH &&,"
        "int4range(weekday::int, weekday::int, '[]') WITH &&,"
        "int4range((kind = 'home')::int, (kind = 'home')::int, '[]') WITH &&,"
        "numrange(hour_from::numeric, hour_to::numeric) WITH &&,"
        "daterange(valid_from, valid_to, '[]') WITH &&)",
        "Another time of this branch, kind and weekday overlaps it: change that one's hours, or let it end before.",
    )

    # === COMPUTE METHODS === #

    @api.depends("weekday", "hour_from", "hour_to")
    @api.depends_context("lang")
    def _compute_display_name(self):
        weekdays = dict(self._fields["weekday"]._description_selection(self.env))
        for slot in self:
            slot.display_name = f"{weekdays.get(slot.weekday, '')} {clock(slot.hour_from)}–{clock(slot.hour_to)}"

    # === CONSTRAINS METHODS === #

    @api.constrains("branch_id", "kind", "weekday", "hour_from", "hour_to", "capacity", "valid_from", "valid_to")
    def _check_bookings_fit(self):
        """Check that nobody who has booked is left standing."""
        bookings = self.env["crm.service.booking"].sudo()
        live = bookings.search([("slot_id", "in", self.ids), ("state", "in", LIVE)], order="starts_at")
        for booking in live:
            slot = booking.slot_id
            fits = (
                slot.branch_id == booking.branch_id
                and slot.kind == booking.kind
                and slot._is_on(booking.day)
                and booking.seat <= slot.capacity
                and (booking.starts_at, booking.ends_at) == slot._span(booking.day)
            )
            if not fits:
                raise ValidationError(
                    self.env._(
                        "%(customer)s has booked %(slot)s on %(day)s: reschedule or cancel what is booked first, or "
                        "let this time end and enter a new one.",
                        customer=booking.customer_name,
                        slot=slot.display_name,
                        day=format_date(self.env, booking.day),
                    )
                )

    # === CRUD METHODS === #

    @api.ondelete(at_uninstall=False)
    def _unlink_unless_booked(self):
        if self.env["crm.service.booking"].sudo().search_count([("slot_id", "in", self.ids)], limit=1):
            raise UserError(self.env._("Customers have booked this time: enter its last day instead."))

    # === ACTION METHODS === #

    def action_copy_plan(self):
        """Ask to which branches the plan of these times' branch goes."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Copy a Week’s Plan"),
            "res_model": "crm.service.slot.copy",
            "views": [[False, "form"]],
            "target": "new",
            "context": {"default_source_id": self[:1].branch_id.id or self.env.user.branch_id.id},
        }

    # === BUSINESS METHODS === #

    def _is_on(self, day):
        """Return whether the time takes place on that day, were it not closed."""
        self.ensure_one()
        valid = self.valid_from <= day and (not self.valid_to or day <= self.valid_to)
        return valid and self.weekday == str(day.weekday())

    def _span(self, day):
        """Return when the time begins and ends on that day (naive UTC)."""
        branch = self.branch_id.sudo()
        return branch._moment(day, self.hour_from), branch._moment(day, self.hour_to)

    @api.model
    def _in_force(self, branch, day):
        """Return the week's plan of a branch as of that day."""
        until = Domain("valid_to", "=", False) | Domain("valid_to", ">=", day)
        return self.search(Domain("branch_id", "=", branch.id) & until)
