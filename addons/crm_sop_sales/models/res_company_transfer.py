from odoo import fields, models

#: How a customer pays; the addon of the couriers adds cards.
PAYMENT_CHOICES = [("transfer", "Bank Transfer"), ("handover", "At Hand-Over")]


class ResCompany(models.Model):
    """The numbers of payment by bank transfer (SOP-11)."""

    _inherit = "res.company"

    payment_choice = fields.Selection(PAYMENT_CHOICES, "Customers Pay By", required=True, default="handover")
    transfer_delivery_hours = fields.Integer(
        "Delivery After Transfer (Hours)",
        default=24,
        required=True,
        help="Within so many hours after finance has confirmed the money, the customer gets the goods.",
    )
    transfer_proof_megabytes = fields.Integer(
        "Largest Proof of Transfer (MB)", default=10, required=True, help="Larger files are refused."
    )
    transfer_late_hour = fields.Integer(
        "Remind of Late Deliveries At",
        default=9,
        required=True,
        help="Hour of the day, by the branch's clock, from which on officers are reminded of deliveries that run late.",
    )

    surplus_refund_by_same = fields.Boolean(
        "One Person May Refund",
        help="Who confirmed a transfer may pay its surplus back too: for a company with one accountant only.",
    )

    _transfer_late_hour_of_day = models.Constraint(
        "CHECK(transfer_late_hour BETWEEN 0 AND 23)", "An hour of the day is from 0 to 23."
    )
    _transfer_delivery_hours_positive = models.Constraint(
        "CHECK(transfer_delivery_hours > 0)", "Goods are promised some hours after the confirmation, not before it."
    )
    _transfer_proof_megabytes_positive = models.Constraint(
        "CHECK(transfer_proof_megabytes BETWEEN 1 AND 100)", "A file of proof may have 1 to 100 MB."
    )

    # === BUSINESS METHODS === #

    def _transfer_accounts(self):
        """Return the bank accounts that customers transfer to, in the order of their journals (SOP-11a)."""
        self.ensure_one()
        journals = (
            self.env["account.journal"]
            .sudo()
            .search([("company_id", "=", self.id), ("type", "=", "bank"), ("is_for_transfers", "=", True)])
        )
        return journals.bank_account_id.with_env(self.env)
