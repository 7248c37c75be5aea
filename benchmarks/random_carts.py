"""Random carts: order, invoice, payment and cancellation fee agree to the rupiah with decimal arithmetic.

A cart has 1 to 14 lines: tax-included PPN of 11 %, which is 12 % of 11/12 of the price as in Odoo's Indonesian chart,
other rates, tax on top; either way of rounding; prices by hand, fractional discounts; gifts, vouchers, a delivery
charge. A cart follows from its seed. What it must come to is computed beside it by ``decimal``, without Odoo: see
``addons/crm_sop_sales/tests/random_carts.py``.

All carts are computed by the code that documents use, on orders that aren't stored: the order's total, its fee by our
own functions, and the journal items of the invoice and of the fee's invoice. Others go the whole way through stored
documents, each step by whom it is for: half submitted, approved, confirmed, invoiced, posted and paid; half submitted,
paid in advance, and cancelled by the form, with its fee invoiced, set off, and the rest to be refunded. These also have
Odoo's discount on the whole order, by amount or per cent; its lines are taken as they stand on the order, and the total
is computed from them.

An exact half rupiah, as fractional discounts make it, may be rounded either way, but on order and invoice alike: Odoo
computes in binary numbers.

Goal: no cart that differs by a rupiah. ``python -m benchmarks.random_carts [carts [documents]]``; without figures
100,000 are computed and 1,000 go through documents.
"""

import itertools
import sys
import time

from .common import OURS, all_at_once, databases, main, processes, table, verdict

CARTS, DOCUMENTS = 100_000, 1_000
WORKERS = 2
BATCH = 200
#: Seeds of the carts that become documents; the others begin at 0.
DOCUMENT_SEEDS = 10_000_000


def _arguments():
    given = [int(argument.replace(",", "")) for argument in sys.argv[1:]]
    return (given + [CARTS, DOCUMENTS][len(given) :])[:2]


# === INSIDE AN ODOO PROCESS === #


def _with_shop(registry, work):
    """Run ``work(shop)`` and roll everything back."""
    from odoo.api import SUPERUSER_ID, Environment  # noqa: PLC0415

    from odoo.addons.crm_sop_sales.tests.random_carts import Shop  # noqa: PLC0415

    with registry.cursor() as cr:
        env = Environment(cr, SUPERUSER_ID, {"tracking_disable": True, "no_reset_password": True})
        try:
            return work(Shop(env))
        finally:
            cr.rollback()


def _compute(registry, seeds):
    """Compute the carts of a range of seeds; return what disagrees."""
    return _with_shop(registry, lambda shop: _compute_all(shop, range(*seeds)))


def _compute_all(shop, seeds):
    from odoo.addons.crm_sop_sales.tests import random_carts as carts  # noqa: PLC0415

    wrong = []
    for place, seed in enumerate(seeds):
        cart = carts.make_cart(seed)
        wrong += carts.disagreements(cart, carts.compute(shop, cart), carts.expectations(cart))
        if place % BATCH == BATCH - 1:
            shop.env.invalidate_all()
    return wrong


def _documents(registry, seeds):
    """Take the carts of a range of seeds through documents; return what disagrees."""
    return _with_shop(registry, lambda shop: _document_all(shop, range(*seeds)))


def _document_all(shop, seeds):
    from odoo.addons.crm_sop_sales.tests import random_carts as carts  # noqa: PLC0415

    wrong = []
    for seed in seeds:
        cart, way = carts.make_cart(seed), (carts.sell, carts.cancel)[seed % 2]
        with shop.env.cr.savepoint() as attempt:
            try:
                wrong += carts.disagreements(cart, *way(shop, cart))
            except Exception as failure:  # noqa: BLE001 - whatever it is, it is shown with its seed
                wrong.append((seed, way.__name__, repr(failure)[:200], "no failure"))
            attempt.rollback()
        shop.env.invalidate_all()
    return wrong


# === REPORT === #


def _shares(first, count):
    """Return a range of seeds for each worker."""
    edges = [first + count * number // WORKERS for number in range(WORKERS + 1)]
    return list(itertools.pairwise(edges))


def _measure(odoos, function, first, count, part):
    """Run the function on all seeds, so many at a time; say after each part how far it is."""
    began, wrong = time.monotonic(), []
    for start in range(0, count, part):
        size = min(part, count - start)
        results, __ = all_at_once(odoos, function, each=_shares(first + start, size))
        wrong += itertools.chain.from_iterable(results)
        spent = time.monotonic() - began
        print(f"{function.__name__}: {start + size:,} of {count:,}, {len(wrong)} differ, {spent:.0f} s", flush=True)
    return wrong, time.monotonic() - began


def run():
    carts, documents = _arguments()
    suffixes = [f"_{number}" for number in range(1, WORKERS)]
    with databases(*suffixes), processes(*[OURS + suffix for suffix in ("", *suffixes)]) as odoos:
        written, spent = _measure(odoos, _documents, DOCUMENT_SEEDS, documents, 50)
        computed, seconds = _measure(odoos, _compute, 0, carts, 5_000)
    rows = [
        ("computed", f"{carts:,}", len({seed for seed, *_ in computed}), f"{seconds:.0f}"),
        ("sold or cancelled by documents", f"{documents:,}", len({seed for seed, *_ in written}), f"{spent:.0f}"),
    ]
    table("Random carts", ("way", "carts", "disagree", "seconds"), rows)
    if wrong := (computed + written)[:50]:
        table("What disagrees, the first 50", ("seed", "what", "found", "expected"), wrong)
    return verdict(
        (f"{carts:,} carts computed, {len(computed)} differences", not computed),
        (f"{documents:,} carts through documents, {len(written)} differences", not written),
    )


if __name__ == "__main__":
    main(run)
