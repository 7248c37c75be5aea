from odoo import models


class SurveyQuestion(models.Model):
    """A rating is one of those that were offered: the page offers no other, a posted form may (CC-5)."""

    _inherit = "survey.question"

    def _validate_scale(self, answer):
        """Override: refuse what isn't on the scale."""
        errors = super()._validate_scale(answer)
        offered = {str(number) for number in range(self.scale_min, self.scale_max + 1)}
        if errors or not answer or str(answer) in offered:
            return errors
        return {
            self.id: self.env._(
                "Choose a number from %(least)s to %(most)s.", least=self.scale_min, most=self.scale_max
            )
        }
