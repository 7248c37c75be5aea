from odoo import models

from odoo.addons.crm_sop_sales.card_number import mask_card_numbers

from .base import MAIL


class MailThread(models.AbstractModel):
    """What a customer sends by e-mail isn't lost for a card's number in it: the number is masked (SOP-12g)."""

    _inherit = "mail.thread"

    def _process_attachments_for_post(self, attachments, attachment_ids, message_values):
        """Override: likewise in the names of files."""
        if message_values.get("message_type") != "email" or not self._is_looked_into():
            return super()._process_attachments_for_post(attachments, attachment_ids, message_values)
        masked = [(mask_card_numbers(name), *rest) for name, *rest in attachments or []]
        incoming = self.with_context(crm_courier_mail=MAIL)
        return super(MailThread, incoming)._process_attachments_for_post(masked, attachment_ids, message_values)
