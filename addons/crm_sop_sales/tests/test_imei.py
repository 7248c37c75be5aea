"""What is an IMEI and how a list of them is read: no database."""

from odoo.tests import BaseCase, tagged

from odoo.addons.crm_sop_sales import imei

GOOD, SECOND = "356938035643809", "490154203237518"


@tagged("post_install", "-at_install")
class TestProblem(BaseCase):
    def test_valid_imei(self):
        for number in (GOOD, SECOND, "010928004389920"):
            self.assertIsNone(imei.problem(number), number)

    def test_each_kind_of_bad_input_has_its_own_reason(self):
        """Reliability: IMEI of 14 or 16 digits, wrong check digit, zeros, scientific notation … never pass."""
        bad = {
            "": imei.EMPTY,
            None: imei.EMPTY,
            "35693803564380": imei.NO_CHECK_DIGIT,
            "3569380356438090": imei.IMEISV,
            "4111111111111111": imei.IMEISV,
            "12345": imei.TOO_SHORT,
            "35693803564380912": imei.TOO_LONG,
            "000000000000000": imei.ZEROS,
            "356938035643808": imei.CHECK_DIGIT,
            "8.12346E+14": imei.SCIENTIFIC,
            "3,56938E+14": imei.SCIENTIFIC,
            "4E14": imei.SCIENTIFIC,
            "356938035643809.0": imei.DECIMAL,
            "356938035643809,00": imei.DECIMAL,
            "３５６９３８０３５６４３８０９": imei.FOREIGN_DIGITS,
            "٣٥٦٩٣٨٠٣٥٦٤٣٨٠٩": imei.FOREIGN_DIGITS,
            "35693803564380O": imei.NOT_DIGITS,
            "+35693803564380": imei.NOT_DIGITS,
            "35693803564380\n": imei.NOT_DIGITS,
            " 356938035643809": imei.NOT_DIGITS,
            "=HYPERLINK(1)": imei.NOT_DIGITS,
        }
        for number, reason in bad.items():
            self.assertEqual(imei.problem(number), reason, number)

    def test_every_single_digit_error_is_found(self):
        """SOP-4b: a mistyped digit never passes for another unit."""
        for place, right in enumerate(GOOD):
            for digit in set("0123456789") - {right}:
                self.assertEqual(imei.problem(GOOD[:place] + digit + GOOD[place + 1 :]), imei.CHECK_DIGIT)


@tagged("post_install", "-at_install")
class TestParse(BaseCase):
    def _numbers(self, line):
        (unit,) = imei.parse(line)
        return unit.problem or unit.numbers

    def test_one_unit_a_line_with_its_number(self):
        units = imei.parse(f"\ufeff{GOOD}\r\n\r\n  \n{SECOND}\rabc")
        self.assertEqual(
            [(unit.line, unit.imei, unit.problem) for unit in units],
            [
                (1, GOOD, None),
                (4, SECOND, None),
                (5, "", imei.NOT_DIGITS),
            ],
        )

    def test_nothing(self):
        self.assertEqual([imei.parse(text) for text in (None, "", " \n\t\n\u200b")], [[], [], []])

    def test_two_imeis_of_a_dual_sim_unit(self):
        for separator in (",", ";", "/", "\t", " ", " / ", ", ", "  "):
            self.assertEqual(self._numbers(f"{GOOD}{separator}{SECOND}"), (GOOD, SECOND), repr(separator))
        self.assertEqual(self._numbers(f"{GOOD},"), (GOOD,))

    def test_groups_are_joined_where_that_means_one_thing(self):
        for line in ("35-693803-564380-9", "35 693803 564380 9", "35693803 5643809", "35 - 693803-564380 9"):
            self.assertEqual(self._numbers(line), (GOOD,), line)
        self.assertEqual(self._numbers("35-693803-564380-9, 49-015420-323751-8"), (GOOD, SECOND))
        self.assertEqual(self._numbers("35-693803-564380-9 49-015420-323751-8"), (GOOD, SECOND))

    def test_groups_that_could_mean_two_things_are_refused(self):
        lines = {
            f"1 {GOOD}": imei.TOO_SHORT,  # a row number before it
            f"{GOOD} 1": imei.TOO_SHORT,  # a quantity after it
            "35693803564380 9": imei.NO_CHECK_DIGIT,
            f"{GOOD}-{SECOND}": imei.NOT_DIGITS,
            "35 693803 564380": imei.NO_CHECK_DIGIT,
            "35 693803 564380 91": imei.IMEISV,
            "35 693803 564380 9490 154203 237518": imei.TOO_LONG,  # thirty digits, no group ends after the fifteenth
            "8.12346E-14": imei.SCIENTIFIC,
            "IMEI 35 693803 564380 9": imei.NOT_DIGITS,
        }
        for line, reason in lines.items():
            self.assertEqual(self._numbers(line), reason, line)

    def test_three_numbers_or_twice_the_same(self):
        self.assertEqual(self._numbers(f"{GOOD},{SECOND},010928004389920"), imei.TOO_MANY)
        self.assertEqual(self._numbers(f"{GOOD}/{GOOD}"), imei.TWICE_IN_LINE)

    def test_what_nobody_sees_is_no_part_of_a_number(self):
        self.assertEqual(self._numbers(f"\u200e\u00a0{GOOD}\u200b\x1d\0"), (GOOD,))

    def test_a_bad_line_names_the_culprit(self):
        (unit,) = imei.parse(f"{GOOD}, 49015420323751")
        self.assertEqual((unit.problem, unit.culprit), (imei.NO_CHECK_DIGIT, "49015420323751"))
        self.assertEqual((unit.imei, unit.imei2), ("", ""))
