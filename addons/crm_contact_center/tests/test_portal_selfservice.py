from odoo import fields
from odoo.tests import HttpCase, tagged

from .portal_common import PortalCase

PAGES = ("/my/track", "/my/devices", "/my/callback", "/my/service", "/my/preferences")


@tagged("post_install", "-at_install")
class TestPortalSelfService(PortalCase, HttpCase):
    """CC-4: customers look up themselves what is theirs, and nothing else."""

    def test_login(self):
        """CC-4: who isn't logged in is asked to."""
        delivery = self._order(self.ani, "SN-A")
        for path in (*PAGES, f"/my/track/{delivery.id}"):
            answer = self._get(path)
            self.assertEqual(answer.status_code, 303, path)
            self.assertIn("/web/login", answer.headers["Location"])

    def test_cards(self):
        """CC-4: every page is one click from the start."""
        self._login(self.ani)
        page = self._get("/my").text
        for path in PAGES:
            self.assertIn(f'href="{path}"', page)
            self.assertEqual(self._get(path).status_code, 200)

    def test_track(self):
        """CC-4: ordered, packed, delivered, in plain words."""
        delivery = self._order(self.ani, "SN-A")
        self._login(self.ani)
        page = self._get("/my/track").text
        self.assertIn(delivery.sale_id.name, page)
        self.assertIn("Your goods are packed", page)
        self.assertIn("Expected:", page)
        delivery.do_unreserve()
        self.assertIn("getting your goods ready", self._get(f"/my/track/{delivery.id}").text)
        delivery.action_assign()
        self._deliver(delivery)
        page = self._get(f"/my/track/{delivery.id}").text
        self.assertIn("were delivered", page)
        self.assertIn("Garuda X1", page)
        self.assertNotIn("Expected:", page)

    def test_carrier(self):
        """CC-4: a parcel that a carrier has is on the way, with the carrier's page, never with anything but a page."""
        delivery = self._deliver(self._order(self.ani, "SN-A"))
        if "carrier_tracking_url" not in delivery._fields:
            self.assertFalse(delivery._carrier_link())
            self.assertEqual(delivery._tracking_step(), "delivered")
        kept = type(delivery)._carrier_link
        self.patch(type(delivery), "_carrier_link", lambda self: "https://carrier.example/1")
        self.assertEqual(delivery._tracking()["step"], 3)
        self.patch(type(delivery), "_carrier_link", kept)

    def test_search(self):
        """CC-4: found by a part of its number; strange input finds nothing and breaks nothing."""
        first, second = self._order(self.ani, "SN-A"), self._order(self.ani, "SN-B")
        self._login(self.ani)
        page = self._get(f"/my/track?search={first.sale_id.name}").text
        self.assertIn(first.sale_id.name, page)
        self.assertNotIn(f"/my/track/{second.id}", page)
        for text in ("%25", "%00", "'", "x" * 1000):
            self.assertEqual(self._get(f"/my/track?search={text}").status_code, 200)

    def test_others(self):
        """CC-4: somebody else's delivery and device isn't there, nor one that came to us, nor a wrong number."""
        self._order(self.ani, "SN-A")
        theirs = self._deliver(self._order(self.budi, "SN-BUDI"))
        self._login(self.ani)
        for id_ in (theirs.id, 0, 999_999_999):
            self.assertEqual(self._get(f"/my/track/{id_}").status_code, 404)
        for path in (*PAGES, f"/my/track?search={theirs.sale_id.name}"):
            page = self._get(path).text
            self.assertNotIn(f"/my/track/{theirs.id}", page)
            self.assertNotIn("SN-BUDI", page)
        self.assertEqual(self._get("/my/track/x").status_code, 404)

    def test_company(self):
        """CC-4: colleagues see what their company got."""
        delivery = self._order(self.budi, "SN-B")
        self.ani.partner_id.parent_id = self.budi.partner_id
        self._login(self.ani)
        self.assertEqual(self._get(f"/my/track/{delivery.id}").status_code, 200)

    def test_devices(self):
        """CC-4: what was delivered, with its serial number and the day; not what is only ordered, or was given back."""
        self._deliver(self._order(self.ani, "SN-HERE"))
        self._order(self.ani, "SN-ORDERED")
        back = self._deliver(self._order(self.ani, "SN-BACK"))
        wizard = self.env["stock.return.picking"].with_context(active_id=back.id, active_model="stock.picking")
        wizard = wizard.create({"picking_id": back.id})
        wizard.product_return_moves.quantity = 1
        returned = self.env["stock.picking"].browse(wizard.action_create_returns()["res_id"])
        returned.move_ids.picked = True
        returned.button_validate()
        self._login(self.ani)
        page = self._get("/my/devices").text
        self.assertIn("SN-HERE", page)
        self.assertNotIn("SN-ORDERED", page)
        self.assertNotIn("SN-BACK", page)

    def test_warranty(self):
        """CC-4: until when the warranty lasts, where products have one."""
        if "warranty_months" not in self.phone._fields:
            self.assertFalse(self.ani.partner_id._devices())
            return
        self.phone.warranty_months = 12
        self._deliver(self._order(self.ani, "SN-A"))
        (device,) = self.ani.partner_id._devices()
        self.assertEqual(device["warranty_until"], fields.Date.add(device["bought_on"], years=1))
        self.assertTrue(device["in_warranty"])
