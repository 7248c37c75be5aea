"""Demo: what headquarters has published in the last weeks, how fast it arrived, and to what customers agreed."""

from base64 import b64encode
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Command

from .papers_pdf import pdf

KRAKOW, POZNAN = "crm_branch.branch_krakow", "crm_branch.branch_poznan"
#: Material → version by version: (days ago, what is new, title, lines, branch → (minutes to receipt, by)).
VERSIONS = {
    "material_tariffs": (
        (
            40,
            "Nowy rok szkolny: taryfa Junior.",
            "Cennik abonamentów, wersja 1",
            ("Taryfa S   29,00 zł", "Taryfa M   45,00 zł", "Taryfa L   69,00 zł", "Taryfa Junior   19,00 zł"),
            {KRAKOW: (18, "user_ania"), POZNAN: (95, "user_basia")},
        ),
        (
            3,
            "Taryfa M kosztuje teraz 49 zł, ma za to 40 GB.",
            "Cennik abonamentów, wersja 2",
            ("Taryfa S   29,00 zł", "Taryfa M   49,00 zł", "Taryfa L   69,00 zł", "Taryfa Junior   19,00 zł"),
            {KRAKOW: (25, "user_zofia"), POZNAN: (41, "user_kasia")},
        ),
    ),
    "material_contract": (
        (
            30,
            "Wzór z nowym adresem centrali.",
            "Umowa o świadczenie usług (wzór)",
            (
                "Imię i nazwisko: ....................",
                "Adres: ....................",
                "Taryfa: ..........  Okres: ..... mies.",
            ),
            {KRAKOW: (9, "user_marek"), POZNAN: (33, "user_tomek")},
        ),
    ),
    "material_leaflet": (
        (
            10,
            "Ulotka do wydruku, format A5.",
            "Jesień w Kaktusie",
            ("Router za złotówkę do taryfy L.", "Oferta w punktach sprzedaży do końca miesiąca."),
            {KRAKOW: (12, "user_ania"), POZNAN: (30, "user_kasia")},
        ),
    ),
    "material_router": (
        (
            20,
            False,
            "Konfiguracja routera KT-200",
            (
                "1. Podłącz zasilanie, poczekaj na zieloną diodę.",
                "2. Połącz się z KAKTUS-xxxx.",
                "3. Wpisz PIN.",
            ),
            {KRAKOW: (50, "user_piotrek"), POZNAN: (22, "user_tomek")},
        ),
    ),
    "material_accessories": (
        (0, "Nowe etui i ładowarki.", "Cennik akcesoriów", ("Etui   39,00 zł", "Ładowarka   59,00 zł"), {}),
    ),
}
#: Customer → (days ago, officer, channel, purposes).
CONSENTS = {
    "papers_partner_wrona": (35, "user_ania", "paper", ("contract", "einvoice", "marketing")),
    "papers_partner_dudek": (12, "user_ania", "screen", ("contract",)),
    "papers_partner_jaskolka": (20, "user_kasia", "paper", ("contract", "einvoice", "profiling")),
    "papers_partner_gil": (5, "user_kasia", "phone", ("marketing",)),
}


class CrmDemoPapers(models.AbstractModel):
    _name = "crm.demo.papers"
    _description = "Materials and Consents Demo"

    @api.model
    def _load(self):
        """Publish, confirm, agree and present, each as the person who does it, and at its time."""
        self = self.with_context(tracking_disable=True, mail_activity_quick_update=True)  # noqa: PLW0642
        # Translations come after the demo data otherwise: the consents are to keep Polish words.
        self.env.ref("base.module_crm_branch")._update_translations()
        for name, versions in VERSIONS.items():
            for version in versions:
                self._publish(self._ref(name), *version)
        self._prepare_next()
        self._consent()
        self._present()

    def _ref(self, name):
        return self.env.ref(f"crm_branch.{name}")

    def _ago(self, **delta):
        return fields.Datetime.now() - timedelta(**delta)

    def _make_version(self, material, changes, title, lines):
        halina = self._ref("user_halina")
        file = self.env["ir.attachment"].with_user(halina).create({"name": f"{title}.pdf", "raw": pdf(title, lines)})
        vals = {"material_id": material.id, "changes": changes, "attachment_ids": [Command.link(file.id)]}
        return self.env["crm.material.version"].with_user(halina).create(vals)

    def _publish(self, material, days, changes, title, lines, received):
        version = self._make_version(material, changes, title, lines)
        version.action_publish()
        sent = self._ago(days=days, minutes=0 if days else 20)
        previous = version.material_id.version_ids.filtered(lambda other: other.state == "withdrawn")
        previous.sudo()._note({"withdrawn_at": sent})
        version.sudo()._note({"published_at": sent, "valid_from": sent.date()})
        for receipt in version.sudo().receipt_ids:
            due = sent + timedelta(minutes=version.company_id.material_receipt_minutes)
            receipt._note({"sent_at": sent, "due_at": due})
            minutes, user = received.get(receipt.branch_id.get_external_id()[receipt.branch_id.id], (0, None))
            if user:
                self._receive(receipt, minutes, self._ref(user))

    def _receive(self, receipt, minutes, user):
        receipt.with_user(user).action_receive()
        moment = receipt.sent_at + timedelta(minutes=minutes)
        late = moment > receipt.due_at
        escalated = receipt.due_at + timedelta(minutes=5) if late else None
        receipt._note({"received_at": moment, "minutes": minutes, "received_late": late, "escalated_at": escalated})

    def _prepare_next(self):
        """Leave a draft on headquarters' desk."""
        lines = ("1. Podłącz zasilanie.", "2. Zeskanuj kod QR z naklejki.", "3. Gotowe.")
        self._make_version(self._ref("material_router"), "Kod QR zamiast PIN.", "Konfiguracja routera KT-200", lines)

    def _consent(self):
        for name, (days, user, channel, keys) in CONSENTS.items():
            purposes = self.env["crm.consent.purpose"].union(*(self._ref(f"consent_purpose_{key}") for key in keys))
            partner = self._ref(name).with_user(self._ref(user)).with_company(self._ref("company_kaktus"))
            paper = pdf("Zgody", [partner.name, *purposes.mapped("name")]) if channel == "paper" else b""
            given = partner._give_consent(purposes, channel, "pl_PL", b64encode(paper), f"Zgody {partner.name}.pdf")
            if "pl_PL" in dict(self.env["res.lang"].get_installed()):
                partner.sudo().lang = "pl_PL"
            given._as_step().given_at = self._ago(days=days)
        wrona = (
            self._ref("papers_partner_wrona")
            .with_user(self._ref("user_piotrek"))
            .with_company(self._ref("company_kaktus"))
        )
        wrona._withdraw_consent(self._ref("consent_purpose_marketing"), "phone", "Za dużo telefonów w ciągu dnia.")

    def _present(self):
        """Ania has shown the new tariffs and the leaflet to a customer."""
        ania = self._ref("user_ania")
        lead = self._ref("papers_lead_dudek")
        shown = [self._ref(name).current_version_id for name in ("material_tariffs", "material_leaflet")]
        offers = self.env["crm.offer.presented"].with_user(ania)
        vals = {"lead_id": lead.id, "branch_id": self.env.ref(KRAKOW).id}
        offers.create([{**vals, "version_id": version.id} for version in shown]).sudo()._note(
            {"presented_at": self._ago(days=2)}
        )
