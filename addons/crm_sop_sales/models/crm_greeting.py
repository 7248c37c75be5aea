from odoo import api, fields, models


class CrmGreeting(models.Model):
    """What an officer says first, by the time of day (SOP-2a, SOP-2b, SOP-2c)."""

    _name = "crm.greeting"
    _description = "Greeting"
    _order = "hour_from, id"

    name = fields.Char("Greeting", required=True, translate=True)
    hour_from = fields.Float(
        "From",
        required=True,
        help="By the officer's clock, until the next greeting begins; the last one rules the night.",
    )
    script = fields.Text(
        required=True,
        translate=True,
        help="What the officer says. {greeting} is the greeting with the customer's salutation and name, {officer} the "
        "officer's name, {branch} and {company} where they work.",
    )

    _hour_of_day = models.Constraint("CHECK(hour_from >= 0 AND hour_from < 24)", "An hour of the day is from 0 to 24.")
    _hour_uniq = models.UniqueIndex("(hour_from)", "Another greeting begins at this time already.")

    # === BUSINESS METHODS === #

    @api.model
    def _at(self, moment):
        """Return the greeting for a wall-clock time; before the first one of the day it is the last one's."""
        hour = moment.hour + moment.minute / 60
        greetings = self.search([])
        return greetings.filtered(lambda greeting: greeting.hour_from <= hour)[-1:] or greetings[-1:]

    def _fill_in(self, **words):
        """Return the script with its words in braces filled in; a word that isn't known stays as it is."""
        script = self.script or "{greeting}"
        for word, value in words.items():
            script = script.replace(f"{{{word}}}", value or "")
        return script
