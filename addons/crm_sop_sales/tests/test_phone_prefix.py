from odoo.tests import BaseCase, tagged

from ..phone_prefix import prefixes


@tagged("post_install", "-at_install")
class TestPhonePrefix(BaseCase):
    """What was typed of a number becomes the beginnings that stored numbers may have (SOP-T1)."""

    def test_typed_beginnings(self):
        """SOP-T1: national, international, with separators, without a trunk zero."""
        for typed, code, expected in (
            ("0812 9000", 62, ["+628129000", "+6208129000"]),
            ("+62 812", 62, ["+62812"]),
            ("0062812", 62, ["+62812"]),
            ("(0812) 90-00", 62, ["+628129000", "+6208129000"]),
            ("812900", 62, ["+62812900"]),
            ("62812", 62, ["+6262812", "+62812"]),
            ("501 234", 48, ["+48501234"]),
            ("+48 501", 62, ["+48501"]),
        ):
            with self.subTest(typed=typed):
                self.assertEqual(prefixes(typed, code), expected)

    def test_nothing_to_look_for(self):
        """SOP-T1: too few digits, letters, wildcards and digits of other scripts ask the database nothing."""
        for typed in ("", "0", "08", "+6", "Rina", "0812%", "_____", "0812;--", "٠٨١٢٩٠٠٠", "0" * 40, "+62812\x00"):
            with self.subTest(typed=typed):
                self.assertEqual([found for found in prefixes(typed, 62) if found.startswith("+628")], [])
        self.assertEqual(prefixes("0812%", 62), [])

    def test_no_country(self):
        """SOP-T1: without a country only international numbers can be understood."""
        self.assertEqual(prefixes("+62812", False), ["+62812"])
