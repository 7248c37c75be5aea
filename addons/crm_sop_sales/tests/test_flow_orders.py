from lxml import etree

from odoo.tests import Form, tagged

from .common import PhoneShopCase


@tagged("post_install", "-at_install")
class TestFlowOfOrders(PhoneShopCase):
    """From the opportunity's screen to the invoices, as the document walks through it."""

    def test_opportunity_on_one_screen(self):
        """FL-7: customer, requirements, follow-ups, stage, profile and promotions are on the opportunity's form."""
        lead = self.env["crm.lead"].with_user(self.officer)
        arch = etree.fromstring(lead.get_views([(False, "form")])["views"]["form"]["arch"])
        shown = {node.get("name") for node in arch.iter("field")}
        wanted = {"partner_id", "description", "stage_id", "interaction_count", "expected_revenue", "probability"}
        wanted |= {"profile_values", "profile_preferences", "segment_id", "running_program_ids", "idle_days"}
        self.assertEqual(wanted - shown, set())
        self.assertEqual(len(arch.findall(".//chatter")), 1, "with the activities")

    def test_quotation_with_clicks_and_typing(self):
        """FL-9, FL-10: an officer makes a quotation from the opportunity, adds items, saves; it is confirmed."""
        self._create_units(self.phone, 2)
        lead = self.env["crm.lead"].create(
            {"name": "Phones", "type": "opportunity", "partner_id": self.partner.id, "user_id": self.officer.id}
        )
        context = lead.with_user(self.officer).action_new_quotation()["context"]
        form = Form(self.env["sale.order"].with_user(self.officer).with_context(**context))
        with form.order_line.new() as line:
            line.product_id = self.phone
            line.product_uom_qty = 2
        order = form.save()
        self.assertEqual((order.opportunity_id, order.amount_untaxed), (lead, 6_000_000))
        order.action_submit()
        order.with_user(self.manager).action_approve()
        order.action_confirm()
        self.assertEqual((order.state, order.procedure_stage), ("sale", "to_deliver"))

    def test_accountant_invoices_many_orders_at_once(self):
        """FL-11: the accountant finds the orders, and makes their invoices together: one for each customer."""
        self._create_units(self.phone, 3)
        other = self._create_customer("Hendra")
        orders = self._create_approved() + self._create_approved() + self._create_approved(partner_id=other.id)
        orders.action_confirm()
        menus = self.env["ir.ui.menu"].with_user(self.accountant)._visible_menu_ids()
        self.assertIn(self.env.ref("crm_sop_sales.sale_order_menu_accountant").id, menus)
        wizard = self.env["sale.advance.payment.inv"].with_user(self.accountant)
        wizard = wizard.with_context(active_model="sale.order", active_ids=orders.ids)
        wizard.create({"advance_payment_method": "delivered", "consolidated_billing": True}).create_invoices()
        self.assertEqual(len(orders.invoice_ids), 2)
        self.assertEqual(orders.invoice_ids.partner_id, self.partner + other)
        self.assertEqual(set(orders.mapped("invoice_status")), {"invoiced"})

    def test_accountant_opens_the_order(self):
        """FL-11: the accountant, who has no rights of sales, opens the order and invoices it from there."""
        self._create_units(self.phone, 1)
        order = self._create_approved()
        order.action_confirm()
        form = Form(order.with_user(self.accountant))
        self.assertEqual(form.invoice_status, "to invoice")
        wizard = self.env["sale.advance.payment.inv"].with_user(self.accountant)
        Form(wizard.with_context(active_model="sale.order", active_ids=order.ids)).save().create_invoices()
        self.assertEqual(order.invoice_status, "invoiced")

    def test_officer_makes_no_invoice(self):
        """FL-11: invoices are the accountant's: an officer can't post one."""
        self._create_units(self.phone, 1)
        order = self._create_approved()
        order.action_confirm()
        invoice = order.with_user(self.accountant)._create_invoices()
        self.assertFalse(invoice.with_user(self.officer).has_access("write"))
        self.assertTrue(invoice.with_user(self.officer).has_access("read"))

    def test_an_officer_looks_at_invoices_and_makes_none(self):
        """FL-11: the accountant makes invoices; an officer isn't offered it, and opens one without reading payments."""
        order = self.env["sale.order"].with_user(self.officer)
        self.assertNotIn("create_invoice", order.get_view(view_type="form")["arch"])
        self.assertIn("create_invoice", order.with_user(self.accountant).get_view(view_type="form")["arch"])
        invoice = self.env["account.move"].with_user(self.officer)
        self.assertNotIn("payment_count", invoice.get_view(view_type="form")["arch"])
