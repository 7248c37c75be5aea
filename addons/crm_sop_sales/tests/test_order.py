from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import PhoneShopCase


@tagged("post_install", "-at_install")
class TestApproval(PhoneShopCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_units(cls.phone, 10)

    def test_draft_to_approve_approved_confirmed(self):
        """SOP-3c3, FL-9, FL-10: the order goes draft → to approve → approved → sales order."""
        order = self._create_order(1)
        order.action_submit()
        self.assertEqual(order.approval_state, "to_approve")
        order.with_user(self.manager).action_approve()
        self.assertEqual(order.approval_state, "approved")
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_who_may_approve(self):
        """SOP-3c3: the CRM manager and the sales manager, nobody else; superuser mode doesn't help."""
        order = self._create_order(1)
        order.action_submit()
        for user in (self.other_officer, self.logistics, self.accountant):
            with self.assertRaises(AccessError):
                order.with_user(user).sudo().action_approve()
        order.with_user(self.sales_manager).action_approve()
        self.assertEqual(order.approval_state, "approved")

    def test_nobody_approves_their_own(self):
        """SOP-3c3: the submitter doesn't approve, manager or not."""
        order = self._create_order(1, user=self.manager)
        order.action_submit()
        with self.assertRaisesRegex(AccessError, "somebody else"):
            order.action_approve()
        self.assertFalse(order.can_approve)
        self.assertTrue(order.with_user(self.sales_manager).can_approve)

    def test_confirming_needs_approval_on_every_path(self):
        """SOP-3c3: button, list, server action, portal signature and payment: none confirms what isn't approved."""
        order = self._create_order(1)
        for state in ("draft", "to_approve"):
            self.assertEqual(order.approval_state, state)
            with self.assertRaisesRegex(UserError, "isn't approved"):
                order.action_confirm()
            with self.assertRaisesRegex(UserError, "isn't approved"):
                (order + self._create_order(1)).with_user(self.manager).action_confirm()
            with self.assertRaisesRegex(UserError, "isn't approved"):
                self._run_server_action(order, "records.action_confirm()")
            with self.assertRaisesRegex(UserError, "isn't approved"):
                order.sudo()._validate_order()
            self.assertFalse(order._has_to_be_signed())
            self.assertFalse(order._has_to_be_paid())
            self.assertFalse(order._is_confirmation_amount_reached())
            if state == "draft":
                order.action_submit()
        self.assertEqual(order.state, "draft")

    def _run_server_action(self, orders, code):
        model = self.env["ir.model"]._get("sale.order")
        action = self.env["ir.actions.server"].create(
            {"name": "Test", "model_id": model.id, "state": "code", "code": code}
        )
        action.with_context(active_model="sale.order", active_ids=orders.ids).run()

    def test_the_state_is_not_written(self):
        """SOP-3c3: no write, create or import makes a sales order; not even of an approved one."""
        approved = self._create_approved(1)
        for order in (approved, self._create_order(1)):
            for state in ("sale", "cancel"):
                with self.assertRaisesRegex(UserError, "by its buttons only"):
                    order.with_user(self.manager).write({"state": state})
        approved.action_confirm()
        with self.assertRaisesRegex(UserError, "by its buttons only"):
            approved.write({"state": "draft"})
        with self.assertRaisesRegex(UserError, "begins as a quotation"):
            self._create_order(1, state="sale")
        with self.assertRaises(UserError):
            self._create_order(1, approval_state="approved")
        with self.assertRaises(UserError):
            approved.write({"approval_state": "draft"})

    def test_a_default_in_the_context_makes_no_sales_order(self):
        """SOP-3c3: neither does a default that comes with the context."""
        order = self.env["sale.order"].with_user(self.officer)
        order = order.with_context(default_state="sale", default_approval_state="approved")
        order = order.create({"partner_id": self.partner.id})
        self.assertEqual((order.state, order.approval_state), ("draft", "draft"))

    def test_a_copy_needs_its_own_approval(self):
        """SOP-3c3: a copy of an approved order is a draft that holds nothing."""
        copy = self._create_approved(1).copy()
        self.assertEqual(copy.approval_state, "draft")
        self.assertFalse(copy.hold_ids)
        self.assertFalse(copy.price_locked_at)

    def test_cancelled_and_back_needs_a_new_approval(self):
        """SOP-3c3: an order that comes back from cancellation starts over."""
        order = self._create_approved(1)
        order.action_confirm()
        self._cancel(order)
        order.action_draft()
        self.assertEqual(order.approval_state, "draft")
        with self.assertRaisesRegex(UserError, "isn't approved"):
            order.action_confirm()

    def test_rejecting_and_unlocking_need_a_manager_and_a_reason(self):
        """SOP-4a: unlocking is a manager's act with a reason, logged."""
        order = self._create_approved(1)
        with self.assertRaises(AccessError):
            order._workflow_do("unlock", "I mistyped")
        with self.assertRaisesRegex(UserError, "reason"):
            order.with_user(self.manager)._workflow_do("unlock")
        order.with_user(self.manager)._workflow_do("unlock", "price list was wrong")
        log = order.workflow_log_ids[0]
        self.assertEqual((log.user_id, log.reason, log.target), (self.manager, "price list was wrong", "draft"))
        self.assertFalse(order.price_locked_at)

    def test_a_confirmed_order_is_not_unlocked(self):
        order = self._create_approved(1)
        order.action_confirm()
        with self.assertRaisesRegex(UserError, "not a quotation any more"):
            order.with_user(self.manager)._workflow_do("unlock", "too late")

    def test_an_order_without_products_is_refused(self):
        order = self.env["sale.order"].with_user(self.officer).create({"partner_id": self.partner.id})
        with self.assertRaisesRegex(UserError, "no products"):
            order.action_submit()


@tagged("post_install", "-at_install")
class TestPriceLock(PhoneShopCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_units(cls.phone, 10)
        cls.pricelist = cls.env["product.pricelist"].create({"name": "Special"})

    def test_later_price_changes_dont_touch_the_order(self):
        """SOP-4a: the price is that of the hour of submission."""
        order = self._create_order(2)
        order.action_submit()
        total = order.amount_total
        self.assertTrue(order.price_locked_at)
        self.phone.list_price *= 1.1
        order.with_user(self.manager).action_approve()
        order.action_confirm()
        self.assertEqual(order.amount_total, total)
        self._deliver(order)
        invoice = order.with_user(self.accountant)._create_invoices()
        invoice.action_post()
        self.assertEqual(invoice.amount_total, total)

    def test_every_field_of_the_price_is_locked(self):
        """SOP-4a: quantity, product, price, discount, tax, unit, order, removal and addition of lines."""
        order = self._create_order(2)
        other = self._create_order(1)
        tax = self.env["account.tax"].create({"name": "Test 11", "amount": 11})
        dozen = self.env.ref("uom.product_uom_dozen")
        phone = self._create_phone("Phone Two", 1)
        order.action_submit()
        attempts = {
            "price_unit": 1,
            "discount": 50,
            "product_uom_qty": 1,
            "product_id": phone.id,
            "product_uom_id": dozen.id,
            "tax_ids": [Command.set(tax.ids)],
            "order_id": other.id,
            "name": "Something else",
            "technical_price_unit": 1,
            "list_price_unit": 1,
            "is_downpayment": True,
            "is_reward_line": True,
        }
        before = order.order_line[0].read(list(attempts))
        for user in (self.officer, self.manager, self.sales_manager, self.env.user):
            line = order.order_line[0].with_user(user)
            for name, value in attempts.items():
                with self.assertRaises(UserError, msg=name):
                    line.write({name: value})
                with self.assertRaises(UserError, msg=name):
                    line.order_id.write({"order_line": [Command.update(line.id, {name: value})]})
            with self.assertRaises(UserError):
                line.unlink()
            with self.assertRaises(UserError):
                line.copy({"order_id": order.id})
            with self.assertRaises(UserError):
                line.create({"order_id": order.id, "product_id": self.phone.id, "price_unit": -1})
            with self.assertRaises(UserError):
                line.create({"order_id": order.id, "is_downpayment": True, "product_uom_qty": 1, "name": "x"})
            with self.assertRaises(UserError):
                other.order_line.with_user(user).write({"order_id": order.id})
        order.order_line.invalidate_recordset()
        self.assertEqual(order.order_line[0].read(list(attempts)), before)

    def test_the_orders_own_fields_are_locked(self):
        """SOP-4a: price list, currency, tax position, customer; and "update prices"."""
        order = self._create_order(2)
        partner = self._create_customer("Somebody else")
        order.action_submit()
        attempts = {
            "pricelist_id": self.pricelist.copy().id,
            "fiscal_position_id": self.env["account.fiscal.position"].create({"name": "Test"}).id,
            "partner_id": partner.id,
            "price_locked_at": False,
        }
        for name, value in attempts.items():
            with self.assertRaises(UserError, msg=name):
                order.with_user(self.manager).write({name: value})
        for button in ("action_update_prices", "action_update_taxes"):
            with self.assertRaisesRegex(UserError, "locked since"):
                getattr(order, button)()

    def test_saying_the_same_again_is_no_change(self):
        """An import or a form that repeats what is there isn't refused."""
        order = self._create_order(2)
        order.action_submit()
        line = order.order_line[0]
        line.write({"price_unit": line.price_unit, "product_uom_qty": 2, "tax_ids": [Command.set(line.tax_ids.ids)]})
        order.write({"partner_id": order.partner_id.id, "note": "Call before coming"})
        self.assertEqual(line.product_uom_qty, 2)

    def test_saying_the_same_again_computes_nothing_anew(self):
        """SOP-4a: what repeats a locked value brings in neither the new price, tax, name nor price list."""
        usd = self.env.ref("base.USD")
        usd.active = True
        taxes = self.env["account.tax"].create(
            [
                {"name": name, "amount": amount, "price_include_override": "tax_excluded"}
                for name, amount in (("A", 11), ("B", 0))
            ]
        )
        self.phone.taxes_id = taxes[0]
        order = self._create_order(2)
        order.action_submit()
        line = order.order_line[0]
        columns = ["pricelist_id", "currency_id", "fiscal_position_id", "partner_shipping_id", "amount_total"]
        before = order.read(columns), line.read(["price_unit", "discount", "tax_ids", "name", "price_total"])
        self.phone.write({"taxes_id": [Command.set(taxes[1].ids)], "name": "Renamed", "list_price": 1})
        self.partner.property_product_pricelist = self.pricelist.copy({"currency_id": usd.id})
        for name in ("product_id", "product_uom_id", "product_uom_qty", "order_id"):
            line.write({name: line._fields[name].convert_to_write(line[name], line)})
        for name in ("partner_id", "company_id", "pricelist_id", "partner_shipping_id"):
            order.write({name: order[name].id})
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual((order.read(columns), line.read([*before[1][0].keys() - {"id"}])), before)

    def test_no_line_slips_in_by_a_default(self):
        """SOP-4a: the order of a new line may come from the context, and its quantity from Odoo's default of 1."""
        order = self._create_order(1)
        order.action_submit()
        total = order.amount_total
        line = self.env["sale.order.line"].with_user(self.officer)
        product = {"product_id": self.phone.id, "price_unit": 1}
        attempts = (
            (line.with_context(default_order_id=order.id), product),
            (line, {**product, "order_id": order.id, "is_downpayment": True}),
            (line.with_context(default_is_downpayment=True), {**product, "order_id": order.id}),
            (line.with_context(default_product_uom_qty=3), {**product, "order_id": order.id, "is_downpayment": True}),
        )
        for lines, vals in attempts:
            with self.assertRaisesRegex(UserError, "locked since"), self.cr.savepoint():
                lines.create(vals)
        self.assertEqual(order.amount_total, total)

    def test_taxes_are_not_written_beside_the_price(self):
        """SOP-4a: Odoo invoices the amounts that a client writes into a line's extra tax data; here none are kept."""
        self.phone.taxes_id = self.env["account.tax"].create({"name": "A", "amount": 11})
        order = self._create_order(1)
        extra = {
            "currency_id": order.currency_id.id,
            "price_unit": 3_000_000,
            "discount": 0,
            "quantity": 1,
            "manual_total_excluded_currency": 10.0,
            "manual_tax_amounts": {
                str(self.phone.taxes_id.id): {"tax_amount_currency": 0.0, "base_amount_currency": 10.0}
            },
        }
        total = order.amount_total
        order.order_line.write({"extra_tax_data": extra})
        order.action_submit()
        self.assertEqual(order.amount_total, total)
        with self.assertRaisesRegex(UserError, "locked since"):
            order.order_line[0].write({"extra_tax_data": extra})
        advance = {"order_id": order.id, "is_downpayment": True, "product_uom_qty": 0, "name": "x", "price_unit": 1}
        advance["tax_ids"] = [Command.set(self.phone.taxes_id.ids)]
        with self.assertRaisesRegex(UserError, "locked since"):
            self.env["sale.order.line"].create({**advance, "extra_tax_data": {**extra, "price_unit": 1, "quantity": 0}})
        order.with_user(self.manager).action_approve()
        order.action_confirm()
        self.assertEqual(order.amount_total, total)
        self.assertEqual(order.with_user(self.accountant)._create_invoices().amount_total, total)

    def test_payment_terms_are_part_of_the_price(self):
        """SOP-4a: an early-payment discount changes the total, so the terms are locked too."""
        order = self._create_order(1)
        order.action_submit()
        term = self.env["account.payment.term"].create(
            {"name": "Early", "line_ids": [Command.create({"value": "percent", "value_amount": 100})]}
        )
        with self.assertRaisesRegex(UserError, "can't be changed any more"):
            order.write({"payment_term_id": term.id})

    def test_another_salesperson_doesnt_move_the_order(self):
        """SOP-4b: the order stays at the warehouse where its units are held."""
        self.other_officer.property_warehouse_id = self.env["stock.warehouse"].create({"name": "Depok", "code": "DPK"})
        order = self._create_approved(1).with_user(self.manager)
        order.user_id = self.other_officer
        self.assertEqual(order.warehouse_id, self.warehouse)
        order.action_confirm()
        self.assertEqual(order.picking_ids.move_line_ids.lot_id, order.hold_ids.lot_id)

    def test_the_customer_changes_nothing_on_the_portal(self):
        """SOP-4a: once it is submitted, the page doesn't offer what would be refused."""
        order = self._create_order(1)
        self.assertTrue(order._can_be_edited_on_portal())
        order.action_submit()
        self.assertFalse(order._can_be_edited_on_portal())

    def test_promotions_that_end_or_begin_later_dont_touch_the_order(self):
        """SOP-4a: discount and gift are those of the hour of submission."""
        program = self.env["loyalty.program"].create(
            {
                "name": "Ten Percent",
                "program_type": "promotion",
                "trigger": "auto",
                "applies_on": "current",
                "rule_ids": [Command.create({"minimum_qty": 1})],
                "reward_ids": [Command.create({"reward_type": "discount", "discount": 10})],
            }
        )
        order = self._create_order(1)
        order._update_programs_and_rewards()
        status = order._apply_program_reward(program.reward_ids, order.coupon_point_ids.coupon_id)
        self.assertFalse(status.get("error"))
        order.action_submit()
        total = order.amount_total
        self.assertEqual(total, 2_700_000)
        program.reward_ids.discount = 50
        program.active = False
        order.with_user(self.manager).action_approve()
        order.action_confirm()
        self.assertEqual(order.amount_total, total)
        self._cancel(order)
        self.assertEqual((order.state, order.approval_state), ("cancel", "draft"))

    def test_the_list_price_is_noted(self):
        """SOP-4a: beside the price told, the price list's price of that hour stays known."""
        order = self._create_order(1)
        order.order_line.discount = 20
        order.action_submit()
        self.phone.list_price = 9
        self.assertEqual(order.order_line[0].list_price_unit, 3_000_000)

    def test_negative_prices_and_quantities_are_refused(self):
        """SOP-4a: nothing is sold for less than nothing."""
        for values in ({"price_unit": -1}, {"discount": 101}, {"product_uom_qty": -1}):
            order = self._create_order(1)
            order.order_line.write(values)
            with self.assertRaises(UserError, msg=values):
                order.action_submit()

    def test_an_advance_payment_can_still_be_invoiced(self):
        """FL-11: the lock doesn't stop invoicing, advance payments included."""
        order = self._create_approved(1)
        order.action_confirm()
        total = order.amount_total
        wizard = self.env["sale.advance.payment.inv"].with_context(active_ids=order.ids, active_model="sale.order")
        wizard.create({"advance_payment_method": "percentage", "amount": 20}).create_invoices()
        order.invoice_ids.with_user(self.accountant).action_post()
        self.assertEqual(order.invoice_ids.amount_total, total * 0.2)
        self._deliver(order)
        final = order.with_user(self.accountant)._create_invoices(final=True)
        final.action_post()
        self.assertEqual(sum(order.invoice_ids.mapped("amount_total")), total)

    def test_many_orders_are_invoiced_at_once(self):
        """FL-11: the accountant invoices many orders together."""
        orders = self._create_approved(1) + self._create_approved(2)
        orders.action_confirm()
        invoices = orders.with_user(self.accountant)._create_invoices(grouped=True)
        self.assertEqual(len(invoices), 2)


@tagged("post_install", "-at_install")
class TestProcedure(PhoneShopCase):
    def test_where_an_order_stands_follows_from_facts(self):
        """SOP-15: the kanban's column is computed; every step moves the order by itself, and the timeline tells it."""
        self._create_units(self.phone, 1)
        order = self._create_order(1)
        stages = [order.procedure_stage]
        order.action_submit()
        stages.append(order.procedure_stage)
        order.with_user(self.manager).action_approve()
        stages.append(order.procedure_stage)
        order.action_confirm()
        stages.append(order.procedure_stage)
        self._deliver(order)
        stages.append(order.procedure_stage)
        invoice = order.with_user(self.accountant)._create_invoices()
        invoice.action_post()
        stages.append(order.procedure_stage)
        self.env["account.payment.register"].with_context(active_model="account.move", active_ids=invoice.ids).create(
            {}
        )._create_payments()
        stages.append(order.procedure_stage)
        calls = order.sudo().delivery_call_ids  # the officer of this test belongs to no branch
        calls.outcome_id = self.env.ref("crm_sop_sales.crm_interaction_outcome_received")
        calls.action_close()
        stages.append(order.procedure_stage)
        expected = ["quotation", "to_approve", "approved", "to_deliver", "to_invoice", "to_pay", "to_call", "done"]
        self.assertEqual(stages, expected)
        for word in ("Draft", "To Approve", "Approved", "Delivered", "Invoiced", "Paid", order.hold_ids.lot_id.name):
            self.assertIn(word, order.timeline)
        events = [event["what"] for event in sorted(order._timeline_events(), key=lambda event: event["date"])]
        self.assertLess(events.index("Quotation"), events.index(f"Invoiced: {invoice.name}"))

    def test_a_cancelled_order_stands_there(self):
        """SOP-15: cancelled orders have their own column."""
        order = self._create_order(1)
        order.action_cancel()
        self.assertEqual(order.procedure_stage, "cancelled")

    def test_an_approved_order_is_confirmed_by_the_customers_signature(self):
        """SOP-3c3: once approved, the customer may sign on the portal, and that confirms it."""
        self._create_units(self.phone, 1)
        order = self._create_approved(1)
        order.require_signature = True
        self.assertTrue(order._has_to_be_signed())
        order.sudo()._validate_order()
        self.assertEqual(order.state, "sale")
