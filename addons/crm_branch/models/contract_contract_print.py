from odoo import models

#: Rule of recurrence → days, weeks or months, and how many.
UNITS = {
    "daily": ("days", 1),
    "weekly": ("weeks", 1),
    "monthly": ("months", 1),
    "monthlylastday": ("months", 1),
    "quarterly": ("months", 3),
    "semesterly": ("months", 6),
    "yearly": ("months", 12),
}


class ContractContract(models.Model):
    """What the paper says in words (BR-4)."""

    _inherit = "contract.contract"

    def _invoicing_words(self):
        """Return how often and when it is invoiced as a sentence in the language of the context."""
        self.ensure_one()
        unit, factor = UNITS[self.recurring_rule_type]
        count = self.recurring_interval * factor
        often = {
            "days": self.env._("every %s days", count) if count > 1 else self.env._("every day"),
            "weeks": self.env._("every %s weeks", count) if count > 1 else self.env._("every week"),
            "months": self.env._("every %s months", count) if count > 1 else self.env._("every month"),
        }[unit]
        paid_before = self.recurring_invoicing_type == "pre-paid"
        when = self.env._("in advance") if paid_before else self.env._("at the end of the period")
        return self.env._("It is invoiced %(often)s, %(when)s.", often=often, when=when)
