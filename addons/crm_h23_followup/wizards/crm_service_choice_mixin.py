from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..followup_const import KINDS
from ..service_const import WEEKEND


class CrmServiceChoiceMixin(models.AbstractModel):
    """Choose kind, day and a free time for a free service. It only asks: the booking decides."""

    _name = "crm.service.choice.mixin"
    _description = "Choice of a Service Time"

    kind = fields.Selection(KINDS, "Where", compute="_compute_kind", store=True, compute_sudo=False, readonly=False)
    booking_day = fields.Date("Day", compute="_compute_booking_day", store=True, compute_sudo=False, readonly=False)
    time_id = fields.Many2one(
        "crm.service.time",
        compute="_compute_time_id",
        store=True,
        compute_sudo=False,
        readonly=False,
        domain="[('branch_id', '=', booking_branch_id), ('kind', '=', kind), ('day', '=', choosable_day),"
        " ('is_ahead', '=', True), ('free', '>', 0)]",
    )
    street = fields.Char(compute="_compute_address", store=True, compute_sudo=False, readonly=False)
    city = fields.Char(compute="_compute_address", store=True, compute_sudo=False, readonly=False)
    booking_note = fields.Char("Note for the Workshop")
    promo_id = fields.Many2one(
        "crm.service.promo",
        "Promotion",
        compute="_compute_promo",
        store=True,
        compute_sudo=False,
        readonly=False,
        domain="[('id', 'in', promo_ids)]",
    )
    promo_ids = fields.Many2many("crm.service.promo", compute="_compute_promo_ids")
    promo_benefit = fields.Text(related="promo_id.benefit", related_sudo=False)
    # What the choice is among
    booking_branch_id = fields.Many2one("crm.branch", "Branch", compute="_compute_choice")
    weekend_allowed = fields.Boolean(compute="_compute_choice")
    choosable_day = fields.Date(compute="_compute_choice")
    choice_hint = fields.Text("About the Choice", compute="_compute_choice")

    # === COMPUTE METHODS === #

    def _compute_kind(self):
        for wizard in self:
            wizard.kind = wizard._wanted_kind() or wizard.kind or "workshop"

    @api.depends("kind")
    def _compute_booking_day(self):
        for wizard in self:
            case = wizard._choice_case()
            wizard.booking_day = case and wizard._first_free().day

    @api.depends("kind", "booking_day")
    def _compute_time_id(self):
        for wizard in self:
            chosen = wizard.time_id
            if (chosen.kind, chosen.day) != (wizard.kind, wizard.booking_day):
                wizard.time_id = False

    def _compute_address(self):
        for wizard in self:
            vehicle = wizard._choice_case().vehicle_id
            wizard.street = wizard.street or vehicle.owner_street
            wizard.city = wizard.city or vehicle.owner_city

    @api.depends("booking_day")
    def _compute_promo(self):
        for wizard in self:
            valid = wizard._promos()
            if wizard.promo_id not in valid:
                wizard.promo_id = valid[:1]

    @api.depends("booking_day")
    def _compute_promo_ids(self):
        for wizard in self:
            wizard.promo_ids = wizard._promos()

    @api.depends("kind", "booking_day")
    def _compute_choice(self):
        for wizard in self:
            case, day = wizard._choice_case(), wizard.booking_day
            weekend = bool(case) and wizard._weekend()
            wizard.booking_branch_id = case.branch_id
            wizard.weekend_allowed = weekend
            wizard.choosable_day = day if day and (weekend or not wizard._is_weekend()) else False
            wizard.choice_hint = wizard._hint() if case else False

    # === BUSINESS METHODS === #

    def _is_weekend(self):
        return bool(self.booking_day) and str(self.booking_day.weekday()) in WEEKEND

    def _free_times(self, *domain, limit=None):
        times = self.env["crm.service.time"]
        allowed = times._free_domain(self._choice_case().branch_id, self.kind, self._weekend())
        return times.search([*allowed, *domain], limit=limit)

    def _first_free(self):
        """Return the first free time; at the weekend, if that was offered and accepted."""
        found = self._free_times(("is_weekend", "=", True), limit=1) if self._weekend_wanted() else None
        return found or self._free_times(limit=1)

    def _hint(self):
        """Return what the admin should know of the day chosen, in words."""
        case, lines = self._choice_case(), []
        if self._is_weekend() and not self._weekend():
            lines.append(self._weekend_words())
        elif not self.booking_day or not self._free_times(("day", "=", self.booking_day), limit=1):
            lines.append(self._nothing_free_words())
        if self.booking_day and case.expires_on and self.booking_day > case.expires_on:
            ends = format_date(self.env, case.expires_on)
            lines.append(self.env._("The service is free until %s: say that it has to be paid on this day.", ends))
        return "\n".join(lines)

    def _nothing_free_words(self):
        after = [("day", ">=", self.booking_day)] if self.booking_day else []
        if found := self._free_times(*after, limit=3):
            return self.env._("Nothing is free on this day. Free next: %s", "; ".join(found.mapped("display_name")))
        return self.env._("Nothing is free in the next two months: have a manager add service times.")

    def _weekend_words(self):
        return self.env._(
            "Saturday and Sunday are for who really can’t come from Monday to Friday: make sure of it and tick it."
        )

    def _choice_vals(self):
        """Return what was chosen, as the values of a booking."""
        if not self.time_id:
            raise UserError(self.env._("Choose the day and time that the customer agrees to."))
        vals = {"slot_id": self.time_id.slot_id.id, "day": self.time_id.day, "note": self.booking_note}
        if self.kind == "home":
            vals |= {"street": self.street, "city": self.city}
        if self._promo_promised():
            vals["promo_id"] = self.promo_id.id
        return vals

    def _promos(self):
        if not self._promo_promised():
            return self.env["crm.service.promo"]
        day = self.booking_day or fields.Date.context_today(self)
        return self.env["crm.service.promo"]._in_force(self._choice_case().company_id, day)

    # === HOOKS === #

    def _choice_case(self):
        """Hook: return the free service that is booked, which the user may read."""
        raise NotImplementedError

    def _wanted_kind(self):
        """Hook: return where the service must be, if that is settled."""
        return

    def _weekend(self):
        """Hook: return whether Saturday and Sunday may be chosen."""
        return self._choice_case()._weekend_allowed()

    def _weekend_wanted(self):
        """Hook: return whether the customer takes the weekend."""
        return False

    def _promo_promised(self):
        """Hook: return whether the booking comes with a promotion."""
        case = self._choice_case()
        return bool(case) and case._is_promo_promised()
