import base64
import binascii
import re

from odoo import fields, models
from odoo.exceptions import UserError

from ..card_number import mask_card_numbers
from ..transfer_file import recognise


class CrmTransferProof(models.Model):
    """The document of a proof, known by its content, and the bank's reference: each proves one transfer (SOP-11b)."""

    _inherit = "crm.transfer.proof"

    reference = fields.Char("Bank Reference", size=64, help="The number that the bank has given the transfer, if any.")
    reference_key = fields.Char(readonly=True, copy=False)
    file = fields.Binary("Proof", attachment=True, required=True, copy=False)
    file_name = fields.Char(copy=False)
    mimetype = fields.Char("File Type", readonly=True, copy=False)
    sha256 = fields.Char("Fingerprint", readonly=True, copy=False)

    _file_live = models.UniqueIndex(
        "(sha256) WHERE state != 'rejected'", "This file is the proof of another transfer already."
    )
    _reference_live = models.UniqueIndex(
        "(bank_account_id, reference_key) WHERE state != 'rejected' AND reference_key IS NOT NULL",
        "This bank reference is the proof of another transfer already.",
    )

    # === CRUD METHODS === #

    def _complete_facts(self, vals):
        """Override: with what the file is, and the reference as it is compared.

        :raise UserError: the file is too large or is no PDF, JPEG or PNG
        """
        vals = super()._complete_facts(vals)
        if "file" in vals:
            vals |= self._recognise(vals["file"], vals.get("file_name"))
        if "reference" in vals:
            reference = mask_card_numbers(vals["reference"] or "", self._known_accounts())
            vals["reference"] = reference or False
            vals["reference_key"] = re.sub(r"\W", "", reference).upper() or False
        return vals

    def _known_accounts(self):
        return set(
            self.env["res.partner.bank"]
            .sudo()
            .search([("transfer_company_id", "!=", False)])
            .mapped("sanitized_acc_number")
        )

    def _recognise(self, data, name):
        limit = self.env.company.transfer_proof_megabytes
        try:
            content = base64.b64decode(data or b"", validate=False)
        except (binascii.Error, ValueError, TypeError):
            content = b""
        if len(content) > limit * 2**20:
            raise UserError(self.env._("The file is larger than %s MB: send a smaller one.", limit))
        found = recognise(content)
        if not found:
            raise UserError(
                self.env._("A proof of transfer is a PDF, JPG or PNG file. This one isn't, whatever its name.")
            )
        stem = re.sub(r"[^\w. -]", "_", (name or "").rsplit("/")[-1].rsplit("\\")[-1].rsplit(".", 1)[0])[:80]
        stem = mask_card_numbers(stem).replace("•", "x").strip() or "proof"
        return {"mimetype": found.mimetype, "sha256": found.sha256, "file_name": f"{stem}.{found.extension}"}

    # === CHECKS === #

    def _check_not_used(self, vals_list):
        """Find the same file or the same bank reference at another order, before the database does.

        :raise UserError: names the other order to those who may see it
        """
        for vals in vals_list:
            domains = []
            if vals.get("sha256"):
                domains.append([("sha256", "=", vals["sha256"])])
            if vals.get("reference_key"):
                account = vals.get("bank_account_id") or self[:1].bank_account_id.id
                domains.append([("reference_key", "=", vals["reference_key"]), ("bank_account_id", "=", account)])
            for domain in domains:
                used = self.sudo().search([*domain, ("state", "!=", "rejected"), ("id", "not in", self.ids)], limit=1)
                if used:
                    used.with_env(self.env)._refuse_second_use("sha256" in domain[0])

    def _refuse_second_use(self, is_file):
        order = self.sudo().order_id
        visible = not self.env.user.share and not self.env.su and order.with_env(self.env).has_access("read")
        what = self.env._("This file") if is_file else self.env._("This bank reference")
        if visible:
            raise UserError(
                self.env._("%(what)s is the proof of transfer of %(order)s already.", what=what, order=order.name)
            )
        raise UserError(self.env._("%s is the proof of another transfer already.", what))
