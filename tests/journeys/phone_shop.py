"""The shop in which a journey happens: what it has before its day begins, and what its books say afterwards."""

from dataclasses import dataclass, field

from stdnum import luhn

from .server import Api

#: Login, which is the password too → name and role.
PEOPLE = {
    "wulan": ("Wulan, officer", "crm_base.group_officer"),
    "tono": ("Tono, another officer", "crm_base.group_officer"),
    "rudi": ("Rudi, manager", "crm_base.group_manager"),
    "slamet": ("Slamet, logistics", "stock.group_stock_user"),
    "ningsih": ("Ningsih, accountant", "account.group_account_invoice"),
}
PHONE = "Garuda X1 128 GB"
PRICE, RAISED, TOTAL = "3,330,000", "3,663,000", "9,990,000"  # 10 % more; three at the first price
RECEIVED, ORDERED = 200, 3
CUSTOMER, LEAD = "Lestari Wijayanti", "Phones for three sons"
MEMO, VALUES, ANSWER = "Three phones, before school begins.", "A warranty that is honoured.", "Black, all three."


@dataclass
class Journey:
    """What one step finds out and a later one needs."""

    admin: Api
    product: int = 0
    numbers: list = field(default_factory=list)  # all IMEIs received
    others: list = field(default_factory=list)  # those that another order holds
    imeis: list = field(default_factory=list)  # those of the order that we follow
    order: str = ""


def number(amount):
    """Return the number that is typed for an amount that is shown."""
    return int(amount.replace(",", ""))


def imei(serial):
    """Return the IMEI of one of our units."""
    body = f"86999901{serial:06d}"
    return body + luhn.calc_check_digit(body)


def hire(admin):
    """Everybody works at the headquarters."""
    branch, user = admin.ref("crm_base.crm_branch_headquarters"), admin.ref("base.group_user")
    admin.call("res.groups", "write", [user], {"implied_ids": [[4, admin.ref("product.group_product_pricelist")]]})
    known = {user["login"] for user in admin.call("res.users", "search_read", [], fields=["login"])}
    for login, (name, role) in PEOPLE.items():
        if login in known:  # another journey's people are still there
            continue
        access = {"group_ids": [[6, 0, [user, admin.ref(role)]]], "branch_ids": [[6, 0, [branch]]]}
        admin.create("res.users", name=name, login=login, password=login, tz="Asia/Jakarta", **access)


def offer(admin, name=PHONE):
    """A phone, its price in the price list, tax included (SOP-3c2); return the product."""
    (company,) = admin.read("res.company", [admin.ref("base.main_company")], "account_sale_tax_id")
    values = {"name": "VAT incl.", "price_include_override": "tax_included"}
    taxes = admin.call("account.tax", "copy", [company["account_sale_tax_id"][0]], values)
    values = {"list_price": number(PRICE), "is_imei": True, "taxes_id": [[6, 0, taxes]]}
    product = admin.create("product.product", name=name, **values)
    (template,) = admin.read("product.product", [product], "product_tmpl_id")
    rule = {"applied_on": "1_product", "product_tmpl_id": template["product_tmpl_id"][0], "compute_price": "fixed"}
    rule["fixed_price"] = number(PRICE)
    admin.create("product.pricelist", name="Counter", sequence=0, item_ids=[[0, 0, rule]])
    return product


def order_elsewhere(journey, colleague):
    """A colleague's order holds two of the same phones."""
    customer = colleague.find("res.partner", {"name": CUSTOMER}, "id")["id"]
    line = {"product_id": journey.product, "product_uom_qty": 2}
    order = colleague.create("sale.order", partner_id=customer, order_line=[[0, 0, line]])
    colleague.call("sale.order", "action_submit", [order])
    held = colleague.call("crm.imei.hold", "search_read", [["order_id", "=", order]], fields=["lot_id"])
    journey.others = [hold["lot_id"][1] for hold in held]


def check_books(journey, admin):
    """The database says the same as the screens."""
    order = admin.find(
        "sale.order",
        {"name": journey.order},
        "state",
        "approval_state",
        "amount_total",
        "picking_ids",
        "invoice_ids",
        "opportunity_id",
        "order_line",
    )
    assert (order["state"], order["approval_state"], order["amount_total"]) == ("sale", "approved", number(TOTAL))
    line = admin.find(
        "sale.order.line", {"order_id": order["id"], "product_id": journey.product}, "price_unit", "qty_invoiced"
    )
    assert (line["price_unit"], line["qty_invoiced"]) == (number(PRICE), ORDERED)
    assert admin.find("product.pricelist.item", {"pricelist_id.name": "Counter"}, "fixed_price")[
        "fixed_price"
    ] == number(RAISED)
    moved = admin.call(
        "stock.move.line", "search_read", [["picking_id", "in", order["picking_ids"]]], fields=["lot_id", "state"]
    )
    assert sorted(moved_line["lot_id"][1] for moved_line in moved) == sorted(journey.imeis)
    assert {moved_line["state"] for moved_line in moved} == {"done"}
    (bill,) = admin.read("account.move", order["invoice_ids"], "state", "amount_total")
    assert (bill["state"], bill["amount_total"]) == ("posted", number(TOTAL))
    (lead,) = admin.read("crm.lead", [order["opportunity_id"][0]], "won_status")
    assert lead["won_status"] == "won"
    contact = admin.find(
        "crm.interaction", {"res_model": "crm.lead", "res_id": lead["id"]}, "state", "outcome_id", "note"
    )
    assert contact["state"] == "done"
    assert contact["outcome_id"]
    assert ANSWER in contact["note"]
    stock = admin.call("crm.imei", "search_count", [["product_id", "=", journey.product]])
    assert stock == RECEIVED
