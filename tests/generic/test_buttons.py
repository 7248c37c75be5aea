"""What views and actions name is there: methods, actions, filters, fields."""

import re

from lxml import etree

from odoo.exceptions import AccessError
from odoo.service.model import get_public_method
from odoo.tests import TransactionCase, tagged

from . import client
from .findings import assert_none
from .subject import own, own_views, root_view

CLICKABLE = ("button", "a")
CALL = re.compile(r"\b(?:record|records|model)\.(\w+)\(|\benv\[[\"']([\w.]+)[\"']\]\.(\w+)\(")


def _buttons(arch):
    """Return the ``(type, name)`` of what can be clicked."""
    return {(node.get("type"), node.get("name")) for node in arch.iter(*CLICKABLE) if node.get("name")}


def method_problem(model, name):
    """Return why a button can't call the method, or None."""
    try:
        get_public_method(model, name)
    except AccessError:
        return f"{model._name}.{name} is private"
    except AttributeError:
        return f"{model._name} has no method {name}"
    return None


def action_problem(env, name):
    """Return why a button can't open the action, a database id or XML id, or None."""
    if name.isdigit():
        found = env["ir.actions.actions"].sudo().browse(int(name)).exists()
    else:
        found = env.ref(name, raise_if_not_found=False)
    return None if found else f"there is no action {name}"


def button_problems(arch, model, only):
    """Return what is wrong with those buttons of a view, and of the views in it, that are in ``only``."""
    problems = []
    for node, node_model in client.walk(arch, model):
        kind, name = node.get("type"), node.get("name")
        if node.tag not in CLICKABLE or (kind, name) not in only:
            continue
        if kind == "object":
            problems.append(method_problem(node_model, name))
        elif kind == "action":
            problems.append(action_problem(model.env, name))
    return [problem for problem in problems if problem]


def context_problems(model, context, search):
    """Return the defaults and search defaults of an action's context that nothing answers to."""
    filters = {node.get("name") for node in search.iter("filter", "field")}
    problems = []
    for key in context:
        if key.startswith("search_default_") and key.removeprefix("search_default_") not in filters:
            problems.append(f"{key}: the search view has no such filter or field")
        if key.startswith("default_") and key.removeprefix("default_") not in model._fields:
            problems.append(f"{key}: {model._name} has no such field")
    return problems


def code_problems(model, code):
    """Return the methods that a server action's code calls and that aren't there."""
    problems = []
    for on_model, other, on_other in CALL.findall(code):
        if other and other not in model.env:
            problems.append(f"there is no model {other}")
            continue
        target, name = (model.env[other], on_other) if other else (model, on_model)
        if not callable(getattr(target, name, None)):
            problems.append(f"{target._name} has no method {name}")
    return problems


def unbound(env, actions):
    """Return the actions that should be in a model's menu of actions and aren't."""
    problems = []
    for action in actions.filtered("binding_model_id"):
        name = action.binding_model_id.model
        bound = env["ir.actions.actions"]._get_bindings(name) if name in env else {}
        if action.id not in {line["id"] for lines in bound.values() for line in lines}:
            problems.append(f"{action.xml_id} isn't among the actions of {name}")
    return problems


def search_view(action):
    """Return the search view that the action opens with."""
    views = action.env["ir.ui.view"].sudo()
    view = action.search_view_id or views.browse(views.default_view(action.res_model, "search") or [])
    return view._get_combined_arch() if view else etree.fromstring("<search><field name='display_name'/></search>")


@tagged("post_install", "-at_install")
class TestButtons(TransactionCase):
    def test_buttons_call_what_is_there(self):
        findings = []
        for view in own_views(self.env):
            arch = root_view(view)._get_combined_arch() if view.mode == "extension" else view._get_combined_arch()
            ours = _buttons(etree.fromstring(view.arch_db))
            findings += [f"{view.xml_id}: {what}" for what in button_problems(arch, self.env[view.model], ours)]
        assert_none(findings)

    def test_contexts_of_actions_name_what_is_there(self):
        findings = []
        for action in own(self.env, "ir.actions.act_window"):
            model, context = self.env[action.res_model], client.action_context(self.env, action)
            problems = context_problems(model, context, search_view(action))
            findings += [f"{action.xml_id}: {what}" for what in problems]
        assert_none(findings)

    def test_code_of_server_actions_calls_what_is_there(self):
        findings = []
        for action in own(self.env, "ir.actions.server") | own(self.env, "ir.cron").ir_actions_server_id:
            problems = code_problems(self.env[action.model_id.model], action.code or "")
            findings += [f"{action.display_name}: {what}" for what in problems]
        assert_none(findings)

    def test_actions_are_where_they_are_bound(self):
        kinds = ("ir.actions.act_window", "ir.actions.server", "ir.actions.report")
        assert_none([finding for kind in kinds for finding in unbound(self.env, own(self.env, kind))])


@tagged("post_install", "-at_install")
class TestTheseChecks(TransactionCase):
    """Each check finds what it is for."""

    def test_buttons(self):
        arch = etree.fromstring("""<form>
            <button type="object" name="no_method"/><button type="object" name="_compute_display_name"/>
            <button type="action" name="999999"/><button type="action" name="base.no_action"/>
            <button type="object" name="action_archive"/>
            <field name="country"><form><button type="object" name="no_country_method"/></form></field>
        </form>""")
        self.assertEqual(
            button_problems(arch, self.env["res.bank"], _buttons(arch)),
            [
                "res.bank has no method no_method",
                "res.bank._compute_display_name is private",
                "there is no action 999999",
                "there is no action base.no_action",
                "res.country has no method no_country_method",
            ],
        )

    def test_contexts(self):
        search = etree.fromstring("<search><field name='name'/><filter name='f'/></search>")
        context = {"search_default_f": 1, "search_default_name": "x", "default_name": "x"}
        self.assertEqual(context_problems(self.env["res.bank"], context, search), [])
        context = {"search_default_g": 1, "default_nothing": "x"}
        self.assertEqual(len(context_problems(self.env["res.bank"], context, search)), 2)

    def test_code(self):
        code = "records.action_archive()\nmodel.no_method()\nenv['res.country'].no_other()\nenv['no.model'].search([])"
        self.assertEqual(
            code_problems(self.env["res.bank"], code),
            ["res.bank has no method no_method", "res.country has no method no_other", "there is no model no.model"],
        )
