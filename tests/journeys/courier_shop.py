"""Deliveries of couriers: what the office does before a run leaves and after it is back, and the courier's phone."""

import base64
import io
from datetime import UTC, datetime, timedelta

from PIL import Image
from playwright.sync_api import expect

from .browser import Person
from .phone_shop import Journey, hire, imei, offer

PHONE, PRICE = "Garuda Z3 256 GB", 3_330_000
COMMITTEE = "endang"
STROKE = ((40, 150), (90, 60), (140, 170), (190, 70), (240, 160), (290, 90))


def picture():
    """Return a photo as a camera takes it."""
    data = io.BytesIO()
    Image.effect_noise((2400, 1800), 60).convert("RGB").save(data, "JPEG")
    return {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": data.getvalue()}


def utc(moment):
    return moment.strftime("%Y-%m-%d %H:%M:%S")


class Office:
    """Everything about a run that isn't done at a door, by the JSON API, as the one who does it."""

    def __init__(self, server):
        self.server, self.admin = server, server.api("admin")
        hire(self.admin)
        self._hire(COMMITTEE, "crm_courier.group_pic")
        self.journey = Journey(self.admin, offer(self.admin, PHONE))
        self.officer, self.manager = server.api("wulan"), server.api("rudi")
        self.logistics, self.pic = server.api("slamet"), server.api(COMMITTEE)
        self.bank = self.admin.create("res.bank", name="Bank Nusantara", phone="+62 21 5000 1500")
        company = self.admin.ref("base.main_company")
        journal = self.admin.create("account.journal", name="EDC", code="EDCJ", type="bank")
        self.admin.call("res.company", "write", [company], {"courier_card_journal_id": journal})
        (warehouse,) = self.admin.call(
            "stock.warehouse", "search_read", [], fields=["lot_stock_id", "out_type_id"], limit=1, order="id"
        )
        self.place, self.kind = warehouse["lot_stock_id"][0], warehouse["out_type_id"][0]
        self.received = 0

    def _hire(self, login, role):
        admin, user = self.admin, self.admin.ref("base.group_user")
        branch = admin.ref("crm_base.crm_branch_headquarters")
        access = {"group_ids": [[6, 0, [user, admin.ref(role)]]], "branch_ids": [[6, 0, [branch]]]}
        admin.create("res.users", name=login.title(), login=login, password=login, tz="Asia/Jakarta", **access)

    def hire_courier(self, login):
        """Have one more courier, whose runs the office sends out from now on."""
        self._hire(login, "crm_courier.group_courier")
        self.courier = self.server.api(login)

    def receive(self, count):
        """Have so many more units in the shop."""
        for _ in range(count):
            self.received += 1
            lot = self.admin.create("stock.lot", name=imei(800_000 + self.received), product_id=self.journey.product)
            quant = self.admin.create(
                "stock.quant",
                product_id=self.journey.product,
                location_id=self.place,
                lot_id=lot,
                inventory_quantity=1,
            )
            self.admin.call("stock.quant", "action_apply_inventory", [quant])

    def sell(self, customer, quantity=1, card=False):
        """Return the order of a customer in Jakarta, confirmed."""
        admin = self.admin
        country, state = admin.ref("base.id"), admin.ref("base.state_id_jk")
        address = {"street": "Jl. HR Rasuna Said 1", "city": "Jakarta Selatan", "zip": "12940"}
        partner = admin.create(
            "res.partner", name=customer, phone="0812-3456-7890", country_id=country, state_id=state, **address
        )
        line = {"product_id": self.journey.product, "product_uom_qty": quantity}
        values = {"partner_id": partner, "order_line": [[0, 0, line]]}
        if card:
            values |= {"payment_choice": "card", "card_bank_id": self.bank, "card_kind": "credit"}
        order = self.officer.create("sale.order", **values)
        self.officer.call("sale.order", "action_submit", [order])
        self.manager.call("sale.order", "action_approve", [order])
        self.officer.call("sale.order", "action_confirm", [order])
        return order

    def deliveries(self, order):
        """Return the ids of the order's deliveries that are to be made."""
        domain = [
            ["sale_id", "=", order],
            ["state", "not in", ["done", "cancel"]],
            ["picking_type_code", "=", "outgoing"],
        ]
        return self.admin.call("stock.picking", "search", domain)

    def send_out(self, *orders):
        """Plan, review, load and leave, each as the one who does it; return the run."""
        now = datetime.now(UTC)
        terminal = self.admin.create("crm.courier.terminal", name="EDC", serial=f"NUS-{orders[0]}-{now:%H%M%S}")
        run = self.logistics.create(
            "stock.picking.batch",
            is_courier_run=True,
            picking_type_id=self.kind,
            user_id=self.courier.user,
            terminal_id=terminal,
            starts_at=utc(now),
            ends_at=utc(now + timedelta(hours=3)),
        )
        for order in orders:
            for picking in self.deliveries(order):
                self.admin.call("stock.picking", "action_assign", [picking])
                self.logistics.create("crm.courier.stop", run_id=run, picking_id=picking)
        self.pic.call("stock.picking.batch", "action_review", [run])
        units = self.courier.call("crm.courier.unit", "search", [["run_id", "=", run]])
        self.courier.call("crm.courier.unit", "action_load", units)
        needed = [["run_id", "=", run], ["is_needed", "=", True]]
        self.courier.call(
            "crm.courier.equipment.check",
            "action_toggle",
            self.courier.call("crm.courier.equipment.check", "search", needed),
        )
        self.courier.call("stock.picking.batch", "action_load", [run])
        self.courier.call("stock.picking.batch", "action_leave", [run])
        return run

    def stop(self, run, *fields):
        """Return the fields of a run's only stop."""
        return self.admin.find("crm.courier.stop", {"run_id": run}, "id", *fields)

    def question(self, run):
        """Return the id of what the courier asked about."""
        return self.admin.find("crm.courier.replacement", {"stop_id": self.stop(run)["id"]}, "id")["id"]

    def answer(self, run, button):
        """Answer the courier by the dialog that the officer has: with what it proposes, or “none”."""
        dialog = self.officer.create("crm.courier.answer", replacement_id=self.question(run))
        self.officer.call("crm.courier.answer", button, [dialog])

    def count(self, run, cash=0, units_back=0):
        """Count what the courier brought back, and hand the run over; close it: no proof is missing (SOP-13)."""
        dialog = self.officer.create("crm.courier.count", run_id=run, units_back=units_back, equipment_back=True)
        lines = self.officer.call("crm.courier.count.line", "search", [["count_id", "=", dialog]])
        received = {"proof_received": True, "payment_proof_received": True, "cash_counted": cash}
        self.officer.call("crm.courier.count.line", "write", lines, received)
        self.officer.call("crm.courier.count", "action_confirm", [dialog])
        self.officer.call("stock.picking.batch", "action_close", [run])

    def state(self, model, record, name="state"):
        """Return one field of one record."""
        return self.admin.read(model, [record], name)[0][name]


class Phone(Person):
    """The courier's phone: 390 dots wide, touched by fingers."""

    device = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}

    def begin(self):
        """Open the day."""
        self.page.goto("/odoo/deliver")
        expect(self.page.locator(".o_courier_network")).to_be_visible()

    def open_stop(self, customer):
        self.page.locator(".o_courier_card", has_text=customer).click()
        expect(self.page.locator(".o_courier_stop")).to_be_visible()

    def read_answer(self):
        """CRM's answer comes by itself; close what announces it."""
        notification = self.page.locator(".o_notification", has_text="Replacement").first
        expect(notification).to_be_visible()
        notification.locator(".o_notification_close").click()
        expect(self.page.locator(".o_notification")).to_have_count(0)

    def step(self, name):
        return self.page.locator(f"[data-step={name}]")

    def press(self, text, within=None):
        (within or self.page).get_by_role("button", name=text).first.click()

    def check_ok(self, index=0):
        self.press("OK", self.page.locator(".o_courier_unit").nth(index))

    def check_damaged(self, note, index=0):
        unit = self.page.locator(".o_courier_unit").nth(index)
        self.press("Damaged", unit)
        unit.locator("textarea").fill(note)
        unit.locator("input[type=file]").set_input_files(picture())
        expect(unit.locator("img")).to_be_visible()
        self.press("It is damaged", unit)

    def verify_card(self):
        for name in ("consent", "holder_present", "signature_matches"):
            self.press("Yes", self.page.locator(f"[data-question={name}]"))
        self.page.get_by_role("radio", name="KTP").click()
        self.step("payment").locator("input[type=file]").set_input_files(picture())
        self.press("Card and identity are checked")

    def swipe(self, result, amount, **texts):
        self.page.locator(f"[data-result={result}]").click()
        for name, text in {"amount": str(amount), **texts}.items():
            self.page.locator(f"input[name={name}]").fill(text)
        self.page.locator(".o_courier_swiped").click()

    def draw(self):
        canvas = self.page.locator(".o_courier_canvas canvas")
        canvas.hover()  # when it doesn't move any more
        box, mouse = canvas.bounding_box(), self.page.mouse
        (left, top), *rest = [(box["x"] + x, box["y"] + y) for x, y in STROKE]
        mouse.move(left, top)
        mouse.down()
        for x, y in rest:
            mouse.move(x, y)
        mouse.up()

    def sign_all(self):
        """Have the customer sign one paper after the other."""
        papers = self.step("sign").locator("[data-document]")
        self.press("Sign", papers.first)
        titles = papers.locator(".fw-bold").all_inner_texts()  # no sooner: the step opens when the one before is done
        for title in titles:
            expect(self.page.locator(".modal-title")).to_contain_text(title)
            self.draw()
            self.press("Signed", self.page.locator(".o_courier_signature"))
        expect(self.page.locator(".o_courier_signature")).to_have_count(0)

    def say(self, outcome, note=None):
        self.page.locator(f"[data-outcome={outcome}]").click()
        if note:
            self.step("outcome").locator("textarea").fill(note)
        self.page.locator(".o_courier_done").click()

    def all_sent(self):
        expect(self.page.locator(".o_courier_network")).to_contain_text("All sent")

    def is_over(self, text):
        """The server has taken what came of the delivery."""
        expect(self.page.locator(".o_courier_over")).to_contain_text(text)

    def come_back(self):
        self.page.get_by_role("button", name="Back", exact=True).click()
        self.press("I am back at the office")
        self.press("I am back", self.page.locator(".modal:visible"))
        expect(self.page.get_by_text("No run on the road")).to_be_visible()

    def everything_fits(self):
        """Nothing is wider than the screen, and what is pressed is as large as a thumb."""
        width = self.page.evaluate("document.querySelector('.o_courier_door').scrollWidth")
        assert width <= self.device["viewport"]["width"], width
        buttons = self.page.locator(".o_courier_door .btn:visible, .modal .btn:visible")
        small = [box for box in (button.bounding_box() for button in buttons.all()) if box and box["height"] < 44]
        assert not small, small

    def kept(self):
        """Return what is in the phone's own database, as text."""
        return self.page.evaluate(
            """async () => {
                const names = (await indexedDB.databases()).map((one) => one.name);
                const found = {};
                for (const name of names.filter((one) => one.startsWith("crm_courier"))) {
                    const db = await new Promise((resolve) => {
                        const request = indexedDB.open(name);
                        request.onsuccess = () => resolve(request.result);
                    });
                    for (const table of db.objectStoreNames) {
                        found[table] = await new Promise((resolve) => {
                            const request = db.transaction(table).objectStore(table).getAll();
                            request.onsuccess = () => resolve(request.result);
                        });
                    }
                    db.close();
                }
                return JSON.stringify(found);
            }"""
        )


def is_jpeg(data):
    return base64.b64decode(data).startswith(b"\xff\xd8\xff")
