"""Two customers with portal users, each with an order and a delivery."""

import re

from odoo.fields import Command

from .common import ContactCenterCase


class PortalCase(ContactCenterCase):
    """Ani and Budi don't know each other; both bought a phone."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ani = cls._create_customer("ani")
        cls.budi = cls._create_customer("budi")
        cls.phone = cls.env["product.product"].create(
            {"name": "Garuda X1", "is_storable": True, "tracking": "serial", "list_price": 100}
        )
        cls.stock = cls.env["stock.warehouse"].search([("company_id", "=", cls.env.company.id)], limit=1).lot_stock_id
        cls.company.callback_queue_id = cls.queue

    @classmethod
    def _create_customer(cls, name):
        user = cls._create_user(f"test_portal_{name}", "base.group_portal", cls.env["crm.branch"])
        user.partner_id.write({"name": name.title(), "phone": "+6281234500000", "lang": "en_US"})
        return user

    @classmethod
    def _order(cls, user, serial):
        """Confirm an order of a phone with this serial number; return its delivery."""
        lot = cls.env["stock.lot"].create({"name": serial, "product_id": cls.phone.id})
        cls.env["stock.quant"]._update_available_quantity(cls.phone, cls.stock, 1, lot_id=lot)
        order = cls.env["sale.order"].create(
            {
                "partner_id": user.partner_id.id,
                "order_line": [Command.create({"product_id": cls.phone.id, "product_uom_qty": 1})],
            }
        )
        order.action_confirm()
        return order.picking_ids

    def _deliver(self, picking):
        picking.move_ids.picked = True
        picking.button_validate()
        return picking

    def _login(self, user):
        self.authenticate(user.login, user.login)

    def _get(self, path):
        return self.url_open(path, allow_redirects=False)

    def _send(self, path, csrf=True, **values):
        page = self.url_open(path)
        found = re.search(r'csrf_token(?:: "|" value=")([^"]+)"', page.text)
        token = {"csrf_token": found[1]} if csrf and found else {}
        return self.url_open(path, data={**token, **values})
