from datetime import timedelta

from odoo import models
from odoo.fields import Domain
from odoo.tools import format_amount, format_date


class CrmQueueContact(models.Model):
    """What there is to do for a customer, a query for each kind (CC-3a).

    Of what siblings know, only if they are installed: this is the one place of the next best actions that asks. Each
    method returns None, or a dict of model, id, what, and optionally amount, base_amount (number, company's currency),
    day, days (until then), and due (pairs of days since then and amount). Called with all rights; what is found is of
    the contact's company and of branches that the user sees.
    """

    _inherit = "crm.queue.contact"

    def _next_facts(self, rules):
        """Return kind → what there is to do, for the kinds that the rules ask for."""
        days = {kind: max(same.mapped("days")) for kind, same in rules.grouped("kind").items()}
        finders = {
            "complaint": self._fact_complaint,
            "due": self._fact_due,
            "contract": self._fact_contract,
            "service": self._fact_service,
            "quotation": self._fact_quotation,
            "suggestion": self._fact_suggestion,
            "customer": lambda days: {},
        }
        return {kind: finders[kind](days[kind]) for kind in rules.grouped("kind")}

    def _fact_search(self, model, domain, order, names=(), limit=1):
        """Return documents, with all rights, of the contact's company and of branches that the user sees."""
        if model not in self.env:
            return None
        documents = self.env[model].sudo()
        domain = Domain(domain)
        if "company_id" in documents._fields:
            domain &= Domain("company_id", "in", (False, self.company_id.id))
        if "branch_id" in documents._fields:
            domain &= Domain("branch_id", "in", (False, *self.env.user.visible_branch_ids.ids))
        return documents.search_fetch(domain, names, order=order, limit=limit)

    def _fact_family(self, field="partner_id"):
        return Domain(f"{field}.commercial_partner_id", "=", self.partner_id.commercial_partner_id.id)

    def _fact_money(self, amount):
        return format_amount(self.env, amount, self.company_id.currency_id)

    @staticmethod
    def _fact(document, what, **more):
        return {"model": document._name, "id": document.id, "what": what, **more}

    def _fact_due(self, days):
        """Return the invoice that is due for longest, and of each how many days it is due, and how much."""
        today = self.branch_id._today()
        domain = Domain("commercial_partner_id", "=", self.partner_id.commercial_partner_id.id)
        domain &= Domain("move_type", "=", "out_invoice") & Domain("state", "=", "posted")
        domain &= Domain("payment_state", "in", ("not_paid", "partial")) & Domain("invoice_date_due", "<=", today)
        names = ["name", "invoice_date_due", "amount_residual_signed"]
        invoices = self._fact_search("account.move", domain, "invoice_date_due, id", names, limit=100)
        if not invoices:
            return None
        due = [((today - invoice.invoice_date_due).days, invoice.amount_residual_signed) for invoice in invoices]
        day = format_date(self.env, invoices[0].invoice_date_due)
        return self._fact(invoices[0], invoices[0].name, due=due, day=day)

    def _fact_quotation(self, days):
        domain = self._fact_family() & Domain("state", "in", ("draft", "sent"))
        names = ["name", "validity_date", "amount_total", "currency_id", "currency_rate"]
        order = self._fact_search("sale.order", domain, "date_order desc, id desc", names)
        if not order:
            return None
        amount = format_amount(self.env, order.amount_total, order.currency_id)
        base = order.amount_total / (order.currency_rate or 1)
        day = format_date(self.env, order.validity_date) if order.validity_date else ""
        return self._fact(order, order.name, amount=amount, base_amount=base, day=day)

    def _fact_suggestion(self, days):
        """Return what would be suggested, without noting that it was: the panel does that."""
        shown = self.env["crm.suggestion"].sudo().search([("contact_id", "=", self.id)], order="id")
        shown = shown.filtered(lambda one: one.partner_id == self.partner_id)
        if shown:
            first = shown.filtered(lambda one: not one.answer)[:1]
            return {"what": first.product_id.name, "detail": first.reason} if first else None
        choices = self.env["crm.suggestion"]._choose(self.partner_id, self.company_id, contact=self, most=1)
        if not choices:
            return None
        pair = choices[0].pair
        return {"what": pair.other_id.name, "detail": pair._reason()}

    # === OF SIBLINGS === #

    def _fact_complaint(self, days):
        domain = self._fact_family() & Domain("stage_id.closed", "=", False) if "helpdesk.ticket" in self.env else []
        ticket = self._fact_search("helpdesk.ticket", domain, "create_date, id")
        if not ticket:
            return None
        day = format_date(self.env, self.branch_id._local(ticket.create_date).date())
        return self._fact(ticket, f"{ticket.number} {ticket.name}", day=day)

    def _fact_contract(self, days):
        today = self.branch_id._today()
        domain = self._fact_family() & Domain("contract_type", "=", "sale")
        domain &= Domain("date_end", ">=", today) & Domain("date_end", "<=", today + timedelta(days=days))
        contract = self._fact_search("contract.contract", domain, "date_end, id")
        if not contract:
            return None
        left = (contract.date_end - today).days
        return self._fact(contract, contract.name, day=format_date(self.env, contract.date_end), days=left)

    def _fact_service(self, days):
        today = self.branch_id._today()
        domain = self._fact_family("vehicle_id.partner_id") & Domain("state", "in", ("todo", "waiting"))
        domain &= Domain("due_date", "<=", today + timedelta(days=days))
        followup = self._fact_search("crm.followup", domain, "due_date, id")
        if not followup:
            return None
        left = (followup.due_date - today).days
        return self._fact(followup, followup.display_name, day=format_date(self.env, followup.due_date), days=left)
