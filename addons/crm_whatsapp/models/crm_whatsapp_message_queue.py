import json
import uuid
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, split_every

from ..const import LONGEST_TEMPLATE, LONGEST_TEXT, WINDOW_HOURS

CHUNK = 5000
#: Columns of what is queued, with their types, as :meth:`_insert` hands them to the database.
COLUMNS = {
    "res_id": "int4",
    "partner_id": "int4",
    "phone": "text",
    "problem": "text",
    "template_id": "int4",
    "language": "text",
    "body": "text",
    "variables": "jsonb",
    "tz": "text",
    "branch_id": "int4",
    "company_id": "int4",
    "uuid": "text",
}


class CrmWhatsappMessage(models.Model):
    """Queue messages for many records at once: one statement for thousands, each number once."""

    _inherit = "crm.whatsapp.message"

    # === BUSINESS METHODS === #

    @api.model
    def _whatsapp_send(self, template, records, key=None, due_at=None, blast=None):
        """Queue a template for records, in each recipient's language where the template has it.

        Who can't or may not get it is kept as "left out", with the reason. The key says what the message tells: with
        the same key a number gets one message, and a document has one, however often and by how many at once this is
        called.

        :param template: an approved ``crm.whatsapp.template``
        :param records: contacts, or what has them (``crm.whatsapp.mixin`` or ``_mail_get_partners``)
        :param str key: None where each call is a message of its own
        :param due_at: not before (naive UTC)
        :return: the new messages
        """
        self.check_access("read")
        records.check_access("read")
        template.ensure_one()._check_sendable(records._name)
        common = {
            "key": key,
            "account": template.account_id,
            "due_at": due_at or fields.Datetime.now(),
            "blast_id": blast.id if blast else None,
            "res_model": records._name,
            "category": template.category,
            "any_hour": template.any_hour,
        }
        ids = []
        for part in split_every(CHUNK, records.ids, records.browse):
            ids += self._insert(self._rows(template, part, blast), common)
            part.invalidate_recordset(flush=False)
        messages = self.browse(ids)
        if ids and template.account_id._is_automatic():
            self._trigger_sending(due_at)
        return messages

    def _rows(self, template, records, blast=None):
        """Return one dictionary of COLUMNS for each record."""
        contacts = self._contacts_of(records)
        branches = self._branches_of(records, template.account_id, blast)
        rows = []
        for language, group in records.grouped(lambda record: contacts[record][0].lang or "").items():
            version = template._in_language(language)
            values = version._values_for(group)
            for record in group:
                partner, phone, problem = contacts[record]
                branch = branches[record]
                if not problem and not all(values[record]):
                    problem = "empty_variable"
                body = version._filled(values[record])
                if not problem and len(body) > LONGEST_TEMPLATE:
                    problem = "too_long"
                rows.append(
                    {
                        "res_id": record.id,
                        "partner_id": partner.id or None,
                        "phone": phone or None,
                        "problem": problem or None,
                        "template_id": version.id,
                        "language": version.language,
                        "body": body,
                        "variables": json.dumps(values[record]),
                        "tz": partner.tz or branch.tz,
                        "branch_id": branch.id,
                        "company_id": branch.company_id.id,
                        "uuid": uuid.uuid4().hex,
                    }
                )
        return rows

    @api.model
    def _contacts_of(self, records):
        """Return record → ``(contact, number, problem)``."""
        if isinstance(records, self.env.registry["crm.whatsapp.mixin"]):
            partners = records._whatsapp_partners()
        elif records._name == "res.partner":
            partners = {partner: partner for partner in records}
        else:
            found = records._mail_get_partners() if hasattr(records, "_mail_get_partners") else {}
            partners = {record: found.get(record.id, self.env["res.partner"])[:1] for record in records}
        return {
            record: (partner, partner.whatsapp_phone, partner.whatsapp_problem or (not partner and "no_number"))
            for record, partner in partners.items()
        }

    @api.model
    def _branches_of(self, records, account, blast=None):
        """Return record → its branch; where it has none, the blast's, else the user's, else the account's."""
        own = blast.branch_id if blast else self.env.user.branch_id
        default = own if own.company_id == account.company_id else account.branch_id
        if "branch_id" not in records or records._fields["branch_id"].comodel_name != "crm.branch":
            return dict.fromkeys(records, default)
        return {record: record.branch_id or default for record in records}

    def _insert(self, rows, common):
        """Insert messages by one statement; return the ids of those that are new."""
        if not rows:
            return []
        self.env.flush_all()
        columns = SQL(", ").join(
            SQL("%s::text[]::%s[]", [row[name] for row in rows], SQL.identifier(kind)) for name, kind in COLUMNS.items()
        )
        names = SQL(", ").join(map(SQL.identifier, COLUMNS))
        account = common["account"]
        found = self.env.execute_query(
            SQL(
                """
                WITH given AS (
                    SELECT * FROM unnest(%(columns)s) WITH ORDINALITY AS given (%(names)s, place)
                ), first AS (
                    SELECT *, row_number() OVER (PARTITION BY phone, problem IS NULL ORDER BY place) AS nth FROM given
                ), judged AS (
                    SELECT first.*, COALESCE(
                        first.problem,
                        %(refusal)s,
                        CASE WHEN %(key)s IS NOT NULL AND (nth > 1 OR EXISTS (
                            SELECT FROM crm_whatsapp_message told
                             WHERE told.key = %(key)s AND told.phone = first.phone AND told.state != 'left_out'
                        )) THEN 'duplicate' END
                    ) AS why
                      FROM first
                 LEFT JOIN crm_whatsapp_consent consent ON consent.phone = first.phone
                 LEFT JOIN phone_blacklist blacklist ON blacklist.number = first.phone AND blacklist.active
                )
                INSERT INTO crm_whatsapp_message (
                    direction, kind, state, problem, account_id, template_id, blast_id, partner_id, phone, user_id,
                    res_model, res_id, body, variables, language, due_at, any_hour, tz, attempts, key, uuid, branch_id,
                    company_id, create_uid, create_date, write_uid, write_date
                )
                SELECT 'outgoing', 'template', CASE WHEN why IS NULL THEN 'queued' ELSE 'left_out' END, why,
                       %(account)s, template_id, %(blast)s, partner_id, phone, %(user)s,
                       %(model)s, res_id, body, variables, language, %(due)s, %(any_hour)s, tz, 0, %(key)s, uuid,
                       branch_id, company_id, %(user)s, %(now)s, %(user)s, %(now)s
                  FROM judged
              ORDER BY place
           ON CONFLICT DO NOTHING
             RETURNING id
                """,
                columns=columns,
                names=names,
                refusal=self.env["crm.whatsapp.consent"]._refusal_sql(common["category"], account.company_id),
                account=account.id,
                blast=common["blast_id"],
                user=self.env.uid,
                model=common["res_model"],
                due=common["due_at"],
                any_hour=common["any_hour"],
                key=SQL("%s::text", common["key"]),
                now=fields.Datetime.now(),
            )
        )
        return [id_ for (id_,) in found]

    @api.model
    def _queue_text(self, partner, text, document=None, key=None):
        """Queue free text, which the customer's last message of within 24 hours allows.

        :param document: the record that it is about; the contact where there is none
        :param str key: as for :meth:`_whatsapp_send`
        :raise UserError: there is no number, or the 24 hours have passed
        """
        self.check_access("read")
        partner.check_access("read")
        if partner.whatsapp_problem:
            words = dict(self._fields["problem"]._description_selection(self.env))[partner.whatsapp_problem]
            raise UserError(self.env._("%(contact)s: %(problem)s", contact=partner.display_name, problem=words))
        if len(text) > LONGEST_TEXT:
            raise UserError(self.env._("WhatsApp takes %s characters at most: send it in parts.", LONGEST_TEXT))
        last = self.sudo().search(
            [
                ("direction", "=", "incoming"),
                ("phone", "=", partner.whatsapp_phone),
                ("company_id", "in", self.env.companies.ids),
            ],
            order="received_at desc",
            limit=1,
        )
        if not last or last.received_at + timedelta(hours=WINDOW_HOURS) <= fields.Datetime.now():
            raise UserError(
                self.env._("Free text may be sent within 24 hours of the customer’s last message only: use a template.")
            )
        document = document or partner
        branch = self._branches_of(document, last.account_id)[document]
        message = self.sudo().create(
            {
                "kind": "text",
                "account_id": last.account_id.id,
                "partner_id": partner.id,
                "phone": partner.whatsapp_phone,
                "user_id": self.env.uid,
                "res_model": document._name,
                "res_id": document.id,
                "body": text,
                "tz": partner.tz or branch.tz,
                "any_hour": True,
                "key": key,
                "uuid": uuid.uuid4().hex,
                "branch_id": branch.id,
            }
        )
        self._trigger_sending()
        return message.sudo(False)
