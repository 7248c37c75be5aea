"""How people count money: plain Python, no Odoo."""

#: Currencies that are counted in whole units, though Odoo keeps them to the hundredth.
WHOLE = {"IDR"}


def smallest_unit(currency):
    """Return the smallest amount of the currency that somebody can pay."""
    return max(currency.rounding, 1.0 if currency.name in WHOLE else 0.0)
