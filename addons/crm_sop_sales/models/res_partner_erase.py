from odoo import models
from odoo.fields import Domain


class ResPartner(models.Model):
    """What the phone shop keeps about a person; contacts, leads, complaints and orders are who erases' own."""

    _inherit = "res.partner"

    def _more_person_documents(self):
        """Override: proofs of transfer, cancellation forms, what was refused and why, held units."""
        orders = self._kept("sale.order", self._ordered_domain()).ids
        return {
            **super()._more_person_documents(),
            "proofs of transfer": (
                self._kept("crm.transfer.proof", [("order_id", "in", orders)]),
                ("reference", "reference_key", "file_name", "sha256"),
            ),
            "cancellations": (
                self._kept("crm.cancellation", [("order_id", "in", orders)]),
                ("note", "defect_note", "waiver_reason"),
            ),
            "products of interest": (
                self._kept("crm.lead.product", [("lead_id.partner_id", "in", self.ids)]),
                (),
            ),
            "held units": (self._kept("crm.imei.hold", [("order_id", "in", orders)]), ("end_note",)),
            "promotions told": (self._kept("crm.promotion.told", [("partner_id", "in", self.ids)]), ()),
        }

    def _ordered_domain(self):
        names = ("partner_id", "partner_invoice_id", "partner_shipping_id")
        return Domain.OR([Domain(name, "in", self.ids) for name in names])

    def _erase_person(self, documents):
        """Override: where a locked order was to be delivered; a refusal keeps that it had a reason."""
        result = super()._erase_person(documents)
        self.env.flush_all()
        orders = self._kept("sale.order", self._ordered_domain()).ids
        self.env.cr.execute("UPDATE sale_order SET locked_address = NULL WHERE id = ANY(%s)", [orders])
        self.env.cr.execute(
            "UPDATE crm_lead_product SET refusal_reason = '[…]' WHERE refusal_reason IS NOT NULL AND id = ANY(%s)",
            [documents["products of interest"].ids],
        )
        self.env.invalidate_all(flush=False)
        return result

    def _erase_blockers(self):
        """Override: what keeps a customer from being archived, money that finance hasn't looked at, cancellations."""
        reasons = [
            *super()._erase_blockers(),
            *(
                self.env._("• Still open are %s: bring them to their end first.", ", ".join(documents))
                for documents in self._count_open_business().values()
            ),
        ]
        orders = self._kept("sale.order", self._ordered_domain()).ids
        if self._kept("crm.transfer.proof", [("order_id", "in", orders), ("state", "=", "received")]):
            reasons.append(self.env._("• A proof of transfer waits for finance: confirm or reject it first."))
        if self._kept("crm.cancellation", [("order_id", "in", orders), ("state", "in", ("draft", "waiting"))]):
            reasons.append(self.env._("• A cancellation isn't decided: confirm or withdraw it first."))
        return reasons
