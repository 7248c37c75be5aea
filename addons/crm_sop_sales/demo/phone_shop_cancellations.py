"""Demo cancellations: one with its fee, one waived by the facts, one that waits for the manager."""

import base64
import io
from dataclasses import dataclass

from PIL import Image, ImageDraw

from odoo import Command, api, fields, models


@dataclass(frozen=True)
class DemoCancellation:
    """A cancellation of the demo: of which order, why, and how it goes on."""

    order: str
    reason: str
    note: str
    then: str  # "confirmed" by the officer, or "requested" from the manager
    defect: str | None = None


CANCELLATIONS = (
    DemoCancellation(
        "cancelled_siti", "mind", "Her brother gave her his old phone; she is sorry for the trouble.", "confirmed"
    ),
    DemoCancellation(
        "defective_bambang",
        "defective",
        "He looked at it in the shop before paying. Another one of this model is nowhere to be had.",
        "confirmed",
        defect="A bright line across the screen, from the first start on.",
    ),
    DemoCancellation(
        "waiver_yusuf",
        "late",
        "He needed them for an event on Saturday. A regular customer: he buys a dozen phones a year.",
        "requested",
    ),
)


class CrmDemoCancellations(models.AbstractModel):
    """Cancel some of the demo shop's orders. Only the demo files call this."""

    _name = "crm.demo.cancellations"
    _description = "Demo Data: Cancelled Orders of a Phone Shop"

    @api.model
    def _load(self):
        """Let officers fill the forms in, logistics look at the defect; without accounts no fee is invoiced."""
        if not self.env.company.chart_template:
            return
        for demo in CANCELLATIONS:
            order = self.env.ref(f"crm_sop_sales.order_{demo.order}")
            form = self._create(order.with_user(order.user_id), demo)
            if demo.then == "confirmed":
                form.action_confirm()
                self._date_back(form.sudo())
            else:
                form._workflow_do("request", "We promised Friday and the courier was ill: our fault as much as his.")
            xml_id = f"crm_sop_sales.cancellation_{demo.order}"
            self.env["ir.model.data"]._update_xmlids([{"xml_id": xml_id, "record": form, "noupdate": True}])

    def _create(self, order, demo):
        reason = self.env.ref(f"crm_sop_sales.crm_cancellation_reason_{demo.reason}")
        form = order.env["crm.cancellation"].create(
            {"order_id": order.id, "reason_id": reason.id, "note": demo.note, "date": fields.Date.today()}
        )
        if demo.defect:
            self._sell_out(order)
            units = [Command.set(order.hold_ids.lot_id.ids)]
            form.write({"defective_lot_ids": units, "defect_note": demo.defect, "photo": self._photo()})
            form.with_user(self.env.ref("crm_sop_sales.user_joko")).action_confirm_defect()
        return form

    def _sell_out(self, order):
        """Have no other unit of the model in any shop: a wholesaler took them all."""
        product = order.order_line.product_id.filtered("is_imei")
        quants = self.env["stock.quant"].search(
            [("product_id", "=", product.id), ("location_id.usage", "=", "internal"), ("reserved_quantity", "=", 0)]
        )
        held = self.env["crm.imei.hold"].search([("product_id", "=", product.id), ("state", "=", "held")]).lot_id
        for quant in quants.filtered(lambda quant: quant.lot_id not in held):
            quant.with_context(inventory_mode=True).inventory_quantity = 0
            quant.action_apply_inventory()

    def _photo(self):
        """Return the picture of a screen with a line across it."""
        picture = Image.new("RGB", (300, 600), "#20242c")
        pen = ImageDraw.Draw(picture)
        pen.rectangle((20, 40, 280, 560), fill="#3f6ea5")
        pen.line((20, 210, 280, 230), fill="#f4f4f4", width=5)
        content = io.BytesIO()
        picture.save(content, "PNG")
        return base64.b64encode(content.getvalue())

    def _date_back(self, form):
        """Cancel on the day after the order was made."""
        order = form.order_id
        days = (fields.Datetime.now() - order.date_order).days - 1
        if days <= 0:
            return
        self.env.flush_all()
        orders = self.env["crm.demo.orders"]
        for table, column, ids in (
            ("crm_cancellation", "date", form.ids),
            ("crm_cancellation", "confirmed_at", form.ids),
            ("crm_workflow_log", "date", form.workflow_log_ids.ids),
            ("crm_workflow_log", "date", order.workflow_log_ids[:1].ids),
        ):
            orders._shift(table, column, ids, days)
        self.env.invalidate_all()
