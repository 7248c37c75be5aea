from odoo import models
from odoo.tools import SQL

from .res_partner_erase import ERASED, TEXTS

#: Text that says nothing about anybody.
TECHNICAL = frozenset({"access_token", "lang", "model", "number", "res_model"})


class ResPartner(models.Model):
    """What is blanked where a person is erased, document by document (BR-3)."""

    _inherit = "res.partner"

    def _erase_person(self, documents):
        """Override: erase what the documents say about these people."""
        for section in ("leads", "interactions"):
            self._blank(documents[section])
        # the database wants a complaint's goods, decision and solution filled in, whatever they say
        self._blank(documents["tickets"], said=True)
        self._blank(documents["orders"], ("note", "signed_by", "client_order_ref"))
        self._blank(documents["contracts"], ("note", "signed_by", "signed_scan_name"))
        self._blank(documents["consents"], ("scan_name", "withdrawn_reason"))
        for records, names in self._more_person_documents().values():
            self._blank(records, names)
        result = super()._erase_person(documents)  # afterwards: an addon may take away by what its records are found
        self._erase_bank_accounts(documents["bank accounts"])
        self._erase_users()
        self.env["crm.consent.take"].sudo().search([("partner_id", "in", self.ids)]).unlink()
        emails = [email for email in self.mapped("email_normalized") if email]
        phones = [phone for phone in self.mapped("phone_sanitized") if phone]
        self.env["mail.blacklist"].with_context(active_test=False).search([("email", "in", emails)]).unlink()
        self.env["phone.blacklist"].with_context(active_test=False).search([("number", "in", phones)]).unlink()
        return result

    def _erase_contact(self):
        """Blank the contacts themselves, and archive them."""
        fields_ = [field for field in self._fields.values() if self._is_personal(field)]
        for partner in self.with_context(active_test=True):
            partner.write(
                {
                    **{field.name: False for field in fields_},
                    "name": self.env._("Erased contact %s", partner.id),
                    "active": False,
                }
            )
        self.env.flush_all()
        self._blank(self, [field.name for field in fields_ if field.name != "name"])
        self.env.cr.execute(
            "DELETE FROM ir_model_data WHERE model = %s AND res_id = ANY(%s)"
            " AND module IN ('__import__', '__export__')",
            [self._name, self.ids],
        )

    def _is_personal(self, field):
        """Return whether the contact's field says something about the person and can be emptied."""
        if field.name in ("name", "lang", "tz", "type", "company_type") or field.related or not field.store:
            return field.name == "image_1920"
        if field.compute and field.readonly:
            return False
        return field.type in (*TEXTS, "properties")

    def _blank(self, records, names=None, said=False):
        """Empty text columns below every guard; a column that must say something says that it was erased.

        :param names: of fields; by default every text
        :param said: whether every text that isn't empty says that it was erased
        """
        if not records:
            return
        records.flush_recordset()
        fields_ = [
            field
            for name, field in records._fields.items()
            if field.store
            and field.column_type
            and (name in names if names is not None else field.type in TEXTS and name not in TECHNICAL)
        ]
        assignments = [SQL("%s = %s", SQL.identifier(field.name), self._blank_value(field, said)) for field in fields_]
        if assignments:
            self.env.cr.execute(
                SQL(
                    "UPDATE %s SET %s WHERE id = ANY(%s)",
                    SQL.identifier(records._table),
                    SQL(", ").join(assignments),
                    list(records.ids),
                )
            )
        records.invalidate_recordset(flush=False)

    def _blank_value(self, field, said=False):
        if not (field.required or field.name == "caller_name"):
            if said and not field.translate:
                return SQL("CASE WHEN btrim(%s) <> '' THEN %s END", SQL.identifier(field.name), ERASED)
            return SQL("NULL")
        if field.translate:
            return SQL("jsonb_build_object('en_US', %s)", ERASED)
        return SQL("%s", ERASED)

    def _erase_bank_accounts(self, accounts):
        for account in accounts:
            self.env.cr.execute(
                "UPDATE res_partner_bank SET acc_number = %s, sanitized_acc_number = %s, acc_holder_name = NULL,"
                " active = FALSE WHERE id = %s",
                [f"ERASED-{account.id}", f"ERASED{account.id}", account.id],
            )
        accounts.invalidate_recordset(flush=False)

    def _erase_users(self):
        """Close the people's access to the portal."""
        users = self.env["res.users"].with_context(active_test=False).search([("partner_id", "in", self.ids)])
        self.env["res.users.apikeys"].search([("user_id", "in", users.ids)])._remove()
        self.env.flush_all()
        # below write, which tells users by e-mail of their new login
        self.env.cr.execute(
            "UPDATE res_users SET active = FALSE, login = 'erased-' || id, password = NULL, signature = NULL"
            " WHERE id = ANY(%s)",
            [users.ids],
        )
        self.env.invalidate_all(flush=False)
        self.env.registry.clear_cache()

    def _erase_messages(self, documents, messages):
        """Empty the chatter of the documents, and what the people wrote; who else wrote when stays."""
        self.env.flush_all()
        for model, records in self._by_model(documents).items():
            activities = self.env["mail.activity"].with_context(active_test=False)
            activities.search([("res_model", "=", model), ("res_id", "in", records.ids)]).unlink()
            self.env.cr.execute(
                "DELETE FROM mail_scheduled_message WHERE model = %s AND res_id = ANY(%s)", [model, records.ids]
            )
            self.env.cr.execute(
                "UPDATE crm_workflow_log SET reason = NULL WHERE res_model = %s AND res_id = ANY(%s)",
                [model, records.ids],
            )
        ids = messages.ids
        for statement, values in (
            ("DELETE FROM mail_tracking_value WHERE mail_message_id = ANY(%s)", [ids]),
            ("DELETE FROM mail_message_translation WHERE message_id = ANY(%s)", [ids]),
            ("DELETE FROM mail_mail WHERE mail_message_id = ANY(%s)", [ids]),
            ("DELETE FROM mail_notification WHERE res_partner_id = ANY(%s)", [self.ids]),
            ("DELETE FROM mail_followers WHERE partner_id = ANY(%s)", [self.ids]),
            (
                "UPDATE mail_message SET body = '', subject = NULL, reply_to = NULL, incoming_email_to = NULL,"
                " incoming_email_cc = NULL, outgoing_email_to = NULL WHERE id = ANY(%s)",
                [ids],
            ),
            (
                "UPDATE mail_message SET email_from = NULL WHERE id = ANY(%s)"
                " AND (author_id IS NULL OR author_id = ANY(%s))",
                [ids, self.ids],
            ),
        ):
            self.env.cr.execute(statement, values)
        self.env.invalidate_all()
