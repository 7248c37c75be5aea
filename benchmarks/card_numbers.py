"""10,000 card numbers, of all issuers and lengths, in fifteen spellings, are typed into everything of ``crm_courier``:
each text field, written and created with all rights, each kind of message, file name, dialog, import and entry of the
phone. Each attempt is a transaction that is committed where nothing refuses it; what is refused is logged as the server
logs it.

Then the whole database (every column of every table, as text), the filestore and the log are looked through for each
of the numbers, with and without what stands between the digits. Beside it IMEIs, alone and in pairs, are typed into
messages, notes and file names. That the search finds what is there is shown by one more number, put where nobody looks:
a customer's notes.

Goal: 0 numbers in database, files and log; no IMEI refused.
"""

import collections
import itertools
import logging
import random
import re
import time

from tools import database, postgres, templates
from tools.console import step
from tools.paths import LOGS

from .common import OURS, main, processes, table, transaction, verdict

NUMBERS = 10_000
IMEIS = 1000
ADDON = "crm_courier"
NAME = f"{OURS}_cards"
AT_ONCE = 500
PLANTED = "4012 8888-8888 1881"
#: What may stand between the digits of one number.
BETWEEN = re.compile(r"(?<=[0-9])(?:[\s._/\-\u00a0\u2013\u200b]|\\\\n|\\\\u[0-9a-f]{4}){1,3}(?=[0-9])")
RUN = re.compile(r"[0-9]{13,}")
TAKES_IMEIS = ("message on a run", "subject", "note of a quotation", "uploaded file", "note of an activity")


# === IN THE ODOO PROCESS === #


def _shop(env):
    """Return the demo's delivery that waits for a card, with its card verified."""
    from odoo.addons.crm_courier.tests.card_places import PICTURE, Shop  # noqa: PLC0415

    run = env.ref("crm_courier.run_on_road")
    stop = run.stop_ids.filtered(lambda stop: stop.payment_choice == "card")
    if not stop.card_ids:
        answers = {"consent": True, "holder_present": True, "signature_matches": True}
        own = stop.with_user(run.user_id)
        own._door_card_check({**answers, "id_kind": "ktp", "id_photo": PICTURE})
    product = env["product.product"].create({"name": "Case", "list_price": 2_000_000})
    draft = env["sale.order"].create(
        {"partner_id": stop.partner_id.id, "order_line": [(0, 0, {"product_id": product.id})]}
    )
    return Shop.of(stop, draft, env.ref("crm_courier.user_wati"))


def _attempts(env):
    """Return name → function of shop and text."""
    from odoo.addons.crm_courier.tests.card_places import PLACES, text_fields  # noqa: PLC0415

    found = dict(PLACES)
    for model, field in text_fields(env):
        place, name = model._name, field.name
        found[f"{place}.{name}, new"] = lambda shop, text, place=place, name=name: shop.env[place].create({name: text})
        record = model.search([], limit=1).id
        if record:
            found[f"{place}.{name}"] = lambda shop, text, place=place, name=name, record=record: (
                shop.env[place].browse(record).write({name: text})
            )
    return found


def prepare(registry):
    """Make what is typed into; return how many places there are."""
    shop, __ = transaction(registry, _shop)
    registry.card_shop = shop
    registry.card_places = transaction(registry, _attempts)[0]
    return len(registry.card_places)


def type_numbers(registry, numbers):
    """Type each of (place, text) in a transaction; return (kind of end → count, the places that took one)."""
    ends, taken = collections.Counter(), []
    places = list(registry.card_places.items())
    for place, text in numbers:
        name, type_it = places[place % len(places)]
        try:
            transaction(registry, lambda env, type_it=type_it, text=text: type_it(registry.card_shop.of_env(env), text))
        except Exception as error:
            ends["never kept" in str(error) or type(error).__name__] += 1
            logging.getLogger("odoo.http").warning("%s", error, exc_info="never kept" not in str(error))
        else:
            taken.append((name, text))
    return ends, taken


def plant(registry, text):
    """Put a number where it isn't refused."""
    transaction(registry, lambda env: registry.card_shop.of_env(env).stop.partner_id.sudo().write({"comment": text}))


def type_imeis(registry, texts):
    """Type IMEIs where people write them; return the refusals."""
    refused = []
    for place, text in enumerate(texts):
        name = TAKES_IMEIS[place % len(TAKES_IMEIS)]
        type_it = registry.card_places[name]
        try:
            transaction(registry, lambda env, type_it=type_it, text=text: type_it(registry.card_shop.of_env(env), text))
        except Exception as error:  # noqa: BLE001
            refused.append((name, str(error)))
    return refused


# === LOOKING THROUGH === #


def found_in(text, numbers):
    """Return which of the numbers are in the text."""
    found = set()
    for run in RUN.findall(BETWEEN.sub("", text)) + RUN.findall(text):
        for size in range(13, 20):
            for place in range(len(run) - size + 1):
                if run[place : place + size] in numbers:
                    found.add(run[place : place + size])
    return found


def plain(text):
    """Return the text with digits of every script as ASCII digits."""
    return "".join(str(int(sign)) if sign.isdecimal() and not sign.isascii() else sign for sign in text)


def in_database(numbers):
    """Return the numbers that are in a dump of all tables, and how many characters it has."""
    found, size = set(), 0
    tables = postgres.execute(NAME, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    for (name,) in tables:
        for (row,) in postgres.execute(NAME, "SELECT t::text FROM {} t", names=[name]):
            size += len(row)
            found |= found_in(plain(row), numbers)
    return found, size


def in_files(numbers):
    found, size = set(), 0
    for path in database.filestore(NAME).rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            size += len(content)
            found |= found_in(plain(content.decode("utf-8", "ignore") + path.name), numbers)
    return found, size


def in_log(numbers):
    text = (LOGS / f"{NAME}.log").read_text(errors="replace")
    return found_in(plain(text), numbers), len(text)


def texts():
    """Return [(number of the place, text)] and the set of numbers."""
    from odoo.addons.crm_courier.tests.test_card_number import numbers, spellings  # noqa: PLC0415

    made = list(numbers(2026, NUMBERS))
    chance = random.Random(9)
    return [(place, chance.choice(spellings(number))) for place, number in enumerate(made)], set(made)


def imei_texts():
    from odoo.addons.crm_courier.tests.test_card_number import imei  # noqa: PLC0415

    chance = random.Random(8)
    made = [imei(chance) for _ in range(IMEIS)]
    pairs = [" ".join(pair) for pair in itertools.pairwise(made)]
    return made + pairs


def run():
    with postgres.running("pg-test", throw_away=True):
        template = templates.template([ADDON], demo=True)
        try:
            with step("A database with demo data"):
                database.drop(NAME)
                database.clone(template, NAME)
                database.run_odoo(NAME, "-i", ADDON, "--with-demo", log="bench-cards-install.log")
                (LOGS / f"{NAME}.log").unlink(missing_ok=True)
            return _measure()
        finally:
            database.drop(NAME)


def _measure():
    with processes(NAME) as (odoo,):
        places = odoo.call(prepare)
        typed, numbers = odoo.call(_texts_there)
        began, ends, taken = time.monotonic(), collections.Counter(), []
        for start in range(0, len(typed), AT_ONCE):
            more, took = odoo.call(type_numbers, typed[start : start + AT_ONCE])
            ends, taken = ends + more, taken + took
        seconds = time.monotonic() - began
        imeis = odoo.call(_imeis_there)
        refused = odoo.call(type_imeis, imeis)
        odoo.call(plant, PLANTED)
    database_ = in_database(numbers | {re.sub(r"[^0-9]", "", PLANTED)})
    planted = len(database_[0] - numbers)
    database_[0].intersection_update(numbers)
    files, log = in_files(numbers), in_log(numbers)
    table(
        f"{len(typed):,} card numbers typed into {places} places, {seconds:.0f} s",
        ("", "numbers found", "characters looked through"),
        [
            ("database", len(database_[0]), f"{database_[1]:,}"),
            ("files", len(files[0]), f"{files[1]:,}"),
            ("log", len(log[0]), f"{log[1]:,}"),
        ],
    )
    table("How the attempts ended", ("", "times"), sorted(((str(end), count) for end, count in ends.items())))
    for name, text in taken[:20]:
        print(f"  taken: {name}: {text!r}")
    for name, error in refused[:5]:
        print(f"  IMEI refused: {name}: {error}")
    return verdict(
        (f"0 numbers in the database: {len(database_[0])}", not database_[0]),
        (f"0 in files: {len(files[0])}", not files[0]),
        (f"0 in the log: {len(log[0])}", not log[0]),
        (f"0 taken: {len(taken)}", not taken),
        (f"1 found that was planted: {planted}", planted == 1),
        (f"0 of {len(imeis):,} texts with IMEIs refused: {len(refused)}", not refused),
    )


def _texts_there(_registry):
    return texts()


def _imeis_there(_registry):
    return imei_texts()


if __name__ == "__main__":
    main(run)
