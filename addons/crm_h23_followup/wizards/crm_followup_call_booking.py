from odoo import api, fields, models


class CrmFollowupCall(models.TransientModel):
    """The call screen books whoever is willing, at once (H23-4.2.5)."""

    _name = "crm.followup.call"
    _inherit = ["crm.followup.call", "crm.service.choice.mixin"]

    comes = fields.Boolean("The Customer Comes", compute="_compute_comes")

    # === COMPUTE METHODS === #

    @api.depends("result", "offer_answer")
    def _compute_comes(self):
        for wizard in self:
            wizard.comes = wizard._comes()

    @api.depends("reason_id", "result", "offer_answer")
    def _compute_kind(self):
        """Override: to what the refusal leads."""
        return super()._compute_kind()

    @api.depends("followup_id", "kind", "result", "reason_id", "offer_answer", "weekdays_impossible")
    def _compute_booking_day(self):
        """Override: it waits until somebody comes."""
        coming = self.filtered(lambda wizard: wizard._comes())
        (self - coming).booking_day = False
        return super(CrmFollowupCall, coming)._compute_booking_day()

    @api.depends("followup_id")
    def _compute_address(self):
        """Override: the owner's."""
        return super()._compute_address()

    @api.depends("result", "reason_id", "offer_answer", "booking_day")
    def _compute_promo(self):
        """Override: if one was accepted."""
        return super()._compute_promo()

    @api.depends("result", "reason_id", "offer_answer", "booking_day")
    def _compute_promo_ids(self):
        """Override: if one was accepted."""
        return super()._compute_promo_ids()

    @api.depends("followup_id", "kind", "booking_day", "result", "reason_id", "offer_answer", "weekdays_impossible")
    def _compute_choice(self):
        """Override: nothing is to be chosen while nobody comes."""
        coming = self.filtered(lambda wizard: wizard._comes())
        idle = self - coming
        idle.booking_branch_id = idle.weekend_allowed = idle.choosable_day = idle.choice_hint = False
        return super(CrmFollowupCall, coming)._compute_choice()

    # === BUSINESS METHODS === #

    def _booking(self):
        """Override: what was chosen for who comes."""
        if not self._comes():
            return super()._booking()
        return self._choice_vals()

    def _comes(self):
        return self.result == "willing" or self._accepts()

    def _accepts(self):
        return self.result == "refused" and self.offer_answer == "accepted"

    def _choice_case(self):
        self.followup_id.check_access("read")
        return self.followup_id.case_id

    def _wanted_kind(self):
        return "home" if self._accepts() and self.reason_id.offer == "home_service" else None

    def _weekend(self):
        return self._weekend_wanted() or super()._weekend()

    def _weekend_wanted(self):
        return self._accepts() and self.asks_weekdays and self.weekdays_impossible

    def _weekend_words(self):
        return self.env._(
            "Saturday and Sunday are for who really can’t come from Monday to Friday: choose “Refused” and its reason, "
            "offer the weekend and tick that you have made sure."
        )

    def _promo_promised(self):
        return (self._accepts() and self.reason_id.offer == "promo") or super()._promo_promised()
