from odoo import fields, models


class ResCompany(models.Model):
    """The hours and days of contracts, and whether their invoices are posted."""

    _inherit = "res.company"

    contract_submit_hour = fields.Float(
        "Contracts Handed In By",
        default=18.0,
        help="Hour of the branch's day. What is signed and not handed in by then is shown to officer and manager.",
    )
    contract_ending_days = fields.Integer(
        "Contracts End Within (Days)", default=60, help="Retention officers are told of contracts that end so soon."
    )
    contract_invoice_post = fields.Boolean(
        "Post Contract Invoices",
        default=True,
        help="The invoices of customers' contracts are posted as soon as they are made. Otherwise they are drafts.",
    )

    _contract_submit_hour_of_day = models.Constraint(
        "CHECK(contract_submit_hour BETWEEN 0 AND 23.99)", "Contracts are handed in at an hour from 0:00 to 23:59."
    )
    _contract_ending_days_positive = models.Constraint(
        "CHECK(contract_ending_days > 0)", "The days before a contract's end are at least one."
    )
