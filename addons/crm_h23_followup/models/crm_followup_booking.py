from odoo import api, fields, models
from odoo.exceptions import UserError

from ..service_const import LIVE


class CrmFollowup(models.Model):
    """Who is willing is booked at once, for the date and time agreed (H23-4.2.5, H23-4.3.2, H23-4.4.2)."""

    _inherit = "crm.followup"

    def _needs_booking(self):
        """Override: every willing customer is booked."""
        return True

    def _after_answer(self, result, booking=None, serviced_on=None):
        """Override: make the booking, once the offer that it may rest upon is noted.

        :param dict booking: ``slot_id``, ``day`` and what else is said of a new ``crm.service.booking``
        """
        result_of_super = super()._after_answer(result, booking=None, serviced_on=serviced_on)
        if result == "willing":
            self._book(booking)
        return result_of_super

    def _book(self, vals):
        """Book as the user who acts; home service that was accepted is booked as such (H23-4.2.7a)."""
        slot = self.env["crm.service.slot"].browse(vals.get("slot_id") or [])
        if self.offer_id.offer == "home_service" and slot.kind != "home":
            raise UserError(self.env._("The customer accepted home service: choose a time of home service."))
        bookings = self.env["crm.service.booking"].sudo(False)
        user = self.user_id
        if not user.active or not self.branch_id.sudo()._has_admin(user):
            user = self.env.user
        return bookings.create([{"user_id": user.id, **vals, "case_id": self.case_id.id}])


class CrmFollowupCase(models.Model):
    """A free service and its bookings."""

    _inherit = "crm.followup.case"

    booking_ids = fields.One2many("crm.service.booking", "case_id", "Bookings", readonly=True)
    booking_count = fields.Integer(compute="_compute_booking")
    booking_id = fields.Many2one("crm.service.booking", compute="_compute_booking")
    booking_at = fields.Datetime("Booked For", related="booking_id.starts_at", related_sudo=False)
    may_book = fields.Boolean(compute="_compute_booking")

    # === COMPUTE METHODS === #

    @api.depends("booking_ids.state", "state")
    def _compute_booking(self):
        startable = self._workflow.find("book").source
        for case in self:
            live = case.booking_ids.filtered(lambda booking: booking.state in LIVE)
            case.booking_id = live[:1]
            case.booking_count = len(case.booking_ids)
            case.may_book = not live and case.state in startable

    # === ACTION METHODS === #

    def action_book(self):
        """Ask for day and time."""
        self.ensure_one()
        return self.env["crm.service.book"]._open_for(self)

    def action_service_done(self):
        """Ask when the service was done, and by whom."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Service Done"),
            "res_model": "crm.service.done",
            "views": [[False, "form"]],
            "target": "new",
            "context": {"default_case_id": self.id},
        }

    def action_view_bookings(self):
        """Open the bookings of the free service."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_h23_followup.crm_service_booking_action")
        return {**action, "domain": [("case_id", "=", self.id)], "context": {}}

    # === BUSINESS METHODS === #

    def _has_live_booking(self):
        self.ensure_one()
        domain = [("case_id", "=", self.id), ("state", "in", LIVE)]
        return bool(self.env["crm.service.booking"].sudo().search_count(domain, limit=1))

    def _weekend_allowed(self):
        """Return whether it was made sure that the customer can't come from Monday to Friday (H23-4.2.6)."""
        self.ensure_one()
        return any(self.sudo().offer_ids.mapped("weekdays_impossible"))

    def _accepted_offer(self):
        """Return the latest offer that the customer accepted, or none."""
        self.ensure_one()
        accepted = self.sudo().offer_ids.filtered(lambda offer: offer.answer == "accepted")
        return accepted.sorted("id")[-1:]

    def _is_promo_promised(self):
        """Return whether the customer accepted a promotion; it stays theirs whatever they accept later (H23-4.2.7b)."""
        self.ensure_one()
        return any(offer.offer == "promo" and offer.answer == "accepted" for offer in self.sudo().offer_ids)

    def _make_sure_of_weekdays(self):
        """Note that the customer really can't come from Monday to Friday: the weekend was offered and accepted.

        :raise AccessError: the user may not change the free service
        """
        self.ensure_one()
        self.check_access("write")
        if self._weekend_allowed():
            return
        case = self.sudo()
        reason = case.schedule_id.reason_ids.filtered("asks_weekdays")[:1]
        followup = case.followup_ids.sorted("step")[-1:]
        if not reason or not followup:
            raise UserError(self.env._("The schedule has no refusal that asks to make sure of weekdays."))
        followup._make_offer(reason, {"answer": "accepted", "weekdays_impossible": True})

    def _resume(self):
        """Override: who is still booked needs no follow-up."""
        ended = self.filtered(lambda case: case.state != "booked")
        result = super(CrmFollowupCase, ended)._resume()
        for case in ended.sudo():
            if live := case.booking_ids.filtered(lambda booking: booking.state in LIVE):
                case._booked(live)
        return result

    def _unbooked(self, reason=None):
        """Override: the follow-up after the last one comes on its day, or at the next run where that has passed."""
        result = super()._unbooked(reason)
        for case in self.sudo():
            case._note(case._next_step_vals())
        return result

    def _serviced(self, day, source):
        """Override: what is booked for it is done with it."""
        result = super()._serviced(day, source)
        if source != "customer":
            self._settle_bookings()
        return result

    def _settle_rows(self, source):
        """Override: see :meth:`_serviced`."""
        settled = super()._settle_rows(source)
        settled._settle_bookings()
        return settled

    def _settle_bookings(self):
        bookings = self.env["crm.service.booking"].sudo()
        bookings.search([("case_id", "in", self.ids), ("state", "in", LIVE)])._settle()
