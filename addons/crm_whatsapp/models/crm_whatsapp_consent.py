from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

OUT = ("out", "out_marketing")


class CrmWhatsappConsent(models.Model):
    """What the owner of a number has said about being written to. The latest word counts, whenever we hear of it.

    Who is on Odoo's list of blocked numbers (``phone.blacklist``) gets nothing either.
    """

    _name = "crm.whatsapp.consent"
    _description = "WhatsApp Consent"
    _order = "changed_at desc, id desc"
    _rec_name = "phone"

    phone = fields.Char(required=True, readonly=True)
    value = fields.Selection(
        [("in", "Opted In"), ("out_marketing", "Opted Out of Marketing"), ("out", "Opted Out")],
        required=True,
        readonly=True,
    )
    source = fields.Selection(
        [("customer", "The Customer’s Message"), ("whatsapp", "WhatsApp’s Settings"), ("officer", "An Officer")],
        required=True,
        readonly=True,
    )
    words = fields.Char(readonly=True, help="What the customer wrote, or why.")
    user_id = fields.Many2one("res.users", "Noted By", readonly=True)
    changed_at = fields.Datetime("Since", required=True, readonly=True, index=True)

    contact = fields.Char(compute="_compute_contact", help="Who has the number, of the contacts that you see.")

    _phone_uniq = models.UniqueIndex("(phone)", "There is a consent of this number already.")

    # === COMPUTE METHODS === #

    @api.depends("phone")
    @api.depends_context("uid")
    def _compute_contact(self):
        """Name who has the number: one query for all."""
        domain = [("whatsapp_phone", "in", self.mapped("phone"))]
        partners = self.env["res.partner"].sudo(False).search(domain).grouped("whatsapp_phone")
        for consent in self:
            consent.contact = ", ".join(partners[consent.phone].mapped("name")) if consent.phone in partners else False

    # === BUSINESS METHODS === #

    @api.model
    def _note(self, phone, value, source, moment=None, words=None):
        """Keep the owner's word, unless a later one is known: events come in any order.

        :param moment: when it was said (naive UTC), now by default
        """
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO crm_whatsapp_consent (phone, value, source, words, user_id, changed_at, create_uid,
                                                  create_date, write_uid, write_date)
                VALUES (%(phone)s, %(value)s, %(source)s, %(words)s, %(user)s, %(moment)s, %(user)s, %(now)s, %(user)s,
                        %(now)s)
                ON CONFLICT (phone) DO UPDATE
                   SET value = EXCLUDED.value, source = EXCLUDED.source, words = EXCLUDED.words,
                       user_id = EXCLUDED.user_id, changed_at = EXCLUDED.changed_at, write_uid = EXCLUDED.write_uid,
                       write_date = EXCLUDED.write_date
                 WHERE (EXCLUDED.changed_at, EXCLUDED.value) > (crm_whatsapp_consent.changed_at,
                                                               crm_whatsapp_consent.value)
                """,
                phone=phone,
                value=value,
                source=source,
                words=words or None,
                user=self.env.uid,
                moment=moment or fields.Datetime.now(),
                now=fields.Datetime.now(),
            )
        )
        self.invalidate_model()
        self.env["res.partner"].invalidate_model(["whatsapp_consent"])

    @api.model
    def _refusal_sql(self, category, company):
        """Return SQL that says why a number isn't written to, or NULL.

        It looks at tables ``consent`` and ``blacklist``, joined by the number.
        """
        refused = OUT if category == "marketing" else ("out",)
        opt_in = category == "marketing" and company.whatsapp_opt_in
        return SQL(
            """CASE WHEN blacklist.id IS NOT NULL OR consent.value IN %s THEN 'opted_out'
                    WHEN %s AND consent.value IS DISTINCT FROM 'in' THEN 'no_opt_in' END""",
            refused,
            bool(opt_in),
        )

    @api.model
    def _refusals(self, messages):
        """Return message → why its recipient may not be written to at this moment; three queries for all."""
        phones = messages.mapped("phone")
        consents = {consent.phone: consent for consent in self.sudo().search([("phone", "in", phones)])}
        blocked = set(self.env["phone.blacklist"].sudo().search([("number", "in", phones)]).mapped("number"))
        answered = dict(
            messages.sudo()._read_group(
                [("direction", "=", "incoming"), ("phone", "in", phones)], ["phone"], ["received_at:max"]
            )
        )
        found = {message: self._refusal(message, consents, blocked, answered) for message in messages}
        return {message: problem for message, problem in found.items() if problem}

    def _refusal(self, message, consents, blocked, answered):
        consent = consents.get(message.phone)
        value = consent.value if consent else None
        if message.kind == "text":
            # who writes again after opting out wants an answer
            spoke = answered.get(message.phone)
            return "opted_out" if value == "out" and not (spoke and spoke > consent.changed_at) else None
        marketing = message.template_id.category == "marketing"
        if message.phone in blocked or value == "out" or (marketing and value == "out_marketing"):
            return "opted_out"
        if marketing and message.company_id.whatsapp_opt_in and value != "in":
            return "no_opt_in"
        return None

    @api.model
    def _check_officer(self):
        if not self.env.user.has_group("crm_base.group_officer"):
            raise UserError(self.env._("Only officers and managers note what a customer wants."))
