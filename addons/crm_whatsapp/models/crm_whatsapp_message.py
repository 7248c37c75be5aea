import logging

from odoo import api, fields, models
from odoo.exceptions import LockError, UserError
from odoo.tools import SQL

from ..const import PROBLEMS, RANK
from ..transaction import AGAIN
from ..utils import one_line

_logger = logging.getLogger(__name__)

STATES = [
    ("queued", "Queued"),
    ("sending", "Sending"),
    ("unknown", "Unknown"),
    ("sent", "Sent"),
    ("delivered", "Delivered"),
    ("read", "Read"),
    ("failed", "Failed"),
    ("left_out", "Left Out"),
    ("cancelled", "Cancelled"),
    ("received", "Received"),
]
EXCERPT = 60  # characters
#: What says why a message is where it is; later facts say something else.
WHY = ("problem", "error_code", "error_detail")


class CrmWhatsappMessage(models.Model):
    """One WhatsApp message, out or in: outbox, inbox and what became of each (H23-4.2.4).

    Nobody writes messages by way of the API, managers and administrators included: they are queued by
    ``_whatsapp_send``, and change by what the provider says or by the buttons below, each of which checks who acts.
    """

    _name = "crm.whatsapp.message"
    _description = "WhatsApp Message"
    _inherit = ["crm.branch.mixin"]
    _order = "id desc"
    _rec_names_search = ["partner_id", "phone", "sender_name"]

    direction = fields.Selection(
        [("outgoing", "Outgoing"), ("incoming", "Incoming")], required=True, default="outgoing", readonly=True
    )
    kind = fields.Selection(
        [("template", "Template"), ("text", "Free Text")], required=True, default="template", readonly=True
    )
    state = fields.Selection(STATES, "Status", required=True, default="queued", readonly=True)
    problem = fields.Selection(PROBLEMS, "Reason", readonly=True, help="Why it was left out, failed, or is in doubt.")
    error_code = fields.Integer("WhatsApp’s Error Code", readonly=True, aggregator=None)
    error_detail = fields.Char("WhatsApp’s Words", readonly=True)
    held = fields.Boolean("Held for Review", readonly=True, help="WhatsApp took it and looks at it before it goes on.")
    account_id = fields.Many2one("crm.whatsapp.account", required=True, readonly=True, index=True, ondelete="restrict")
    template_id = fields.Many2one("crm.whatsapp.template", readonly=True, index="btree_not_null", ondelete="restrict")
    blast_id = fields.Many2one("crm.whatsapp.blast", readonly=True, index="btree_not_null", ondelete="restrict")
    partner_id = fields.Many2one("res.partner", "Contact", readonly=True, index="btree_not_null", ondelete="set null")
    phone = fields.Char(readonly=True, help="With its country code, e.g. +6281234567890.")
    sender_name = fields.Char("Name on WhatsApp", readonly=True)
    user_id = fields.Many2one("res.users", "Sent By", readonly=True, index="btree_not_null")
    res_model = fields.Char("Document Model", readonly=True)
    res_id = fields.Many2oneReference("Document ID", model_field="res_model", readonly=True)
    res_name = fields.Char("Document", compute="_compute_res_name")
    body = fields.Text("Message", readonly=True)
    excerpt = fields.Char("Text", compute="_compute_excerpt")
    variables = fields.Json(readonly=True)
    language = fields.Char(readonly=True)
    # When
    due_at = fields.Datetime("Due", readonly=True, default=fields.Datetime.now)
    any_hour = fields.Boolean("Also in Quiet Hours", readonly=True)
    tz = fields.Char("Time Zone", readonly=True)
    attempts = fields.Integer(readonly=True, aggregator=None)
    attempted_at = fields.Datetime("Last Attempt", readonly=True)
    sent_at = fields.Datetime("Sent", readonly=True)
    delivered_at = fields.Datetime("Delivered", readonly=True)
    read_at = fields.Datetime("Read", readonly=True)
    failed_at = fields.Datetime("Failed", readonly=True)
    received_at = fields.Datetime("Received", readonly=True)
    replied_at = fields.Datetime("Answered by Customer", readonly=True, help="When the customer first wrote back.")
    # Who is who
    key = fields.Char(readonly=True, help="What it tells: one number gets a message of the same key only once.")
    uuid = fields.Char(readonly=True)
    wamid = fields.Char("WhatsApp’s ID", readonly=True)
    old_wamids = fields.Json(readonly=True)
    worker = fields.Integer(readonly=True, aggregator=None)
    reply_to_id = fields.Many2one("crm.whatsapp.message", "Answers", readonly=True, index="btree_not_null")
    settled_by_id = fields.Many2one("res.users", readonly=True)
    interaction_id = fields.Many2one("crm.interaction", readonly=True, index="btree_not_null", ondelete="set null")
    media_ids = fields.One2many("crm.whatsapp.media", "message_id", "Files", readonly=True)
    is_mine = fields.Boolean(compute="_compute_is_mine", search="_search_is_mine")

    _someone = models.Constraint(
        "CHECK(phone IS NOT NULL OR direction = 'incoming' OR state = 'left_out')", "A message goes to a number."
    )
    _told_once = models.UniqueIndex(
        "(key, phone) WHERE key IS NOT NULL AND state != 'left_out'", "This number has been told already."
    )
    _document_once = models.UniqueIndex(
        "(key, res_model, res_id) WHERE key IS NOT NULL", "There is such a message about this document already."
    )
    _uuid_uniq = models.UniqueIndex("(uuid) WHERE uuid IS NOT NULL", "Another message has this key.")
    _wamid_uniq = models.UniqueIndex("(wamid) WHERE wamid IS NOT NULL", "WhatsApp told of this message before.")
    _old_wamids_idx = models.Index("USING gin (old_wamids) WHERE old_wamids IS NOT NULL")
    _due_idx = models.Index("(account_id, blast_id, due_at, id) WHERE state = 'queued'")
    _sending_idx = models.Index("(account_id, worker) WHERE state = 'sending'")
    _attempted_idx = models.Index("(account_id, attempted_at) WHERE attempted_at IS NOT NULL")
    _phone_idx = models.Index("(phone, id)")
    _document_idx = models.Index("(res_model, res_id) WHERE res_id IS NOT NULL")

    # === COMPUTE METHODS === #

    @api.depends("partner_id", "sender_name", "phone")
    def _compute_display_name(self):
        for message in self:
            name = message.partner_id.sudo().name or message.sender_name or message.phone or ""
            message.display_name = f"WhatsApp · {name}"

    @api.depends("body")
    def _compute_excerpt(self):
        """Show the beginning of the text in one line."""
        for message in self:
            text = one_line(message.body or "")
            message.excerpt = text if len(text) <= EXCERPT else f"{text[:EXCERPT]}…"

    @api.depends("res_model", "res_id")
    @api.depends_context("uid")
    def _compute_res_name(self):
        """Name the document to who may read it."""
        self.res_name = False
        for model, messages in self.filtered("res_id").grouped("res_model").items():
            if model in self.env:
                documents = self.env[model].browse(messages.mapped("res_id")).exists().sudo(False)
                names = {document.id: document.display_name for document in documents._filtered_access("read")}
                for message in messages:
                    message.res_name = names.get(message.res_id, False)

    @api.depends("user_id")
    @api.depends_context("uid")
    def _compute_is_mine(self):
        for message in self:
            message.is_mine = message.user_id == self.env.user

    def _search_is_mine(self, operator, value):
        if operator != "in":
            return NotImplemented
        return [("user_id", "=", self.env.uid)]

    # === ACTION METHODS === #

    def action_send_again(self):
        """Queue failed messages again, as the same messages: whoever was told in between isn't told twice."""
        messages = self._for_step(("failed",))
        if stopped := messages.blast_id.filtered(lambda blast: blast.state == "stopped"):
            raise UserError(self.env._("The blast “%s” was stopped: write to the customer instead.", stopped[0].name))
        messages._requeue(fields.Datetime.now(), attempts=0)

    def action_settle_sent(self):
        """Say that a message in doubt has arrived."""
        self._for_step(("unknown",))._advance("sent", sent_at=fields.Datetime.now(), settled_by_id=self.env.uid)

    def action_settle_not_sent(self):
        """Say that a message in doubt has not arrived, so that it may be sent again."""
        self._for_step(("unknown",))._advance("failed", failed_at=fields.Datetime.now(), settled_by_id=self.env.uid)

    def action_cancel(self):
        """Take messages back that have not gone out."""
        self._for_step(("queued",))._write_fact({"state": "cancelled", "settled_by_id": self.env.uid})

    def action_view_document(self):
        """Open the document that the message is about; the contact where there is none."""
        self.ensure_one()
        model, id_ = (self.res_model, self.res_id) if self.res_id else ("res.partner", self.partner_id.id)
        if not id_ or model not in self.env:
            raise UserError(self.env._("Nobody knows whose number this is. Create the contact, with this number."))
        return {"type": "ir.actions.act_window", "res_model": model, "res_id": id_, "views": [[False, "form"]]}

    def action_reply(self):
        """Write to the customer: free text where they wrote within 24 hours."""
        self.ensure_one()
        if not self.partner_id:
            raise UserError(self.env._("Nobody knows whose number this is. Create the contact, with this number."))
        return self.partner_id.action_whatsapp_compose()

    # === BUSINESS METHODS === #

    def _for_step(self, states):
        """Return these messages, locked and with the rights to change them.

        :raise UserError: the user may not act on messages, or one is in another state
        :raise LockError: somebody else, or the sender, is changing one at this moment
        """
        self.check_access("read")
        if not self.env.user.has_group("crm_base.group_officer"):
            raise UserError(self.env._("Only officers and managers act on WhatsApp messages."))
        messages = self.sudo()
        if messages.try_lock_for_update() != messages:
            raise LockError(self.env._("A message is being changed at this moment. Try again."))
        messages.invalidate_recordset(["state"])
        if wrong := messages.filtered(lambda message: message.state not in states):
            raise UserError(
                self.env._(
                    "%(message)s is “%(state)s”: this can’t be done any more.",
                    message=wrong[0].display_name,
                    state=dict(self._fields["state"]._description_selection(self.env))[wrong[0].state],
                )
            )
        return messages

    def _lock_rows(self):
        """Wait for who else is changing these messages, and read them as they are then."""
        if self:
            self.env.cr.execute(
                SQL("SELECT id FROM crm_whatsapp_message WHERE id = ANY(%s) ORDER BY id FOR UPDATE", list(self.ids))
            )
            self.invalidate_recordset(flush=False)

    def _write_fact(self, vals):
        """Write what happened. For our own code: nobody has the right to write messages."""
        return self.sudo().write(vals)

    def _advance(self, state, **facts):
        """Let the messages come to a state where it is further than theirs. Facts are kept in any case, moments too:
        the end is the same whatever the order.
        """
        for message in self:
            vals = {name: value for name, value in facts.items() if name not in WHY}
            if RANK.get(message.state, 99) < RANK[state]:
                vals["state"] = state
                why = {name: facts.get(name, False) for name in WHY}
                vals |= {"held": False, **why}
            message._write_fact(vals)
            if vals.get("state") in ("sent", "failed", "delivered", "read"):
                message._settled()

    def _settled(self):
        """Tell the documents that their messages were sent, have arrived or have failed. An error in what one does then
        is logged, and spoils no record of what was sent.
        """
        for model, messages in self.filtered("res_id").grouped("res_model").items():
            documents = self.env.get(model)
            if isinstance(documents, self.env.registry["crm.whatsapp.mixin"]):
                messages._tell_documents(documents.browse(messages.mapped("res_id")).exists())

    def _tell_documents(self, documents):
        """Tell documents of their messages: all at once, or one by one to find which of them fails."""
        messages = self.filtered(lambda message: message.res_id in documents.ids)
        if not messages:
            return
        try:
            with self.env.cr.savepoint():
                documents._whatsapp_settled(messages)
        except AGAIN:
            raise
        except Exception:
            if len(messages) == 1:
                _logger.exception("%s: what follows from WhatsApp message %s failed", documents, messages.id)
                return
            for message in messages:
                message._tell_documents(documents.browse(message.res_id))

    def _mixin_document(self):
        """Return the document of this one message if it hears of its messages, else None."""
        documents = self.env.get(self.res_model) if self.res_model else None
        if not isinstance(documents, self.env.registry["crm.whatsapp.mixin"]):
            return None
        return documents.browse(self.res_id).exists()

    @api.model
    def _trigger_sending(self, at=None):
        """Have the scheduler send what is due, now or then."""
        self.env.ref("crm_whatsapp.ir_cron_send").sudo()._trigger(at or None)
