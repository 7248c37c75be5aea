"""Demo deliveries that went wrong: damaged units, asked about, answered and not; and what a carrier took."""

import base64
import io
from dataclasses import dataclass
from datetime import timedelta

from PIL import Image, ImageDraw

from odoo import api, fields, models

from odoo.addons.crm_sop_sales.demo.phone_shop_orders import SARI, DemoOrder

from .crm_courier_runs import DIAN, LINA, RECEIVED, TONI, DemoRun, DemoStop


@dataclass(frozen=True)
class DemoDamage:
    """What was found damaged at the only door of a run, and what CRM answered."""

    run: DemoRun
    found: str
    asked: str
    answered: str | None = None  # "replaced", "none"
    note: str | None = None
    outcome: str | None = None


DAMAGES = (
    DemoDamage(
        DemoRun("damage_asked", "eko", 0, "on_road", (DemoStop(DIAN, (("a55", 1),)),)),
        "A line across the screen, from top to bottom.",
        "She would wait until tomorrow for the same model.",
    ),
    DemoDamage(
        DemoRun("damage_answered", "budi", -27, "back", (DemoStop(LINA, (("a14", 2),)),)),
        "The seal of the box is broken and the glass is scratched.",
        "She keeps the other one.",
        "replaced",
        "The same colour, from this week's delivery.",
        "partly",
    ),
    DemoDamage(
        DemoRun("damage_none", "eko", -51, "back", (DemoStop(TONI, (("m35", 1),)),)),
        "Doesn't charge, with two cables tried.",
        "He doesn't want another model.",
        "none",
        "The whole batch goes back to the supplier; no date for new ones.",
        "brought_back",
    ),
)
#: What a delivery service took: to whom, what, how many days ago, its reference, and whether its proof has come.
SHIPMENTS = (
    ("crm_sop_sales.partner_siti", (("a05s", 1),), 1, "JNE 8120 4471", False),
    ("crm_sop_sales.partner_bambang", (("a06", 1),), 3, "JNE 8120 3356", True),
)


class CrmDemoRuns(models.AbstractModel):
    """Make what was damaged. Only the demo files call this."""

    _inherit = "crm.demo.runs"

    @api.model
    def _load_damage(self):
        """Take each damaged unit as far as it got, and ship what a carrier takes."""
        sold = [stop.products for demo in DAMAGES for stop in demo.run.stops] + [goods for __, goods, *__ in SHIPMENTS]
        names = {name for products in sold for name, __ in products}
        phones = self.env["product.product"].union(*(self.env.ref(f"crm_sop_sales.product_{name}") for name in names))
        self.env["crm.demo.stock"]._receive(self.env.ref(SARI).property_warehouse_id, phones, 3, RECEIVED)
        for demo in DAMAGES:
            self._make_damage(demo)
        for index, shipment in enumerate(SHIPMENTS, 1):
            self._ship(index, *shipment)

    def _make_damage(self, demo):
        orders = [self._sell(demo.run, index, stop) for index, stop in enumerate(demo.run.stops)]
        run = self._plan(demo.run, orders)
        for step in ("reviewed", "loaded"):
            getattr(self, f"_do_{step}")(run, demo.run)
        courier = self._as(run, demo.run.courier)
        courier.action_leave()
        stop = courier.stop_ids
        unit = stop.unit_ids[:1]
        stop._check_unit(unit, "damaged", demo.found, self._photo())
        stop.action_check_rest()
        question = stop._ask_replacement(demo.asked)
        if demo.answered:
            self._answer(question, demo)
            if demo.outcome == "partly":
                self.env["crm.demo.signatures"]._sign(stop)
            stop._record_outcome(demo.outcome, demo.found, unit)
            courier.action_come_back()
        self._date_back(run, demo.run, orders)
        self._date_question_back(question, run)

    def _answer(self, question, demo):
        """Let the officer name a unit, and the manager say that there is none."""
        replaced = demo.answered == "replaced"
        theirs = self._as(question, "sari" if replaced else "dewi")
        line = theirs.line_ids
        lots = {line: line.sudo()._free_lots()[:1]} if replaced else {}
        theirs._answer(lots, theirs._default_date(), demo.note)

    def _date_question_back(self, question, run):
        asked = run.starts_at + timedelta(minutes=35)
        question = question.sudo()
        if question.answered_at:
            question.write({"asked_at": asked, "answered_at": asked + timedelta(minutes=6)})
        else:
            question.asked_at = fields.Datetime.now() - timedelta(minutes=4)

    def _photo(self):
        """Return a drawing of a phone with a line across its screen."""
        image = Image.new("RGB", (240, 400), "#e9ecef")
        draw = ImageDraw.Draw(image)
        draw.rounded_rectangle((40, 20, 200, 380), 18, fill="#212529")
        draw.rectangle((50, 50, 190, 350), fill="#74c0fc")
        draw.line((90, 50, 150, 350), fill="#e03131", width=4)
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=80)
        return base64.b64encode(buffer.getvalue())

    # === BY A DELIVERY SERVICE === #

    def _ship(self, index, customer, products, days, reference, proven):
        demo = DemoOrder(f"shipped_{index}", SARI, customer, products, "confirmed", days)
        demo_orders = self.env["crm.demo.orders"]
        order = demo_orders._create(demo)
        for step in ("submitted", "approved", "confirmed", "delivered"):
            demo_orders._do(step, order, demo)
        demo_orders._date_back(order.sudo(), days)
        picking = order.sudo().picking_ids
        picking.write({"carrier_tracking_ref": reference, "carrier_price": 21_500})
        if proven:
            joko = picking.with_user(self.env.ref("crm_sop_sales.user_joko"))
            file = base64.b64encode(b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF")
            arrived = fields.Date.context_today(picking) - timedelta(days=days - 1)
            joko._receive_carrier_proof(file, "proof.pdf", arrived)
