"""Demo: two weeks of Kraków's cash desk, yesterday's with 5 zł too little, and today's with some customers paid."""

from datetime import datetime, time, timedelta

from odoo import api, models
from odoo.fields import Command
from odoo.tools import SQL

from ..contract_const import STEP

DESKS = {
    "crm_branch.cash_desk_krakow": ("Kraków, kasa 1", "KRK1", "crm_branch.branch_krakow", "journal_cash_krakow"),
    "crm_branch.cash_desk_poznan": ("Poznań, kasa 1", "POZ1", "crm_branch.branch_poznan", "journal_cash_poznan"),
}
#: Name, street, postal code, city, phone, and what the subscription costs a month before VAT.
CUSTOMERS = (
    ("Elżbieta Pawlak", "ul. Floriańska 15/4", "31-021", "Kraków", "+48 601 200 101", 65.04),
    ("Łukasz Górski", "ul. Długa 48", "31-146", "Kraków", "+48 601 200 102", 48.78),
    ("Stanisława Żak", "os. Złotej Jesieni 3/12", "31-826", "Kraków", "+48 601 200 103", 40.65),
    ("Michał Sikora", "ul. Grodzka 9/2", "31-006", "Kraków", "+48 601 200 104", 81.30),
    ("Jan Kowalski", "al. Pokoju 20/7", "31-564", "Kraków", "+48 601 200 105", 56.91),
    ("Jan Kowalski", "al. Pokoju 20/7", "31-564", "Kraków", "+48 601 200 106", 48.78),
    ("Wanda Łęcka", "ul. Święty Marcin 27", "61-806", "Poznań", "+48 601 200 107", 73.17),
    ("Grzegorz Duda", "ul. Półwiejska 6/3", "61-888", "Poznań", "+48 601 200 108", 65.04),
)
#: Days ago → who paid (customer, tendered), what was too much or too little in the drawer, why, and whether reviewed.
DAYS = {
    6: ([(0, 100), (1, 60)], 0, "", True),
    3: ([(2, 50), (3, 100)], 2, "Klient nie wziął reszty", True),
    1: ([(4, 70), (0, 100)], -5, "Źle wydana reszta, banknot 10 zł zamiast 5 zł", False),
}
TODAY = [(1, 60), (3, 200)]


class CrmDemoCash(models.AbstractModel):
    _name = "crm.demo.cash"
    _description = "Cash Desk Demo"

    @api.model
    def _load(self):
        """Set up the desks, invoice the customers, and let the days go by."""
        self = self.with_context(tracking_disable=True, mail_activity_quick_update=True)  # noqa: PLW0642
        desks = [self._make_desk(xmlid, *values) for xmlid, values in DESKS.items()]
        invoices = [self._make_invoices(*customer) for customer in CUSTOMERS]
        for ago, (payments, difference, reason, reviewed) in DAYS.items():
            session = self._open(desks[0])
            if ago == max(DAYS):
                session.action_move_cash("in", "headquarters", 200.0, "Pogotowie kasowe")
            for customer, tendered in payments:
                self._pay(session, invoices[customer], tendered)
            self._close(session, difference, reason)
            self._date_back(session, ago)
            if reviewed:
                self._review(session)
        session = self._open(desks[0])
        for customer, tendered in TODAY:
            self._pay(session, invoices[customer], tendered)
        session.action_move_cash("out", "bank", 300.0, "Bezpieczna koperta 004871")
        search = session.action_find_person("Wanda", "Łęcka", "Święty Marcin 27", "61-806")
        session.action_duplicate(search["search"], search["invoices"][0]["id"])
        session.action_find_number("FV/2020/404")

    def _keep(self, xmlid, record):
        self.env["ir.model.data"]._update_xmlids([{"xml_id": xmlid, "record": record, "noupdate": True}])
        return record

    def _make_desk(self, xmlid, name, code, branch, journal):
        values = {"name": name, "code": code, "branch_id": self.env.ref(branch).id}
        desk = self.env["crm.cash.desk"].create({**values, "journal_id": self.env.ref(f"crm_branch.{journal}").id})
        return self._keep(xmlid, desk)

    def _make_invoices(self, name, street, zip_code, city, phone, price):
        """Return three months' open invoices of a customer, oldest first, as headquarters' contract makes them."""
        branch = self.env.ref("crm_branch.branch_poznan" if city == "Poznań" else "crm_branch.branch_krakow")
        company, today = branch.company_id, branch._today()
        address = {"street": street, "zip": zip_code, "city": city, "country_id": self.env.ref("base.pl").id}
        customer = self.env["res.partner"].create({"name": name, "phone": phone, "lang": "pl_PL", **address})
        purpose = self.env.ref("crm_branch.consent_purpose_contract")
        consent = {"partner_id": customer.id, "branch_id": branch.id, "channel": "paper"}
        officer = self.env.ref("crm_branch.user_kasia" if city == "Poznań" else "crm_branch.user_ania")
        consents = self.env["crm.consent"].with_user(officer).with_company(company)
        consents._give([{**consent, **purpose._prepare_snapshot("pl_PL")}])
        start = today - timedelta(days=200)
        line = {"name": "Abonament Kaktus", "quantity": 1, "price_unit": price, "date_start": start}
        contracts = self.env["contract.contract"].with_company(company).with_context(crm_branch_step=STEP)
        contract = contracts.create(
            {
                "name": f"Abonament {name}",
                "partner_id": customer.id,
                "branch_id": branch.id,
                "company_id": company.id,
                "date_start": start,
                "contract_line_ids": [Command.create({**line, "recurring_next_date": today + timedelta(days=20)})],
            }
        )
        days = [today - timedelta(days=ago) for ago in (70, 40, 10)]
        invoices = (
            self.env["account.move"]
            .with_company(company)
            .create([self._prepare_invoice(contract, day) for day in days])
        )
        invoices.action_post()
        self._make_active(contract, officer, start)
        return list(invoices)

    def _make_active(self, contract, officer, day):
        """Let the contract have been signed and accepted on a day long ago."""
        moment = datetime.combine(day, time(11))
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "UPDATE contract_contract SET approval_state = 'active', officer_id = %s, signed_at = %s,"
                " signed_on = %s, activated_at = %s WHERE id = %s",
                officer.id,
                moment,
                day,
                moment,
                contract.id,
            )
        )
        self.env.invalidate_all()

    def _prepare_invoice(self, contract, day):
        values = contract._prepare_invoice(day)
        taxes = [Command.set(contract.company_id.account_sale_tax_id.ids)]
        line = contract.contract_line_ids._prepare_invoice_line()
        line |= {"name": f"Abonament Kaktus, {day:%m.%Y}", "tax_ids": taxes}
        values["invoice_line_ids"] = [Command.create(line)]
        values["invoice_date_due"] = day + timedelta(days=14)
        return values

    def _open(self, desk):
        """Return the day's session; the cash is what the last one left."""
        zofia = self.env.ref("crm_branch.user_zofia")
        theirs = desk.with_user(zofia).with_company(desk.company_id)
        return theirs.env["crm.cash.session"].browse(theirs.action_open({"total": desk._cash_left()}))

    def _pay(self, session, invoices, tendered):
        """Have the customer's oldest open invoice paid."""
        invoice = next(invoice for invoice in invoices if invoice.amount_residual)
        search = session.action_find_number(invoice.name)["search"]
        amount = invoice.amount_residual
        session.action_pay(search, invoice.id, amount, max(tendered, amount), f"demo-{session.id}-{invoice.id}")

    def _close(self, session, difference, reason):
        session.action_count()
        session.action_close({"total": session.expected + difference}, reason or False)

    def _review(self, session):
        marek = session.with_user(self.env.ref("crm_branch.user_marek"))
        marek.move_ids.action_confirm()
        if session.has_difference:
            marek._workflow_do("accept", "Sprawdzone na nagraniu")
        else:
            marek.action_review()

    def _date_back(self, session, ago):
        """Let the day have been some days ago."""
        self.env.flush_all()
        shift = SQL("interval %s", f"{ago} days")
        for table, column, moments in (
            ("crm_cash_session", "id", ("opened_at", "closed_at")),
            ("crm_cash_payment", "session_id", ("paid_at",)),
            ("crm_cash_move", "session_id", ("moved_at",)),
            ("crm_cash_search", "session_id", ("searched_at",)),
        ):
            names = [*moments, "day"] if table != "crm_cash_search" else [*moments]
            sets = [SQL("%s = %s - %s", SQL.identifier(name), SQL.identifier(name), shift) for name in names]
            self.env.cr.execute(
                SQL(
                    "UPDATE %s SET %s WHERE %s = %s",
                    SQL.identifier(table),
                    SQL(", ").join(sets),
                    SQL.identifier(column),
                    session.id,
                )
            )
        self.env.cr.execute("UPDATE account_move SET date = date - %s WHERE cash_session_id = %s", (ago, session.id))
        self.env.cr.execute(
            "UPDATE account_move_line AS line SET date = move.date FROM account_move AS move"
            " WHERE move.id = line.move_id AND move.cash_session_id = %s",
            [session.id],
        )
        self.env.cr.execute(
            "UPDATE account_payment AS payment SET date = move.date FROM account_move AS move"
            " WHERE move.id = payment.move_id AND move.cash_session_id = %s",
            [session.id],
        )
        self.env.invalidate_all()
