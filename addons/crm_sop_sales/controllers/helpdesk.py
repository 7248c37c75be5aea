from odoo import http
from odoo.exceptions import AccessError, MissingError
from odoo.http import request

from odoo.addons.helpdesk_mgmt.controllers.main import HelpdeskTicketController


class ComplaintController(HelpdeskTicketController):
    @http.route()
    def support_ticket_close(self, **kw):
        """Override: helpdesk closes whatever ticket is named, for anybody who is logged in and follows a link. Here one
        closes only what one may read, by the button of its page, and never a complaint: those are closed by a contact
        with the customer (SOP-T7).
        """
        number = str(kw.get("ticket_id", ""))
        ticket = request.env["helpdesk.ticket"].browse(int(number) if number.isdecimal() else 0)
        try:
            ticket.check_access("read")
            is_complaint = ticket.is_complaint
        except (AccessError, MissingError):
            return request.redirect("/my")
        if is_complaint:
            return request.redirect(f"/my/ticket/{ticket.id}?message=complaint_open")
        if request.httprequest.method != "POST":  # Odoo asks a token of who posts, and none of who gets
            return request.redirect(f"/my/ticket/{ticket.id}")
        return super().support_ticket_close(ticket_id=ticket.id, stage_id=self._stage_id(kw.get("stage_id")))

    def _stage_id(self, text):
        return int(text) if str(text or "").isdecimal() else 0
