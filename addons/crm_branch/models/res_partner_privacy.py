from odoo import models
from odoo.exceptions import AccessError
from odoo.fields import Domain


class ResPartner(models.Model):
    """All that is kept about a person: what is exported, and what is erased (BR-3)."""

    _inherit = "res.partner"

    def _check_privacy_officer(self):
        """Check that headquarters acts.

        :raise AccessError: the user isn't headquarters', or belongs to none
        """
        user = self.env.user
        if not (user.has_group("crm_branch.group_headquarters") and user._sees_all_branches()):
            raise AccessError(self.env._("Only headquarters exports and erases a person's data."))
        self.check_access("read")

    def _person(self):
        """Return the contact and its mere addresses, archived ones too; people who work for it are others."""
        return self.with_context(active_test=False).search(
            [("id", "in", self.ids), "|", ("active", "=", True), ("active", "=", False)]
        ) | self.with_context(active_test=False).search(
            [("parent_id", "in", self.ids), ("type", "not in", (False, "contact"))]
        )

    def _person_documents(self):
        """Return section → records about this person, to be exported, and stripped of chatter and files when erased.

        Called with all rights, on the contact and its addresses. An addon adds its models by overriding this.
        """
        ids = self.ids
        found = {
            "contact": self,
            "bank accounts": self._documents("res.partner.bank", [("partner_id", "in", ids)]),
            "consents": self._documents("crm.consent", [("partner_id", "in", ids)]),
            "contracts": self._documents(
                "contract.contract", ["|", ("partner_id", "in", ids), ("invoice_partner_id", "in", ids)]
            ),
            "leads": self._documents("crm.lead", self._reached_domain("email_normalized", "phone_sanitized")),
            "orders": self._documents(
                "sale.order",
                [
                    "|",
                    "|",
                    ("partner_id", "in", ids),
                    ("partner_invoice_id", "in", ids),
                    ("partner_shipping_id", "in", ids),
                ],
            ),
            "deliveries": self._documents("stock.picking", [("partner_id", "in", ids)]),
            "invoices": self._documents("account.move", [("partner_id", "in", ids)]),
            "payments": self._documents("account.payment", [("partner_id", "in", ids)]),
            "interactions": self._documents("crm.interaction", self._reached_domain(None, "phone")),
            "tickets": self._documents("helpdesk.ticket", self._reached_domain("partner_email", None)),
            "meetings": self._documents("calendar.event", [("partner_ids", "in", ids)]),
        }
        found["contract lines"] = found["contracts"].contract_line_ids
        found["order lines"] = found["orders"].order_line
        found["invoice lines"] = found["invoices"].invoice_line_ids
        found["presented offers"] = found["leads"].offer_presented_ids
        found |= {section: records for section, (records, __) in self._more_person_documents().items()}
        found |= {section: records for section, (records, *__) in self._signed_person_documents().items()}
        return found

    def _documents(self, model, domain):
        return self.env[model].with_context(active_test=False).search(domain)

    def _reached_domain(self, email, phone):
        """Return the domain of records of this person, or of nobody known but with the same e-mail or number.

        :param email: the field that holds an e-mail address, or None
        :param phone: the field that holds a number in E.164, or None
        """
        domain = Domain("partner_id", "in", self.ids)
        emails = [value for value in self.mapped("email_normalized") if value]
        phones = [value for value in self.mapped("phone_sanitized") if value]
        if email and emails:
            domain |= Domain("partner_id", "=", False) & Domain(email, "in", emails)
        if phone and phones:
            domain |= Domain("partner_id", "=", False) & Domain(phone, "in", phones)
        return domain

    def _person_messages(self, documents):
        """Return the messages on the documents, and those that the person wrote anywhere."""
        domain = Domain("author_id", "in", self.ids)
        for model, records in self._by_model(documents).items():
            domain |= Domain("model", "=", model) & Domain("res_id", "in", records.ids)
        return self.env["mail.message"].search(domain)

    def _person_files(self, documents, messages):
        """Return the files of the documents and of the messages."""
        files = self.env["ir.attachment"]
        domain = Domain("id", "in", messages.attachment_ids.ids)
        for model, records in self._by_model(documents).items():
            domain |= files._of_documents(model, records.ids)
        return files.search(domain)

    def _by_model(self, documents):
        models_ = {}
        for records in documents.values():
            if records:
                models_[records._name] = models_.get(records._name, records.browse()) | records
        return models_
