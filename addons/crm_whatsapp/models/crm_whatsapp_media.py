import re
from datetime import timedelta

import requests
from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL
from odoo.tools.mimetypes import guess_mimetype

from .. import transaction
from ..const import BACK_OFF, PROBLEMS, STOP, UNKNOWN
from ..providers import Outcome, ServiceError
from ..utils import clean

KINDS = [
    ("image", "Picture"),
    ("document", "Document"),
    ("audio", "Voice or Sound"),
    ("video", "Film"),
    ("sticker", "Sticker"),
]
#: Types that are taken, with the ending of a file that has no name. Nothing that a browser runs.
TYPES = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "application/pdf": "pdf",
    "audio/ogg": "ogg",
    "audio/mpeg": "mp3",
    "audio/mp4": "m4a",
    "audio/aac": "aac",
    "audio/amr": "amr",
    "video/mp4": "mp4",
    "video/3gpp": "3gp",
    "text/plain": "txt",
    "application/msword": "doc",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.ms-excel": "xls",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
}
#: What a browser may run, whatever it is called.
ACTIVE = ("text/html", "image/svg+xml", "application/xhtml+xml", "text/xml", "application/xml", "text/javascript")
NOT_NAME = re.compile(r"[^\w .()+-]+")
AGAIN = (BACK_OFF, UNKNOWN, STOP)
MOST_ATTEMPTS = 8
FIRST_WAIT = 60  # seconds; doubled with each attempt
LEASE = timedelta(minutes=10)  # for one fetch; after it somebody else may try


class CrmWhatsappMedia(models.Model):
    """A file that a customer sent: noted with their message, fetched later, tried again until it is there."""

    _name = "crm.whatsapp.media"
    _description = "WhatsApp File"
    _order = "id desc"

    message_id = fields.Many2one("crm.whatsapp.message", required=True, readonly=True, index=True, ondelete="cascade")
    account_id = fields.Many2one(related="message_id.account_id", store=True, index=True)
    company_id = fields.Many2one(related="message_id.company_id")
    kind = fields.Selection(KINDS, required=True, readonly=True)
    key = fields.Char("WhatsApp’s File ID", required=True, readonly=True)
    name = fields.Char("File Name", required=True, readonly=True)
    mime = fields.Char("Type", readonly=True)
    state = fields.Selection(
        [("waiting", "Waiting"), ("fetched", "Fetched"), ("failed", "Failed")],
        "Status",
        required=True,
        default="waiting",
        readonly=True,
    )
    problem = fields.Selection(PROBLEMS, "Reason", readonly=True)
    problem_detail = fields.Char("WhatsApp’s Words", readonly=True)
    attempts = fields.Integer(readonly=True, aggregator=None)
    due_at = fields.Datetime("Due", readonly=True, default=fields.Datetime.now)
    attachment_id = fields.Many2one("ir.attachment", readonly=True, index="btree_not_null", ondelete="set null")
    size = fields.Integer(related="attachment_id.file_size")

    _due_idx = models.Index("(due_at, id) WHERE state = 'waiting'")

    # === CRON === #

    @api.model
    def _cron_fetch(self):
        """Fetch the files that are due: noted and committed first, fetched without a transaction, kept in another."""
        crons = self.env["ir.cron"]
        left = crons._commit_progress()
        with requests.Session() as session:
            while left > 0 and self._fetch_next(session):
                left = crons._commit_progress(1, remaining=0)
        if later := self.search([("state", "=", "waiting")], order="due_at", limit=1):
            self.env.ref("crm_whatsapp.ir_cron_fetch").sudo()._trigger(later.due_at)

    # === ACTION METHODS === #

    def action_fetch_again(self):
        """Try again to fetch files that couldn't be fetched."""
        self.check_access("read")
        if not self.env.user.has_group("crm_base.group_officer"):
            raise UserError(self.env._("Only officers and managers act on WhatsApp messages."))
        failed = self.sudo().filtered(lambda file: file.state == "failed")
        failed.write({"state": "waiting", "attempts": 0, "due_at": fields.Datetime.now(), "problem": False})
        failed._trigger_fetching()

    def action_open(self):
        """Open the file."""
        self.ensure_one()
        self.check_access("read")
        if not self.attachment_id:
            raise UserError(self.env._("The file isn’t here yet."))
        return {"type": "ir.actions.act_url", "url": f"/web/content/{self.attachment_id.id}?download=true"}

    # === BUSINESS METHODS === #

    @api.model
    def _note_file(self, message, item):
        """Note the file of a customer's message, if it has one.

        :param dict item: of the provider's event: ``{type: image, image: {id, mime_type, filename}}``
        """
        kind = str(item.get("type"))
        content = item.get(kind) if kind in dict(KINDS) else None
        key = clean(content.get("id")) if isinstance(content, dict) else ""
        if not key or not message.account_id._get_provider().has_files:
            return self.browse()
        mime = clean(content.get("mime_type")).partition(";")[0].strip().lower()
        file = self.create(
            {
                "message_id": message.id,
                "kind": kind,
                "key": key[:200],
                "mime": mime[:100],
                "name": self._name_of(content.get("filename"), kind, mime),
            }
        )
        file._trigger_fetching()
        return file

    @staticmethod
    def _name_of(name, kind, mime):
        """Return a file's name without anything that leads elsewhere, and with the ending of its type."""
        stem = NOT_NAME.sub("_", clean(name).replace("\\", "/").rpartition("/")[2]).strip(" .")[-100:]
        ending = TYPES.get(mime)
        stem = stem or kind
        return stem if not ending or stem.lower().endswith(f".{ending}") else f"{stem}.{ending}"

    @api.model
    def _trigger_fetching(self):
        self.env.ref("crm_whatsapp.ir_cron_fetch").sudo()._trigger()

    def _fetch_next(self, session):
        """Fetch one file that is due; return whether there was one."""
        registry, name = self.env.registry, self._name
        claimed = transaction.run(registry, lambda env: env[name]._claim())
        if not claimed:
            return False
        id_, provider, key, most = claimed
        try:
            result = provider.file(session, key, most)
        except ServiceError as error:
            result = error.outcome
        except Exception as error:  # noqa: BLE001 - whatever a provider does: not its words, they may hold the token
            result = Outcome(UNKNOWN, problem="service_down", detail=type(error).__name__)
        transaction.run(registry, lambda env: env[name].browse(id_)._keep(result))
        return True

    @api.model
    def _claim(self):
        """Take on the file that is due first, and keep others from it for a while.

        :return: its id, and what fetches it; None where nothing is due
        """
        now = fields.Datetime.now()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id FROM crm_whatsapp_media WHERE state = 'waiting' AND due_at <= %s
              ORDER BY due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
                """,
                now,
            )
        )
        file = self.browse(id_ for (id_,) in rows)
        if not file:
            return None
        file.write({"attempts": file.attempts + 1, "due_at": now + LEASE})
        most = file.message_id.company_id.whatsapp_file_mb * 1024 * 1024
        return file.id, file.account_id._get_provider(), file.key, most

    def _keep(self, result):
        """Keep a file that was fetched, or why it wasn't. A second one of two who fetched it changes nothing.

        :param result: ``File``, or ``Outcome``
        """
        self.ensure_one()
        self.env.cr.execute("SELECT id FROM crm_whatsapp_media WHERE id = %s FOR UPDATE", self.ids)
        self.invalidate_recordset()
        if self.state != "waiting":
            return
        if not isinstance(result, Outcome):
            result = self._refused_type(result) or result
        if isinstance(result, Outcome):
            self._failed(result)
        else:
            self._attach(result)

    def _refused_type(self, file):
        """Return why a file of this type isn't taken, or None. What is in it counts, not what it is called."""
        mime = file.mime.partition(";")[0].strip().lower() or self.mime
        found = guess_mimetype(file.content, default=mime)
        if mime not in TYPES or found in ACTIVE or not file.content:
            return Outcome("final", problem="file_type", detail=(mime if mime not in TYPES else found)[:100])
        return None

    def _failed(self, outcome):
        again = outcome.kind in AGAIN and self.attempts < MOST_ATTEMPTS
        wait = timedelta(seconds=FIRST_WAIT * 2 ** (self.attempts - 1))
        self.write(
            {
                "state": "waiting" if again else "failed",
                "due_at": fields.Datetime.now() + wait,
                "problem": outcome.problem,
                "problem_detail": outcome.detail,
            }
        )
        if outcome.problem == "token":  # what else may be refused here doesn't keep messages from going out
            self.account_id._stop(outcome.problem, outcome.detail)

    def _attach(self, file):
        """Attach the file to the customer's message, and show it where the message landed."""
        mime = file.mime.partition(";")[0].strip().lower() or self.mime
        attachment = self.env["ir.attachment"].create(
            {
                "name": self._name_of(self.name.rpartition(".")[0] or self.name, self.kind, mime),
                "raw": file.content,
                "mimetype": mime,
                "res_model": "crm.whatsapp.message",
                "res_id": self.message_id.id,
            }
        )
        self.write({"state": "fetched", "attachment_id": attachment.id, "mime": mime, "problem": False})
        self.write({"problem_detail": False})
        if document := self.message_id._document():
            document.message_post(
                body=Markup("<b>WhatsApp</b> %s") % (self.message_id.phone or self.message_id.sender_name or ""),
                attachments=[(attachment.name, file.content)],
                author_id=(self.message_id.partner_id or self.env.ref("base.partner_root")).id,
                subtype_xmlid="mail.mt_note",
            )
