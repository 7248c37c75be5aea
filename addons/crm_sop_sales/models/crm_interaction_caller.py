from odoo import api, fields, models
from odoo.exceptions import UserError


class CrmInteraction(models.Model):
    """Who calls: the phone number finds the customer, or makes one (SOP-T1)."""

    _inherit = "crm.interaction"

    salutation_id = fields.Many2one(related="partner_id.salutation_id", readonly=False)

    # === CONSTRAINS AND ONCHANGE METHODS === #

    @api.onchange("phone")
    def _onchange_phone(self):
        """Find the customer of a whole number; where several have it, the officer chooses."""
        if self.phone and not self.partner_id and len(found := self._find_caller()) == 1:
            self.partner_id = found

    # === ACTION METHODS === #

    @api.readonly
    @api.model
    def action_find_callers(self, typed, branch_id=False):
        """Return the customers whose number begins with what is typed so far: id, name, phone, city."""
        self.check_access("read")
        branch = self.env["crm.branch"].search([("id", "=", branch_id)]) or self.env.user.branch_id
        found = self.env["res.partner"]._find_by_typed(str(typed), branch.sudo()._country())
        return [
            {
                "id": partner.id,
                "name": partner.display_name,
                "phone": partner.phone_sanitized,
                "city": partner.city or "",
            }
            for partner in found
        ]

    def action_create_customer(self):
        """Make the caller a customer. Who has the number already is taken instead; nobody is made twice."""
        self.ensure_one()
        if not self.partner_id:
            self.partner_id = self._find_caller(several=True) or self._create_customer()

    def action_view_history(self):
        """Open all contacts with the customer (SOP-T2)."""
        self.ensure_one()
        return self.partner_id.action_view_interactions()

    # === BUSINESS METHODS === #

    def _find_caller(self, several=False):
        """Return the customers who have the contact's number.

        :raise UserError: there are several of them, and ``several`` says that one is needed
        """
        try:
            number = self.phone and (self.branch_id or self.env.user.branch_id)._e164(self.phone)
        except UserError:  # half a number finds nobody; saving it says what is wrong
            number = False
        found = self.env["res.partner"]._find_by_number(number) if number else self.env["res.partner"]
        if several and len(found) > 1:
            names = ", ".join(found.mapped("display_name"))
            raise UserError(self.env._("Several customers have this number: %(names)s. Choose one.", names=names))
        return found

    def _create_customer(self):
        name = (self.caller_name or "").strip()
        if not name:
            raise UserError(self.env._("Ask the caller's name first, and type it into “Caller's Name”."))
        return self.env["res.partner"].create(self._prepare_customer_vals(name))

    def _prepare_customer_vals(self, name):
        return {"name": name, "phone": self.phone, "country_id": self.branch_id.sudo()._country().id}
