"""The addon under test, and what in the database, the registry and the source is its own.

An addon's dependencies are installed with it: only what it brought itself is looked at.
"""

import os

from odoo.models import MetaModel

from tools.paths import ADDONS
from tools.templates import closure

ADDON = os.environ["ADDON"]
FOLDER = ADDONS / ADDON


def own_ids(env, model, addon=ADDON):
    """Return XML id → database id of the addon's records of a model."""
    data = env["ir.model.data"].sudo().search([("module", "=", addon), ("model", "=", model)])
    return {f"{line.module}.{line.name}": line.res_id for line in data}


def own(env, model, addon=ADDON):
    """Return the records of a model that the addon brought, archived ones too."""
    records = env[model].sudo().with_context(active_test=False)
    return records.browse(own_ids(env, model, addon).values()).exists()


def own_models(env, addon=ADDON):
    """Return the models that the addon defines and that hold records; those that it only extends aren't its own."""
    return [env[name] for name, cls in env.registry.items() if cls._original_module == addon and not cls._abstract]


def definitions(addon=ADDON):
    """Return the classes in the addon's source that define or extend a model."""
    return MetaModel._module_to_models__[addon]


def models_given(env, mixin, addon=ADDON):
    """Return the models, its own or not, to which the addon's source gives a mixin, and that hold records."""
    names = {cls._name for cls in definitions(addon) if mixin in cls._inherit and cls._name != mixin}
    return [env[name] for name in sorted(names) if not env[name]._abstract]


def roles(env):
    """Return the XML ids of the groups for which the addon must work.

    Ours that it has, those that its access lines and menus name, any employee, the administrator.
    """
    ours = [group for addon in closure([ADDON])[0] for group in sorted(own_ids(env, "res.groups", addon))]
    named = own(env, "ir.model.access").group_id | own(env, "ir.ui.menu").group_ids
    insiders = named.filtered(lambda group: env.ref("base.group_user") in group.all_implied_ids)
    return list(dict.fromkeys([*ours, *insiders.get_external_id().values(), "base.group_user", "base.group_system"]))


def root_view(view):
    """Return the view that this one extends, or the view itself."""
    while view.mode == "extension" and view.inherit_id:
        view = view.inherit_id
    return view


def own_views(env):
    """Return the addon's views on models, as the web client shows them; pages and snippets (QWeb) aren't."""
    return own(env, "ir.ui.view").filtered(lambda view: view.active and view.type != "qweb" and view.model in env)
