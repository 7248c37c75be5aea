from collections import Counter

from odoo import api, fields, models
from odoo.fields import Domain


class ProductTemplate(models.Model):
    """The instructions that officers explain a product from (BR-10)."""

    _inherit = "product.template"

    instruction_count = fields.Integer("Instructions", compute="_compute_instruction_count")

    # === COMPUTE METHODS === #

    @api.depends("product_document_ids.is_instruction")
    def _compute_instruction_count(self):
        groups = self.env["product.document"]._read_group(
            self._instruction_domain(), ["res_model", "res_id"], ["__count"]
        )
        counts = Counter()
        for model, id_, count in groups:
            counts[id_ if model == self._name else self.env[model].browse(id_).product_tmpl_id.id] += count
        for template in self:
            template.instruction_count = counts[template._origin.id]

    # === ACTION METHODS === #

    def action_view_instructions(self):
        """Open the instructions of the products: the only one at once, several as a list."""
        documents = self.env["product.document"].search(self._instruction_domain())
        if len(documents) == 1:
            return documents.action_open()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_branch.product_document_action_instructions")
        return {**action, "domain": [("id", "in", documents.ids)]}

    # === BUSINESS METHODS === #

    def _instruction_domain(self):
        products = self.env["product.product"].with_context(active_test=False)
        variants = products._search([("product_tmpl_id", "in", self._origin.ids)])
        owned = Domain("res_model", "=", "product.template") & Domain("res_id", "in", self._origin.ids)
        owned |= Domain("res_model", "=", "product.product") & Domain("res_id", "in", variants)
        return Domain("is_instruction", "=", True) & owned
