from odoo import fields, models


class ChatbotScriptAnswer(models.Model):
    """What choosing an answer says of the visitor: why they came, whether they were helped, what they look for."""

    _inherit = "chatbot.script.answer"

    crm_purpose_id = fields.Many2one(
        "crm.interaction.purpose", "Reason for Contact", help="Of who chooses it and then talks to a person."
    )
    crm_vote = fields.Selection(
        [("helpful", "The Answer Helped"), ("unhelpful", "It Didn't Help")],
        "Counts As",
        help="For the question from the FAQ that the bot answered last.",
    )
    crm_tag_ids = fields.Many2many("product.tag", string="Prefers Products Tagged")
    crm_categ_ids = fields.Many2many("product.category", string="Prefers Categories")
    crm_price_band = fields.Selection(
        [("low", "Lowest Third"), ("middle", "Middle Third"), ("high", "Highest Third")],
        "Price",
        help="Of the prices of all products on sale.",
    )
    crm_price_min = fields.Float("Price From", digits="Product Price")
    crm_price_max = fields.Float("Price To", digits="Product Price", help="In the company's currency. 0: any.")

    _price_range = models.Constraint(
        "CHECK(crm_price_min >= 0 AND (COALESCE(crm_price_max, 0) = 0 OR crm_price_max >= crm_price_min))",
        "The highest price isn't below the lowest one.",
    )
