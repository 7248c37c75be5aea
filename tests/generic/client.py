"""What the web client asks of the server to show an action: the same calls, from Python.

The names follow ``web/static/src``: ``getFieldsSpec`` and its like.
"""

import re
from types import SimpleNamespace

from lxml import etree

from odoo import fields
from odoo.tools.safe_eval import datetime, dateutil, safe_eval, time

# Views that read records, and how many of them on the first page.
PAGE = {"list": 80, "kanban": 40, "calendar": 100, "activity": 80, "form": 1}
SUBVIEWS = ("list", "kanban")
# Attributes of a calendar, a kanban … that name a field.
FIELD_ATTRIBUTES = ("date_start", "date_stop", "date_delay", "color", "all_day", "default_group_by")
# What somebody types into the search box; some fields of Odoo want three characters.
TYPED = "xyz"
HIDDEN = ("1", "True")
NUMBERS = ("integer", "float", "monetary")
DATES = ("date", "datetime")
DATE_INTERVALS = ("day", "week", "month", "quarter", "year")


# === EXPRESSIONS === #


def evaluate(env, expression, **names):
    """Return the value of a domain or context as the client evaluates it."""
    today = fields.Date.context_today(env.user)
    known = {
        "uid": env.uid,
        "context": dict(env.context),
        "context_today": lambda: today,
        "current_date": str(today),
        "now": str(fields.Datetime.now()),
        "time": time,
        "datetime": datetime,
        "relativedelta": dateutil.relativedelta.relativedelta,
        "allowed_company_ids": env.companies.ids,
        "active_id": False,
        "active_ids": [],
        "active_model": False,
        "true": True,
        "false": False,
        "companies": SimpleNamespace(active_ids=env.companies.ids),
        **names,
    }
    # JavaScript's own method; times are UTC here anyway.
    return safe_eval(re.sub(r"\.to_utc\(\)", "", (expression or "").strip() or "{}"), known)


def action_context(env, action):
    """Return the context in which the action's views open."""
    return evaluate(env, action.context) or {}


def action_domain(env, action):
    """Return the action's own domain."""
    return evaluate(env, action.domain or "[]") or []


# === FIELDS OF A VIEW === #


def elements(node):
    """Return the element's children, comments left out."""
    return [child for child in node if isinstance(child.tag, str)]


def own_fields(node):
    """Yield the ``<field>`` elements of a view, not those of the views inside them."""
    for child in elements(node):
        if child.tag == "field":
            yield child
        elif child.tag != "groupby":
            yield from own_fields(child)


def walk(node, model):
    """Yield each element below ``node`` with the model that it is about: inside a relation's field, the other one."""
    for child in elements(node):
        yield child, model
        field = model._fields.get(child.get("name", "")) if child.tag in ("field", "groupby") else None
        yield from walk(child, model.env[field.comodel_name] if field is not None and field.relational else model)


def _subview(node):
    return next((child for child in elements(node) if child.tag in SUBVIEWS), None)


def _many_specification(model, field, node):
    comodel = model.env[field.comodel_name]
    subview = _subview(node)
    if subview is not None:
        return {"fields": specification(comodel, subview), "limit": 40}
    if "tags" in node.get("widget", "") or "avatar" in node.get("widget", ""):
        color = evaluate(model.env, node.get("options")).get("color_field")
        return {"fields": {"display_name": {}, **({color: {}} if color else {})}}
    return {}


def _field_specification(model, node):
    field = model._fields[node.get("name")]
    if field.type in ("many2one", "reference"):
        return {"fields": {"display_name": {}}}
    if field.type in ("one2many", "many2many"):
        return _many_specification(model, field, node)
    return {}


def specification(model, arch):
    """Return what ``web_read`` is asked for to show the view.

    :raise KeyError: the view shows a field that the model doesn't have
    """
    wanted = {node.get("name"): _field_specification(model, node) for node in own_fields(arch)}
    named = (arch.get(attribute) for attribute in FIELD_ATTRIBUTES)
    return {name.split(":")[0]: {} for name in named if name and name.split(":")[0] in model._fields} | wanted


def aggregates(model, arch):
    """Return the sums and averages that a grouped list asks for."""
    names = {node.get("name") for node in own_fields(arch)}
    found = model.fields_get(names, ["aggregator", "type"])
    return [
        f"{name}:{info['aggregator']}"
        for name, info in found.items()
        if info.get("aggregator") and info["type"] in NUMBERS
    ]


# === CALLS === #


def get_views(model, views, action=None):
    """Load views as opening an action does; return view type → parsed architecture."""
    options = {"toolbar": True, "load_filters": True, "action_id": action.id if action else False}
    answer = model.get_views([[view_id or False, kind] for view_id, kind in views], options)
    return {kind: etree.fromstring(view["arch"]) for kind, view in answer["views"].items()}


def read_page(model, arch, domain, order=None):
    """Read the first page of a list, kanban, calendar or form; return its records."""
    wanted = specification(model, arch)
    order = order or arch.get("default_order")
    page = model.web_search_read(domain, wanted, limit=PAGE[arch.tag], order=order, count_limit=10001)
    return page["records"]


def read_groups(model, arch, domain, groupby):
    """Read the groups of a list by one field, with its sums."""
    wanted = aggregates(model, arch) if arch is not None else []
    return model.web_read_group(domain, [groupby], wanted, limit=80)["groups"]


def read_chart(model, arch, domain):
    """Read what a graph or pivot shows at first."""
    measures, groups = ["__count"], []
    for node in own_fields(arch):
        field = model._fields[node.get("name")]
        if node.get("type") == "measure":
            measures.append(f"{field.name}:{field.aggregator or 'sum'}")
        elif not node.get("invisible"):
            interval = f":{node.get('interval', 'month')}" if field.type in DATES else ""
            groups.append(f"{field.name}{interval}")
    for groupby in [[], *([name] for name in groups), groups]:
        model.formatted_read_group(domain, groupby, measures)


def read_view(model, arch, domain):
    """Read what a view of any kind shows at first."""
    if arch.tag in PAGE:
        read_page(model, arch, domain)
    elif arch.tag in ("graph", "pivot"):
        read_chart(model, arch, domain)


def new_form(model, arch):
    """Ask for the values with which an empty form opens."""
    return model.onchange({}, [], specification(model, arch))


# === SEARCH VIEW === #


def _field_domain(env, model, node):
    """Return the domain that typing into the search box and choosing this field makes, or None for what isn't typed."""
    field = model._fields[node.get("name")]
    if node.get("filter_domain"):
        return evaluate(env, node.get("filter_domain"), self=TYPED, raw_value=1 if field.relational else TYPED)
    if node.get("invisible") in HIDDEN or field.type in (*DATES, "boolean", "selection", "properties"):
        return None
    number = field.type in NUMBERS
    return [(field.name, node.get("operator", "=" if number else "ilike"), 1 if number else TYPED)]


def filter_domains(model, arch):
    """Return name → domain of each filter, period and field of a search view."""
    found = {}
    for node in arch.iter("filter"):
        if node.get("domain"):
            found[f"filter {node.get('name')}"] = evaluate(model.env, node.get("domain"))
        if date := node.get("date"):
            found[f"period {node.get('name')}"] = [(date, ">=", "2026-11-01"), (date, "<", "2026-12-01")]
    for node in arch.iter("field"):
        if node.getparent().tag != "searchpanel" and (domain := _field_domain(model.env, model, node)) is not None:
            found[f"field {node.get('name')}"] = domain
    return found


def _with_interval(model, name):
    """Return a group as the client asks for it: dates by month, if nothing else is said."""
    field = model._fields.get(name)
    return f"{name}:month" if field is not None and field.type in DATES else name


def filter_groups(model, arch):
    """Return the fields by which a search view groups: ``name`` or ``name:interval``."""
    found = []
    for node in arch.iter("filter"):
        groups = evaluate(model.env, node.get("context")).get("group_by") or []
        found += [_with_interval(model, name) for name in ([groups] if isinstance(groups, str) else groups)]
        if node.get("date"):
            found += [f"{node.get('date')}:{interval}" for interval in DATE_INTERVALS]
    return [name for name in found if name not in model._fields or model._fields[name].type != "properties"]


def read_search_panel(model, arch):
    """Read the values that the panel beside the records offers."""
    for node in arch.iterfind(".//searchpanel/field"):
        multi = node.get("select") == "multi"
        read = model.search_panel_select_multi_range if multi else model.search_panel_select_range
        read(node.get("name"), enable_counters=True, expand=True)


# === A WHOLE ACTION === #


def visible_menus(env):
    """Return the menus that the environment's user can reach: visible, and so is every menu above."""
    visible = env["ir.ui.menu"]._visible_menu_ids()
    menus = env["ir.ui.menu"].sudo().browse(visible)
    return menus.filtered(lambda menu: visible.issuperset(int(above) for above in menu.parent_path.split("/")[:-1]))


def offered_actions(env, actions, menus):
    """Return what the environment's user is offered of these actions and menus.

    :param actions: window actions
    :param menus: menus
    :return: those that visible menus lead to, and those of no menu whose model the user may read
    """
    windows = env["ir.actions.act_window"].sudo()
    every_menu = env["ir.ui.menu"].sudo().search([])
    every_menu = every_menu.filtered(lambda menu: menu.action and menu.action._name == windows._name)
    led_to = (every_menu & visible_menus(env)).filtered(lambda menu: menu in menus or menu.action in actions)
    elsewhere = actions - windows.union(*(menu.action for menu in every_menu))
    return windows.union(
        *(menu.action for menu in led_to),
        elsewhere.filtered(lambda action: env[action.res_model].has_access("read")),
    )


def open_action(env, action, findings, who, search=True):
    """Open a window action as the client does for the environment's user; note what fails.

    All its views load and read their first page, and an empty form opens where the user may create. With ``search``,
    every filter, period, group and searchable field of its search view is used once.
    """
    label = f"{who}, {action.xml_id or action.name}"
    with findings.attempt(env, f"{label} opens"):
        model = env[action.res_model].with_context(**action_context(env, action))
        search_id = action.search_view_id.id
        views = get_views(model, [*action.views, [search_id, "search"]], action)
        domain = action_domain(env, action)
        for kind, arch in views.items():
            if kind != "search":
                check_view(model, arch, domain, findings, f"{label}, {kind}")
        if search:
            check_search(model, views["search"], views.get("list"), domain, findings, label)


def check_view(model, arch, domain, findings, label):
    """Read a view's first page, and open it empty if it is a form; note what fails."""
    with findings.attempt(model.env, f"{label} reads"):
        read_view(model, arch, domain)
    if arch.tag == "form" and model.has_access("create") and arch.get("create", "1") not in ("0", "false"):
        with findings.attempt(model.env, f"{label} opens empty"):
            new_form(model, arch)


def check_search(model, arch, list_arch, domain, findings, label):
    """Use everything that a search view offers once; note what fails."""
    domains, groups = {}, []
    with findings.attempt(model.env, f"{label}, search view"):
        domains, groups = filter_domains(model, arch), filter_groups(model, arch)
        read_search_panel(model, arch)
    for name, wanted in domains.items():
        with findings.attempt(model.env, f"{label}, {name}"):
            model.search_count([*domain, *wanted], limit=1)
    for groupby in dict.fromkeys(groups):
        with findings.attempt(model.env, f"{label}, group by {groupby}"):
            read_groups(model, list_arch, domain, groupby)
