import re

from odoo import fields, models
from odoo.exceptions import UserError

from ..person_words import pattern

#: What stands where a person's data were.
ERASED = "[…]"
TEXTS = ("char", "text", "html")
#: "ul. 3" is found in too many other texts.
SHORTEST_ADDRESS = 5


class ResPartner(models.Model):
    """A person is erased: nothing names them any more but what the law keeps on posted invoices (BR-3)."""

    _inherit = "res.partner"

    # === ACTION METHODS === #

    def action_erase_person(self):
        """Ask before the person is erased: what goes, what the law keeps. Headquarters only."""
        self.ensure_one()
        self._check_privacy_officer()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_branch.crm_person_erase_action")
        return {**action, "context": {"default_partner_id": self.id}}

    # === BUSINESS METHODS === #

    def _erase(self, reason, channel="paper"):
        """Erase the person (BR-3). It can't be undone, and is logged without naming anybody.

        :param str reason: why
        :param str channel: how the person asked: paper, screen, phone, email
        :raise AccessError: the user isn't headquarters'
        :raise UserError: the law, or something that isn't settled, still needs the person
        """
        self.ensure_one()
        self._check_privacy_officer()
        person = self.sudo()._person()
        person.lock_for_update()
        if blockers := person._erase_blockers():
            raise UserError("\n".join([self.env._("%s can't be erased yet:", self.display_name), *blockers]))
        documents = person._person_documents()
        words = person._erase_words(documents)
        messages = person._person_messages(documents)
        files = person._person_files(documents, messages) - person._kept_files(documents)
        counts = {name: len(records) for name, records in documents.items()}
        counts |= {"messages": len(messages), "files": len(files)}
        kept = self.env["crm.legal.identity"]._keep(person._kept_invoices(documents))
        counts["kept by law"] = len(kept) + sum(len(records) for records, __ in person._kept_signed())
        documents["consents"].with_user(self.env.user).filtered("is_valid")._withdraw(channel, False)
        person._erase_person(documents)
        person._erase_messages(documents, messages)
        files.exists()._erase_files()
        person._erase_signed()
        person._erase_contact()
        person._sweep(words, documents)
        reason = re.sub(words, ERASED, reason or "", flags=re.IGNORECASE) if words else reason
        self.env["crm.privacy.log"]._record("erasure", self, counts, reason)

    def _erase_words(self, documents):
        """Return the regular expression of what names these people, as contacts and as their documents call them."""
        leads, tickets, calls = documents["leads"], documents["tickets"], documents["interactions"]
        names = [
            *self.mapped("name"),
            *leads.mapped("contact_name"),
            *tickets.mapped("partner_name"),
            *calls.mapped("caller_name"),
            *documents["bank accounts"].mapped("acc_holder_name"),
        ]
        numbers = [
            *self.mapped("phone"),
            *self.mapped("phone_sanitized"),
            *leads.mapped("phone"),
            *calls.mapped("phone"),
        ]
        others = [
            *self.mapped("email"),
            *self.mapped("email_normalized"),
            *leads.mapped("email_from"),
            *tickets.mapped("partner_email"),
            *self.mapped("vat"),
            *self.mapped("street"),
        ]
        return pattern(names, numbers, [value for value in others if value and len(value) > SHORTEST_ADDRESS])

    # === WHAT THE LAW NEEDS === #

    def _erase_blockers(self):
        """Override: what needs the person in contracts, invoices, orders and complaints."""
        reasons = [
            (self._is_ours(), self.env._("• It is a user's, a company's or a branch's own contact.")),
            (self._unended_contracts(), self.env._("• A contract hasn't ended: end or cancel it first.")),
            (self._unpaid_invoices(), self.env._("• An invoice is unpaid or a draft: settle or cancel it first.")),
            (self._open_orders(), self.env._("• An order isn't delivered or invoiced yet: finish or cancel it first.")),
            (self._open_tickets(), self.env._("• A complaint is open: close it first.")),
            (
                self._of_other_companies(),
                self.env._("• A company that you don't work for has this customer too."),
            ),
        ]
        return [*super()._erase_blockers(), *(text for found, text in reasons if found)]

    def _is_ours(self):
        mine = [("partner_id", "in", self.ids)]
        users = self.env["res.users"].with_context(active_test=False).search(mine)
        return (
            users.filtered(lambda user: user._is_internal())
            or self.env["res.company"].with_context(active_test=False).search_count(mine)
            or self.env["crm.branch"].with_context(active_test=False).search_count(mine)
        )

    def _unended_contracts(self):
        """Return contracts that haven't ended and weren't cancelled: archived ones go on, too."""
        today = fields.Date.today()
        mine = ["|", ("partner_id", "in", self.ids), ("invoice_partner_id", "in", self.ids)]
        going_on = [("approval_state", "not in", ("ended", "cancelled")), "|", ("date_end", "=", False)]
        return self._documents("contract.contract", [*mine, *going_on, ("date_end", ">=", today)])

    def _unpaid_invoices(self):
        moves = self._documents("account.move", [("partner_id", "in", self.ids), ("state", "!=", "cancel")])
        return moves.filtered(
            lambda move: (
                move.is_invoice(include_receipts=True)
                and (move.state == "draft" or not move.currency_id.is_zero(move.amount_residual))
            )
        )

    def _open_orders(self):
        orders = self._documents("sale.order", [("partner_id", "in", self.ids), ("state", "=", "sale")])
        return orders.filtered(
            lambda order: (
                order.invoice_status == "to invoice"
                or order.picking_ids.filtered(lambda picking: picking.state not in ("done", "cancel"))
            )
        )

    def _open_tickets(self):
        return self._documents("helpdesk.ticket", [("partner_id", "in", self.ids), ("closed", "=", False)])

    def _of_other_companies(self):
        mine = self.env.user.company_ids
        return any(
            "company_id" in records._fields and records.company_id - mine
            for records in self._person_documents().values()
        )

    def _kept_invoices(self, documents):
        """Return the invoices on which the law wants to read who bought."""
        return documents["invoices"].filtered(
            lambda move: move.state == "posted" and move.is_invoice(include_receipts=True)
        )

    def _kept_files(self, documents):
        """Return the printed invoices, which are the books, and what the people have signed."""
        files = self.env["ir.attachment"].sudo()
        domain = files._of_documents("account.move", self._kept_invoices(documents).ids)
        invoices = files.search([*domain, ("res_field", "=", "invoice_pdf_report_file")])
        return invoices | self._signed_files(self._kept_signed())
