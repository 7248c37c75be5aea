from odoo import fields, models
from odoo.exceptions import UserError

from ..const import SENDING_BLASTS
from ..utils import wa_link


class CrmWhatsappMessage(models.Model):
    """Sent by hand: a person opens WhatsApp with the text typed in, sends, and says what came of it."""

    _inherit = "crm.whatsapp.message"

    by_hand = fields.Boolean(compute="_compute_by_hand", search="_search_by_hand")
    link = fields.Char("Open WhatsApp", compute="_compute_link")

    # === COMPUTE METHODS === #

    def _compute_by_hand(self):
        for message in self:
            message.by_hand = message.account_id.sudo().provider == "hand"

    def _search_by_hand(self, operator, value):
        if operator != "in":
            return NotImplemented
        return [("account_id.provider", "=", "hand")]

    def _compute_link(self):
        for message in self:
            shown = message.by_hand and message.phone and message.state in ("queued", "sending")
            message.link = wa_link(message.phone, message.body or "") if shown else False

    # === ACTION METHODS === #

    def action_open_by_hand(self):
        """Take the message on, so that no colleague sends it too, and show what to do."""
        self.ensure_one()
        self._take_on_by_hand()
        return self._hand_window()

    def action_hand_sent(self):
        """Note that the message was sent by hand."""
        self._taken_on()._advance("sent", sent_at=fields.Datetime.now(), settled_by_id=self.env.uid)
        return self._next_by_hand()

    def action_hand_no_whatsapp(self):
        """Note that the number isn't on WhatsApp."""
        self._hand_failed("no_whatsapp")
        return self._next_by_hand()

    def action_hand_skipped(self):
        """Note that the message wasn't sent."""
        self._hand_failed("skipped")
        return self._next_by_hand()

    # === BUSINESS METHODS === #

    def _take_on_by_hand(self):
        """Claim a message for the user; whether it may be sent is asked at this moment.

        :raise UserError: somebody else is at it, its blast isn't running, or the customer opted out in the meantime
        """
        if self.sudo().state == "sending" and self.sudo().user_id == self.env.user and self.by_hand:
            return
        message = self._for_step(("queued",))
        if not message.by_hand:
            raise UserError(self.env._("The system sends this message by itself."))
        if message.blast_id and message.blast_id.state not in SENDING_BLASTS:
            raise UserError(self.env._("The blast “%s” isn’t running.", message.blast_id.name))
        if self.env["crm.whatsapp.consent"]._refusals(message):
            raise UserError(self.env._("The customer has opted out: take the message back."))
        if why := message.template_id and message.template_id._why_not():
            raise UserError(why)
        now = fields.Datetime.now()
        message._write_fact(
            {"state": "sending", "user_id": self.env.uid, "attempted_at": now, "attempts": message.attempts + 1}
        )

    def _taken_on(self):
        """Return this message for the answer of who took it on, or of a manager."""
        self.ensure_one()
        message = self._for_step(("sending",))
        if not message.by_hand:
            raise UserError(self.env._("The system sends this message by itself."))
        if message.user_id != self.env.user and not self.env.user.has_group("crm_base.group_manager"):
            raise UserError(self.env._("%s has taken this message on.", message.user_id.name))
        return message

    def _hand_failed(self, problem):
        facts = {"problem": problem, "failed_at": fields.Datetime.now(), "settled_by_id": self.env.uid}
        self._taken_on()._advance("failed", **facts)

    def _next_by_hand(self):
        """Take on the next message of the same blast, or close the window."""
        domain = [
            ("state", "=", "queued"),
            ("account_id", "=", self.account_id.id),
            ("due_at", "<=", fields.Datetime.now()),
        ]
        domain += [("blast_id", "=", self.blast_id.id)]
        for message in self.search(domain, order="due_at, id", limit=10):
            try:
                message._take_on_by_hand()
            except UserError:
                continue
            return message._hand_window()
        self.env["crm.whatsapp.blast"]._finish_done()
        return {"type": "ir.actions.act_window_close"}

    def _hand_window(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Send by Hand"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [[self.env.ref("crm_whatsapp.crm_whatsapp_message_view_form_hand").id, "form"]],
            "target": "new",
        }
