import random

from odoo.exceptions import UserError

from . import fuzz
from .import_common import ImportCase

FILES = 30


class TestFuzz(ImportCase):
    """Malformed files; the benchmark ``vehicle_import`` reads a thousand of them."""

    def test_malformed_files(self):
        """H23-4.1.1: whatever is uploaded: a message in words, or the right status at the right row number."""
        chance, refused, read = random.Random(7), 0, 0
        for number in range(FILES):
            content, expected = fuzz.malformed(chance)
            with self.subTest(number):
                document = self._upload(content, read=False, date_order="dmy")
                try:
                    with self.env.cr.savepoint():
                        document.action_read()
                except UserError:
                    self.assertIsNone(expected)
                    refused += 1
                    continue
                found = {row.number: row.status for row in document.row_ids}
                read += len(found)
                if expected is not None:
                    self.assertEqual(found, expected, document.question_words)
        self.assertGreater(refused, 2)
        self.assertGreater(read, 30)
