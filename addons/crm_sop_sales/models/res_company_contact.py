from odoo import fields, models


class ResCompany(models.Model):
    """The contact log's numbers (SOP-1, SOP-G2)."""

    _inherit = "res.company"

    answer_limit = fields.Integer(
        "Answer Within", default=60, required=True, help="Seconds within which the phone is to be answered."
    )
    open_contact_hour = fields.Integer(
        "Remind of Open Contacts At",
        default=16,
        required=True,
        help="Hour of the day, by the branch's clock, from which on officers are reminded of contacts without outcome.",
    )

    _answer_limit_positive = models.Constraint("CHECK(answer_limit > 0)", "The phone is answered after it rings.")
    _open_contact_hour_of_day = models.Constraint(
        "CHECK(open_contact_hour BETWEEN 0 AND 23)", "An hour of the day is from 0 to 23."
    )
