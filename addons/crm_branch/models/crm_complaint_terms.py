from odoo import api, fields, models
from odoo.exceptions import UserError


class CrmComplaintTerms(models.Model):
    """How the company takes and handles complaints, in the wording that customers are told (BR-11).

    A wording doesn't change once it is written: the next one is a new version, and the latest is in force.
    """

    _name = "crm.complaint.terms"
    _description = "Complaint Terms"
    _order = "company_id, version desc"
    _rec_name = "version"

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, default=lambda self: self.env.company, index=True
    )
    version = fields.Integer(required=True, readonly=True, copy=False)
    body = fields.Html("Wording", required=True)
    valid_from = fields.Date(required=True, default=fields.Date.context_today)

    _once = models.Constraint("UNIQUE(company_id, version)", "This version of the terms is there already.")

    # === COMPUTE METHODS === #

    @api.depends("version", "valid_from")
    def _compute_display_name(self):
        for terms in self:
            terms.display_name = self.env._(
                "Version %(version)s of %(day)s", version=terms.version, day=terms.valid_from
            )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: number the versions of each company."""
        latest = {}
        numbered = []
        for vals in vals_list:
            company = vals.get("company_id") or self.env.company.id
            if company not in latest:
                own = [("company_id", "=", company)]
                latest[company] = self.sudo().search(own, limit=1, order="version desc").version
            latest[company] += 1
            numbered.append({**vals, "company_id": company, "version": latest[company]})
        return super().create(numbered)

    def write(self, vals):  # pylint: disable=method-required-super
        """Override: customers were told this wording."""
        raise UserError(self.env._("Customers may have been told this wording: write a new version instead."))

    # === BUSINESS METHODS === #

    @api.model
    def _in_force(self, company, day):
        """Return the company's terms that hold on that day."""
        domain = [("company_id", "=", company.id), ("valid_from", "<=", day)]
        return self.sudo().search(domain, limit=1, order="valid_from desc, version desc")
