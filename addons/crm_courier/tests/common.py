import base64
import io
import uuid

from PIL import Image, ImageDraw

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.crm_sop_sales.tests.common import PhoneShopCase, luhn


def drawing(kind="PNG", size=(300, 120), line=((20, 90), (120, 20), (280, 90)), mode="RGBA"):
    """Return a picture as a phone sends it, in base64: a line on a transparent or black ground, or nothing."""
    image = Image.new(mode, size)
    if line:
        ImageDraw.Draw(image).line(line, fill="navy" if mode == "RGBA" else "white", width=3)
    data = io.BytesIO()
    image.save(data, kind)
    return base64.b64encode(data.getvalue()).decode()


@tagged("post_install", "-at_install")
class CourierCase(PhoneShopCase):
    """A shop whose couriers deliver: orders with units, runs, and somebody in every role."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.branch = cls.env["crm.branch"].create(
            {"name": "Kuningan", "code": "TKU", "tz": "Asia/Jakarta", "warehouse_id": cls.warehouse.id}
        )
        cls.courier = cls._create_user("courier", "crm_courier.group_courier", tz="Asia/Jakarta")
        cls.other_courier = cls._create_user("other_courier", "crm_courier.group_courier")
        cls.pic = cls._create_user("pic", "crm_courier.group_pic")
        cls.stranger = cls._create_user("stranger", "crm_base.group_officer")
        cls.branch.user_ids = [Command.set((cls.officer | cls.manager).ids)]
        cls.case = cls.env["product.product"].create(
            {"name": "Case", "list_price": 100_000, "is_storable": True, "taxes_id": False, "barcode": "8991234500017"}
        )
        cls.env["stock.quant"]._update_available_quantity(cls.case, cls.location, 100)
        cls.kind = cls.warehouse.out_type_id

    @classmethod
    def _create_delivery(cls, quantity=1, cases=0, product=None, partner=None):
        """Sell phones, and perhaps cases, so that their delivery is ready."""
        product = product or cls.phone
        cls._create_units(product, quantity)
        partner = partner or cls.partner
        lines = [Command.create({"product_id": product.id, "product_uom_qty": quantity})]
        if cases:
            lines.append(Command.create({"product_id": cls.case.id, "product_uom_qty": cases}))
        order = cls.env["sale.order"].with_user(cls.officer).create({"partner_id": partner.id, "order_line": lines})
        order.action_submit()
        order.with_user(cls.manager).action_approve()
        order.action_confirm()
        picking = order.sudo().picking_ids
        picking.action_assign()
        return picking.with_env(cls.env)

    @classmethod
    def _create_run(cls, *pickings, user=None, courier=None, **values):
        """Plan a run, as logistics."""
        start = fields.Datetime.now()
        run = (
            cls.env["stock.picking.batch"]
            .with_user(user or cls.logistics)
            .create(
                {
                    "is_courier_run": True,
                    "picking_type_id": cls.kind.id,
                    "user_id": (courier or cls.courier).id,
                    "starts_at": start,
                    "ends_at": fields.Datetime.add(start, hours=3),
                    **values,
                }
            )
        )
        for picking in pickings:
            run.env["crm.courier.stop"].create({"run_id": run.id, "picking_id": picking.id})
        return run.with_env(cls.env)

    @classmethod
    def _create_reviewed(cls, *pickings, **values):
        run = cls._create_run(*pickings, **values)
        run.with_user(cls.pic).action_review()
        return run

    @classmethod
    def _load(cls, run):
        """Load everything, as its courier."""
        theirs = run.with_user(run.user_id)
        theirs.unit_ids.action_load()
        theirs.equipment_ids.filtered(lambda check: check.is_needed and not check.taken_at).action_toggle()
        theirs.action_load()
        return run

    @classmethod
    def _create_on_road(cls, *pickings, **values):
        run = cls._load(cls._create_reviewed(*pickings, **values))
        run.with_user(run.user_id).action_leave()
        return run

    @classmethod
    def _say(cls, stop, outcome, note=None, back=None, user=None, **entries):
        """Say what came of a stop, as the courier does in the dialog; unchecked goods are in order, and signed for."""
        stop = stop.with_user(user or stop.run_id.user_id)
        if outcome in ("delivered", "partly") and stop.outcome in (False, "not_home") and stop.run_state == "on_road":
            stop.action_check_rest()
            cls._sign(stop)
        wizard = stop.env["crm.courier.outcome"].create(
            {
                "stop_id": stop.id,
                "outcome": outcome,
                "note": note,
                "back_unit_ids": [Command.set(back.ids)] if back else False,
                **entries,
            }
        )
        return wizard.action_confirm()

    @classmethod
    def _sign(cls, stop, *documents, name="Dewi"):
        """Sign the papers that aren't signed yet, on the courier's phone."""
        stop = stop.with_user(stop.run_id.user_id)
        for document in documents or stop._unsigned_documents():
            stop._door_sign({"document": document, "name": name, "image": drawing()})

    @classmethod
    def _entry(cls, stop, kind, **values):
        """Return an entry as the phone makes it."""
        made_at = fields.Datetime.now().isoformat() + "Z"
        return {"uuid": str(uuid.uuid4()), "stop_id": stop.id, "kind": kind, "made_at": made_at, "values": values}

    @classmethod
    def _send(cls, user, *entries):
        """Send entries, as a phone of the user."""
        return cls.env["crm.courier.stop"].with_user(user).courier_send(list(entries))

    @classmethod
    def _create_back(cls, *pickings, **values):
        """Deliver everything, with proof and money, and come back."""
        run = cls._create_on_road(*pickings, **values)
        for stop in run.stop_ids:
            cls._say(stop, "delivered", has_proof=True, has_payment_proof=True, cash_collected=stop.to_collect)
        run.with_user(run.user_id).action_come_back()
        return run

    @classmethod
    def _count(cls, run, user=None, proof=True, slip=True, cash=None, units_back=0, equipment=True):
        """Count what came back, as CRM does in the dialog."""
        theirs = run.with_user(user or cls.officer)
        theirs.action_count()
        wizard = theirs.env["crm.courier.count"].create({"run_id": run.id})
        for line in wizard.line_ids:
            line.proof_received = proof
            line.payment_proof_received = slip
            line.cash_counted = line.stop_id.sudo().to_collect if cash is None else cash
        wizard.write({"units_back": units_back, "equipment_back": equipment})
        return wizard.action_confirm()

    def _scan(self, run, code, user=None):
        return run.with_user(user or run.user_id).action_scan(code)


__all__ = ["CourierCase", "drawing", "luhn"]
