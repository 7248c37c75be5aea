"""Cards of the demo's customers: bank and kind on the order, and what happens at the door."""

import base64
import io
from datetime import timedelta

from PIL import Image, ImageDraw

from odoo import api, models

from ..models.crm_courier_stop_entries import Moment

#: The banks of the demo's cards, where the courier calls for an authorisation.
PHONES = {"Bank Mandiri": "021-527 70 70", "Bank BCA": "1500888"}


class CrmDemoCards(models.AbstractModel):
    """Pay by card at the door. Only the demo files call this, and only where there are books."""

    _name = "crm.demo.cards"
    _description = "Demo Data: Card Payments"

    @api.model
    def _prepare(self):
        """Have a journal of the card terminals, and banks with telephone numbers."""
        company = self.env.company
        for name, phone in PHONES.items():
            bank = self._bank(name) or self.env["res.bank"].create({"name": name})
            bank.phone = phone
        if company.chart_template and not company.courier_card_journal_id:
            journal = self.env["account.journal"].create({"name": "EDC Terminals", "code": "EDC", "type": "bank"})
            company.courier_card_journal_id = journal

    @api.model
    def _bank(self, name):
        return self.env["res.bank"].search([("name", "=", name)], limit=1)

    @api.model
    def _choose(self, order):
        """Have the customer pay by card, and note which one."""
        if self.env.company.courier_card_journal_id:
            bank = self._bank("Bank Mandiri")
            order.write(
                {"payment_choice": "card", "card_bank_id": bank.id, "card_kind": "credit", "card_network": "visa"}
            )

    @api.model
    def _pay(self, stop, outcome):
        """Verify and swipe, as the courier on the run's day; where nothing is delivered the bank has declined.

        Where nothing is to be paid by card, or nothing came of the delivery yet, nothing is done.
        """
        if not outcome or not stop._is_paid_by_card():
            return
        stop = stop.with_context(courier_door_moment=Moment(stop.run_id.starts_at + timedelta(minutes=35)))
        answers = {"consent": True, "holder_present": True, "signature_matches": True}
        stop._door_card_check({**answers, "id_kind": "ktp", "id_photo": self._draw(stop.sudo().partner_id.name)})
        slip = {"amount": stop.to_collect, "terminal_id": stop.run_id.terminal_id.id, "last_four": "4821"}
        stop._door_card_swipe({**slip, "result": "declined"})
        if outcome != "delivered":
            stop._door_card_swipe({**slip, "result": "do_not_honor"})
            return
        stop._door_card_swipe(
            {**slip, "result": "approved", "approval_code": f"{stop.id:06d}", "authorisation_code": "884213"}
        )

    @api.model
    def _draw(self, name):
        """Return a picture of a card that is nobody's ID, as base64 of a JPEG."""
        image = Image.new("RGB", (640, 400), "lightsteelblue")
        draw = ImageDraw.Draw(image)
        draw.rectangle((470, 90, 600, 270), outline="gray", width=3)
        draw.multiline_text((40, 60), f"KARTU TANDA PENDUDUK\n\n{name}\n\nSPECIMEN", fill="black", font_size=32)
        data = io.BytesIO()
        image.save(data, "JPEG")
        return base64.b64encode(data.getvalue()).decode()
