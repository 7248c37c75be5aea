from odoo import Command
from odoo.tests import Form, tagged

from .common import PhoneShopCase


@tagged("post_install", "-at_install")
class TestCustomerPage(PhoneShopCase):
    """A customer's page: who they are (FL-1), and all that was ever done with them (FL-12)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.branch = cls.env["crm.branch"].create(
            {"name": "Test Shop", "code": "TST", "user_ids": [(6, 0, cls.officer.ids)]}
        )
        cls._create_units(cls.phone, 12)

    def _delivered(self, quantity=1, **values):
        order = self._create_approved(quantity, **values)
        order.action_confirm()
        self._deliver(order)
        return order

    def _return(self, picking):
        wizard = self.env["stock.return.picking"].with_context(active_id=picking.id, active_model="stock.picking")
        wizard = wizard.create({})
        wizard.product_return_moves.quantity = 1
        action = wizard.action_create_returns()
        back = self.env["stock.picking"].browse(action["res_id"])
        back.move_ids.picked = True
        back.button_validate()
        return back

    def test_new_customer_with_profile(self):
        """FL-1: an officer adds a customer with what they value, their segment and their preferences."""
        segment = self.env["crm.customer.segment"].create({"name": "Gamers"})
        with Form(self.env["res.partner"].with_user(self.officer), "base.view_partner_form") as form:
            form.name = "Yeyen"
            form.segment_id = segment
            form.profile_values = "Fast delivery"
            form.profile_preferences = "Calls after 17:00"
        customer = form.save()
        self.assertEqual(customer.segment_id, segment)
        found = self.env["res.partner"].with_user(self.manager).search([("segment_id", "ilike", "gamers")])
        self.assertEqual(found, customer)

    def test_managers_group_the_pipeline_by_segment(self):
        """FL-1, FL-6: opportunities follow their customer's segment, also when it changes."""
        segments = self.env["crm.customer.segment"].create([{"name": "Gamers"}, {"name": "Schools"}])
        lead = self.env["crm.lead"].create({"name": "Tablets", "type": "opportunity", "partner_id": self.partner.id})
        for segment in segments:
            self.partner.segment_id = segment
            groups = self.env["crm.lead"].with_user(self.manager)._read_group([("id", "=", lead.id)], ["segment_id"])
            self.assertEqual(groups, [(segment,)])

    def test_segments_are_the_managers(self):
        """FL-1: officers choose segments, managers make them."""
        segment = self.env["crm.customer.segment"]
        self.assertTrue(segment.with_user(self.manager).has_access("create"))
        self.assertFalse(segment.with_user(self.officer).has_access("create"))
        self.assertTrue(segment.with_user(self.officer).has_access("read"))

    def test_everything_is_counted_and_opens(self):
        """FL-12: leads, contacts, orders, deliveries, units, invoices: each is counted, each list has just those."""
        lead = self.env["crm.lead"].create(
            {"name": "Phones", "type": "lead", "partner_id": self.partner.id, "user_id": self.officer.id}
        )
        self.env["crm.interaction"].with_user(self.officer).create({"partner_id": self.partner.id})
        order = self._delivered(2)
        invoice = order.sudo()._create_invoices()
        invoice.action_post()
        page = self.partner.with_user(self.officer)
        counted = {"opportunity": 1, "interaction": 2, "sale_order": 1, "delivery": 1, "unit": 2, "invoice": 1}
        self.assertEqual({name: page[f"{name}_count"] for name in counted}, counted)
        opened = {
            "action_view_opportunity": lead,
            "action_view_deliveries": order.picking_ids,
            "action_view_units": order.order_line.lot_ids,
            "action_view_invoices": invoice,
        }
        for name, records in opened.items():
            action = getattr(page, name)()
            found = self.env[action["res_model"]].with_user(self.officer).search(action["domain"])
            self.assertEqual(found.ids, records.ids, name)

    def test_units_open_for_another_branch(self):
        """FL-12: units, a unit and a delivery open without rights to purchases and to another branch's orders."""
        order = self._delivered(1)
        officer = self._create_user("test_officer_there", "crm_base.group_officer")
        self.env["crm.branch"].create({"name": "Another Shop", "code": "TS2", "user_ids": [(6, 0, officer.ids)]})
        self.assertFalse(order.with_user(officer).has_access("read"))
        action = self.partner.with_user(officer).action_view_units()
        unit = self.env["stock.lot"].with_user(officer).search(action["domain"])
        self.assertEqual(unit.ids, order.order_line.lot_ids.ids)
        self.env.invalidate_all()
        self.assertFalse(unit.sale_order_ids)
        (form,) = (view for view, kind in action["views"] if kind == "form")
        self.assertEqual(Form(unit, view=form).product_id, self.phone)
        self.env.invalidate_all()
        self.assertTrue(order.picking_ids.move_ids.with_user(officer).read(["description_picking"]))

    def test_people_of_a_company_count(self):
        """FL-12: what was sold to a company's people is on the company's page, and on their own."""
        company = self._create_customer("PT Kita", is_company=True)
        person = self._create_customer("Yeyen", parent_id=company.id, type="contact")
        self._delivered(2, partner_id=person.id)
        self.assertEqual((company + person).mapped("unit_count"), [2, 2])
        self.assertEqual((company + person).mapped("delivery_count"), [1, 1])
        self.assertEqual(self.partner.unit_count, 0)

    def test_delivered_to_another_address(self):
        """FL-12: a gift sent to a friend is the customer's purchase, not the friend's."""
        friend = self._create_customer("Friend")
        self._delivered(1, partner_shipping_id=friend.id)
        self.assertEqual((self.partner.unit_count, friend.unit_count), (1, 0))

    def test_returned_unit_is_not_theirs(self):
        """FL-12: a unit that came back isn't on the list; sold to somebody else it is on theirs."""
        order = self._delivered(1)
        self.assertEqual(self.partner.unit_count, 1)
        self._return(order.picking_ids)
        self.partner.invalidate_recordset()
        self.assertEqual(self.partner.unit_count, 0)
        other = self._create_customer("Next")
        self._delivered(1, partner_id=other.id, order_line=[self._line(order.order_line.hold_ids.lot_id)])
        (self.partner + other).invalidate_recordset()
        self.assertEqual((self.partner.unit_count, other.unit_count), (0, 1))

    def _line(self, lots):
        return Command.create(
            {"product_id": self.phone.id, "product_uom_qty": len(lots), "wanted_lot_ids": [Command.set(lots.ids)]}
        )

    def test_cost_doesnt_grow(self):
        """FL-12: the numbers of many customers cost as many queries as those of one."""
        customers = self.partner + self.env["res.partner"].create([{"name": f"Customer {n}"} for n in range(9)])
        self._delivered(1)
        self._queries(customers)  # fills the caches that outlive a request
        self.assertEqual(self._queries(customers), self._queries(customers[:1]))

    def _queries(self, customers):
        customers = customers.with_user(self.officer)
        self.env.invalidate_all()
        customers.mapped("parent_id")
        before = self.env.cr.sql_log_count
        for name in ("delivery_count", "unit_count", "invoice_count"):
            customers.mapped(name)
        return self.env.cr.sql_log_count - before
