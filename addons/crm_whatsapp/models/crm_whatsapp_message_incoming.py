from datetime import UTC, datetime

from markupsafe import Markup

from odoo import api, fields, models

from ..utils import clean

ACTIVITY = "crm_whatsapp.mail_activity_type_answer"
LONGEST_TEXT = 10000


def moment_of(timestamp):
    """Return the provider's timestamp (seconds since 1970, as text) as naive UTC; now where it is none."""
    try:
        return datetime.fromtimestamp(int(timestamp), UTC).replace(tzinfo=None)
    except (TypeError, ValueError, OverflowError, OSError):
        return fields.Datetime.now()


def text_of(item):
    """Return what a customer's message says; of pictures and the like its kind and caption."""
    kind = str(item.get("type") or "unknown")
    content = item.get(kind)
    if not isinstance(content, dict):
        content = {}
    for name in ("body", "text"):
        if content.get(name):
            return clean(content[name])[:LONGEST_TEXT]
    for name in ("button_reply", "list_reply"):
        if isinstance(content.get(name), dict):
            return clean(content[name].get("title"))[:LONGEST_TEXT]
    return clean(f"[{kind}] {content.get('caption') or content.get('emoji') or ''}".strip())[:LONGEST_TEXT]


class CrmWhatsappMessage(models.Model):
    """What customers write: it lands on what it answers, as an interaction of the agent's list, and in the chatter."""

    _inherit = "crm.whatsapp.message"

    # === BUSINESS METHODS === #

    @api.model
    def _receive(self, account, item, name):
        """Keep a customer's message. One that is known already changes nothing.

        :param dict item: of the provider's event: ``{id, from, timestamp, type, text, context}``
        :param str name: what the customer calls themself
        """
        wamid = clean(item.get("id"))
        if not wamid or self.search_count([("wamid", "=", wamid)], limit=1):
            return self.browse()
        phone = self._phone_of(item.get("from"))
        answered = self._answered_by(account, phone, item)
        partner = answered.partner_id or self._partner_of(phone, account.company_id)
        message = self.create(
            {
                "direction": "incoming",
                "kind": "text",
                "state": "received",
                "account_id": account.id,
                "partner_id": partner.id,
                "phone": phone,
                "sender_name": clean(name)[:100] or clean(item.get("user_id"))[:100],
                "body": text_of(item),
                "wamid": wamid,
                "received_at": moment_of(item.get("timestamp")),
                "due_at": False,
                "reply_to_id": answered.id,
                "res_model": answered.res_model,
                "res_id": answered.res_id,
                "branch_id": (answered.branch_id or account.branch_id).id,
            }
        )
        self.env["crm.whatsapp.media"]._note_file(message, item)
        message._arrive()
        return message

    @api.model
    def _phone_of(self, sender):
        """Return the number of the sender, or False: who goes by a username shows none."""
        digits = str(sender or "").lstrip("+")
        return f"+{digits}" if digits.isascii() and digits.isdigit() and 6 <= len(digits) <= 15 else False

    def _answered_by(self, account, phone, item):
        """Return the message that is answered: the one quoted, else the latest to that number."""
        accounts = account._same_app()
        context = item.get("context")
        quoted = clean(context.get("id")) if isinstance(context, dict) else ""
        outgoing = [("direction", "=", "outgoing"), ("account_id", "in", accounts.ids)]
        found = self.search([*outgoing, ("wamid", "=", quoted)], limit=1) if quoted else self.browse()
        if not found and phone:
            gone = ("unknown", "sent", "delivered", "read")
            domain = [*outgoing, ("phone", "=", phone), ("state", "in", gone)]
            found = self.search(domain, order="attempted_at desc, id desc", limit=1)
        return found

    def _partner_of(self, phone, company):
        """Return the one contact who has the number; nobody where several have it."""
        found = self.env["res.partner"]
        if phone:
            found = found.search([("whatsapp_phone", "=", phone), ("company_id", "in", [False, company.id])], limit=2)
        return found if len(found) == 1 else found.browse()

    def _arrive(self):
        """Do what a customer's message brings about."""
        self.ensure_one()
        outgoing = self.reply_to_id
        if outgoing:
            outgoing._lock_rows()
            if not outgoing.replied_at or self.received_at < outgoing.replied_at:
                outgoing._write_fact({"replied_at": self.received_at})
        effect = self.env["crm.whatsapp.keyword"]._effect_of(self.body)
        if effect and self.phone:
            self.env["crm.whatsapp.consent"]._note(self.phone, effect, "customer", self.received_at, self.body[:100])
        agent = self._agent()
        self._log_interaction(agent)
        document = self._document()
        if document:
            self._post(document)
            if not effect:
                self._remind(document, agent)
        if document and isinstance(document, self.env.registry["crm.whatsapp.mixin"]):
            document._whatsapp_answered(self)

    def _document(self):
        """Return the record on which the message lands, perhaps none: what it answers, else the contact."""
        model = self.env.get(self.res_model) if self.res_model else None
        document = model.browse(self.res_id).exists() if model is not None else None
        return document if document and hasattr(document, "message_post") else self.partner_id

    def _agent(self):
        """Return who is to answer: whom the document names, who wrote to the customer, whose customer it is, or the
        account's agent.
        """
        branch = self.branch_id
        document = self._mixin_document()
        everybody = (
            document and document._whatsapp_agent(),
            self.reply_to_id.user_id,
            self.partner_id.user_id,
            self.account_id.user_id,
            branch.pic_id,
            branch.head_id,
            self.env.ref("base.user_admin"),
        )
        return next(user for user in everybody if user and user.active and not user.share)

    def _log_interaction(self, agent):
        """Put the message on the agent's list: on the contact that is open already, or on a new one."""
        about = self._interaction_document()
        open_ones = [
            ("state", "=", "open"),
            ("channel", "=", "whatsapp"),
            ("direction", "=", "incoming"),
            ("branch_id", "=", self.branch_id.id),
            ("phone", "=", self.phone),
            ("partner_id", "=", self.partner_id.id),
            ("res_model", "=", about.get("res_model", False)),
            ("res_id", "=", about.get("res_id", False)),
        ]
        interaction = self.env["crm.interaction"].search(open_ones, limit=1)
        said = Markup("<p>%s</p>") % self.body
        if interaction:
            interaction.note = (interaction.note or Markup()) + said
        else:
            name = self.sender_name or self.env._("Unknown")
            interaction = interaction.create(
                {
                    "channel": "whatsapp",
                    "direction": "incoming",
                    "partner_id": self.partner_id.id,
                    "caller_name": False if self.partner_id else name,
                    "phone": self.phone,
                    "user_id": agent.id,
                    "branch_id": self.branch_id.id,
                    "began_at": self.received_at,
                    "note": said,
                    **about,
                }
            )
        self._write_fact({"interaction_id": interaction.id})

    def _interaction_document(self):
        """Return what the interaction is about, where interactions may be about such a document."""
        model, id_ = self.res_model, self.res_id
        if model == "crm.interaction":
            former = self.env[model].browse(id_).exists()
            model, id_ = former.res_model, former.res_id
        allowed = dict(self.env["crm.interaction"]._selection_about())
        if not id_ or model not in allowed or not self.env[model].browse(id_).exists():
            return {}
        return {"res_model": model, "res_id": id_}

    def _post(self, document):
        """Show the message in the document's chatter, as a note: followers outside get no e-mail."""
        author = self.partner_id or self.env.ref("base.partner_root")
        document.message_post(
            body=Markup("<b>WhatsApp</b> %s<br/>%s") % (self.phone or self.sender_name or "", self.body),
            author_id=author.id,
            subtype_xmlid="mail.mt_note",
        )

    def _remind(self, document, agent):
        """Give the agent one activity, however many messages come."""
        if not hasattr(document, "activity_schedule") or document.activity_search([ACTIVITY], only_automated=False):
            return
        if document.with_user(agent).has_access("read"):
            document.activity_schedule(
                ACTIVITY, user_id=agent.id, summary=self.env._("Answer on WhatsApp"), note=self.body
            )
