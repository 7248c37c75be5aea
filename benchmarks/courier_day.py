"""A day of 50 couriers with 20 stops each: loading the day's list on the phone, and finishing a stop at the door.

One database with ``crm_courier``, a server with as many workers as Odoo advises for this machine, clients over HTTP,
first one, then eight at once. The phone's own calls: ``courier_day``, then for each stop what a courier enters, each
entry sent by itself as with a network: check, cash (every other order is paid by transfer instead), four signatures
drawn at the size of the phone's screen, done. Some stops are sent whole, as when the network was gone.

Beside it, in turns, Odoo's own screen of a batch of 20 deliveries from the same kind of orders, by a warehouse user:
``web_read`` of the form with all that it shows of moves and transfers; validating one of its transfers, after which the
web client reads the form again. The queries are those that the server's log gives for each request, of one client.

Goal: the day takes as many queries for 20 stops as for 2; loading it, and the request that hands over and answers with
how the stop is then, take at most as long as Odoo's form, and as validating and reading it again, and at most as many
queries.
"""

import base64
import collections
import io
import os
import re
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial

from PIL import Image, ImageDraw

from tools.console import step
from tools.paths import LOGS

from .clients import Client, server
from .common import OURS, all_at_once, main, median, one_database, percentile, processes, table, transaction, verdict
from .shop import PASSWORD, make_shop, make_stock

ADDON = "crm_courier"
NAME = f"{OURS}_courier"
COURIERS, STOPS, FEW = 50, 20, 2
CLIENTS = 8
#: Rounds of finishing all stops of a courier, with one client and with eight; as many batches take turns with them.
ALONE, TOGETHER = 4, 1
WORKERS = 2 * os.cpu_count() + 1
BATCHES = ALONE + CLIENTS * TOGETHER
#: Of every so many stops one is sent whole.
WHOLE = 4
STROKE = [(60 + 20 * place, 250 - (place % 5) * 40) for place in range(28)]
QUERIES = re.compile(r'\?(\w+)(?:#\S*)? HTTP/1\.1" 200 - (\d+) ')
#: What is marked in the log → what it says in the table.
STEPS = ("check", "cash", "sign", "outcome")
LABELS = {
    "batch": "Odoo: the batch's form",
    "day": "the courier's day",
    "few": f"… with {FEW} stops",
    "validate": "Odoo: validate one transfer",
    "outcome": "the stop is done",
    "check": "… one unit checked",
    "cash": "… cash",
    "sign": "… one signature",
    "refreshed": "Odoo: validate, read the form again",
    "stop": "all of a stop, entry by entry",
    "whole": "all of a stop at once",
}


# === IN AN ODOO PROCESS === #


def _people(env):
    """Make couriers and a bank account for transfers; let a run carry as much as it has to."""
    env = env(context={"no_reset_password": True})
    groups = [env.ref(name).id for name in ("base.group_user", "crm_courier.group_courier")]
    pic = {"name": "Committee", "login": "pic", "email": "pic@example.com", "password": PASSWORD}
    env["res.users"].create({**pic, "group_ids": [(6, 0, [env.ref("crm_courier.group_pic").id])]})
    for number in range(COURIERS + 1):
        login = f"courier{number}"
        values = {"name": f"Courier {number}", "login": login, "email": f"{login}@example.com", "tz": "Asia/Jakarta"}
        env["res.users"].create({**values, "group_ids": [(6, 0, groups)]})
    env.cr.execute(  # one password is hashed once: that takes longer than all else
        """
        UPDATE res_users SET password = (SELECT password FROM res_users WHERE login = 'pic') WHERE login LIKE 'courier%'
        """
    )
    # No question about text messages where Odoo validates.
    limits = {"courier_max_deliveries": STOPS, "courier_max_value": 0}
    env.company.write({**limits, "stock_text_confirmation": False})
    journal = env["account.journal"].create(
        {"name": "Mandiri", "code": "MDR", "type": "bank", "bank_acc_number": "0060001234567", "is_for_transfers": True}
    )
    return journal.bank_account_id.id


def _sell(env, product, account, count):
    """Sell a phone each to so many customers, half of them against a transfer; return the deliveries, ready."""
    country, state = env.ref("base.id"), env.ref("base.state_id_jk")
    address = {"city": "Jakarta Selatan", "zip": "12940", "state_id": state.id, "country_id": country.id}
    partners = env["res.partner"].create(
        [
            {"name": f"Customer {place}", "street": f"Jl. Melati {place}", "phone": f"0812-3456-{place:04d}", **address}
            for place in range(count)
        ]
    )
    transfer = {"payment_choice": "transfer", "transfer_account_id": account}
    line = {"product_id": product, "product_uom_qty": 1}
    orders = (
        env(user=_user(env, "seller0"))["sale.order"]
        .with_context(tracking_disable=True)
        .create(
            [
                {"partner_id": partner.id, "order_line": [(0, 0, line)], **(transfer if place % 2 else {})}
                for place, partner in enumerate(partners)
            ]
        )
    )
    orders.action_submit()
    orders.with_user(_user(env, "manager0")).action_approve()
    orders.action_confirm()
    for order in orders[1::2]:
        _pay_by_transfer(order, account)
    return orders.sudo().picking_ids


def _pay_by_transfer(order, account):
    """Upload the proof, as the officer, and have finance confirm it."""
    env = order.env
    proof = env["crm.transfer.proof"].create(
        {
            "order_id": order.id,
            "bank_account_id": account,
            "transfer_date": datetime.now(UTC).date(),
            "amount": order.amount_total,
            "file": base64.b64encode(b"%PDF-1.4\n%%EOF " + order.name.encode()),
            "file_name": "proof.pdf",
        }
    )
    asked = proof.with_user(_user(env, "accountant0")).action_confirm()
    accountant = env(user=_user(env, "accountant0"), context=asked["context"])
    accountant["crm.transfer.confirm"].create({}).action_confirm()


def _user(env, login):
    return env["res.users"].sudo().search([("login", "=", login)]).id


def _send_out(env, number, product, account, count):
    """Have a courier on the road with so many stops: planned, reviewed, loaded, left, each by who does it."""
    pickings = _sell(env, product, account, count)
    start = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    run = env["stock.picking.batch"].create(
        {
            "is_courier_run": True,
            "picking_type_id": pickings.picking_type_id.id,
            "user_id": _user(env, f"courier{number}"),
            "starts_at": start,
            "ends_at": start + timedelta(hours=8),
            "picking_ids": [(6, 0, pickings.ids)],
        }
    )
    run.with_user(_user(env, "pic")).action_review()
    run = run.with_user(run.user_id)
    run.unit_ids.action_load()
    run.equipment_ids.filtered(lambda check: check.is_needed and not check.taken_at).action_toggle()
    run.action_load()
    run.action_leave()


def _make_batch(env, stops, product, account):
    """Make a batch as a warehouse has it, in progress; return its id and those of its transfers."""
    pickings = _sell(env, product, account, stops)
    batch = env(user=_user(env, "logistics0"))["stock.picking.batch"].create(
        {"picking_type_id": pickings.picking_type_id.id, "picking_ids": [(6, 0, pickings.ids)]}
    )
    batch.action_confirm()
    return batch.id, pickings.ids


def make_people(registry):
    return transaction(registry, _people)[0]


def send_out(registry, numbers, product, account):
    """Send couriers out: of (number, count of stops)."""
    for number, count in numbers:
        work = partial(_send_out, number=number, product=product, account=account, count=count)
        transaction(registry, work)


def make_batches(registry, count, stops, product, account):
    work = partial(_make_batch, stops=stops, product=product, account=account)
    return [transaction(registry, work)[0] for _ in range(count)]


def form_fields(registry):
    """Return what the web client asks ``web_read`` for in Odoo's form of a batch."""
    return transaction(registry, _form_fields, "logistics0")[0]


def _form_fields(env):
    view = env.ref("stock_picking_batch.stock_picking_batch_form")
    return _fields_of(env["stock.picking.batch"], view.id, "form")


def _fields_of(model, view, kind):
    from lxml import etree  # noqa: PLC0415

    arch = etree.fromstring(model.get_view(view, kind)["arch"])
    asked = {}
    for node in arch.xpath(".//field[not(ancestor::field)]"):
        name = node.get("name")
        field = model._fields[name]
        asked[name] = {}
        if field.type == "many2one":
            asked[name] = {"fields": {"display_name": {}}}
        elif kind == "form" and field.type in ("one2many", "many2many") and node.get("invisible") != "1":
            lists = re.search(r"'list_view_ref': *'([\w.]+)'", node.get("context") or "")
            shown = model.env.ref(lists[1]).id if lists else False
            below = model.env[field.comodel_name]
            asked[name] = {"fields": _fields_of(below, shown, "list"), "limit": 40, "order": ""}
    return asked


# === THE CLIENTS === #


def signature():
    """Return a signature as the phone sends it: drawn on a screen with two dots for one, in base64."""
    image = Image.new("RGBA", (716, 520))
    ImageDraw.Draw(image).line(STROKE, fill="darkblue", width=5, joint="curve")
    data = io.BytesIO()
    image.save(data, "PNG")
    return base64.b64encode(data.getvalue()).decode()


class Times(collections.defaultdict):
    """What was done → seconds that it took, each time.

    :param bool is_marked: the server's log is to show how many queries it took
    """

    def __init__(self, *, is_marked=False):
        super().__init__(list)
        self.is_marked = is_marked

    def add(self, name, function):
        began = time.monotonic()
        result = function()
        self[name].append(time.monotonic() - began)
        return result


class Phone:
    """A courier's phone."""

    def __init__(self, port, number, image):
        self.client, self.image = Client(port, NAME, f"courier{number}"), image

    def load(self, times, name="day"):
        mark = times.is_marked and name
        return times.add(name, lambda: self.client.call("crm.courier.stop", "courier_day", mark=mark))["stops"]

    def finish(self, times):
        """Finish all stops."""
        for place, stop in enumerate(self.load(times)):
            entries = list(self._entries(stop))
            if place % WHOLE == WHOLE - 1:
                times.add("whole", partial(self._send, entries, times.is_marked and "whole"))
            else:
                times.add("stop", partial(self._send_each, entries, times))

    def _send_each(self, entries, times):
        for entry in entries:
            times.add(entry["kind"], partial(self._send, [entry], times.is_marked and entry["kind"]))

    def _send(self, entries, mark):
        answers = self.client.call("crm.courier.stop", "courier_send", entries, mark=mark)
        refused = [answer["message"] for answer in answers if answer["status"] != "done"]
        assert not refused, refused

    def _entries(self, stop):
        for unit in stop["units"]:
            yield self._entry(stop, "check", unit_id=unit["id"], condition="ok", note="", photo="")
        if stop["to_collect"]:
            yield self._entry(stop, "cash", amount=stop["to_collect"])
        for paper in stop["signatures"]:
            name = stop["customer"]
            yield self._entry(stop, "sign", document=paper["document"], name=name, image=self.image)
        yield self._entry(stop, "outcome", outcome="delivered", note="", back_unit_ids=[])

    def _entry(self, stop, kind, **values):
        made_at = datetime.now(UTC).isoformat()
        return {"uuid": str(uuid.uuid4()), "stop_id": stop["id"], "kind": kind, "made_at": made_at, "values": values}


class Desk:
    """Odoo's own screen of a batch."""

    def __init__(self, port, number, fields):
        self.client, self.fields = Client(port, NAME, f"logistics{number}"), fields

    def load(self, times, batch):
        times.add("batch", partial(self._read, batch, times.is_marked and "batch"))

    def finish(self, times, batch, pickings):
        self.load(times, batch)
        for picking in pickings:
            times.add("refreshed", partial(self._validate, times, batch, picking))

    def _validate(self, times, batch, picking):
        mark = times.is_marked and "validate"
        answer = times.add(
            "validate", partial(self.client.call, "stock.picking", "button_validate", [picking], mark=mark)
        )
        assert answer is True, answer
        self._read(batch, times.is_marked and "reread")

    def _read(self, batch, mark):
        self.client.call("stock.picking.batch", "web_read", [batch], specification=self.fields, mark=mark)


# === ALL ROUNDS === #


def _measure(port, fields, batches):
    """Return what one client took, and what eight took."""
    image = signature()
    with ThreadPoolExecutor(CLIENTS) as pool, step(f"{CLIENTS} clients, {WORKERS} workers") as current:
        phones = list(pool.map(partial(Phone, port, image=image), range(COURIERS + 1)))
        desks = list(pool.map(partial(Desk, port, fields=fields), range(CLIENTS)))
        for _ in range(WORKERS):  # each worker has its caches
            list(pool.map(lambda phone: phone.load(Times()), phones[:CLIENTS]))
            list(pool.map(lambda desk: desk.load(Times(), batches[0][0]), desks))
        alone, together = Times(is_marked=True), Times()
        for number in range(COURIERS):
            current.progress(f"one client, day {number + 1} of {COURIERS}")
            phones[number].load(alone)
            desks[0].load(alone, batches[number % len(batches)][0])
            phones[COURIERS].load(alone, "few")
        for number in range(ALONE):
            current.progress(f"one client, round {number + 1} of {ALONE}")
            phones[number].finish(alone)
            desks[0].finish(alone, *batches[number])
        for number in range(TOGETHER):
            current.progress(f"{CLIENTS} clients, round {number + 1} of {TOGETHER}")
            first = ALONE + number * CLIENTS
            mine = slice(first, first + CLIENTS)
            list(pool.map(lambda phone: phone.finish(together), phones[mine]))
            list(pool.map(lambda desk, batch: desk.finish(together, *batch), desks, batches[mine]))
    return alone, together


def _queries():
    """Return what was marked in the server's log → queries of each such request."""
    found = collections.defaultdict(list)
    for mark, count in QUERIES.findall((LOGS / f"{NAME}-server.log").read_text()):
        found[mark].append(int(count))
    found["refreshed"] = list(map(sum, zip(found["validate"], found["reread"], strict=True)))
    steps = [count for mark in STEPS for count in found[mark]]
    found["stop"] = [round(sum(steps) / len(found["outcome"]))]
    return found


def _rows(alone, together, queries):
    for name, label in LABELS.items():
        cells = [len(alone[name]), len(together[name])]
        for times in (alone[name], together[name]):
            cells += [f"{median(times) * 1000:.0f}", f"{percentile(times, 0.95) * 1000:.0f}"] if times else ["", ""]
        counts = queries.get(name)
        yield (label, *cells, f"{median(counts):.0f}" if counts else "", max(counts) if counts else "")


def _goals(alone, together, queries):
    few, day = max(queries["few"]), max(queries["day"])
    yield f"the day: {day} queries for {STOPS} stops, {few} for {FEW} (goal: the same)", day <= few
    for mine, odoos in (("day", "batch"), ("outcome", "refreshed")):
        counts = median(queries[mine]), median(queries[odoos])
        yield f"{LABELS[mine]}: {counts[0]:.0f} queries, {LABELS[odoos]}: {counts[1]:.0f}", counts[0] <= counts[1]
        for clients, times in ((1, alone), (CLIENTS, together)):
            ratio = median(times[mine]) / median(times[odoos])
            yield f"… {clients} at once: {ratio:.2f} × Odoo's time (goal: ≤ 1)", ratio <= 1


def _prepare(odoos):
    """Have couriers on the road and batches in progress; return the form's fields and the batches."""
    odoo = odoos[0]
    odoo.call(make_shop, CLIENTS)
    account = odoo.call(make_people)
    product = odoo.call(make_stock, COURIERS * STOPS + FEW + BATCHES * STOPS)
    runs = [(number, STOPS) for number in range(COURIERS)] + [(COURIERS, FEW)]
    shares = [runs[place :: len(odoos)] for place in range(len(odoos))]
    all_at_once(odoos, send_out, product, account, each=shares)
    counts = [BATCHES // len(odoos)] * len(odoos)
    counts[0] += BATCHES % len(odoos)
    made, __ = all_at_once(odoos, make_batches, STOPS, product, account, each=counts)
    return odoo.call(form_fields), [batch for theirs in made for batch in theirs]


def run():
    with one_database(NAME, ADDON):
        with step(f"{COURIERS} couriers on the road, {BATCHES} batches"), processes(NAME, NAME) as odoos:
            fields, batches = _prepare(odoos)
        print(f"load average {os.getloadavg()[0]:.1f}")
        with server(NAME, WORKERS) as port:
            alone, together = _measure(port, fields, batches)
    print(f"load average {os.getloadavg()[0]:.1f}")
    queries = _queries()
    header = ("", "n", f"n, {CLIENTS}", "ms", "p95", f"ms, {CLIENTS}", f"p95, {CLIENTS}", "queries", "most")
    table(f"{COURIERS} couriers, {STOPS} stops each", header, _rows(alone, together, queries))
    return verdict(*_goals(alone, together, queries))


if __name__ == "__main__":
    main(run)
