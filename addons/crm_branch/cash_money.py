"""Amounts as a client may send them, and what of a currency can be counted: plain Python, no Odoo."""

import math

#: Currencies that are counted in whole units, though Odoo keeps them to the hundredth.
WHOLE = {"IDR"}
#: More than any drawer holds, in any currency; below it floats keep hundredths apart.
MOST = 1e11


def smallest_unit(currency):
    """Return the smallest amount of the currency that somebody can pay."""
    return max(currency.rounding, 1.0 if currency.name in WHOLE else 0.0)


def as_amount(value, currency):
    """Return the amount that a client sent, rounded to what can be paid; None where it is no such amount.

    Text, truth values, NaN, infinity, more than :data:`MOST` and parts of the smallest unit are no amounts.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    if not math.isfinite(value) or abs(value) > MOST:
        return None
    unit = smallest_unit(currency)
    units = round(value / unit)
    rounded = currency.round(units * unit)
    return rounded + 0.0 if abs(rounded - value) < unit / 1000 else None


def payable(amount, currency):
    """Return what of an open amount can be paid: whole smallest units; the rest stays for finance."""
    unit = smallest_unit(currency)
    return currency.round(math.floor(round(amount / unit, 6)) * unit)


def as_quantity(value):
    """Return how many notes or coins a client counted; None where it is no such number."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return int(value) if 0 <= value <= 1_000_000 and value == math.floor(value) else None
