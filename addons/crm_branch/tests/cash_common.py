"""A point of sale with a cash desk, and customers of the headquarters' services who come to pay."""

from functools import partial

from odoo import Command, fields

from odoo.addons.crm_base.tests.fixtures import have

from .common import BranchCase
from .fixtures import make_books


class CashCase(BranchCase):
    """Desks in złoty at branch A and B, in a company of its own with accounts."""

    currency = "PLN"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_up_books()
        cls.finance = cls._create_user("test_finance", "account.group_account_invoice", cls.headquarters)
        cls.accountant = cls._create_user("test_accountant", "account.group_account_manager", cls.headquarters)
        cls.desk_a, cls.desk_b = cls._create_desk(cls.branch_a, "KA"), cls._create_desk(cls.branch_b, "KB")
        cls.branch_a.head_id = cls.branch_manager_a
        cls.jan = cls._create_customer("Jan Łukasz Kowalski", phone="+48 601 234 567")

    @classmethod
    def _set_up_books(cls):
        """Give the company of the tests accounts in the currency, whatever the database had."""
        have(cls, f"books_{cls.currency}", partial(make_books, currency=cls.currency))
        cls.money = cls.books.currency_id
        cls.headquarters = cls._create_branch(code="TH", kind="headquarters", company_id=cls.books.id)
        branches = cls.branch_a | cls.branch_b
        branches.write({"company_id": cls.books.id, "tz": "Europe/Warsaw"})
        for user in (branches | cls.headquarters).user_ids | cls.clerk:
            user.write({"company_ids": [Command.set(cls.books.ids)], "company_id": cls.books.id})
        cls.clerk.branch_ids = cls.headquarters
        cls.env = cls.env(context={**cls.env.context, "allowed_company_ids": cls.books.ids})

    @classmethod
    def _create_user(cls, login, groups, branches, **values):
        if books := getattr(cls, "books", None):
            values = {"company_id": books.id, "company_ids": [Command.set(books.ids)], **values}
        return super()._create_user(login, groups, branches, **values)

    @classmethod
    def _create_desk(cls, branch, code, **values):
        journal = cls.env["account.journal"].create(
            {"name": f"Cash {code}", "code": code, "type": "cash", "company_id": cls.books.id}
        )
        return cls.env["crm.cash.desk"].create(
            {"name": f"Desk {code}", "code": code, "branch_id": branch.id, "journal_id": journal.id, **values}
        )

    @classmethod
    def _create_customer(cls, name, **values):
        address = {
            "street": "ul. Floriańska 15/4",
            "zip": "31-021",
            "city": "Kraków",
            "country_id": cls.env.ref("base.pl").id,
        }
        partner = cls.env["res.partner"].create(
            {"name": name, "country_id": cls.env.ref("base.pl").id, **address, **values}
        )
        cls._consent(partner)
        return partner

    @classmethod
    def _create_invoice(cls, price=100.0, partner=None, **values):
        """Return a posted invoice of a service contract. The only place that knows how contracts are invoiced."""
        partner = partner or cls.jan
        today = fields.Date.today()
        line = {"name": "Abonament", "quantity": 1, "price_unit": price, "recurring_next_date": today}
        contract = cls.env["contract.contract"].create(
            {
                "name": "Umowa",
                "partner_id": partner.id,
                "branch_id": cls.branch_a.id,
                "company_id": cls.books.id,
                "contract_line_ids": [Command.create({**line, "date_start": today})],
            }
        )
        cls.env.flush_all()
        cls.env.cr.execute("UPDATE contract_contract SET approval_state = 'active' WHERE id = %s", contract.ids)
        contract.invalidate_recordset()
        invoice = contract.recurring_create_invoice()
        invoice.invoice_line_ids.tax_ids = False
        invoice.write(values)
        invoice.action_post()
        return invoice

    @classmethod
    def _open_desk(cls, desk=None, user=None, total=0.0, reason=False):
        """Return the session, as the cashier of branch A by default."""
        desk = (desk or cls.desk_a).with_user(user or cls.cashier_a)
        return desk.env["crm.cash.session"].browse(desk.action_open({"total": total}, reason))

    @classmethod
    def _pay(cls, session, invoice, amount=None, tendered=None, key=None):
        """Find the invoice by its number and pay it, whole by default."""
        amount = invoice.amount_residual if amount is None else amount
        cls.keys = getattr(cls, "keys", 0) + 1
        search = session.action_find_number(invoice.name)["search"]
        tendered = amount if tendered is None else tendered
        return session.action_pay(search, invoice.id, amount, tendered, key or f"test-key-{cls.keys}")

    def _payment(self, receipt):
        return self.env["crm.cash.payment"].browse(receipt["id"])

    def _close(self, session, total, reason=False):
        session.action_count()
        return session.action_close({"total": total}, reason)

    def _in_drawer(self, desk=None):
        """Return what the books say that there is in the drawer."""
        account = (desk or self.desk_a).journal_id.default_account_id
        domain = [("account_id", "=", account.id), ("parent_state", "=", "posted")]
        return self.env["account.move.line"]._read_group(domain, [], ["balance:sum"])[0][0] or 0.0
