from odoo import api, fields, models
from odoo.fields import Domain


class CrmServicePromo(models.Model):
    """What is promised to who was disappointed or prefers another dealer, if they book (H23-4.2.7b)."""

    _name = "crm.service.promo"
    _description = "Booking Promotion"
    _order = "sequence, id"

    sequence = fields.Integer(default=10)
    name = fields.Char(required=True, translate=True)
    benefit = fields.Text("The Customer Gets", translate=True, help="It stands on the workshop’s list.")
    company_id = fields.Many2one("res.company", index=True, default=lambda self: self.env.company)
    valid_from = fields.Date()
    valid_to = fields.Date(help="The last day of service on which it holds.")
    active = fields.Boolean(default=True)

    _validity = models.Constraint("CHECK(valid_to >= valid_from)", "A promotion doesn't end before it begins.")

    @api.model
    def _in_force_domain(self, company, day):
        """Return the domain of the promotions that hold for a service on that day."""
        return (
            Domain("company_id", "in", (company.id, False))
            & (Domain("valid_from", "=", False) | Domain("valid_from", "<=", day))
            & (Domain("valid_to", "=", False) | Domain("valid_to", ">=", day))
        )

    @api.model
    def _in_force(self, company, day):
        return self.search(self._in_force_domain(company, day))
