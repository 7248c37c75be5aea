from odoo.http import request, route

from .portal_wishes import ASK, SAID, PortalWishes

#: The largest id that the database has.
MAX_ID = 2**31 - 1


class PortalKpb(PortalWishes):
    """The free service (KPB) of a motorcycle: booked, put off and cancelled by the customer (CC-4, H23-4.2.5)."""

    @staticmethod
    def _number(text):
        """Return the number that a form or an address says, an id or a page; 0 where it says none."""
        text = str(text or "")
        number = int(text) if text.isascii() and text.isdigit() and len(text) <= 10 else 0
        return number if number <= MAX_ID else 0

    def _case(self, text):
        """Return the customer's own free service of that id; somebody else's isn't there."""
        return self._customer._own_case(self._number(text))

    @route("/my/service/<string:case_id>", methods=["GET"], **ASK)
    def portal_kpb(self, case_id, kind="", page="", time="", **__):
        """Show the free times of a free service, one of them chosen already."""
        case = self._case(case_id)
        if not case:
            return request.not_found()
        if not self._customer._may_choose(case):
            return request.redirect("/my/service", code=303)
        values = self._customer._service_page(case, kind, self._number(page), self._number(time))
        values["typed"] |= request.session.get(SAID, {}).get("typed", {})
        return self._render("portal_kpb", "service", **values)

    @route("/my/service/<string:case_id>", methods=["POST"], **ASK)
    def portal_kpb_book(self, case_id, time="", instead="", kind="", **form):
        """Book the time that was chosen, or take it instead of the one booked."""
        case, customer = self._case(case_id), self._customer
        if not case:
            return request.not_found()
        typed = {name: self._text(form.get(name), 1000) for name in ("street", "city", "note") if name in form}

        def book():
            booking = customer._book_free_service(case, self._number(time), self._number(instead), typed)
            return customer._booked_words(booking)

        kind = kind if kind in dict(customer._kinds()) else ""
        back = f"/my/service/{case.id}?kind={kind}&time={self._number(time)}"
        return self._act("/my/service", book, back=back, typed=typed)

    @route("/my/service/<string:case_id>/cancel", methods=["POST"], **ASK)
    def portal_kpb_cancel(self, case_id, booking="", **__):
        """Cancel what is booked."""
        case = self._case(case_id)
        if not case:
            return request.not_found()

        def cancel():
            self._customer._cancel_free_service(case, self._number(booking))
            return request.env._("Your appointment is cancelled.")

        return self._act("/my/service", cancel)
