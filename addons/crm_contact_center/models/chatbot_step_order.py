import re

from markupsafe import Markup

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import email_normalize

PHONE = re.compile(r"\+?\d[\d ().-]{5,20}\d")
NUMBER = re.compile(r"[\w/.-]*\d[\w/.-]*")
OWN = 3


class ChatbotScriptStep(models.Model):
    """The bot tells how an order is doing, to whose it is (CC-7): 17 seconds instead of 93 by phone (CC-4).

    Whoever is logged in gets their own orders; a visitor names the order and the phone number or e-mail on it. Unknown
    order and wrong phone get the same answer, five tries an hour.
    """

    _inherit = "chatbot.script.step"

    # === WHAT THE VISITOR SAYS === #

    def _process_answer(self, discuss_channel, message_body):
        """Override: the first message is the order's number, a visitor's second one says who they are."""
        if self.step_type != "crm_order":
            return super()._process_answer(discuss_channel, message_body)
        channel = discuss_channel.sudo()
        said = [self._crm_text(message.mail_message_id.body) for message in channel._bot_said(self)]
        partner = self._order_customer(channel)
        if partner:
            order = self._order_numbered(said[-1], channel, self._order_domain_of(partner))
        elif len(said) % 2:
            return self
        elif not self.env["crm.bot.try"]._take(channel._visitor().guest_id):
            self._crm_say(
                discuss_channel, self.env._("You have tried several times. Please ask a person, or try later.")
            )
            return self._crm_otherwise(channel)
        else:
            order = self._order_numbered(said[-2], channel, self._order_domain_by(said[-1], channel))
        if order:
            self._crm_say(discuss_channel, self._order_body(order, partner))
            return self._crm_next(channel)
        self._crm_say(discuss_channel, self.env._("I found no order with that. Please check what you wrote."))
        return self if len(said) < 6 else self._crm_otherwise(channel)

    # === WHAT THE BOT ASKS === #

    def _process_step(self, discuss_channel):
        """Override: ask for the number; then who it is. Who is logged in sees the last orders at once."""
        if self.step_type != "crm_order":
            return super()._process_step(discuss_channel)
        channel = discuss_channel.sudo()
        partner, said = self._order_customer(channel), len(channel._bot_said(self))
        if not partner and said % 2:
            question = self.env._("And the phone number or e-mail address that is on the order?")
            return self._crm_say(discuss_channel, question)
        if partner and not said:
            orders = self.env["sale.order"].search(
                self._order_domain(channel) & self._order_domain_of(partner),
                limit=OWN,
                order="date_order desc, id desc",
            )
            for order in orders:
                self._crm_say(discuss_channel, self._order_body(order, partner))
        return self._crm_say(discuss_channel, self.message or self.env._("What is the number of your order?"))

    # === ORDERS === #

    def _order_customer(self, channel):
        """Return who the visitor is, if they are logged in."""
        return channel._visitor().partner_id

    def _order_domain(self, channel):
        return Domain("state", "in", ("sent", "sale", "cancel")) & Domain("company_id", "=", channel._bot_company().id)

    def _order_domain_of(self, partner):
        return Domain("partner_id", "child_of", partner.commercial_partner_id.id) if partner else Domain.FALSE

    def _order_domain_by(self, text, channel):
        """Return the orders on which that phone number or e-mail address is."""
        email = email_normalize(text)
        if email:
            return Domain("partner_id.email_normalized", "=", email)
        phone = self._crm_phone(text, channel)
        return Domain("partner_id.phone_sanitized", "=", phone) if phone else Domain.FALSE

    def _order_numbered(self, text, channel, domain):
        """Return the order whose number is in the text, of those in the domain. One query, found or not."""
        numbers = {number.upper() for number in NUMBER.findall(text)}
        domain &= self._order_domain(channel) & Domain("name", "in", sorted(numbers)[:5])
        return self.env["sale.order"].search(domain, limit=1)

    def _crm_phone(self, text, channel):
        """Return the text's phone number with its country code, False if it is none."""
        branch = channel.livechat_channel_id.crm_queue_id.branch_id or channel._bot_company()._main_branch()
        found = PHONE.search(text)
        try:
            return found and branch._e164(found.group())
        except UserError:
            return False

    def _order_body(self, order, partner):
        """Say how an order is doing: nothing of its content, nor whose it is."""
        states = dict(order._fields["state"]._description_selection(self.env))
        deliveries = dict(order._fields["delivery_status"]._description_selection(self.env))
        lines = [self.env._("Status: %s", states[order.state])]
        if order.state == "sale" and order.delivery_status:
            lines.append(self.env._("Delivery: %s", deliveries[order.delivery_status]))
        body = Markup("<p><strong>%s</strong></p><ul>%s</ul>") % (
            self.env._("Order %s", order.name),
            Markup("").join(Markup("<li>%s</li>") % line for line in lines),
        )
        links = Markup("<br/>").join(
            Markup('<a href="%s" target="_blank" rel="noreferrer noopener">%s</a>') % link
            for link in self._order_links(order, partner)
        )
        return body + (Markup("<p>%s</p>") % links if links else "")

    def _order_links(self, order, partner):
        """Return (address, text) of where the parcel is, and for who is logged in, of the order on the portal.

        A visitor gets no link with a token: who knows a number and a phone needn't see prices and addresses.
        """
        links = []
        pickings = order.picking_ids
        if "carrier_tracking_url" in pickings._fields:
            urls = [url for url in pickings.mapped("carrier_tracking_url") if url and url.startswith("https://")]
            links += [(url, self.env._("Track the parcel")) for url in urls]
        if partner:
            links.append((f"/my/orders/{order.id}", self.env._("See the order")))
        return links
