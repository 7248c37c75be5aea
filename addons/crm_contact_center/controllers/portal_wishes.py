from datetime import datetime

import pytz

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.http import request, route

from .portal_selfservice import SelfService

#: What came of a form, shown on the page that follows it.
SAID = "crm_contact_center_said"
ASK = {"type": "http", "auth": "user", "website": True}


class PortalWishes(SelfService):
    """What customers ask for and decide themselves: a call, an appointment, how to be spoken to (CC-4, CC-5)."""

    def _act(self, url, act, back=None, typed=None):
        """Do what a form asks for, and say on the next page what came of it.

        :param str back: where to go if it can't be done; by default to the same page
        :param dict typed: what was typed, for that page to show again
        """
        try:
            with request.env.cr.savepoint():
                said = {"done": act()}
        except (UserError, ValidationError) as problem:
            said, url = {"problem": str(problem), "typed": typed or {}}, back or url
        request.session[SAID] = said
        return request.redirect(url, code=303)

    def _render(self, template, page, **values):
        return super()._render(template, page, said=request.session.pop(SAID, {}), **values)

    # === ASK TO BE CALLED === #

    @route("/my/callback", methods=["GET"], **ASK)
    def portal_callback(self, **__):
        """Show the form, or when we call."""
        queue = request.env.company.sudo().callback_queue_id
        awaited = self._customer._awaited_calls()[:1]
        return self._render("portal_callback", "callback", is_open=queue.active, awaited=awaited)

    @route("/my/callback", methods=["POST"], **ASK)
    def portal_callback_ask(self, phone="", moment="", words="", **__):
        """Note that the customer wants to be called."""

        def ask():
            self._customer._ask_for_call(self._text(phone, 32), self._moment(moment), self._text(words, 2000))
            return request.env._("Thank you: we will call you.")

        return self._act("/my/callback", ask)

    def _moment(self, text):
        """Return the moment (naive UTC) that was chosen by the user's clock; None for as soon as possible."""
        if not text:
            return None
        try:
            local = datetime.strptime(text[:16], "%Y-%m-%dT%H:%M")
        except ValueError:
            raise UserError(request.env._("Choose a day and an hour.")) from None
        if local > fields.Datetime.add(fields.Datetime.now(), days=30):
            raise UserError(request.env._("Choose a day within the next four weeks."))
        return self._zone().localize(local).astimezone(pytz.utc).replace(tzinfo=None)

    def _zone(self):
        """Return the user's time zone, else the browser's, which says what it likes."""
        name = request.env.user.tz or request.httprequest.cookies.get("tz")
        return pytz.timezone(name if name in pytz.all_timezones_set else "UTC")

    # === APPOINTMENTS === #

    @route("/my/service", methods=["GET"], **ASK)
    def portal_service(self, **__):
        """Show the customer's appointments and the form for a new one."""
        services, bookings = self._customer._free_services(), self._customer._bookings()
        shown = {service["booking"]["id"] for service in services if service["booking"]}
        others = [booking for booking in bookings if booking["id"] not in shown]
        return self._render("portal_service", "service", services=services, bookings=others)

    @route("/my/service", methods=["POST"], **ASK)
    def portal_service_ask(self, words="", day="", **__):
        """Note that the customer would like an appointment."""

        def ask():
            try:
                wished = fields.Date.to_date(day[:10]) if day else None
            except ValueError:
                raise UserError(request.env._("Choose a day to come.")) from None
            self._customer._wish_service(self._text(words, 2000), wished)
            return request.env._("Thank you: we will call you about the hour.")

        return self._act("/my/service", ask)

    # === PREFERENCES === #

    @route("/my/preferences", methods=["GET"], **ASK)
    def portal_preferences(self, **__):
        """Show how the customer likes to be spoken to, and what they agreed to."""
        partner = self._customer
        channels = partner._fields["channel_choice"]._description_selection(request.env)
        return self._render(
            "portal_preferences",
            "preferences",
            partner=partner,
            channels=channels,
            langs=request.env["res.lang"].get_installed(),
            consents=partner._consents(),
        )

    @route("/my/preferences", methods=["POST"], **ASK)
    def portal_preferences_save(self, channel="", lang="", asks="", **__):
        """Note what the customer chose."""
        form = request.httprequest.form

        def save():
            self._customer._prefer(channel, lang, bool(asks))
            self._customer._consent_online(self._ids(form.getlist("shown")), self._ids(form.getlist("consent")))
            return request.env._("Saved.")

        return self._act("/my/preferences", save)

    @staticmethod
    def _ids(texts):
        return {int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 10}
