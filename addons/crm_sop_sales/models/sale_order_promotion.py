from odoo import api, fields, models
from odoo.fields import Domain

#: Programmes that are told to customers; a gift card or a personal coupon isn't.
ADVERTISED = ("promotion", "promo_code", "buy_x_get_y", "loyalty", "next_order_coupons")


class SaleOrder(models.Model):
    """The officer sees the promotions, bundles and gifts that are valid at this moment (SOP-E1)."""

    _inherit = "sale.order"

    running_program_ids = fields.Many2many(
        "loyalty.program", string="Running Promotions", compute="_compute_running_program_ids"
    )

    @api.depends("company_id", "pricelist_id")
    def _compute_running_program_ids(self):
        for order in self:
            order.running_program_ids = order._find_running_programs()

    @api.model
    def _find_programs_for(self, partner, company):
        """Return what a quotation made now for this customer would find; of the user's company where none is given."""
        values = {"partner_id": partner.id, "company_id": (company or self.env.company).id}
        return self.new(values)._find_running_programs()

    def _find_running_programs(self):
        """Return the advertised programmes that are active, in their dates, company and price list, and not used up."""
        self.ensure_one()
        domain = Domain(self._get_program_domain()) & Domain("program_type", "in", ADVERTISED)
        programs = self.env["loyalty.program"].search(domain)
        limited = programs.filtered("limit_usage")
        return programs - limited.filtered(lambda program: program.total_order_count >= program.max_usage)
