from odoo import fields, models


class ProductDocument(models.Model):
    _inherit = "product.document"

    is_instruction = fields.Boolean(
        "Instructions", help="How the product is set up and used: officers show it to the customer."
    )

    # === ACTION METHODS === #

    def action_open(self):
        """Open the file or the address in a tab of its own."""
        self.ensure_one()
        self.check_access("read")
        url = self.url if self.type == "url" else f"/web/content/{self.ir_attachment_id.id}"
        return {"type": "ir.actions.act_url", "url": url, "target": "new"}
