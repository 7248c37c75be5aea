"""Demo runs in every state, made by the people who would make them, with the methods that their buttons call."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from odoo import api, fields, models

from odoo.addons.crm_sop_sales.demo.phone_shop_orders import SARI, DemoOrder

#: What happens to a run, in this order; a run of the demo stops after one of these.
STEPS = ("planned", "reviewed", "half_loaded", "loaded", "on_road", "back", "handed_over", "called", "closed")
#: How many days ago the shop received what the runs carry.
RECEIVED = 8
DIAN, FAJAR = "crm_courier.partner_dian", "crm_courier.partner_fajar"
LINA, TONI = "crm_courier.partner_lina", "crm_courier.partner_toni"
YEYEN = "crm_sop_sales.partner_yeyen"


@dataclass(frozen=True)
class DemoStop:
    """A delivery of the demo: to whom, what, and what came of it."""

    customer: str
    products: tuple
    outcome: str | None = None
    note: str | None = None
    short: int = 0  # so much less lay there when CRM counted
    card: bool = False  # paid by card


@dataclass(frozen=True)
class DemoRun:
    """A run of the demo: whose, when it leaves in hours from now, how far it got."""

    name: str
    courier: str
    hours: int
    until: str
    stops: tuple
    note: str = ""
    terminal: str | None = None
    cancelled: str | None = None


RUNS = (
    DemoRun(
        "closed",
        "budi",
        -76,
        "closed",
        (
            DemoStop(FAJAR, (("a56", 1),), "delivered"),
            DemoStop(DIAN, (("s24", 1), ("charger", 1)), "delivered", card=True),
        ),
        terminal="crm_courier.terminal_edc_2",
    ),
    DemoRun(
        "handed_over",
        "eko",
        -26,
        "handed_over",
        (
            DemoStop(LINA, (("a35", 1),), "delivered", short=50_000),
            DemoStop(TONI, (("a15", 1),), "delivered"),
        ),
    ),
    DemoRun(
        "back",
        "eko",
        -4,
        "back",
        (
            DemoStop(TONI, (("m15", 1),), "delivered"),
            DemoStop(LINA, (("a14", 1),), "brought_back", "Her bank declined the card twice.", card=True),
        ),
        terminal="crm_courier.terminal_edc_2",
    ),
    DemoRun(
        "on_road",
        "budi",
        -1,
        "on_road",
        (
            DemoStop(DIAN, (("s25", 1), ("case", 1)), "delivered"),
            DemoStop(YEYEN, (("a36", 1),), card=True),
            DemoStop(LINA, (("m35", 1),)),
            DemoStop(FAJAR, (("a25", 2),)),
        ),
        "Yeyen is at the reception until 15:00.",
        "crm_courier.terminal_edc_1",
    ),
    DemoRun("loaded", "eko", 1, "loaded", (DemoStop(LINA, (("s23", 1),)),)),
    DemoRun(
        "reviewed",
        "budi",
        3,
        "half_loaded",
        (DemoStop(TONI, (("a06", 2), ("charger", 2))), DemoStop(DIAN, (("a05s", 1),))),
        "Toni's shop closes at 17:00.",
    ),
    DemoRun("planned", "budi", 22, "planned", (DemoStop(FAJAR, (("z_flip6", 1),)), DemoStop(LINA, (("a16", 1),)))),
    DemoRun("big", "eko", 24, "planned", (DemoStop(YEYEN, (("z_fold6", 2), ("s25_ultra", 1))),)),
    DemoRun(
        "cancelled",
        "eko",
        20,
        "planned",
        (DemoStop(TONI, (("a55", 1),)),),
        cancelled="The road to Rawamangun is flooded.",
    ),
)


class CrmDemoRuns(models.AbstractModel):
    """Make the demo shop's runs. Only the demo files call this."""

    _name = "crm.demo.runs"
    _description = "Demo Data: Delivery Runs"

    @api.model
    def _load(self):
        """Receive and sell what the runs carry, and take each as far as it got."""
        self._receive()
        self.env["crm.demo.cards"]._prepare()
        for demo in RUNS:
            self._make(demo)

    def _receive(self):
        """Have in the shop what is sold: its own stock may be spoken for."""
        sold = Counter()
        for demo in RUNS:
            for stop in demo.stops:
                sold.update({self.env.ref(f"crm_sop_sales.product_{name}"): count for name, count in stop.products})
        phones = self.env["product.product"].union(*sold).filtered("is_imei")
        shop = self.env.ref(SARI).property_warehouse_id
        self.env["crm.demo.stock"]._receive(shop, phones, max(sold[phone] for phone in phones), RECEIVED)

    def _make(self, demo):
        orders = [self._sell(demo, index, stop) for index, stop in enumerate(demo.stops)]
        run = self._plan(demo, orders)
        for step in STEPS[1 : STEPS.index(demo.until) + 1]:
            getattr(self, f"_do_{step}")(run, demo)
        if demo.cancelled:
            self._as(run, "wati")._workflow_do("cancel", demo.cancelled)
        self._date_back(run, demo, orders)

    def _sell(self, demo, index, stop):
        order = DemoOrder(f"run_{demo.name}_{index + 1}", SARI, stop.customer, stop.products, "confirmed")
        demo_orders = self.env["crm.demo.orders"]
        record = demo_orders._create(order)
        if stop.card:
            self.env["crm.demo.cards"]._choose(record)
        for step in ("submitted", "approved", "confirmed"):
            demo_orders._do(step, record, order)
        record.sudo().picking_ids.action_assign()
        return record.sudo()

    def _plan(self, demo, orders):
        pickings = self.env["stock.picking"].union(*(order.picking_ids for order in orders))
        start = fields.Datetime.now().replace(minute=0, second=0) + timedelta(hours=demo.hours)
        run = (
            self.env["stock.picking.batch"]
            .with_user(self.env.ref("crm_sop_sales.user_joko"))
            .create(
                {
                    "is_courier_run": True,
                    "picking_type_id": pickings.picking_type_id.id,
                    "user_id": self.env.ref(f"crm_courier.user_{demo.courier}").id,
                    "starts_at": start,
                    "ends_at": start + timedelta(hours=3),
                    "description": demo.note,
                    "terminal_id": demo.terminal and self.env.ref(demo.terminal).id,
                }
            )
        )
        for picking in pickings:
            run.env["crm.courier.stop"].create({"run_id": run.id, "picking_id": picking.id})
        xml_id = f"crm_courier.run_{demo.name}"
        self.env["ir.model.data"]._update_xmlids([{"xml_id": xml_id, "record": run, "noupdate": True}])
        return run

    def _as(self, record, user):
        module = {"wati": "crm_courier", "budi": "crm_courier", "eko": "crm_courier"}.get(user, "crm_base")
        return record.with_user(self.env.ref(f"{module}.user_{user}"))

    # === STEPS === #

    def _do_reviewed(self, run, demo):
        self._as(run, "wati").action_review()

    def _do_half_loaded(self, run, demo):
        courier = self._as(run, demo.courier)
        courier.action_scan(run.sudo().unit_ids.lot_id[:1].name)
        courier.equipment_ids[1:2].action_toggle()

    def _do_loaded(self, run, demo):
        courier = self._as(run, demo.courier)
        courier.unit_ids.action_load()
        for check in courier.equipment_ids.filtered("is_needed"):
            if not check.taken_at:
                check.action_toggle()
        courier.action_load()

    def _do_on_road(self, run, demo):
        courier = self._as(run, demo.courier)
        courier.action_leave()
        for stop, said in zip(courier.stop_ids, demo.stops, strict=True):
            self.env["crm.demo.cards"]._pay(stop, said.outcome)
            if said.outcome == "delivered":
                self.env["crm.demo.signatures"]._sign(stop)
            if said.outcome:
                stop.action_check_rest()
                entries = {"has_proof": True, "has_payment_proof": True, "cash_collected": stop.sudo()._cash_due()}
                stop._record_outcome(said.outcome, said.note, entries=entries)

    def _do_back(self, run, demo):
        self._as(run, demo.courier).action_come_back()

    def _do_handed_over(self, run, demo):
        officer = self._as(run, "sari")
        counted = {
            stop: {
                "proof_received": True,
                "payment_proof_received": True,
                "cash_counted": stop.sudo()._cash_due() - said.short,
            }
            for stop, said in zip(officer.stop_ids, demo.stops, strict=True)
            if stop.outcome == "delivered"
        }
        back = sum(stop.unit_count for stop in officer.stop_ids if stop.outcome != "delivered")
        officer._receive_count(counted, back, True)

    def _do_called(self, run, demo):
        for call in run.sudo().stop_ids.order_id.delivery_call_ids:
            self.env["crm.demo.orders"]._call(call.with_user(call.user_id))

    def _do_closed(self, run, demo):
        self._as(run, "sari").action_close()

    # === DATES === #

    def _date_back(self, run, demo, orders):
        """Let what is past have happened when it would have."""
        days = max(-demo.hours // 24, 0)
        if demo.hours >= 0:
            return
        moment = run.starts_at
        run = run.sudo()
        run._write_facts({"left_at": moment})
        if run.returned_at:
            run._write_facts({"returned_at": moment + timedelta(hours=2)})
        for index, stop in enumerate(run.stop_ids.filtered("outcome"), 1):
            stop._write_facts({"outcome_at": moment + timedelta(minutes=40 * index)})
        demo_orders = self.env["crm.demo.orders"]
        for order in orders:
            demo_orders._date_back(order, days + 1)
            demo_orders._shift("sale_order", "card_told_at", order.ids, days + 1)
        self._date_forward(orders)
        if days:
            self.env.flush_all()
            demo_orders._shift("crm_workflow_log", "date", run.workflow_log_ids.ids, days)
            self.env.invalidate_all()

    def _date_forward(self, orders):
        """Let what followed from the run have happened on its day, not on the day on which it was ordered."""
        orders = self.env["sale.order"].union(*orders)
        pickings = orders.picking_ids.filtered(lambda picking: picking.state == "done")
        calls = orders.delivery_call_ids
        self.env.flush_all()
        for table, column, ids in (
            ("stock_picking", "date_done", pickings.ids),
            ("stock_move", "date", pickings.move_ids.ids),
            ("stock_move_line", "date", pickings.move_line_ids.ids),
            ("crm_workflow_log", "date", calls.workflow_log_ids.ids),
            ("crm_interaction", "ended_at", calls.ids),
            ("crm_interaction", "began_at", calls.ids),
        ):
            self.env["crm.demo.orders"]._shift(table, column, ids, -1)
        self.env.invalidate_all()
        calls.modified(["began_at"])
        pickings.modified(["date_done"])
