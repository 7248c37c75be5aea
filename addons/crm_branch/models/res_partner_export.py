import io
import json
import re
import zipfile

from odoo import fields, models
from odoo.tools import html2plaintext

KINDS = (
    "boolean",
    "char",
    "date",
    "datetime",
    "float",
    "html",
    "integer",
    "many2one",
    "monetary",
    "selection",
    "text",
)
UNIMPORTANT = re.compile(r"token|^(id|write_date|write_uid|create_uid|sequence|color|priority)$|_normalized$|^message_")
UNSAFE = re.compile(r"[^\w.() -]|\.(?=\.)")


class ResPartner(models.Model):
    """A person gets all their data: one ZIP of JSON and files (BR-3)."""

    _inherit = "res.partner"

    # === ACTION METHODS === #

    def action_export_person(self):
        """Download what is kept about the person. Headquarters only."""
        self.ensure_one()
        self._check_privacy_officer()
        return {"type": "ir.actions.act_url", "url": f"/crm_branch/person/{self.id}", "target": "download"}

    # === BUSINESS METHODS === #

    def _export_person(self):
        """Return the ZIP, as bytes: ``person.json``, and the files beside it (BR-3). It is logged.

        :raise AccessError: the user isn't headquarters'
        """
        self.ensure_one()
        self._check_privacy_officer()
        person = self.sudo()._person()
        documents = person._of_own_companies(person._person_documents())
        messages = person._person_messages(documents)
        files = person._person_files(documents, messages).filtered(lambda file: file.type == "binary" and file.raw)
        sections = {name: [self._export_record(record) for record in records] for name, records in documents.items()}
        sections["messages"] = [self._export_message(message) for message in messages]
        names = {file: f"files/{file.id} {self._safe_name(file.name)}" for file in files}
        sections["files"] = [
            {"file": name, "of": f"{file.res_model} {file.res_id}", "field": file.res_field or None}
            for file, name in names.items()
        ]
        counts = {name: len(rows) for name, rows in sections.items()}
        self.env["crm.privacy.log"]._record("export", self, counts)
        return self._zip(sections, names)

    def _of_own_companies(self, documents):
        """Return the documents without those of companies that the user doesn't work for."""
        mine = self.env.user.company_ids
        return {
            name: records.filtered(lambda record: not record.company_id or record.company_id in mine)
            if "company_id" in records._fields
            else records
            for name, records in documents.items()
        }

    def _zip(self, sections, names):
        content = {"exported_at": f"{fields.Datetime.now()} UTC", "company": self.env.company.name, **sections}
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("person.json", json.dumps(content, ensure_ascii=False, indent=2, default=str))
            for file, name in names.items():
                archive.writestr(name, file.raw)
        return stream.getvalue()

    def _export_record(self, record):
        """Return name → value of what is stored and filled: words for relations, no technical keys."""
        values = {"model": record._name, "id": record.id}
        for name, field in record._fields.items():
            if not field.store or field.type not in KINDS or UNIMPORTANT.search(name):
                continue
            value = record[name]
            if field.type == "many2one":
                value = value.display_name
            if value or (field.type in ("integer", "float", "monetary") and value is not False):
                values[name] = value
        return values

    def _export_message(self, message):
        return {
            "date": message.date,
            "on": f"{message.model} {message.res_id}",
            "from": message.email_from or message.author_id.display_name,
            "subject": message.subject or None,
            "text": html2plaintext(message.body or "").strip(),
        }

    def _safe_name(self, name):
        """Return a file's name that stays in its folder, whatever somebody has called the file."""
        return UNSAFE.sub("_", name or "file").strip(". ")[-120:] or "file"
