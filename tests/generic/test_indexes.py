"""What records are found by is indexed: many-to-one fields of record rules, filters, groups and search boxes."""

import re

from odoo.tests import TransactionCase, tagged

from .findings import assert_none
from .subject import own_models, own_views, root_view

# Models that stay so small that an index would be slower than none, and how many records they have in a large company.
SMALL = {
    "crm.branch": "one per shop: hundreds",
}

# A field's name at the beginning of a domain's leaf, of a path, or in a group: ('partner_id.name', …),
# 'group_by': 'user_id'.
LEAF = re.compile(r"""\(\s*["'](\w+)[.\w]*["']\s*,""")
QUOTED = re.compile(r"""["'](\w+)(?:[.:]\w+)*["']""")


def names_in_domain(text):
    """Return the fields of the model itself that a domain, as text, looks at."""
    return set(LEAF.findall(text or ""))


def names_in_search(arch):
    """Return the fields by which a search view finds or groups."""
    names = {node.get("name") for node in arch.iter("field")}
    for node in arch.iter("filter", "field"):
        names |= names_in_domain(node.get("domain")) | names_in_domain(node.get("filter_domain"))
        if "group_by" in node.get("context", ""):
            names |= set(QUOTED.findall(node.get("context"))) - {"group_by"}
    return names


def searched(env, model):
    """Return the names by which record rules and our search views find the model's records."""
    rules = env["ir.rule"].sudo().search([("model_id.model", "=", model._name)])
    names = set().union(*(names_in_domain(rule.domain_force) for rule in rules))
    views = own_views(env).filtered(lambda view: view.type == "search" and view.model == model._name)
    return names.union(*(names_in_search(view._get_combined_arch()) for view in views.mapped(root_view) if view))


def indexed_columns(cr, table):
    """Return the columns with which an index of the table begins."""
    cr.execute(
        """
        SELECT attribute.attname
          FROM pg_index AS index
          JOIN pg_attribute AS attribute ON attribute.attrelid = index.indrelid AND attribute.attnum = index.indkey[0]
         WHERE index.indrelid = %s::regclass
        """,
        [table],
    )
    return {name for (name,) in cr.fetchall()}


def without_index(model, names):
    """Return those of the names that are stored many-to-one fields without an index."""
    indexed = indexed_columns(model.env.cr, model._table)
    fields = [model._fields[name] for name in sorted(names) if name in model._fields]
    return [
        f"{model._name}.{field.name} is searched by and has no index"
        for field in fields
        if field.type == "many2one" and field.store and field.column_type and field.name not in indexed
    ]


@tagged("post_install", "-at_install")
class TestIndexes(TransactionCase):
    def test_searched_relations_are_indexed(self):
        findings = []
        for model in own_models(self.env):
            if model._auto and not model._transient and model._name not in SMALL:
                findings += without_index(model, searched(self.env, model))
        assert_none(findings)


@tagged("post_install", "-at_install")
class TestTheseChecks(TransactionCase):
    """Each check finds what it is for."""

    def test_names(self):
        self.assertEqual(names_in_domain("['|', ('a_id.name', 'ilike', self), (\"b\", '=', 1)]"), {"a_id", "b"})

    def test_many2one_without_index(self):
        self.assertEqual(
            without_index(self.env["res.bank"], {"country", "state", "name", "bic"}),
            [f"res.bank.{name} is searched by and has no index" for name in ("country", "state")],
        )
        self.assertEqual(without_index(self.env["res.partner"], {"parent_id", "no_such_field"}), [])
