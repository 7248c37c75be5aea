import re

from odoo.tests import BaseCase

from ..person_words import pattern


class TestPersonWords(BaseCase):
    """What names a person, as people write it."""

    def _finds(self, words, text):
        return bool(re.search(words, text, re.IGNORECASE))

    def test_names(self):
        """BR-3: a name is found in either order, as whole words."""
        words = pattern(names=["Jan Kowalski"])
        for text in ("jan kowalski", "Kowalski  Jan", "Pan Jan\nKowalski.", "(Jan Kowalski)"):
            self.assertTrue(self._finds(words, text), text)
        for text in ("Jana Kowalskiego", "Jan Kowalska", "Marijan Kowalski"):
            self.assertFalse(self._finds(words, text), text)

    def test_numbers(self):
        """BR-3: a number is found with its country code or without, however it is grouped."""
        words = pattern(numbers=["+48600123456"])
        for text in (
            "+48 600 123 456",
            "600-123-456",
            "48600123456",
            "tel.: 600 12 34 56",
            "tel:+48%20600%20123%20456",
            "0048600123456",
        ):
            self.assertTrue(self._finds(words, text), text)
        for text in ("1600123456", "6001234567", "600123"):
            self.assertFalse(self._finds(words, text), text)

    def test_others(self):
        """BR-3: an address with signs of its own is taken as it is."""
        words = pattern(others=["a.b+c@x.pl", "ul. Długa 5/7"])
        self.assertTrue(self._finds(words, "<A.B+C@x.pl>"))
        self.assertTrue(self._finds(words, "mieszka: ul.  Długa 5/7, Kraków"))
        self.assertFalse(self._finds(words, "aXb+c@x.pl"))

    def test_html(self):
        """BR-3: what HTML has escaped is found."""
        words = pattern(names=["Sean O'Neil"])
        for text in ("Sean O'Neil", "Sean O&#39;Neil"):
            self.assertTrue(self._finds(words, text), text)

    def test_nothing(self):
        """BR-3: what is too short to mean somebody isn't searched for."""
        self.assertIsNone(pattern(names=["", None, "Al"], numbers=["112"], others=[""]))
