from odoo.tests.common import BaseCase

from ..card_number import mask_card_numbers
from ..transfer_file import recognise
from .transfer_common import PDF, png


class TestTransferFiles(BaseCase):
    """What files and numbers are, without a database."""

    def test_kinds_of_files(self):
        """SOP-11b: known by their content."""
        self.assertEqual(recognise(PDF).extension, "pdf")
        self.assertEqual(recognise(png()).mimetype, "image/png")
        for content in (b"", b"<svg/>", b"PK\x03\x04", png()[:20], b"\xff\xd8\xff\xe0junk", b" %PDF-"):
            self.assertIsNone(recognise(content), content)

    def test_card_numbers(self):
        """SOP-12g: cards are masked to their last four; IMEIs, accounts and other numbers stay."""
        masked = {
            "4111111111111111": "•••• 1111",
            "5500-0055-5555-5559": "•••• 5559",
            "378282246310005": "•••• 0005",
            "pay 4111 1111 1111 1111 now": "pay •••• 1111 now",
        }
        for text, expected in masked.items():
            self.assertEqual(mask_card_numbers(text), expected)
        for text in ("353918058305906", "4021533983470679", "0060001234567", "0000000000000000", "", None):
            self.assertEqual(mask_card_numbers(text), text)
        self.assertEqual(mask_card_numbers("4111111111111111", {"4111111111111111"}), "4111111111111111")
