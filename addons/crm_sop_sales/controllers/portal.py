from werkzeug.exceptions import Forbidden

from odoo.exceptions import AccessError, MissingError
from odoo.http import request, route

from odoo.addons.sale.controllers.portal import CustomerPortal


class CancellationPortal(CustomerPortal):
    """Who declines a submitted order online doesn't cancel it: there may be a fee, so an officer calls them (SOP-6)."""

    @route()
    def portal_quote_decline(self, order_id, access_token=None, decline_message=None, **kwargs):
        """Override: note the wish, where the order takes a cancellation form."""
        try:
            order = self._document_check_access("sale.order", order_id, access_token=access_token)
        except (AccessError, MissingError):
            return request.redirect("/my")
        if not (decline_message and order._has_to_be_signed() and order._needs_cancellation()):
            return super().portal_quote_decline(order_id, access_token, decline_message, **kwargs)
        if request.env.user._is_internal():
            raise Forbidden(request.env._("Only the customer declines an order here: cancel it in the order instead."))
        public = request.env.user._is_public()
        author = order.partner_id if public else request.env.user.partner_id
        order._decline(decline_message)
        order.message_post(
            author_id=author.id, body=decline_message, message_type="comment", subtype_xmlid="mail.mt_comment"
        )
        return request.redirect(order.get_portal_url(query_string="&message=declined"))
