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
        counts = {(model, id_): count for model, id_, count in groups}
        for template in self:
            variants = template.with_context(active_test=False).product_variant_ids
            template.instruction_count = counts.get(("product.template", template._origin.id), 0) + sum(
                counts.get(("product.product", variant._origin.id), 0) for variant in variants
            )

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
        variants = self.with_context(active_test=False).product_variant_ids
        owned = Domain("res_model", "=", "product.template") & Domain("res_id", "in", self._origin.ids)
        owned |= Domain("res_model", "=", "product.product") & Domain("res_id", "in", variants._origin.ids)
        return Domain("is_instruction", "=", True) & owned
