from odoo import api, models
from odoo.fields import Domain

STEPS = ("ordered", "packed", "on_way", "delivered")
#: So many deliveries fit a customer's page.
SHOWN = 20


class StockPicking(models.Model):
    """Where a delivery is, in words that a customer understands (CC-4)."""

    _inherit = "stock.picking"

    _done_idx = models.Index("(date_done) WHERE state = 'done'")

    @api.model
    def _deliveries_of(self, partner, query=None):
        """Return the deliveries to a customer and their company, open ones first, with all rights.

        :param str query: part of the number of an order or delivery
        """
        customer = partner.commercial_partner_id.ids
        domain = (
            Domain("picking_type_id.code", "=", "outgoing")
            & Domain("state", "!=", "draft")
            & (Domain("sale_id.partner_id", "child_of", customer) | Domain("partner_id", "child_of", customer))
        )
        if query := (query or "").strip()[:64]:
            number = Domain("name", "ilike", query) | Domain("sale_id.name", "ilike", query)
            domain &= number | Domain("sale_id.client_order_ref", "ilike", query)
        pickings = self.sudo()
        found = pickings.search(
            domain & Domain("state", "not in", ("done", "cancel")), limit=SHOWN, order="scheduled_date, id"
        )
        closed = Domain("state", "in", ("done", "cancel"))
        return found + pickings.search(domain & closed, limit=SHOWN - len(found), order="date_done desc, id desc")

    def _is_delivery_of(self, partner):
        """Return whether this one delivery is the customer's, or their company's."""
        self.ensure_one()
        delivery = self.sudo()
        people = delivery.partner_id | delivery.sale_id.partner_id
        return delivery.picking_type_id.code == "outgoing" and partner.commercial_partner_id in (
            people.commercial_partner_id
        )

    def _tracking(self):
        """Return what the customer reads of this one delivery.

        :return: dict with ``step`` (its number from 1; 0: cancelled), ``steps`` [(name, label)], ``words``,
            ``expected`` (naive UTC, or False), ``link``, ``carrier``, ``courier``
        """
        self.ensure_one()
        step = self._tracking_step()
        link = self._carrier_link()
        return {
            "step": STEPS.index(step) + 1 if step else 0,
            "steps": list(self._step_labels().items()),
            "words": self._tracking_words(step),
            "expected": step in STEPS[:3] and (self.sale_id.commitment_date or self.scheduled_date),
            "link": link,
            "carrier": "carrier_id" in self._fields and self.carrier_id.sudo().name,
            "courier": self._courier_name() if step == "on_way" else False,
        }

    def _tracking_step(self):
        if self.state == "cancel":
            return None
        if self.state == "done":
            # a carrier's parcel has left us: when it arrives, the carrier knows
            return "on_way" if self._carrier_link() else "delivered"
        if self._is_on_road():
            return "on_way"
        return "packed" if self.state == "assigned" else "ordered"

    def _carrier_link(self):
        """Return the page of the carrier on this parcel, where it is a page."""
        link = "carrier_tracking_url" in self._fields and self.carrier_tracking_url
        return link if link and link.startswith(("https://", "http://")) else False

    @api.model
    def _step_labels(self):
        return {
            "ordered": self.env._("Ordered"),
            "packed": self.env._("Packed"),
            "on_way": self.env._("On the way"),
            "delivered": self.env._("Delivered"),
        }

    def _tracking_words(self, step):
        return {
            None: self.env._("This delivery was cancelled."),
            "ordered": self.env._("We are getting your goods ready."),
            "packed": self.env._("Your goods are packed and leave soon."),
            "on_way": self.env._("Your goods are on the way to you."),
            "delivered": self.env._("Your goods were delivered."),
        }[step]
