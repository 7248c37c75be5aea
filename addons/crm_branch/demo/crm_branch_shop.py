"""Demo: the shops of Kaktus Telekom in Kraków and Poznań sell, run short, meet, and hand out leaflets."""

import base64
import io
from datetime import timedelta

from dateutil.relativedelta import relativedelta
from PIL import Image, ImageDraw

from odoo import Command, api, fields, models

PDF = base64.b64encode(
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
    b"trailer<</Root 1 0 R>>"
)
#: Product → price, norm at each branch, stock in Kraków and in Poznań.
PRODUCTS = {
    "router": (229, 8, 3, 9),
    "phone_case": (49, 20, 22, 6),
    "cable": (29, 25, 40, 30),
    "charger": (79, 12, 4, 12),
    "powerbank": (119, 6, 7, 1),
}
#: Officer, customer, product, pieces, how many days ago.
SALES = (
    ("ania", "nowicka", "router", 1, 68),
    ("ania", "kaczmarek", "cable", 3, 61),
    ("kasia", "dudek", "phone_case", 2, 58),
    ("ania", "wrobel", "charger", 1, 40),
    ("ania", "nowicka", "phone_case", 1, 37),
    ("kasia", "pawlak", "router", 2, 35),
    ("kasia", "dudek", "powerbank", 1, 33),
    ("ania", "grzegorz_sikora", "router", 1, 30),
    ("ania", "zajac", "powerbank", 2, 12),
    ("kasia", "krawczyk", "charger", 1, 9),
    ("ania", "kaczmarek", "router", 1, 5),
    ("kasia", "michalak", "phone_case", 3, 2),
)
#: Product, person, planned units a month.
PLANS = (("router", "ania", 3), ("phone_case", "ania", 10), ("router", "kasia", 4), ("powerbank", "kasia", 2))


class CrmDemoBranchShop(models.AbstractModel):
    """Fill the demo shops by the steps that their people take. Only the demo files call this."""

    _name = "crm.demo.branch.shop"
    _description = "Shop Demo"

    @api.model
    def _load(self):
        """Stock, norms, sales, plans, meetings, complaints, campaigns and displays, told from today's date back."""
        if self._ref("branch_krakow").warehouse_id:
            return
        self = self.with_context(allowed_company_ids=self._ref("company_kaktus").ids)  # noqa: PLW0642
        self._make_stock()
        self._sell()
        self._plan()
        self._complain()
        self._campaign()
        self._display()
        self._meet()
        level = self.env["crm.stock.level"].with_user(self._ref("user_tomek"))
        self.env.flush_all()
        level.action_order()

    def _ref(self, name):
        return self.env.ref(f"crm_branch.{name}")

    def _as(self, model, user):
        user = self._ref(f"user_{user}")
        return self.env[model].with_user(user).with_context(allowed_company_ids=user.company_id.ids, lang=user.lang)

    # === STOCK AND SALES === #

    def _make_stock(self):
        company = self._ref("company_kaktus")
        warsaw = self.env["stock.warehouse"].search([("company_id", "=", company.id)], limit=1)
        warsaw = warsaw or warsaw.create({"name": "Warszawa", "code": "WAW", "company_id": company.id})
        self._ref("branch_warszawa").warehouse_id = warsaw
        for place, code, stocks in (("krakow", "KRK", 2), ("poznan", "POZ", 3)):
            branch = self._ref(f"branch_{place}")
            branch.warehouse_id = self.env["stock.warehouse"].create(
                {"name": branch.name, "code": code, "company_id": company.id}
            )
            for name, numbers in PRODUCTS.items():
                product = self._ref(f"product_{name}")
                product.list_price = numbers[0]
                self._put(product, branch.warehouse_id, numbers[stocks] + 6)
                self._as("stock.warehouse.orderpoint", "halina").create(
                    {
                        "product_id": product.id,
                        "warehouse_id": branch.warehouse_id.id,
                        "location_id": branch.warehouse_id.lot_stock_id.id,
                        "company_id": company.id,
                        "product_min_qty": numbers[1],
                        "product_max_qty": numbers[1],
                        "trigger": "manual",
                    }
                )
        for name in PRODUCTS:
            product = self._ref(f"product_{name}")
            self._put(product, warsaw, 150)
            self.env["product.document"].create(
                {
                    "name": f"{product.name}.pdf",
                    "datas": PDF,
                    "res_model": "product.template",
                    "res_id": product.product_tmpl_id.id,
                    "is_instruction": True,
                }
            )

    def _put(self, product, warehouse, quantity):
        self.env["stock.quant"]._update_available_quantity(product, warehouse.lot_stock_id, quantity)

    def _sell(self):
        if "approval_state" in self.env["sale.order"]._fields:
            return  # another addon lets somebody approve orders first: no story of a counter
        for officer, customer, product, quantity, days in SALES:
            line = {"product_id": self._ref(f"product_{product}").id, "product_uom_qty": quantity}
            order = self._as("sale.order", officer).create(
                {"partner_id": self._ref(f"partner_{customer}").id, "order_line": [Command.create(line)]}
            )
            order.action_confirm()
            moment = fields.Datetime.now() - timedelta(days=days)
            order.sudo().write({"date_order": moment})
            order.sudo().picking_ids.write({"date_done": moment})

    # === PLANS AND MEETINGS === #

    def _plan(self):
        month = self._ref("branch_krakow")._today().replace(day=1)
        for product, person, target in PLANS:
            user = self._ref(f"user_{person}")
            for months in (0, 1, 2):
                self.env["crm.sales.plan"].create(
                    {
                        "branch_id": user.branch_ids[:1].id,
                        "user_id": user.id,
                        "product_id": self._ref(f"product_{product}").id,
                        "month": month - relativedelta(months=months),
                        "target": target,
                    }
                )

    def _meet(self):
        """Hold and close last month's meeting in Kraków, and plan the ones to come."""
        meetings = self.env["crm.sales.meeting"].with_context(no_mail_to_attendees=True)
        branch = self._ref("branch_krakow")
        month = branch._today().replace(day=1) - relativedelta(months=1)
        day = branch.company_id._meeting_day(month)
        meeting = meetings.create(meetings._prepare_meeting_vals(branch, month, day))
        meeting._attach_report()
        held = meeting.with_user(self._ref("user_marek"))
        held.action_everybody_came()
        held.decisions = "<p>Routery na wystawę od poniedziałku; każdy klient z kończącą się umową dostaje ulotkę.</p>"
        held.action_hold()
        held.action_close()
        meetings._cron_meetings()

    # === COMPLAINTS === #

    def _complain(self):
        company = self._ref("company_kaktus")
        self.env["crm.complaint.terms"].create(
            {
                "company_id": company.id,
                "valid_from": fields.Date.today() - timedelta(days=400),
                "body": "<p>Reklamację rozpatruje centrala w ciągu 14 dni od jej przyjęcia. Odpowiedź przekazuje "
                "klientowi punkt sprzedaży, telefonicznie lub e-mailem. Do reklamacji produktu klient przedkłada kartę "
                "gwarancyjną i dowód zakupu.</p>",
            }
        )
        self._take(
            "piotrek",
            "grzegorz_sikora",
            "router",
            "Router co godzinę traci połączenie.",
            "Oprogramowanie jest aktualne.",
            16,
        )
        answered = self._take("kasia", "dudek", "powerbank", "Powerbank nie ładuje.", "Brak śladów uszkodzenia.", 8)
        answered = answered.with_user(self._ref("user_halina"))
        answered.write({"decision": "accepted", "answer": "<p>Wymiana na nowy egzemplarz, do odbioru w punkcie.</p>"})
        answered.action_answer()
        self._take("piotrek", "kaczmarek", "cable", "Wtyczka jest luźna.", "Widoczne zużycie.", 0, send=False)

    def _take(self, officer, customer, product, description, opinion, days, send=True):
        report = self._as("crm.complaint.report", officer).create(
            {
                "partner_id": self._ref(f"partner_{customer}").id,
                "product_id": self._ref(f"product_{product}").id,
                "received_on": self._ref("branch_krakow")._today() - timedelta(days=days),
                "description": f"<p>{description}</p>",
                "opinion": f"<p>{opinion}</p>",
                "demand": "Wymiana",
                "warranty_card": PDF,
                "warranty_card_name": "karta_gwarancyjna.pdf",
                "proof_of_purchase_missing": "Klient nie zachował paragonu",
            }
        )
        if send:
            report.action_acknowledge_terms()
            report.action_send()
        return report

    # === LEAFLETS AND WINDOWS === #

    def _campaign(self):
        self._ref("company_kaktus").campaign_product_id = self._ref("product_leaflets")
        today = self._ref("branch_krakow")._today()
        values = {
            "vendor_id": self._ref("partner_printer").id,
            "artwork": PDF,
            "artwork_name": "ulotka.pdf",
            "quantity": 2000,
            "price": 0.18,
        }
        campaign = self._as("crm.campaign", "ania").create(
            {
                **values,
                "name": "Światłowód na Starym Mieście",
                "date_start": today - timedelta(days=20),
                "date_end": today + timedelta(days=20),
            }
        )
        campaign.action_request()
        campaign.with_user(self._ref("user_marek")).action_order()
        campaign.received_quantity = 1980
        campaign.action_receive()
        handouts = self._as("crm.campaign.handout", "ania")
        for quantity, hired, place, days in (
            (350, False, "Przy ladzie", 10),
            (600, "Jan Kowalski", "Rynek Główny, ul. Floriańska", 6),
            (420, "Jan Kowalski", "ul. Karmelicka", 2),
        ):
            moment = fields.Datetime.now() - timedelta(days=days)
            handouts.create(
                {
                    "campaign_id": campaign.id,
                    "quantity": quantity,
                    "hired_name": hired,
                    "place": place,
                    "handed_at": moment,
                }
            )
        for customer in ("nowicka", "zajac"):
            partner = self._ref(f"partner_{customer}")
            self._as("crm.lead", "ania").create(
                {
                    "name": f"Światłowód: {partner.name}",
                    "partner_id": partner.id,
                    "campaign_id": campaign.utm_campaign_id.id,
                    "type": "opportunity",
                }
            )
        second = self._as("crm.campaign", "kasia").create(
            {**values, "name": "Powrót na studia", "quantity": 1500, "date_start": today + timedelta(days=7)}
        )
        second.action_request()

    def _display(self):
        today = self._ref("branch_krakow")._today()
        done = self._task("ania", "marek", "Witryna z routerami", today - timedelta(days=1), "router", "cable")
        done.write({"photo_before": self._photo(1), "photo_after": self._photo(4)})
        done.action_finish()
        good = self._task("ania", "marek", "Jesienne akcesoria", today - timedelta(days=25), "phone_case", "powerbank")
        good.write({"photo_before": self._photo(0), "photo_after": self._photo(5)})
        good.action_finish()
        good.with_user(self._ref("user_marek")).action_approve()
        self._task("kasia", "tomek", "Witryna studencka", today - timedelta(days=3), "powerbank", "charger")

    def _task(self, officer, manager, name, due, *products):
        user = self._ref(f"user_{officer}")
        task = self._as("crm.display.task", manager).create(
            {
                "name": name,
                "user_id": user.id,
                "date_due": due,
                "guidance": "<p>Ulotki po prawej stronie, cena widoczna z ulicy.</p>",
                "product_ids": [Command.set([self._ref(f"product_{product}").id for product in products])],
            }
        )
        return task.with_user(user)

    def _photo(self, boxes):
        """Return a picture of a window with so many boxes in it."""
        image = Image.new("RGB", (640, 400), "#d7e3ea")
        draw = ImageDraw.Draw(image)
        draw.rectangle((20, 20, 620, 380), outline="#43586a", width=10)
        draw.rectangle((30, 320, 610, 372), fill="#a98e6d")
        for box in range(boxes):
            left = 60 + box * 110
            draw.rectangle(
                (left, 200 - 15 * (box % 2), left + 80, 320), fill=("#1f7a5c", "#d9822b", "#28548a")[box % 3]
            )
        stream = io.BytesIO()
        image.save(stream, "PNG")
        return base64.b64encode(stream.getvalue())
