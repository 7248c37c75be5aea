"""What other addons add to satisfaction requests and to the customer's own pages: CC-4, CC-5, BR-3."""

from unittest.mock import patch

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.crm_whatsapp.tests.common import WhatsappCase


@tagged("post_install", "-at_install")
class TestSatisfactionTogether(WhatsappCase):
    """A customer is asked by WhatsApp, where they want that; consents and warranties are the siblings'."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.requests = cls.env["crm.survey.request"]
        cls.env["crm.survey.rule"].search([]).active = False
        cls.customer.write({"email": "budi@example.com", "lang": "en_US"})
        cls.rule = cls.env["crm.survey.rule"].create(
            {
                "name": "Test rule",
                "step": "crm.interaction:done",
                "survey_id": cls.env.ref("crm_contact_center.survey_contact").id,
                "delay_minutes": 0,
                "quiet_days": 0,
            }
        )
        cls.asking = cls._create_template(
            name="how_was_it",
            body="Hello {{1}}, how was it? {{2}}",
            variable_ids=[
                Command.create({"number": 1, "field_path": "name", "sample": "Budi"}),
                Command.create({"number": 2, "field_path": "survey_url", "sample": "https://example.com"}),
            ],
        )

    def _ask(self):
        """Let a contact be done, and the scheduler do its work."""
        interaction = self._create_done()
        crons = self.env.registry["ir.cron"]
        with patch.object(crons, "_commit_progress", lambda *args, **kwargs: float("inf")):
            self.requests._cron_ask()
        return self.requests.search([("rule_id", "=", self.rule.id), ("res_id", "=", interaction.id)])

    def _message(self, request):
        return self.messages.browse(request.whatsapp_message)

    def test_by_whatsapp(self):
        """CC-5: who prefers WhatsApp gets the link there, once, and no e-mail; who doesn't, gets the e-mail."""
        self.rule.whatsapp_template = self.asking
        self.assertEqual(self._ask().channel, "email")
        self.customer.channel_choice = "whatsapp"
        request = self._ask()
        self.assertEqual((request.state, request.channel), ("sent", "whatsapp"), request.failure)
        message = self._message(request)
        self.assertEqual(message.state, "queued")
        self.assertIn(request.user_input_id.access_token, message.body)
        self.assertFalse(self.env["mail.mail"].search([("model", "=", request._name), ("res_id", "=", request.id)]))

    def test_whatsapp_fails(self):
        """CC-5: what WhatsApp couldn't bring is seen on the request."""
        self.rule.whatsapp_template = self.asking
        self.customer.channel_choice = "whatsapp"
        request = self._ask()
        self._message(request)._write_fact({"state": "failed", "problem": "undeliverable"})
        self.requests._note_whatsapp_failures()
        self.assertEqual((request.state, request.sent_at), ("failed", False))
        self.env["crm.whatsapp.consent"]._note(self.customer.whatsapp_phone, "out", "customer")
        self.assertEqual(self._ask().state, "failed")

    def test_without_number(self):
        """CC-5: who prefers WhatsApp and has no number for it gets an e-mail."""
        self.rule.whatsapp_template = self.asking
        self.customer.write({"channel_choice": "whatsapp", "phone": False})
        self.assertEqual(self._ask().channel, "email")

    def test_consent(self):
        """BR-3, CC-5: where the rule needs a consent, only who has given it is asked; after its withdrawal no more."""
        purpose = self.env["crm.consent.purpose"].create({"name": "Test purpose", "wording": "I agree."})
        self.rule.consent_purpose = purpose
        self.assertEqual(self._ask().reason, "no_consent")
        person = self.customer.with_user(self.portal)
        person._consent_online({purpose.id}, {purpose.id})
        self.assertEqual(self._ask().state, "sent")
        person._consent_online(set(), set())
        self.assertEqual(self._ask().state, "sent")
        person._consent_online({purpose.id}, set())
        self.assertEqual(self._ask().reason, "no_consent")
        consent = self.env["crm.consent"].search([("purpose_id", "=", purpose.id)])
        self.assertEqual(
            (consent.channel, consent.withdrawn_channel, consent.user_id, consent.withdrawn_by_id),
            ("screen", "screen", self.portal, self.portal),
        )
        told = " ".join(self.customer.message_ids.mapped("body"))
        self.assertIn("Consent given on the portal", told)
        self.assertIn("Consent withdrawn on the portal", told)

    def test_warranty(self):
        """CC-4: a device's warranty lasts from the day of purchase for the product's months."""
        product = self.env["product.product"].create(
            {"name": "Headset", "is_storable": True, "tracking": "serial", "warranty_months": 12}
        )
        warehouse = self.env["stock.warehouse"].search([("company_id", "=", self.env.company.id)], limit=1)
        lot = self.env["stock.lot"].create({"name": "HS-1", "product_id": product.id})
        stock, out = warehouse.lot_stock_id, self.env.ref("stock.stock_location_customers")
        self.env["stock.quant"]._update_available_quantity(product, stock, 1, lot_id=lot)
        places = {"location_id": stock.id, "location_dest_id": out.id}
        move = {"product_id": product.id, "product_uom_qty": 1, **places}
        picking = self.env["stock.picking"].create(
            {
                "partner_id": self.customer.id,
                "picking_type_id": warehouse.out_type_id.id,
                "move_ids": [Command.create(move)],
                **places,
            }
        )
        picking.action_confirm()
        picking.action_assign()
        self.assertEqual(picking._tracking_step(), "packed")
        picking.move_ids.picked = True
        picking.with_context(skip_sms=True).button_validate()
        (device,) = self.customer._devices()
        self.assertEqual(device["warranty_until"], fields.Date.add(device["bought_on"], years=1))
        self.assertTrue(device["in_warranty"])
        self.assertEqual(picking._tracking_step(), "delivered")

    def test_bookings(self):
        """CC-4: a customer sees their own appointments."""
        booking = self.env["crm.service.booking"].search([("partner_id", "!=", False)], limit=1)
        self.assertTrue(booking, "the demo data have none")
        found = booking.partner_id._bookings()
        self.assertIn(booking.day, [one["day"] for one in found])
        self.assertFalse(self.customer._bookings())

    def test_steps(self):
        """CC-5: complaints, services and deliveries can be asked about."""
        steps = dict(self.env["crm.survey.rule"]._selection_step())
        self.assertLessEqual({"stock.picking:done", "crm.service.booking:done"}, steps.keys())
        self.assertTrue([step for step in steps if step.startswith("helpdesk.ticket:")])
