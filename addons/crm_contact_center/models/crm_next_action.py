from string import Template

from odoo import api, fields, models
from odoo.exceptions import ValidationError

#: What a rule's text may name, and what stands for it.
PLACES = ("customer", "what", "amount", "day", "segment")


class CrmNextAction(models.Model):
    """A supervisor's rule of what is best to do next for a customer, and in which words (CC-3a, CC-6b).

    Rules are read in their order; of each kind the first that fits is shown to the agent. What is there to do, an open
    complaint or an amount due, is found by ``crm_queue_contact_facts.py``.
    """

    _name = "crm.next.action"
    _inherit = ["crm.branch.link.mixin"]
    _description = "Next Best Action"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10, help="What comes first is the best next thing.")
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index=True, ondelete="cascade", help="Empty: for every company.")
    kind = fields.Selection(
        [
            ("complaint", "A complaint is open"),
            ("due", "An amount is due"),
            ("contract", "A contract ends"),
            ("service", "A service is due"),
            ("quotation", "A quotation is open"),
            ("suggestion", "A product goes with what they have"),
            ("customer", "None: the customer is such"),
        ],
        "Occasion",
        required=True,
        default="customer",
    )
    segment_ids = fields.Many2many("crm.segment", string="Segments", help="Only these customers. Empty: all.")
    value_from = fields.Float(
        "Customer Value From", digits=(16, 2), help="In the company's currency, counted as the segments are."
    )
    amount_from = fields.Float(digits=(16, 2), help="Of what is due, or of the quotation, in the company's currency.")
    days = fields.Integer(
        "Within (days)",
        default=30,
        help="Contract: ends within so many days. Service: due within so many. Amount: due for at least so many.",
    )
    text = fields.Char(
        "Words",
        required=True,
        translate=True,
        help="What the agent reads. $customer, $what, $amount, $day and $segment are filled in.",
    )

    _numbers = models.Constraint(
        "CHECK(value_from >= 0 AND amount_from >= 0 AND days >= 0)", "Days and amounts aren't negative."
    )

    # === CONSTRAINS METHODS === #

    @api.constrains("text")
    def _check_text(self):
        for action in self:
            template = Template(action.text or "")
            if not template.is_valid() or set(template.get_identifiers()) - set(PLACES):
                raise ValidationError(
                    self.env._(
                        "“%(text)s”: of names with a $, only %(places)s are known; write $$ for a dollar.",
                        text=action.text,
                        places=", ".join(f"${place}" for place in PLACES),
                    )
                )

    # === BUSINESS METHODS === #

    @api.model
    def _rules(self, company):
        """Return the rules that a company's agents go by, in their order."""
        rules = self.sudo().search([("company_id", "in", (False, company.id))])
        rules.fetch(["name", "kind", "segment_ids", "value_from", "amount_from", "days", "text"])
        return rules

    def _fits(self, figures, fact):
        """Return whether the rule goes for a customer of these figures, and for what there is to do."""
        if self.segment_ids and figures.segment_id not in self.segment_ids:
            return False
        if figures.value < self.value_from or fact is None:
            return False
        if self.kind == "due":
            due = self._due(fact)
            return due > 0 and due >= self.amount_from
        return fact.get("base_amount", 0) >= self.amount_from and fact.get("days", 0) <= self.days

    def _due(self, fact):
        """Return how much is due for as many days as the rule says, in the company's currency."""
        return sum(amount for days, amount in fact["due"] if days >= self.days)

    def _filled_in(self, values):
        """Return the words, with what is known; what isn't is left out."""
        known = {place: values.get(place) or "" for place in PLACES}
        return " ".join(Template(self.text).safe_substitute(known).split())
