from odoo.http import request, route

from odoo.addons.portal.controllers.portal import CustomerPortal


class SelfService(CustomerPortal):
    """What customers look up themselves: deliveries, devices, appointments (CC-4).

    Portal users read no stock: what is theirs is picked with all rights, by their company, and nothing else is shown.
    """

    def _render(self, template, page, **values):
        values = {**self._prepare_portal_layout_values(), "page_name": page, **values}
        return request.render(f"crm_contact_center.{template}", values)

    @staticmethod
    def _text(value, limit):
        """Return what was typed, without what no database keeps."""
        return str(value or "").replace("\0", "")[:limit]

    @property
    def _customer(self):
        return request.env.user.partner_id

    @route("/my/track", type="http", auth="user", website=True, methods=["GET"])
    def portal_track(self, search="", **__):
        """Show where the customer's deliveries are, all at once: one click from the start."""
        search = self._text(search, 64)
        deliveries = request.env["stock.picking"]._deliveries_of(self._customer, search)
        tracked = [(delivery, delivery._tracking()) for delivery in deliveries]
        return self._render("portal_track", "track", tracked=tracked, search=search)

    @route("/my/track/<int:delivery_id>", type="http", auth="user", website=True, methods=["GET"])
    def portal_track_one(self, delivery_id, **__):
        """Show one delivery with its goods. Somebody else's isn't there."""
        delivery = request.env["stock.picking"].sudo().browse(delivery_id).exists()
        if not delivery or not delivery._is_delivery_of(self._customer) or delivery.state == "draft":
            return request.not_found()
        return self._render("portal_track_one", "track", delivery=delivery, tracking=delivery._tracking())

    @route("/my/devices", type="http", auth="user", website=True, methods=["GET"])
    def portal_devices(self, **__):
        """Show what the customer has of us, with its warranty."""
        return self._render("portal_devices", "devices", devices=self._customer._devices())
