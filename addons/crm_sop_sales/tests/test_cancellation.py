from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.http import Request
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from ..models.crm_cancellation import FACTS
from .common import PhoneShopCase


class CancellationCase(PhoneShopCase):
    """Confirmed orders without tax on the delivery, so that totals are round."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_units(cls.phone, 10)
        cls.env["delivery.carrier"].search([]).product_id.taxes_id = False
        cls.fee_product = cls.env.ref("crm_sop_sales.product_cancellation_fee")
        cls.fee_product.taxes_id = False

    @classmethod
    def _confirmed(cls, quantity=1, **values):
        order = cls._create_approved(quantity, **values)
        order.action_confirm()
        return order


@tagged("post_install", "-at_install")
class TestCancellation(CancellationCase):
    def test_every_path_takes_the_form(self):
        """SOP-6: button, list, wizard, API, superuser: a submitted order is cancelled by none of them."""
        submitted = self._create_order(1)
        submitted.action_submit()
        for order in (submitted, self._create_approved(1), self._confirmed(1)):
            self.assertEqual(order.action_cancel()["res_model"], "crm.cancellation")
            with self.assertRaisesRegex(UserError, "by a cancellation form"):
                (order + self._create_order(1)).action_cancel()
            with self.assertRaisesRegex(UserError, "by a cancellation form"):
                order.with_user(self.manager)._action_cancel()
            with self.assertRaisesRegex(UserError, "by a cancellation form"):
                order.sudo().with_context(crm_sop_sales_cancellation=True)._action_cancel()
            wizard = self.env["sale.mass.cancel.orders"].with_user(self.officer)
            with self.assertRaisesRegex(UserError, "by a cancellation form"):
                wizard.create({"sale_order_ids": [Command.set(order.ids)]}).action_mass_cancel()
            self.assertNotEqual(order.state, "cancel")

    def test_what_isnt_submitted_is_cancelled_as_ever(self):
        """SOP-6: a quotation that was never submitted, was given back, or whose time ran out, takes no form."""
        never, rejected, expired = (self._create_order(1) for _number in range(3))
        (rejected + expired).action_submit()
        rejected.with_user(self.manager)._workflow_do("reject", "no")
        expired.sudo()._expire_holds()
        for order in (never, rejected, expired):
            with self.assertRaisesRegex(UserError, "needs no form"):
                self._create_form(order)
            order.action_cancel()
            self.assertEqual(order.state, "cancel")

    def test_in_one_go(self):
        """SOP-6, SOP-10: confirming cancels order and delivery, frees the units, invoices 10 % of the list price."""
        order = self._confirmed(2)
        lots = order.hold_ids.lot_id
        form = self._create_form(order)
        self.assertEqual(form.order_lot_ids, lots)
        self.assertIn("600,000", form.outcome)
        form.action_confirm()
        self.assertEqual((form.state, order.state, order.picking_ids.state), ("confirmed", "cancel", "cancel"))
        self.assertEqual((order.hold_ids.mapped("state"), form.lot_ids), (["released"] * 2, lots))
        self.assertEqual((form.fee_base, form.fee_rate, form.fee_amount), (6_000_000, 10, 600_000))
        invoice = form.sudo().invoice_id
        self.assertEqual((invoice.state, invoice.amount_total), ("posted", 600_000))
        self.assertEqual((invoice.partner_id, invoice.invoice_origin), (order.partner_id, order.name))
        self.assertEqual(form.workflow_log_ids.user_id, self.officer)
        self.assertIn(form.name, order.timeline)
        self.assertFalse(form.waiver)
        again = self._create_order(1)
        again.order_line.wanted_lot_ids = lots[0]
        again.action_submit()

    def test_the_list_price_counts(self):
        """SOP-6: of the list price at the submission, not of the discounted one, nor of one that came later."""
        order = self._create_order(1)
        order.order_line.discount = 20
        order.action_submit()
        self.phone.list_price = 9_000_000
        self.assertEqual(self._cancel(order).fee_amount, 300_000)

    def test_what_doesnt_count(self):
        """SOP-6: gifts, vouchers and delivery are not on the price list's side of the order."""
        gift = self._create_phone("Case", 500_000, tracking="none", is_storable=False)
        rule, reward = {"minimum_qty": 1}, {"reward_type": "product", "reward_product_id": gift.id}
        self.env["loyalty.program"].create(
            {
                "name": "Gift",
                "program_type": "promotion",
                "trigger": "auto",
                "applies_on": "current",
                "rule_ids": [Command.create(rule)],
                "reward_ids": [Command.create(reward)],
            }
        )
        order = self._create_order(1)
        order._update_programs_and_rewards()
        for coupon, rewards in order._get_claimable_rewards().items():
            order._apply_program_reward(rewards, coupon)
        order.set_delivery_line(self.env["delivery.carrier"].search([], limit=1), 50_000)
        order.action_submit()
        self.assertGreater(len(order.order_line), 2)
        self.assertEqual(self._cancel(order).fee_base, 3_000_000)

    def test_the_rate_is_a_setting(self):
        """SOP-6: another rate, rounded as the currency is; none makes no invoice."""
        self.env.company.cancellation_fee_rate = 7.5
        self.phone.list_price = 2_999_990
        self.assertEqual(self._cancel(self._confirmed(1)).fee_amount, 224_999)
        self.env.company.cancellation_fee_rate = 0
        self.assertFalse(self._cancel(self._confirmed(1)).invoice_id)
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.cr.savepoint():
            self.env.company.cancellation_fee_rate = 101
            self.env.company.flush_recordset()

    def test_one_form_at_a_time(self):
        """SOP-10: the database keeps a second form from being opened; one that is withdrawn makes room."""
        order = self._confirmed(1)
        form = self._create_form(order)
        self.assertEqual(order.action_cancel()["res_id"], form.id)
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.cr.savepoint():
            self._create_form(order)
        form._workflow_do("withdraw", "She keeps it after all.")
        self.assertEqual((order.state, order.cancellation_count), ("sale", 0))
        self._cancel(order)
        with self.assertRaises(UserError):
            self._create_form(order)

    def test_delivered_or_invoiced(self):
        """SOP-6: what the customer has, or was invoiced, comes back first; the message says how."""
        delivered, invoiced = self._confirmed(1), self._confirmed(1)
        form = self._create_form(delivered)
        self._deliver(delivered)
        with self.assertRaisesRegex(UserError, "return of the delivery first"):
            form.action_confirm()
        invoice = invoiced.with_user(self.accountant)._create_invoices()
        invoice.action_post()
        form = self._create_form(invoiced)
        with self.assertRaisesRegex(UserError, f"credit note for {invoice.name}"):
            form.with_user(self.manager)._workflow_do("waive", "as a favour")
        invoice._reverse_moves(cancel=True)
        form.action_confirm()
        self.assertEqual(form.fee_amount, 300_000)

    def test_a_draft_invoice_goes_with_the_order(self):
        """SOP-6: what isn't posted is cancelled with the order."""
        order = self._confirmed(1)
        invoice = order.with_user(self.accountant)._create_invoices()
        self._cancel(order)
        self.assertEqual(invoice.state, "cancel")

    def test_the_company_cancels(self):
        """SOP-10: the company's own doing costs nothing, and only a manager says that it is."""
        form = self._create_form(self._confirmed(1), initiator="company")
        with self.assertRaisesRegex(UserError, "a manager confirms"):
            form.action_confirm()
        form.with_user(self.manager)._workflow_do("waive", "The last ones fell off the shelf.")
        self.assertEqual((form.waiver, form.fee_amount, form.order_id.state), ("company", 0, "cancel"))

    def test_a_manager_waives(self):
        """SOP-10: an officer asks, a manager waives or refuses, with a reason; the history keeps both."""
        order = self._confirmed(1)
        form = self._create_form(order)
        with self.assertRaisesRegex(UserError, "reason"):
            form._workflow_do("request")
        form._workflow_do("request", "A good customer.")
        self.assertIn(self.manager, form.activity_ids.user_id)
        for step in ("waive", "refuse"):
            with self.assertRaises(AccessError):
                form._workflow_do(step, "I say so.")
        with self.assertRaises(UserError):
            form.note = "Another story."
        form.with_user(self.manager)._workflow_do("refuse", "He did this twice already.")
        self.assertEqual((form.state, order.state), ("draft", "sale"))
        self.assertFalse(form.activity_ids)
        form._workflow_do("request", "No, that was his brother.")
        form.with_user(self.sales_manager)._workflow_do("waive", "Very well.")
        self.assertEqual((form.state, form.waiver, form.waiver_reason), ("confirmed", "manager", "Very well."))
        self.assertFalse(form.invoice_id)
        self.assertEqual([log.transition for log in form.workflow_log_ids], ["waive", "request", "refuse", "request"])

    def test_the_delivery_isnt_cancelled_instead(self):
        """SOP-6: cancelling the transfer, its moves, or the rest of it is no way around the form."""
        order = self._confirmed(2)
        for user in (self.logistics, self.officer, self.manager, self.env.user):
            picking = order.picking_ids.with_user(user)
            for attempt in (
                picking.action_cancel,
                picking.move_ids._action_cancel,
                picking.unlink,
                lambda picking=picking: picking.move_ids.write({"state": "cancel"}),
                lambda picking=picking: picking.move_ids.write({"state": "draft"}),
            ):
                with self.assertRaises(UserError), self.cr.savepoint():
                    attempt()
        picking = order.picking_ids.with_user(self.logistics)
        picking.move_line_ids[1].unlink()
        picking.move_ids.picked = True
        rest = {"skip_backorder": True, "picking_ids_not_to_backorder": picking.ids}
        with self.assertRaisesRegex(UserError, "make a backorder"), self.cr.savepoint():
            picking.with_context(**rest).button_validate()
        picking.with_context(skip_backorder=True).button_validate()
        backorder = order.picking_ids - picking
        with self.assertRaisesRegex(UserError, "Only a manager"), self.cr.savepoint():
            backorder.with_user(self.logistics).action_cancel()
        backorder.with_user(self.manager).action_cancel()
        self.assertEqual(backorder.state, "cancel")

    def test_a_cancelled_order_comes_back(self):
        """SOP-4a: it starts over, and may be cancelled again, by another form."""
        order = self._confirmed(1)
        self._cancel(order)
        order.action_draft()
        order.action_submit()
        self._cancel(order)
        self.assertEqual(order.cancellation_count, 2)

    def test_declined_again_and_again(self):
        """SOP-6: the officer is to call the customer once, however often they click."""
        order = self._create_approved(1)
        for __ in range(3):
            order.sudo()._decline("No, thanks.")
        self.assertEqual(len(order.cancellation_ids.activity_ids), 1)

    def test_the_customers_page(self):
        """FL-12: what a customer has cancelled is one click from their page."""
        self._cancel(self._confirmed(1))
        partner = self.partner.with_user(self.officer)
        partner.invalidate_recordset()
        self.assertEqual(partner.cancellation_count, 1)
        domain = partner.action_view_cancellations()["domain"]
        self.assertEqual(len(self.env["crm.cancellation"].search(domain)), 1)

    def test_the_printed_form(self):
        """SOP-10: company, order, customer, IMEI, reason, fee and signatures, in the customer's language."""
        form = self._cancel(self._confirmed(1))
        html, __ = self.env["ir.actions.report"]._render_qweb_html("crm_sop_sales.crm_cancellation_document", form.ids)
        for words in (form.name, form.order_id.name, "Rina Kartika", form.lot_ids.name, "300,000", "She found another"):
            self.assertIn(words, html.decode())


@tagged("post_install", "-at_install")
class TestHostileCancellation(CancellationCase):
    """What each role may not do, by API."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.form = cls._create_form(cls._confirmed(1))
        cls.done = cls._cancel(cls._confirmed(1))
        cls.internal = cls._create_user("internal", "base.group_user")
        cls.everybody = (
            *(cls.officer, cls.other_officer, cls.manager, cls.sales_manager),
            *(cls.logistics, cls.accountant, cls.internal, cls.env.user),
        )

    def test_facts_arent_written(self):
        """SOP-6, SOP-10: nobody types fee, rate, base, waiver, state, invoice or who confirmed a defect."""
        values = {name: self._other(name) for name in (*sorted(FACTS), "state", "name")}
        values["state"] = "withdrawn"
        for user in self.everybody:
            for form in (self.form, self.done):
                for name, value in values.items():
                    with self.assertRaises(UserError, msg=f"{user.login} {name}"), self.cr.savepoint():
                        form.with_user(user).write({name: value})
        order = self._confirmed(1)
        for name in FACTS - {"refund_state"}:
            with self.assertRaises(UserError, msg=name), self.cr.savepoint():
                self._create_form(order, **{name: values[name]})
        defaults = {f"default_{name}": value for name, value in values.items()}
        form = self.env["crm.cancellation"].with_user(self.officer).with_context(**defaults)
        form = form.create({"order_id": order.id, "user_id": self.officer.id})
        self.assertEqual((form.state, form.fee_amount, form.waiver), ("draft", 0, False))
        self.assertFalse(form.defect_checked_by_id)

    def _other(self, name):
        """Return a value that the field hasn't got."""
        field = self.form._fields[name]
        if field.type == "many2one":
            return self.env[field.comodel_name].search([("id", "!=", self.done[name].id)], limit=1).id or 1
        if field.type == "many2many":
            found = self.env[field.comodel_name].search([("id", "not in", self.done.sudo()[name].ids)], limit=1)
            return [Command.link(found.id or 1)]
        if field.type == "selection":
            return field.get_values(self.env)[-1]
        dates = {"date": "2020-01-01", "datetime": "2020-01-01 00:00:00"}
        return dates.get(field.type, "x" if field.type in ("char", "text") else 12345)

    def test_whose_orders(self):
        """SOP-6: an officer cancels what they may change: not a colleague's; nobody but sales cancels."""
        order = self._confirmed(1)
        for user in (self.other_officer, self.logistics, self.accountant, self.internal):
            with self.assertRaises(AccessError), self.cr.savepoint():
                self._create_form(order, user)
            for step in ("confirm", "request", "withdraw", "waive"):
                with self.assertRaises(AccessError), self.cr.savepoint():
                    self.form.with_user(user)._workflow_do(step, "because")
        with self.assertRaises(AccessError):
            self.form.with_user(self.logistics).sudo()._workflow_do("confirm")

    def test_the_form_stays(self):
        """SOP-10: it isn't deleted, nor changed once it is decided, and stays with its order."""
        for user in self.everybody:
            for form in (self.form, self.done):
                theirs = form.with_user(user).with_context(_force_unlink=user != self.env.user)
                with self.assertRaises(UserError, msg=user.login), self.cr.savepoint():
                    theirs.unlink()
            with self.assertRaises(UserError, msg=user.login), self.cr.savepoint():
                self.done.with_user(user).note = "Another story"
            with self.assertRaises(UserError, msg=user.login), self.cr.savepoint():
                self.form.with_user(user).order_id = self.done.order_id

    def test_the_fee_invoice(self):
        """SOP-6: an officer doesn't touch it; finance doesn't post it for another amount."""
        self.env.company.cancellation_fee_posted = False
        form = self._cancel(self._confirmed(1))
        invoice = form.sudo().invoice_id
        self.assertEqual(invoice.state, "draft")
        with self.assertRaises(AccessError):
            invoice.with_user(self.officer).invoice_line_ids.price_unit = 1
        with self.assertRaises(AccessError):
            invoice.with_user(self.officer).action_post()
        draft = invoice.with_user(self.accountant)
        with self.assertRaisesRegex(UserError, "the fee is"), self.cr.savepoint():
            draft.invoice_line_ids.price_unit = 1
            draft.action_post()
        with self.assertRaises(UserError), self.cr.savepoint():
            draft.cancellation_ids = [Command.clear()]
        draft.action_post()
        self.assertEqual(invoice.state, "posted")

    def test_the_wizard_gives_no_right(self):
        """SOP-6: who may not confirm the form may not by the question either; nor waive by the one for reasons."""
        for user in (self.other_officer, self.logistics, self.accountant):
            with self.assertRaises(AccessError), self.cr.savepoint():
                self.env["crm.cancellation.confirm"].with_user(user).create(
                    {"cancellation_id": self.form.id}
                ).action_confirm()
        for user in (self.officer, self.other_officer, self.logistics):
            wizard = self.env["crm.workflow.reason"].with_user(user)
            step = {"res_model": "crm.cancellation", "res_ids": self.form.ids, "transition": "waive", "reason": "so"}
            with self.assertRaises(AccessError), self.cr.savepoint():
                wizard.create(step).action_confirm()

    def test_many_forms_cost_few_queries(self):
        """FL-12: the list reads ten forms with as many queries as two."""
        forms = self.form + self.done
        names = ["name", "date", "order_id", "partner_id", "reason_id", "fee_amount", "waiver", "refund_state", "state"]
        counts = []
        for _round in range(2):
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            forms.with_user(self.manager).read(names)
            counts.append(self.cr.sql_log_count - before)
            for _number in range(2):
                forms += self._create_form(self._confirmed(1))
        self.assertLessEqual(counts[1], counts[0])


@tagged("post_install", "-at_install")
class TestPortalDecline(CancellationCase, HttpCase):
    def test_colleagues_decline_nothing(self):
        """SOP-6: who is logged in as a colleague isn't the customer."""
        order = self._create_approved(1, require_signature=True)
        order._portal_ensure_token()
        self.authenticate(self.officer.login, self.officer.login)
        url = f"/my/orders/{order.id}/decline?access_token={order.access_token}"
        answer = self.url_open(url, data={"decline_message": "Too late", "csrf_token": Request.csrf_token(self)})
        self.assertEqual(answer.status_code, 403)
        self.assertFalse(order.sudo().cancellation_ids)

    def test_declining_online(self):
        """SOP-6: the customer's “Reject” on the portal cancels nothing: a form is begun, and the officer calls."""
        order = self._create_approved(1, require_signature=True)
        order._portal_ensure_token()
        url = f"/my/orders/{order.id}/decline?access_token={order.access_token}"
        self.authenticate(None, None)
        answer = self.url_open(url, data={"decline_message": "Too late", "csrf_token": Request.csrf_token(self)})
        self.assertEqual(answer.status_code, 200)
        self.assertIn("we call you", answer.text)
        self.assertEqual(order.state, "draft")
        form = order.sudo().cancellation_ids
        self.assertEqual((form.state, form.note, form.initiator), ("draft", "Too late", "customer"))
        self.assertIn(self.officer, form.activity_ids.user_id)
        self.assertEqual(form.user_id, self.officer)
        form.with_user(self.officer).action_confirm()
        self.assertEqual(order.state, "cancel")
