from odoo import api, fields, models


class CrmServiceBook(models.TransientModel):
    """Book a free service outside of a call, or another day and time instead of a booking."""

    _name = "crm.service.book"
    _description = "Book a Service"
    _inherit = ["crm.service.choice.mixin"]
    _rec_name = "case_id"

    case_id = fields.Many2one(
        "crm.followup.case",
        "Free Service",
        required=True,
        domain="[('state', 'in', ('open', 'refused', 'unreachable', 'expired'))]",
        ondelete="cascade",
    )
    booking_id = fields.Many2one("crm.service.booking", "Instead Of", readonly=True, ondelete="cascade")
    owner_name = fields.Char(related="case_id.owner_name", related_sudo=False)
    owner_phone = fields.Char(related="case_id.owner_phone", related_sudo=False)
    weekdays_impossible = fields.Boolean("The customer really can’t come from Monday to Friday")
    weekend_known = fields.Boolean(compute="_compute_choice")

    # === COMPUTE METHODS === #

    @api.depends("booking_id")
    def _compute_kind(self):
        """Override: as before."""
        for wizard in self.filtered("booking_id"):
            wizard.kind = wizard.kind or wizard.booking_id.kind
        return super()._compute_kind()

    @api.depends("case_id", "kind")
    def _compute_booking_day(self):
        """Override: of the case chosen."""
        return super()._compute_booking_day()

    @api.depends("case_id")
    def _compute_address(self):
        """Override: as before."""
        for wizard in self.filtered("booking_id"):
            wizard.street = wizard.booking_id.street
            wizard.city = wizard.booking_id.city
        return super()._compute_address()

    @api.depends("case_id", "kind", "booking_day", "weekdays_impossible")
    def _compute_choice(self):
        """Override: of the case chosen."""
        for wizard in self:
            case = wizard._choice_case()
            wizard.weekend_known = bool(case) and case._weekend_allowed()
        return super()._compute_choice()

    @api.depends("case_id", "booking_day")
    def _compute_promo(self):
        """Override: of the case chosen."""
        return super()._compute_promo()

    @api.depends("case_id", "booking_day")
    def _compute_promo_ids(self):
        """Override: of the case chosen."""
        return super()._compute_promo_ids()

    # === ACTION METHODS === #

    def action_book(self):
        """Book, and show the booking."""
        self.ensure_one()
        vals = self._choice_vals()
        if self.weekdays_impossible and self._is_weekend():
            self.case_id._make_sure_of_weekdays()
        if self.booking_id:
            booking = self.booking_id._reschedule(vals)
        else:
            booking = self.env["crm.service.booking"].create([{**vals, "case_id": self.case_id.id}])
        return {
            "type": "ir.actions.act_window",
            "res_model": "crm.service.booking",
            "res_id": booking.id,
            "views": [[False, "form"]],
        }

    # === BUSINESS METHODS === #

    @api.model
    def _open_for(self, case=None, booking=None):
        """Return the action that asks for a day and time."""
        context = {"dialog_size": "large"}
        if case:
            case.check_access("write")
            context["default_case_id"] = case.id
        if booking:
            context["default_booking_id"] = booking.id
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Reschedule") if booking else self.env._("Book a Service"),
            "res_model": self._name,
            "views": [[False, "form"]],
            "target": "new",
            "context": context,
        }

    def _choice_case(self):
        self.case_id.check_access("read")
        return self.case_id

    def _weekend(self):
        return self.weekdays_impossible or super()._weekend()

    def _promo_promised(self):
        if self.booking_id:
            return False  # what was promised goes with the booking
        return super()._promo_promised()
