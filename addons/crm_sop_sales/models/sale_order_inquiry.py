from odoo import api, models


class SaleOrder(models.Model):
    """An order answers what its opportunity was about, and care notes go to who bought (SOP-3a, SOP-T5)."""

    _name = "sale.order"
    _inherit = ["sale.order", "crm.care.notes.mixin"]

    _care_template = "crm_sop_sales.mail_template_care_notes_order"

    @api.depends("order_line.product_id.care_notes")
    def _compute_care_product_ids(self):
        for order in self:
            order.care_product_ids = order.order_line.product_id.filtered("care_notes")

    def write(self, vals):
        """Override: an opportunity that is put on an order later gets its answers too."""
        result = super().write(vals)
        if vals.get("opportunity_id"):
            self._answer_inquiries()
        return result

    def _answer_inquiries(self):
        """Note as ordered what these orders have of their opportunities' products; what is lost stays as it is."""
        leads = self.opportunity_id._filtered_access("write").filtered(lambda lead: lead.won_status != "lost")
        if leads:
            ordered = {(line.order_id.opportunity_id, line.product_id) for line in self.order_line}
            leads.product_line_ids.filtered(
                lambda line: line.answer != "ordered" and (line.lead_id, line.product_id) in ordered
            ).write({"answer": "ordered"})
