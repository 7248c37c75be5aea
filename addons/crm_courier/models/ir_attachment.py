import base64
import binascii

from odoo import api, models

from .base import LARGEST_FILE, MAIL

#: In the first so many bytes of a text there is no zero.
BEGINNING = 1024


class IrAttachment(models.Model):
    """A text file is looked into before it is written to the disk, where it would stay for a while (SOP-12g)."""

    _inherit = "ir.attachment"

    @api.model_create_multi
    def create(self, vals_list):
        """Override: refuse text with card numbers in it."""
        for vals in vals_list:
            self._refuse_numbers_in_file(vals)
        return super().create(vals_list)

    def write(self, vals):
        """Override: likewise."""
        self._refuse_numbers_in_file(vals)
        return super().write(vals)

    def _refuse_numbers_in_file(self, vals):
        content = vals.get("raw") or vals.get("datas")
        if not content or self.env.context.get("crm_courier_mail") is MAIL or not self._is_about_us(vals):
            return
        try:
            data = base64.b64decode(content) if not vals.get("raw") else content
        except (binascii.Error, ValueError):
            return
        data = data.encode() if isinstance(data, str) else data
        if isinstance(data, bytes) and b"\0" not in data[:BEGINNING]:
            self._refuse_card_numbers({"raw": data[:LARGEST_FILE].decode("utf-8", "ignore")})
