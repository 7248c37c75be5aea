from collections import Counter

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..const import USABLE
from ..models.crm_whatsapp_message_incoming import ACTIVITY

FIRST = "category desc, name, language"  # utility before marketing
MOST = 20  # recipients; more of them are a blast, which a manager starts


class CrmWhatsappComposer(models.TransientModel):
    """Write to the contacts of some documents: a template, or free text to who wrote within 24 hours."""

    _name = "crm.whatsapp.composer"
    _description = "Send WhatsApp"
    _rec_name = "res_model"

    res_model = fields.Char(required=True, readonly=True)
    res_ids = fields.Json(required=True, readonly=True)
    kind = fields.Selection([("template", "Template"), ("text", "Free Text")], required=True, default="template")
    template_id = fields.Many2one(
        "crm.whatsapp.template",
        domain="[('state', '=', 'approved'), ('whatsapp_status', 'in', (False, 'approved')),"
        " ('model', '=', res_model)]",
    )
    text = fields.Text("Message")
    preview = fields.Text(compute="_compute_preview")
    recipient = fields.Char(compute="_compute_recipient")
    problem = fields.Char(compute="_compute_recipient")
    window_open = fields.Boolean(compute="_compute_recipient")

    # === COMPUTE METHODS === #

    @api.depends("res_model", "res_ids")
    def _compute_recipient(self):
        """Say who gets it, and who can't."""
        messages = self.env["crm.whatsapp.message"]
        words = dict(messages._fields["problem"]._description_selection(self.env))
        for wizard in self:
            contacts = messages._contacts_of(wizard._documents())
            good = [f"{partner.display_name} ({phone})" for partner, phone, problem in contacts.values() if not problem]
            bad = Counter(words[problem] for __, __, problem in contacts.values() if problem)
            wizard.recipient = ", ".join(good)
            wizard.problem = ", ".join(f"{word}: {count}" if count > 1 else word for word, count in bad.items())
            phones = [phone for __, phone, problem in contacts.values() if not problem]
            ours = [("company_id", "in", self.env.companies.ids)]
            ends = messages._window_ends(phones, ours) if len(contacts) == 1 else {}
            wizard.window_open = any(end > fields.Datetime.now() for end in ends.values())

    @api.depends("template_id", "res_ids")
    def _compute_preview(self):
        """Show the message as the first recipient gets it."""
        for wizard in self:
            document = wizard._documents()[:1]
            wizard.preview = False
            if wizard.template_id and document and wizard.template_id.model == document._name:
                partner = self.env["crm.whatsapp.message"]._contacts_of(document)[document][0]
                version = wizard.template_id._in_language(partner.lang or "")
                wizard.preview = version._filled(version._values_for(document)[document])

    # === ACTION METHODS === #

    def action_send(self):
        """Queue it, and show it in the documents' chatter. A second click sends nothing more."""
        self.ensure_one()
        documents = self._documents()
        if not documents:
            raise UserError(self.env._("Choose the recipients first."))
        if len(documents) > MOST:
            raise UserError(self.env._("For more than %s recipients a manager makes a blast.", MOST))
        sent = self._send_text(documents) if self.kind == "text" else self._send_template(documents)
        self._note_in(documents, sent)
        if len(sent) == 1 and sent.by_hand and sent.state == "queued":
            return sent.action_open_by_hand()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("%s WhatsApp messages are on their way.", len(sent))
                if len(sent) > 1
                else self.env._("The WhatsApp message is on its way."),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    # === BUSINESS METHODS === #

    @api.model
    def _open_for(self, records):
        """Return the action that opens the window for records."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Send WhatsApp"),
            "res_model": self._name,
            "views": [[False, "form"]],
            "target": "new",
            "context": {"default_res_model": records._name, "default_res_ids": records.ids},
        }

    @api.model
    def default_get(self, fields):
        """Override: free text first where the customer has just written; a mixed list of documents is none."""
        values = super().default_get(fields)
        context = self.env.context
        values.setdefault("res_model", context.get("active_model"))
        values.setdefault("res_ids", context.get("active_ids"))
        wizard = self.new(values)
        if wizard.window_open:
            values["kind"] = "text"
        domain = Domain(USABLE) & Domain("model", "=", values.get("res_model"))
        values.setdefault("template_id", self.env["crm.whatsapp.template"].search(domain, order=FIRST, limit=1).id)
        return values

    def _documents(self):
        """Return the documents that the user may read, whatever a client may have named as such."""
        model, ids = self.env.get(self.res_model), self.res_ids
        if not isinstance(model, self.env.registry["crm.whatsapp.mixin"]) or model._abstract:
            return self.env["res.partner"]
        if not isinstance(ids, list) or not all(type(id_) is int for id_ in ids):
            return model.browse()
        return model.browse(ids).exists()._filtered_access("read")

    def _key(self):
        """Return what a second click has in common with the first, and nothing else with anything."""
        return f"composer:{self.create_date.isoformat()}:{self.id}"

    def _send_template(self, documents):
        if not self.template_id:
            raise UserError(self.env._("Choose a template."))
        sent = documents._whatsapp_send(self.template_id, key=self._key())
        if refused := sent.filtered(lambda message: message.state == "left_out"):
            words = dict(sent._fields["problem"]._description_selection(self.env))
            lines = [f"{message.partner_id.display_name or ''}: {words[message.problem]}" for message in refused]
            if refused == sent:
                raise UserError("\n".join(lines))
        return sent - refused

    def _send_text(self, documents):
        if len(documents) > 1:
            raise UserError(self.env._("Free text goes to one customer at a time."))
        if not (self.text or "").strip():
            raise UserError(self.env._("Write the message first."))
        partner = self.env["crm.whatsapp.message"]._contacts_of(documents)[documents][0]
        messages = self.env["crm.whatsapp.message"]
        if messages.search_count([("key", "=", self._key())], limit=1):
            return messages
        sent = messages._queue_text(partner, self.text.strip(), documents, key=self._key())
        partner.activity_feedback([ACTIVITY], only_automated=False)
        return sent

    def _note_in(self, documents, sent):
        """Show what was sent in the chatter of those documents that have one."""
        for message in sent:
            document = documents.browse(message.res_id)
            target = document if hasattr(document, "message_post") else message.partner_id
            body = Markup("<b>WhatsApp</b> → %s<br/>%s") % (message.phone, message.body)
            target.message_post(body=body, subtype_xmlid="mail.mt_note")
