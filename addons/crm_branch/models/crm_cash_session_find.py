from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ..cash_money import payable
from ..cash_text import city_key, is_same_name, number_key, phone_key, street_key, words, zip_key

TRAWLING = "crm_branch.mail_activity_type_cash_search"
#: Customers with such a name that are looked at one by one.
CANDIDATES = 2000
#: Open invoices of one customer that are shown.
SHOWN = 20


class CrmCashSession(models.Model):
    """Finding the customer: by the number on the invoice, or by name and registered address (BR-12b).

    A cashier reads neither customers nor invoices: they give all that identifies one, and are shown what that one has
    to pay. Each search is kept; searches that lead to no payment are limited.
    """

    _inherit = "crm.cash.session"

    # === ACTION METHODS === #

    def action_find_number(self, number):
        """Find an invoice by its number, however the letters, spaces and dashes are written.

        :return: see :meth:`_answer`
        :raise UserError: the desk isn't open today
        :raise AccessError: it isn't the user's desk
        """
        self._check_taking()
        session = self.sudo()
        if refusal := session._refusal():
            return session._answer("number", "refused", refusal)
        key = number_key(number) if isinstance(number, str) else ""
        if len(key) < 4:
            return self._hint(self.env._("Type the whole number that is printed on the invoice."))
        found = session._invoices_numbered(key)
        if not found:
            return session._answer("number", "none", session.env._("There is no invoice of that number."))
        ours = found.filtered(lambda invoice: not session._refused_invoice(invoice))
        if not ours:
            return session._answer("number", "none", session._refused_invoice(found[0]))
        if len(ours) > 1:
            exact = ours.filtered(lambda invoice: invoice.name.casefold() == number.strip().casefold())
            if len(exact) != 1:
                several = session.env._("Several invoices are written like that: type the number with its slashes.")
                return session._answer("number", "several", several)
            ours = exact
        return session._answer("number", "found", invoices=ours)

    def action_find_person(self, first_name, surname, street, zip_code="", city="", phone=""):
        """Find a customer's open invoices by first name, surname and registered address, which must all be right;
        of postal code and city one is enough. The phone number tells namesakes at one address apart.

        :return: see :meth:`_answer`
        :raise UserError: the desk isn't open today
        :raise AccessError: it isn't the user's desk
        """
        self._check_taking()
        session = self.sudo()
        if refusal := session._refusal():
            return session._answer("person", "refused", refusal)
        given = (first_name, surname, street, zip_code, city, phone)
        if missing := self._missing_of_person(*given):
            return self._hint(missing)
        people = session._people(*given)
        invoices = session._contract_invoices([("commercial_partner_id", "in", people.commercial_partner_id.ids)])
        invoices = invoices.filtered(lambda invoice: (invoice.partner_id | invoice.commercial_partner_id) & people)
        customers = invoices.commercial_partner_id
        if not customers:
            return session._answer("person", "none", session.env._("Nobody of that name and address is a customer."))
        if len(customers) > 1:
            several = session.env._(
                "Several customers have this name and address: ask for the number of an invoice, or for the phone "
                "number."
            )
            return session._answer("person", "several", several)
        return session._unpaid_of(customers, invoices)

    # === BUSINESS METHODS === #

    def _unpaid_of(self, customer, invoices):
        """Return what the one customer that was found has to pay."""
        unpaid = invoices.filtered(lambda invoice: not self._is_paid(invoice))
        unpaid = unpaid.sorted(lambda invoice: (invoice.invoice_date_due, invoice.id))[:SHOWN]
        nothing = "" if unpaid else self.env._("%s has nothing to pay.", customer.name)
        return self._answer("person", "found", nothing, unpaid)

    @api.model
    def _missing_of_person(self, *given):
        """Return what the customer must still be asked for, or nothing."""
        if not all(value is False or value is None or isinstance(value, str) for value in given):
            return self.env._("Name and address are text.")
        first_name, surname, street, zip_code, city, __ = given
        if not (words(first_name) and words(surname)):
            return self.env._("Ask for first name and surname: both are needed.")
        if not street_key(street):
            return self.env._("Ask for the street with the number of the house.")
        if not (zip_key(zip_code) or city_key(city)):
            return self.env._("Ask for the postal code or the city.")
        return None

    def _hint(self, message):
        """Return that nothing was looked for yet; nothing is kept of it."""
        return {"result": "incomplete", "message": message, "invoices": []}

    def _answer(self, kind, result, message="", invoices=None):
        """Keep the search, and return what the cashier is told.

        :return: ``result`` (found, several, none, refused), ``message``, ``search`` (id, needed to take the money) and
            ``invoices``: dicts with ``id, number, customer, date, due, is_overdue, total, open, problem``
        """
        invoices = self.env["account.move"] if invoices is None else invoices
        search = self.env["crm.cash.search"].create(
            {
                "session_id": self.id,
                "branch_id": self.branch_id.id,
                "user_id": self.env.uid,
                "kind": kind,
                "result": result,
                "invoice_ids": invoices.ids,
            }
        )
        # Two searches at once would both be the last one that is allowed: this row lets one pass after the other.
        self.searches_unpaid += 1
        return {
            "result": result,
            "message": message,
            "search": search.id,
            "invoices": [self._card(invoice) for invoice in invoices],
        }

    def _card(self, invoice):
        """Return what the cashier sees of an invoice."""
        today = self.branch_id._today()
        due = invoice.invoice_date_due
        return {
            "id": invoice.id,
            "number": invoice.name,
            "customer": invoice.partner_id.commercial_partner_id.name,
            "date": format_date(self.env, invoice.invoice_date),
            "due": format_date(self.env, due),
            "is_overdue": bool(due and due < today and not self._is_paid(invoice)),
            "total": invoice.amount_total,
            "open": payable(invoice.amount_residual, invoice.currency_id),
            "currency": invoice.currency_id.name,
            "problem": self._problem(invoice) or "",
        }

    def _refusal(self):
        """Return why the cashier may not search any more, or nothing; the manager is told once an hour."""
        limit = self.company_id.cash_search_limit
        since = fields.Datetime.now() - timedelta(hours=1)
        searches = self.env["crm.cash.search"]
        recent = [("user_id", "=", self.env.uid), ("searched_at", ">", since), ("is_paid", "!=", True)]
        # What is refused isn't counted: the hour ends for who waits as for who tries on.
        if searches.search_count([*recent, ("result", "!=", "refused")], limit=limit) < limit:
            return None
        if not searches.search_count([*recent, ("result", "=", "refused")], limit=1):
            summary = self.env._(
                "%(count)s searches without payment by %(cashier)s", count=limit, cashier=self.user_id.name
            )
            self._tell_manager(TRAWLING, summary)
        return self.env._("Too many searches without a payment in one hour. Your manager knows of it: speak to them.")

    @api.model
    def _is_paid(self, invoice):
        """Return whether nothing is open that somebody could pay."""
        return invoice.currency_id.is_zero(payable(invoice.amount_residual, invoice.currency_id))

    def _invoices_numbered(self, key):
        """Return the posted customer invoices of the company whose number is written with these letters and digits."""
        self.env["account.move"].flush_model(["name", "state", "move_type", "company_id"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id FROM account_move
                 WHERE regexp_replace(upper(name), '[^A-Z0-9]', '', 'g') = %s
                   AND move_type = 'out_invoice' AND state = 'posted' AND company_id = %s
                 LIMIT 10
                """,
                key,
                self.company_id.id,
            )
        )
        return self.env["account.move"].browse(id_ for (id_,) in rows)

    def _contract_invoices(self, domain):
        """Return the posted invoices of headquarters' service contracts, unpaid ones first."""
        return self.env["account.move"].search(
            Domain(domain)
            & Domain(
                [
                    ("company_id", "=", self.company_id.id),
                    ("move_type", "=", "out_invoice"),
                    ("state", "=", "posted"),
                    ("invoice_line_ids.contract_line_id", "!=", False),
                ]
            )
        )

    def _people(self, first_name, surname, street, zip_code, city, phone):
        """Return the people of that name who are registered there."""
        named = [("cash_words", "=like", f"% {word} %") for word in {*words(first_name), *words(surname)}]
        people = self.env["res.partner"].search([*named, ("street", "!=", False)], limit=CANDIDATES)
        asked = (street_key(street), zip_key(zip_code), city_key(city), phone_key(phone))
        return people.filtered(
            lambda person: is_same_name(first_name, surname, person.name) and self._lives_there(person, *asked)
        )

    @api.model
    def _lives_there(self, person, street, zip_code, city, phone):
        full = street_key(f"{person.street or ''} {person.street2 or ''}")
        return (
            street in (street_key(person.street), full)
            and (not zip_code or zip_code == zip_key(person.zip))
            and (not city or city == city_key(person.city))
            and (not phone or phone == phone_key(person.phone))
        )
