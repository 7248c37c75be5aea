from odoo import models

from .crm_courier_replacement import OWED

ENDED = ("closed", "cancelled")


class ResPartner(models.Model):
    """What couriers have noted about a person at the door. What was signed there is kept as long as invoices."""

    _inherit = "res.partner"

    def _more_person_documents(self):
        """Override: stops with what was said, checked and paid there."""
        stops = self._kept("crm.courier.stop", [("partner_id", "in", self.ids)])
        mine = [("stop_id", "in", stops.ids)]
        cards = self._kept("crm.courier.card", mine)
        of_cards = [("card_id", "in", cards.ids)]
        return {
            **super()._more_person_documents(),
            "stops": (stops, ("outcome_note",)),
            "door entries": (self._kept("crm.courier.entry", mine), ("message",)),
            "delivered units": (self._kept("crm.courier.unit", mine), ("condition_note",)),
            "replacements": (self._kept("crm.courier.replacement", mine), ("note", "answer_note")),
            "discrepancies": (self._kept("crm.courier.discrepancy", mine), ()),
            "card payments": (cards, ("problem", "last_four")),
            "swipes of cards": (self._kept("crm.courier.card.try", of_cards), ("last_four", "authorisation_code")),
            "copies of IDs": (self._kept("crm.courier.identity", of_cards), ()),
        }

    def _signed_person_documents(self):
        """Override: signatures at the door, and what a carrier brought back signed."""
        mine = [("partner_id", "in", self.ids)]
        return {
            **super()._signed_person_documents(),
            "signatures": (
                self._kept("crm.courier.signature", [("stop_id.partner_id", "in", self.ids)]),
                "signed_at",
                ("name", "image"),
            ),
            "carriers' proofs": (
                self._kept("stock.picking", [*mine, ("arrived_on", "!=", False)]),
                "arrived_on",
                ("carrier_proof",),
            ),
        }

    def _erase_person(self, documents):
        """Override: copies of IDs go as they do when their time is over, and leave that trace."""
        result = super()._erase_person(documents)
        documents["copies of IDs"]._erase(False)
        return result

    def _erase_blockers(self):
        """Override: what is on the road, replaced or not yet in the books."""
        reasons = super()._erase_blockers()
        stops = self._kept("crm.courier.stop", [("partner_id", "in", self.ids)])
        mine = [("stop_id", "in", stops.ids)]
        if stops.filtered(lambda stop: stop.run_state not in ENDED):
            reasons.append(self.env._("• A delivery run with this customer isn't closed: close it first."))
        if self._kept("crm.courier.replacement", [*mine, ("state", "in", ("asked", *OWED))]):
            reasons.append(self.env._("• Damaged goods are to be replaced: finish that first."))
        if self._kept("crm.courier.card", [*mine, ("state", "=", "approved"), ("is_booked", "=", False)]):
            reasons.append(self.env._("• A card payment isn't in the books: book it first."))
        return reasons
