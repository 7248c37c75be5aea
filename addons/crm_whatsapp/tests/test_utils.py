from datetime import datetime, timedelta

from odoo.tests import TransactionCase, tagged

from ..utils import filled, is_signed, keyword, number_of, one_line, quiet_end, signature, variables_in, wa_link

INDONESIAN = {
    "0812 3456 7890": ("+6281234567890", False),
    "+62 812-3456-7890": ("+6281234567890", False),
    "6281234567890": ("+6281234567890", False),
    "+48 601 234 567": ("+48601234567", False),
    "+1 202 555 0123": ("+12025550123", False),  # in the US mobile and fixed numbers look the same
    "": (False, "no_number"),
    None: (False, "no_number"),
    "   ": (False, "no_number"),
    "08123456789.0": (False, "invalid"),
    "8.12346E+09": (False, "invalid"),
    "abc": (False, "invalid"),
    "123": (False, "invalid"),
    "+62 812": (False, "invalid"),
    "021 5270 7001": (False, "landline"),
    "+62 21 5270 7001": (False, "landline"),
    "+48 22 621 00 00": (False, "landline"),
    "0800 123 4567": (False, "landline"),
}


@tagged("post_install", "-at_install")
class TestUtils(TransactionCase):
    def test_numbers(self):
        """H23-4.2.3: a labelled list of numbers: none wrong is taken, no landline."""
        country = self.env.ref("base.id")
        self.assertEqual({raw: number_of(raw, country) for raw in INDONESIAN}, INDONESIAN)
        self.assertEqual(number_of("601 234 567", self.env.ref("base.pl")), ("+48601234567", False))
        self.assertEqual(number_of("22 621 00 00", self.env.ref("base.pl")), (False, "landline"))

    def test_texts(self):
        self.assertEqual(variables_in("{{2}} {{ 1 }} {{2}} {{x}}"), [1, 2])
        self.assertEqual(filled("{{1}} {{2}} {{3}}", ["a", "{{1}}"]), "a {{1}} {{3}}")
        self.assertEqual(one_line("a\n b\t\0 c     d"), "a b c d")
        self.assertEqual(keyword("  berhenti!! "), "BERHENTI")
        self.assertEqual(keyword("Stop, please"), "STOP PLEASE")
        self.assertEqual(wa_link("+62811", "a b&c"), "https://wa.me/62811?text=a%20b%26c")

    def test_signature(self):
        body = b'{"a": 1}'
        self.assertTrue(is_signed("s", body, signature("s", body)))
        for secret, header in (
            ("s", signature("t", body)),
            ("s", signature("s", body).replace("sha256", "sha1")),
            ("s", signature("s", body)[:-1]),
            ("s", None),
            ("s", ""),
            ("s", "sha256=é"),
            ("", signature("", body)),
            (False, signature("", body)),
        ):
            self.assertFalse(is_signed(secret, body, header), (secret, header))

    def test_quiet_hours_of_every_zone(self):
        """Every hour of two years: what ends quiet hours is the wall clock of the recipient, daylight saving or not."""
        import pytz

        for name in ("Asia/Jakarta", "Europe/Warsaw", "UTC"):
            zone = pytz.timezone(name)
            moment, last = datetime(2025, 1, 1), datetime(2027, 1, 1)
            while moment < last:
                local = pytz.utc.localize(moment).astimezone(zone)
                end = quiet_end(moment, name, 20.0, 8.0)
                self.assertEqual(end is not None, local.hour >= 20 or local.hour < 8, moment)
                if end:
                    then = pytz.utc.localize(end).astimezone(zone)
                    self.assertEqual((then.hour, then.minute), (8, 0), moment)
                    self.assertLessEqual(end - moment, timedelta(hours=13))
                moment += timedelta(hours=1)

    def test_quiet_hours_within_a_day_and_none(self):
        noon = datetime(2026, 3, 1, 12)
        self.assertEqual(quiet_end(noon, "UTC", 11.5, 13.25), datetime(2026, 3, 1, 13, 15))
        self.assertIsNone(quiet_end(noon, "UTC", 13.0, 14.0))
        self.assertIsNone(quiet_end(noon, "UTC", 0.0, 0.0))
        self.assertEqual(quiet_end(noon, None, 11.0, 13.0), datetime(2026, 3, 1, 13))
