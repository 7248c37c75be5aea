"""Demo orders in every state, made by the people who would make them, with the methods that their buttons call."""

from dataclasses import dataclass
from datetime import timedelta

from odoo import Command, api, fields, models
from odoo.tools import SQL

#: What happens to an order, in this order; an order of the demo stops after one of these.
STEPS = ("quotation", "sent", "submitted", "approved", "confirmed", "delivered", "invoiced", "paid")


@dataclass(frozen=True)
class DemoOrder:
    """An order of the demo: who sells what to whom, how far it got and how long ago it began."""

    name: str
    officer: str
    customer: str
    products: tuple
    until: str
    days: int = 0
    opportunity: str | None = None
    pickup: bool = False
    end: str | None = None  # what became of it instead: "rejected"

    @property
    def settled_on(self):
        """The date of its invoice and payment."""
        return fields.Date.today() - timedelta(days=max(self.days - 2, 0))


SARI, AGUS = "crm_base.user_sari", "crm_base.user_agus"
ORDERS = (
    DemoOrder("quotation_rina", SARI, "crm_base.partner_rina", (("s25", 1), ("case", 1)), "quotation"),
    DemoOrder("sent_siti", SARI, "crm_sop_sales.partner_siti", (("z_flip6", 1),), "sent", days=1),
    DemoOrder("submitted_kita", SARI, "crm_sop_sales.partner_yeyen", (("a36", 2), ("charger", 2)), "submitted"),
    DemoOrder("submitted_hendra", AGUS, "crm_base.partner_hendra", (("m35", 1),), "submitted"),
    DemoOrder("rejected_bambang", AGUS, "crm_sop_sales.partner_bambang", (("a16", 1),), "submitted", 1, end="rejected"),
    DemoOrder("approved_andi", SARI, "crm_sop_sales.partner_andi", (("s23_fe", 1),), "approved", days=1),
    DemoOrder(
        "confirmed_maya", SARI, "crm_base.partner_maya", (("a55", 1),), "confirmed", 1, "crm_sop_sales.opportunity_maya"
    ),
    DemoOrder("confirmed_yusuf", AGUS, "crm_base.partner_yusuf", (("a06", 3), ("a15", 2)), "confirmed", days=2),
    DemoOrder("delivered_hendra", AGUS, "crm_base.partner_hendra", (("a05s", 1), ("case", 1)), "delivered", days=3),
    DemoOrder("invoiced_kita", SARI, "crm_sop_sales.partner_yeyen", (("s24", 2),), "invoiced", days=6),
    DemoOrder("paid_rina", SARI, "crm_base.partner_rina", (("a25", 1), ("earphones", 1)), "paid", days=12),
    DemoOrder("paid_yusuf", AGUS, "crm_base.partner_yusuf", (("m15", 2), ("a14", 2)), "paid", days=18),
    DemoOrder("paid_andi", SARI, "crm_sop_sales.partner_andi", (("s24_ultra", 1),), "paid", days=25, pickup=True),
    # cancelled by phone_shop_cancellations.py
    DemoOrder("cancelled_siti", SARI, "crm_sop_sales.partner_siti", (("a15", 1),), "confirmed", days=5),
    DemoOrder(
        "defective_bambang", AGUS, "crm_sop_sales.partner_bambang", (("z_fold6", 1),), "confirmed", 4, pickup=True
    ),
    DemoOrder("waiver_yusuf", AGUS, "crm_base.partner_yusuf", (("m35", 2),), "confirmed", days=3),
)


class CrmDemoOrders(models.AbstractModel):
    """Make the demo shop's orders. Only the demo files call this."""

    _name = "crm.demo.orders"
    _description = "Demo Data: Orders of a Phone Shop"

    @api.model
    def _load(self):
        """Make each order and take it as far as it got; without accounts nothing is invoiced."""
        has_accounts = bool(self.env.company.chart_template)
        for demo in ORDERS:
            order = self._create(demo)
            for step in STEPS[1 : STEPS.index(demo.until) + 1]:
                if has_accounts or step not in ("invoiced", "paid"):
                    self._do(step, order, demo)
            self._end(order, demo)
            self._date_back(order.sudo(), demo.days)

    def _create(self, demo):
        officer = self.env.ref(demo.officer)
        lines = [
            {"product_id": self.env.ref(f"crm_sop_sales.product_{product}").id, "product_uom_qty": count}
            for product, count in demo.products
        ]
        order = (
            self.env["sale.order"]
            .with_user(officer)
            .create(
                {
                    "partner_id": self.env.ref(demo.customer).id,
                    "warehouse_id": officer.property_warehouse_id.id,
                    "opportunity_id": demo.opportunity and self.env.ref(demo.opportunity).id,
                    "order_line": [Command.create(line) for line in lines],
                }
            )
        )
        if demo.pickup:
            order.set_delivery_line(self.env.ref("crm_sop_sales.delivery_carrier_pickup"), 0)
        self._take_rewards(order)
        xml_id = f"crm_sop_sales.order_{demo.name}"
        self.env["ir.model.data"]._update_xmlids([{"xml_id": xml_id, "record": order, "noupdate": True}])
        return order

    def _take_rewards(self, order):
        """Give the customer what is on offer, as the button “Reward” does."""
        order._update_programs_and_rewards()
        for coupon, rewards in order._get_claimable_rewards().items():
            order._apply_program_reward(rewards[:1], coupon)

    # === STEPS === #

    def _do(self, step, order, demo):
        manager, logistics = self.env.ref("crm_base.user_dewi"), self.env.ref("crm_sop_sales.user_joko")
        accountant = self.env.ref("crm_sop_sales.user_ratna")
        if step == "sent":
            order.action_quotation_sent()
        elif step == "submitted":
            order.action_submit()
        elif step == "approved":
            order.with_user(manager).action_approve()
        elif step == "confirmed":
            order.action_confirm()
        elif step == "delivered":
            self._deliver(order.with_user(logistics).picking_ids)
        elif step == "invoiced":
            self._invoice(order.with_user(accountant), demo)
        elif step == "paid":
            self._pay(order.with_user(accountant).invoice_ids, demo)
            self._call(order.delivery_call_ids.with_user(order.user_id))

    def _deliver(self, pickings):
        pickings.action_assign()
        for move in pickings.move_ids:
            move.picked = True
        pickings.with_context(skip_backorder=True).button_validate()

    def _invoice(self, order, demo):
        invoice = order._create_invoices()
        invoice.invoice_date = demo.settled_on
        invoice.action_post()

    def _pay(self, invoices, demo):
        wizard = self.env["account.payment.register"].with_user(invoices.env.user)
        wizard = wizard.with_context(active_model="account.move", active_ids=invoices.ids)
        wizard.create({"payment_date": demo.settled_on}).action_create_payments()

    def _call(self, calls):
        """Let the customers say that the goods came as they should."""
        calls.write({"outcome_id": self.env.ref("crm_sop_sales.crm_interaction_outcome_received").id})
        calls.action_close()

    def _end(self, order, demo):
        manager = self.env.ref("crm_base.user_dewi")
        if demo.end == "rejected":
            order.with_user(manager)._workflow_do("reject", "Ask him first about large letters: offer the M15.")

    # === DATES === #

    def _date_back(self, order, days):
        """Let all this have happened so many days ago."""
        if not days:
            return
        self.env.flush_all()
        pickings = order.picking_ids.filtered(lambda picking: picking.state == "done")
        calls = order.delivery_call_ids
        logs = order.workflow_log_ids | calls.workflow_log_ids
        for table, column, ids in (
            ("sale_order", "create_date", order.ids),
            ("sale_order", "date_order", order.ids),
            ("sale_order", "price_locked_at", order.ids),
            ("crm_workflow_log", "date", logs.ids),
            ("crm_imei_hold", "held_at", order.hold_ids.ids),
            ("crm_interaction", "began_at", calls.ids),
            ("crm_interaction", "ended_at", calls.ids),
            ("stock_picking", "date_done", pickings.ids),
            ("stock_move", "date", pickings.move_ids.ids),
            ("stock_move_line", "date", pickings.move_line_ids.ids),
        ):
            self._shift(table, column, ids, days)
        self.env.invalidate_all()
        calls.modified(["began_at"])

    def _shift(self, table, column, ids, days):
        self.env.execute_query(
            SQL(
                "UPDATE %(table)s SET %(column)s = %(column)s - %(days)s * interval '1 day'"
                " WHERE id = ANY(%(ids)s) RETURNING id",
                table=SQL.identifier(table),
                column=SQL.identifier(column),
                days=days,
                ids=ids,
            )
        )
