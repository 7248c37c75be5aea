from odoo import api, fields, models
from odoo.fields import Domain


class ResPartner(models.Model):
    """Which customers nobody has told of what runs now (SOP-T6)."""

    _inherit = "res.partner"

    told_ids = fields.One2many(
        "crm.promotion.told",
        "partner_id",
        "Promotions Told",
        groups="sales_team.group_sale_salesman,crm_base.group_manager",
    )
    untold_program_ids = fields.Many2many(
        "loyalty.program",
        string="Not Told Of",
        compute="_compute_untold_program_ids",
        search="_search_untold_program_ids",
        help="Promotions that run now, are for this customer, and that nobody has told them of.",
    )

    # === COMPUTE METHODS === #

    @api.depends("told_ids", "specific_property_product_pricelist")
    @api.depends_context("company")
    def _compute_untold_program_ids(self):
        programs = self.env["loyalty.program"]._find_current(self.env.company)
        told = {(record.partner_id.id, record.program_id.id) for record in self._find_told(programs)}
        for partner in self:
            pricelist = partner.specific_property_product_pricelist
            partner.untold_program_ids = programs.filtered(
                lambda program, who=partner._origin.id, pricelist=pricelist: (
                    (who, program.id) not in told and (not program.pricelist_ids or pricelist in program.pricelist_ids)
                )
            )

    def _search_untold_program_ids(self, operator, value):
        programs = self.env["loyalty.program"]._find_current(self.env.company)
        if operator == "in" and False not in value:
            programs = programs.filtered(lambda program: program.id in value)
        elif (operator, list(value)) != ("not in", [False]):
            return NotImplemented
        return Domain.OR(
            program._audience_domain() & Domain("id", "not in", program._told_partners()) for program in programs
        )

    # === BUSINESS METHODS === #

    def _find_told(self, programs):
        """Return what these customers were told of these programmes, by officers of whatever branch."""
        told = self.env["crm.promotion.told"]
        if not self or not programs:
            return told
        domain = [("partner_id", "in", self._origin.ids), ("program_id", "in", programs._origin.ids)]
        return told.sudo().search(domain)
