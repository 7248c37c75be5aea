import random

from stdnum import luhn

from odoo.tests.common import BaseCase

from odoo.addons.crm_sop_sales.card_number import (
    ISSUERS,
    find_card_numbers,
    has_card_number,
    is_card_number,
    mask_card_numbers,
)

#: What the networks publish for tests.
PUBLISHED = """
    4111111111111111 4242424242424242 4012888888881881 4222222222222 5555555555554444 5105105105105100
    2223003122003222 378282246310005 371449635398431 30569309025904 38520000023237 36227206271667
    6011111111111117 6011000990139424 3530111333300000 3566002020360505 6200000000000005 6771798021000008
    5019555544445555
"""


def numbers(seed, count):
    """Return card numbers of all issuers and lengths."""
    chance = random.Random(seed)
    kinds = [(low, high, size) for low, high, sizes in ISSUERS for size in sizes]
    for place in range(count):
        low, high, size = kinds[place % len(kinds)]
        body = str(chance.randint(int(low), int(high)))
        body += "".join(chance.choice("0123456789") for _ in range(size - 1 - len(body)))
        yield body + luhn.calc_check_digit(body)


def imei(chance):
    body = "35" + "".join(chance.choice("0123456789") for _ in range(12))
    return body + luhn.calc_check_digit(body)


def spellings(number):
    """Return how people write a card's number."""
    groups = [number[place : place + 4] for place in range(0, len(number), 4)]
    return (
        number,
        *(between.join(groups) for between in (" ", "-", ".", "  ", " - ", "\u00a0", "\u2013", "\n", "/", "_")),
        " ".join(number),
        "".join(chr(0xFF10 + int(digit)) for digit in number),
        "\u200b".join(number),
        f"kartu {' '.join(groups)} 12/28 123",
        f"x{number}y",
    )


class TestCardNumber(BaseCase):
    """SOP-12g: what is a card's number, and what only looks like one; without a database."""

    def test_every_issuer(self):
        """SOP-12g: numbers of every issuer and length are found, however they are written."""
        for number in numbers(1, 1000):
            for text in spellings(number):
                self.assertTrue(find_card_numbers(text), text)
                self.assertNotIn(number, mask_card_numbers(text))

    def test_published_test_numbers(self):
        """SOP-12g: the numbers that the networks publish for tests."""
        for number in PUBLISHED.split():
            self.assertTrue(is_card_number(number), number)

    def test_wrong_check_digit(self):
        """SOP-12g: without the right check digit it is no card's number."""
        for number in numbers(2, 300):
            wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
            self.assertFalse(has_card_number(wrong), wrong)

    def test_imeis(self):
        """SOP-4b: IMEIs pass the same check and are none: alone, in lists, in groups, and with a quantity."""
        chance = random.Random(3)
        for _ in range(3000):
            one, two, count = imei(chance), imei(chance), chance.randint(1, 99)
            grouped = f"{one[:2]}-{one[2:8]}-{one[8:14]}-{one[14]}"
            for text in (
                one,
                f"{one} {two}",
                f"{one}/{two}",
                f"{one}{two}",
                f"{one}\n{two}",
                f"{one}, {two}",
                f"{one} {count}",
                f"{count} {one}",
                grouped,
                f"{grouped} {count}",
                f"{grouped.replace('-', ' ')} {count}",
                f"IMEI1 {one} IMEI2 {two} slip 123456",
            ):
                self.assertFalse(has_card_number(text), text)

    def test_other_numbers(self):
        """SOP-12g: telephone numbers, amounts, days, SIM cards and bank accounts are none."""
        chance = random.Random(4)
        part = chance.randint
        for _ in range(1000):
            sim = f"8962{part(10**14, 10**15 - 1)}"
            for text in (
                f"+62 8{part(10, 99)}-{part(1000, 9999)}-{part(1000, 99999)}",
                f"628{part(10, 99)}{part(1000, 9999)}{part(1000, 9999)}",
                f"08{part(10, 99)} {part(1000, 9999)} {part(1000, 9999)}",
                f"Rp {part(1, 20)}.{part(100, 999)}.000, {part(10, 28)}/11/2026 {part(10, 23)}.{part(10, 59)}",
                f"{part(17 * 10**11, 19 * 10**11)}",
                sim + luhn.calc_check_digit(sim),
                f"{part(10**9, 10**10 - 1)}",
            ):
                self.assertFalse(has_card_number(text), text)

    def test_markup(self):
        """SOP-12g: a number that markup or entities hide is found; numbers in cells beside each other aren't one."""
        for text in ("<b>4111</b>1111<i>1111</i>1111", "&#52;111111111111111", "<p>4111 1111<br/>1111 1111</p>"):
            self.assertTrue(has_card_number(text), text)
        self.assertFalse(has_card_number("<td>41111111</td><td>x</td><td>11111111</td>"))

    def test_glued(self):
        """SOP-12g: date and code glued to it don't hide it."""
        for number in numbers(5, 300):
            if len(number) == 16:
                self.assertTrue(has_card_number(f"{number}1228123"), number)
