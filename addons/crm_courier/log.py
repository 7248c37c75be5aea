"""Keep card numbers out of the server's log, whoever writes them there: a failed query, an address, an error's text."""

import logging
import traceback

from odoo.addons.crm_sop_sales.card_number import mask_card_numbers


class _MaskingFactory:
    """Make log records as they were made before, without card numbers."""

    def __init__(self, make):
        self._make = make

    def __call__(self, *args, **kwargs):
        record = self._make(*args, **kwargs)
        try:
            self._mask(record)
        except Exception as error:  # noqa: BLE001 - what can't be looked into isn't logged
            record.msg, record.args = "A message that can't be written (%s).", (type(error).__name__,)
        return record

    def _mask(self, record):
        text = record.getMessage()
        masked = mask_card_numbers(text)
        if masked != text:
            record.msg, record.args = masked, ()
        if record.exc_info and record.exc_info[0]:
            text = "".join(traceback.format_exception(*record.exc_info)).rstrip("\n")
            masked = mask_card_numbers(text)
            if masked != text:
                record.exc_info, record.exc_text = None, masked


def install():
    """Mask from now on, once however often this is called."""
    if not isinstance(logging.getLogRecordFactory(), _MaskingFactory):
        logging.setLogRecordFactory(_MaskingFactory(logging.getLogRecordFactory()))
