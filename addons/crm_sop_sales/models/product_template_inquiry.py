from odoo import fields, models


class ProductTemplate(models.Model):
    """What an officer says about a product: what it is good for, its facts, and its care (SOP-T3 to SOP-T5)."""

    _inherit = "product.template"

    use_ids = fields.Many2many(
        "crm.product.use", string="Good For", help="Proposed to customers who want this.", groups="base.group_user"
    )
    specification = fields.Html(translate=True, help="What officers tell who asks. Empty: the sales description.")
    care_notes = fields.Html(translate=True, help="How to care for it; officers send it to customers.")
