"""Demo: customers of Kraków and Poznań with a contract in every state; some end soon, one was renewed, three left."""

import base64
import io
from datetime import datetime, time, timedelta

from PIL import Image, ImageDraw

from odoo import api, models
from odoo.fields import Command, Date
from odoo.tools import SQL

SERVICES = {
    "crm_branch.product_mobile": ("Abonament komórkowy M, 50 GB", 55.0),
    "crm_branch.product_internet": ("Internet domowy 600 Mb/s", 79.0),
    "crm_branch.product_television": ("Telewizja Kaktus, 120 kanałów", 39.0),
}
FORMS = {
    "crm_branch.template_mobile": ("Abonament komórkowy, 24 miesiące", 24, ("crm_branch.product_mobile",)),
    "crm_branch.template_home": (
        "Internet z telewizją, 12 miesięcy",
        12,
        ("crm_branch.product_internet", "crm_branch.product_television"),
    ),
}
CHECKS = (
    "Dowód osobisty okazany i zgodny z danymi",
    "Adres zameldowania potwierdzony",
    "Regulamin świadczenia usług wręczony",
)
CLAUSES = """
<ol>
<li>Usługi świadczone są od dnia rozpoczęcia umowy przez czas w niej oznaczony.</li>
<li>Opłata abonamentowa płatna jest z góry za każdy okres, w terminie 14 dni od dnia wystawienia faktury.</li>
<li>Opłatę można wnieść bez prowizji w każdym punkcie sprzedaży.</li>
<li>Po upływie czasu oznaczonego umowa wygasa, o ile Klient jej nie przedłuży.</li>
</ol>
"""
KRAKOW, POZNAN = "crm_branch.branch_krakow", "crm_branch.branch_poznan"
ANIA, KASIA = "crm_branch.user_ania", "crm_branch.user_kasia"
MOBILE, HOME = FORMS
#: Contracts of the past: name, street, postal code, branch, form, days until the end, and what the customer said.
PAST = (
    ("Katarzyna Dudek", "ul. Karmelicka 32/8", "31-128", KRAKOW, MOBILE, 5, None),
    ("Tadeusz Bąk", "ul. Starowiślna 41", "31-038", KRAKOW, MOBILE, 12, None),
    ("Zuzanna Krawczyk", "ul. Krowoderska 17/3", "31-141", KRAKOW, HOME, 21, ("undecided", -1)),
    ("Ryszard Walczak", "ul. Kalwaryjska 60", "30-504", KRAKOW, HOME, 28, ("extend", None)),
    ("Agnieszka Stępień", "ul. Lea 114/22", "30-133", KRAKOW, MOBILE, 35, ("not_extend", "competitor")),
    ("Piotr Gajda", "ul. Mogilska 9", "31-516", KRAKOW, MOBILE, 49, ("not_reached", None)),
    ("Helena Rutkowska", "os. Kolorowe 12/5", "31-939", KRAKOW, HOME, 200, None),
    ("Bogdan Sobczak", "ul. Zakopiańska 85", "30-418", KRAKOW, MOBILE, 410, None),
    ("Irena Pietrzak", "ul. Dietla 77/4", "31-054", KRAKOW, HOME, -20, ("not_extend", "price")),
    ("Marian Czarnecki", "ul. Wielicka 44", "30-552", KRAKOW, HOME, -52, ("not_extend", "moved")),
    ("Urszula Kołodziej", "ul. Limanowskiego 24", "30-551", KRAKOW, HOME, -8, ("extend", None)),
    ("Damian Szewczyk", "ul. Głogowska 108/6", "60-205", POZNAN, MOBILE, 9, None),
    ("Renata Jasińska", "ul. Dąbrowskiego 51", "60-844", POZNAN, HOME, 40, None),
    ("Artur Michalak", "os. Piastowskie 33", "61-149", POZNAN, MOBILE, 300, None),
    ("Krystyna Wilk", "ul. Garbary 18/2", "61-867", POZNAN, HOME, -30, ("not_extend", "quality")),
)
#: Contracts of these days: name, street, postal code, form, and how far they have come.
PRESENT = (
    ("Joanna Kubiak", "ul. Szewska 5/11", "31-009", MOBILE, "draft"),
    ("Wojciech Maciejewski", "ul. Sławkowska 20", "31-014", HOME, "returned"),
    ("Sylwia Kaczmarczyk", "ul. Rakowicka 3/7", "31-511", MOBILE, "sent"),
    ("Robert Zawadzki", "ul. Bracka 13", "31-005", HOME, "sent"),
    ("Danuta Brzezińska", "ul. Józefa 21/4", "31-056", MOBILE, "approved"),
    ("Henryk Makowski", "al. Krasińskiego 2", "31-111", MOBILE, "submitted"),
    ("Beata Urbańska", "ul. Lubicz 30/15", "31-512", HOME, "submitted"),
    ("Sebastian Ostrowski", "ul. Czarnowiejska 66", "30-054", MOBILE, "signed"),
    ("Małgorzata Chmielewska", "ul. Miodowa 8/1", "31-055", HOME, "signed"),
)


class CrmDemoContract(models.AbstractModel):
    _name = "crm.demo.contract"
    _description = "Contract Demo"

    @api.model
    def _load(self):
        """Publish the forms, and let the customers sign."""
        self = self.with_context(  # noqa: PLW0642
            tracking_disable=True, mail_activity_quick_update=True, mail_notify_force_send=False
        )
        self._make_forms()
        for number, (*person, branch, form, days, said) in enumerate(PAST):
            contract = self._make_past(number, person, branch, form, days)
            if said:
                self._hear(contract, *said)
            if days < 0:
                contract._workflow_do("end")
        self._make_present()
        self.env["mail.mail"].search([("model", "=", "contract.contract"), ("state", "=", "outgoing")]).unlink()

    def _keep(self, xmlid, record):
        self.env["ir.model.data"]._update_xmlids([{"xml_id": xmlid, "record": record, "noupdate": True}])
        return record

    # === FORMS === #

    def _make_forms(self):
        company = self.env.ref("crm_branch.company_kaktus")
        halina = self.env.ref("crm_branch.user_halina")
        for xmlid, (name, price) in SERVICES.items():
            service = {"name": name, "type": "service", "list_price": price, "company_id": company.id}
            self._keep(xmlid, self.env["product.product"].with_company(company).create(service))
        for xmlid, (name, months, services) in FORMS.items():
            lines = [
                Command.create(
                    {
                        "product_id": self.env.ref(service).id,
                        "name": SERVICES[service][0],
                        "specific_price": SERVICES[service][1],
                        "quantity": 1,
                    }
                )
                for service in services
            ]
            template = self.env["contract.template"].create(
                {"name": name, "company_id": company.id, "contract_type": "sale", "contract_line_ids": lines}
            )
            self._keep(xmlid, template)
            self._make_form(template, months)
            material = self.env["crm.material"].create(
                {"name": name, "kind": "contract_template", "company_id": company.id, "user_id": halina.id}
            )
            version = self.env["crm.material.version"].create(
                {"material_id": material.id, "contract_template_id": template.id, "changes": "Ceny od tego miesiąca"}
            )
            version.with_user(halina).action_publish()

    def _make_form(self, template, months):
        fields = self.env["ir.model.fields"]
        required = [fields._get("res.partner", name).id for name in ("street", "zip", "city", "phone")]
        self.env["crm.contract.form"].create(
            {
                "template_id": template.id,
                "duration_months": months,
                "clauses": CLAUSES,
                "partner_field_ids": [Command.set(required)],
                "requirement_ids": [
                    Command.create({"name": name, "sequence": number}) for number, name in enumerate(CHECKS)
                ],
            }
        )

    # === CONTRACTS === #

    def _make_contract(self, person, branch, form, **values):
        """Have an officer prepare a contract for a new customer, who has given consent."""
        name, street, zip_code = person
        officer = KASIA if branch == POZNAN else ANIA
        branch = self.env.ref(branch)
        user = self.env.ref(officer)
        number = sum(map(ord, name + street)) * 7919 % 1_000_000
        customer = self.env["res.partner"].create(
            {
                "name": name,
                "street": street,
                "zip": zip_code,
                "city": "Poznań" if branch.code == "POZ" else "Kraków",
                "country_id": self.env.ref("base.pl").id,
                "phone": f"+48 512 {number // 1000:03} {number % 1000:03}",
                "lang": "pl_PL",
            }
        )
        purpose = self.env.ref("crm_branch.consent_purpose_contract")
        consent = {"partner_id": customer.id, "branch_id": branch.id, "channel": "paper"}
        consents = self.env["crm.consent"].with_user(user).with_company(branch.company_id)
        consents._give([{**consent, **purpose._prepare_snapshot("pl_PL")}])
        contracts = self.env["contract.contract"].with_user(user).with_company(branch.company_id)
        values = {"partner_id": customer.id, "contract_template_id": self.env.ref(form).id, **values}
        contract = contracts.create({"branch_id": branch.id, **values})
        contract.check_ids.is_present = True
        return contract

    def _sign(self, contract):
        contract.signature = self._drawing(contract.partner_id.name)
        contract.action_sign()

    def _drawing(self, name):
        """Return a picture that stands for a signature."""
        image = Image.new("RGBA", (420, 120), (255, 255, 255, 0))
        pen = ImageDraw.Draw(image)
        points = [
            (20 + place * 380 / len(name), 60 + (ord(letter) * 37 % 61 - 30)) for place, letter in enumerate(name)
        ]
        pen.line(points, fill=(20, 40, 120, 255), width=4, joint="curve")
        content = io.BytesIO()
        image.save(content, "PNG")
        return base64.b64encode(content.getvalue())

    def _make_past(self, number, person, branch, form, days):
        """Let a contract have been signed and accepted long ago; it is invoiced up to now."""
        today = self.env.ref(branch)._today()
        end = today + timedelta(days=days)
        start = Date.add(end, months=-FORMS[form][1], days=1)
        contract = self._make_contract(person, branch, form, date_start=start, date_end=end)
        self._sign(contract)
        contract.bundle_id.sudo().activity_ids.unlink()
        signed = start - timedelta(days=2 + number % 4)
        contract = contract.sudo()
        bundle = contract.bundle_id
        contract._by_step().write({"bundle_id": False})
        moment = datetime.combine(signed, time(11, number))
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "UPDATE contract_contract SET approval_state = 'active', signed_at = %s, signed_on = %s,"
                " activated_at = %s, date = %s WHERE id = %s",
                moment,
                signed,
                moment + timedelta(days=1),
                signed,
                contract.id,
            )
        )
        self.env.cr.execute(SQL("DELETE FROM crm_contract_bundle WHERE id = %s", bundle.id))
        self.env.invalidate_all()
        self._invoice_until(contract, min(end, today))
        return contract

    def _invoice_until(self, contract, day):
        """Let everything have been invoiced; the last invoice is there to be seen."""
        lines = contract._by_step().contract_line_ids
        while (due := lines[0].recurring_next_date) and Date.add(due, months=1) <= day:
            lines._update_last_date_invoiced()
        if lines[0].recurring_next_date and lines[0].recurring_next_date <= day:
            contract._recurring_create_invoice(lines[0].recurring_next_date)

    def _hear(self, contract, outcome, more):
        """Note what the customer said to the retention officer."""
        branch = contract.branch_id
        piotrek = self.env.ref("crm_branch.user_kasia" if branch.code == "POZ" else "crm_branch.user_piotrek")
        reason = self.env.ref(f"crm_branch.crm_contract_lost_reason_{more}") if outcome == "not_extend" else False
        theirs = contract.with_user(piotrek).with_company(branch.company_id)
        wizard = theirs.env["crm.contract.contact"].create(
            {
                "contract_id": contract.id,
                "outcome": outcome,
                "lost_reason_id": reason and reason.id,
                "call_on": branch._today() if outcome == "undecided" else False,
            }
        )
        wizard.action_confirm()
        if outcome == "extend" and contract.days_left < 0:
            renewal = contract.renewal_id.with_user(self.env.ref(ANIA)).with_company(branch.company_id)
            renewal.check_ids.is_present = True
            self._sign(renewal)

    def _make_present(self):
        """Take this week's contracts as far as they have come."""
        marek = self.env.ref("crm_branch.user_marek")
        contracts = {}
        for *person, form, state in PRESENT:
            contract = self._make_contract(person, KRAKOW, form)
            if state == "draft":
                contract.check_ids[1:].is_present = False
            contracts.setdefault(state, []).append(contract)
        for early in (["returned", "sent"], ["approved", "submitted"]):
            batch = [contract for state in early for contract in contracts[state]]
            for contract in batch:
                self._sign(contract)
            batch[0].bundle_id.action_submit()
            for contract in batch:
                self._check(contract.with_user(marek), contract in contracts["submitted"])
        contracts["returned"][0].with_user(marek)._workflow_do("return", "Nieczytelny numer domu, proszę poprawić")
        sent = contracts["sent"][0].union(*contracts["sent"])
        sent.action_pack()
        sent.package_id.action_send()
        for contract in contracts["signed"]:
            self._sign(contract)

    def _check(self, contract, waits):
        """Have the manager check a contract, and approve it unless it waits."""
        if not waits:
            contract.check_ids.is_checked = True
            if contract.partner_id.name != "Wojciech Maciejewski":
                contract.action_approve()
