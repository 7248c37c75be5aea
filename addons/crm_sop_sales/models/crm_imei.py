from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import LazyTranslate

from .. import imei

_lt = LazyTranslate(__name__)

#: How many of the bad numbers an error message shows.
SHOWN = 10

PROBLEMS = {
    imei.EMPTY: _lt("there is no number"),
    imei.SCIENTIFIC: _lt("a spreadsheet shortened it and lost digits: format the column as text and copy it again"),
    imei.DECIMAL: _lt("a spreadsheet added decimals to it: format the column as text and copy it again"),
    imei.FOREIGN_DIGITS: _lt("it is written with digits other than 0 to 9: type it with plain digits"),
    imei.NOT_DIGITS: _lt("an IMEI has digits only"),
    imei.NO_CHECK_DIGIT: _lt("it has 14 digits: the last one, the check digit, is missing"),
    imei.IMEISV: _lt("it has 16 digits, which is an IMEISV with its software version: scan the IMEI of 15 digits"),
    imei.TOO_SHORT: _lt("it is too short: an IMEI has 15 digits"),
    imei.TOO_LONG: _lt("it is too long: an IMEI has 15 digits"),
    imei.ZEROS: _lt("it is all zeros"),
    imei.CHECK_DIGIT: _lt("its check digit is wrong: a digit was misread or mistyped"),
    imei.TOO_MANY: _lt("a line holds one unit, with two IMEIs at most"),
    imei.TWICE_IN_LINE: _lt("the two IMEIs of a unit can't be the same"),
}


class CrmImei(models.Model):
    """Every IMEI that we know, in whatever role, so that the database itself keeps it from being there twice.

    Nobody writes it: it follows from the units (``stock.lot``).
    """

    _name = "crm.imei"
    _description = "IMEI"
    _order = "position, number"
    _rec_name = "number"

    number = fields.Char("IMEI", required=True, readonly=True, index="trigram")
    lot_id = fields.Many2one("stock.lot", "Unit", required=True, readonly=True, ondelete="cascade")
    product_id = fields.Many2one(related="lot_id.product_id")
    position = fields.Integer(
        required=True,
        readonly=True,
        aggregator=False,
        help="1 identifies the unit, 2 is the second number of a dual-SIM unit.",
    )

    _number_uniq = models.Constraint("UNIQUE(number)", "This IMEI is known already, perhaps as another unit's second.")
    _lot_position_uniq = models.Constraint("UNIQUE(lot_id, position)", "A unit has one first and one second IMEI.")
    _position_one_or_two = models.Constraint("CHECK(position IN (1, 2))", "A unit has two IMEIs at most.")
    _fifteen_digits = models.Constraint("CHECK(number ~ '^[0-9]{15}$')", "An IMEI has 15 digits.")

    # === BUSINESS METHODS === #

    @api.model
    def _problem_text(self, problem):
        """Return the user's words for a code of :mod:`odoo.addons.crm_sop_sales.imei`."""
        return self.env._(PROBLEMS[problem])

    @api.model
    def _check_numbers(self, numbers):
        """Check that each is an IMEI.

        :raise ValidationError: with the first bad ones, each with its reason
        """
        bad = {number: what for number in numbers if (what := imei.problem(number))}
        if bad:
            raise ValidationError(
                self.env._(
                    "Not an IMEI:\n%(lines)s",
                    lines=self._shortened(
                        [f"{number[:40]}: {self._problem_text(what)}" for number, what in bad.items()]
                    ),
                )
            )

    @api.model
    def _check_free(self, numbers):
        """Check that no unit has any of these numbers yet, and that none is given twice.

        :raise ValidationError: with the first taken ones, and who has them
        """
        twice = {number for number in numbers if numbers.count(number) > 1} if len(set(numbers)) < len(numbers) else ()
        lines = [self.env._("%s is given twice", number) for number in sorted(twice)]
        lines += [row._taken_text() for row in self._find(numbers)]
        if lines:
            raise ValidationError(
                self.env._("An IMEI can be there only once:\n%(lines)s", lines=self._shortened(lines))
            )

    @api.model
    def _find(self, numbers):
        """Return the rows of these numbers, whoever's they are."""
        return self.sudo().search([("number", "in", list(numbers))])

    def _taken_text(self):
        """Return who has this number, in words that say nothing of other companies' units."""
        self.ensure_one()
        if not self._is_visible():
            return self.env._("%s is registered by another company", self.number)
        if self.position == 2:
            return self.env._(
                "%(number)s is the second IMEI of %(unit)s (%(product)s)",
                number=self.number,
                unit=self.lot_id.name,
                product=self.lot_id.product_id.display_name,
            )
        return self.env._(
            "%(number)s is known already: %(product)s", number=self.number, product=self.lot_id.product_id.display_name
        )

    def _is_visible(self):
        """Return whether the user, whatever the rights of the moment, may know of this unit."""
        company = self.sudo().lot_id.company_id
        return not company or company in self.env.user.company_ids

    @api.model
    def _shortened(self, lines):
        """Return the first lines as text, and how many more there are."""
        shown = [f"- {line}" for line in lines[:SHOWN]]
        if len(lines) > SHOWN:
            shown.append(self.env._("… and %(count)s more", count=len(lines) - SHOWN))
        return "\n".join(shown)
