"""What all test classes begin with, of this addon and of those above it.

``make test`` commits it once into a lane's database (see ``tools/lane.py``) and the classes find it there; in another
database each class makes its own.
"""

from types import SimpleNamespace

from odoo.fields import Command
from odoo.tests import new_test_user

#: Where the XML ids of what is committed are.
MODULE = "__test__"
OFFICER, MANAGER = "crm_base.group_officer", "crm_base.group_manager"


def commit(env):
    keep(env, "base", make)


def keep(env, prefix, make, *above):
    """Make, in a world of what was kept ``above``, and remember it for all classes; whoever calls commits."""
    world = SimpleNamespace(env=env)
    for known in above:
        vars(world).update(find(env, known))
    env["ir.model.data"]._update_xmlids(
        [
            {"xml_id": f"{MODULE}.{prefix}__{name}", "record": record, "noupdate": True}
            for name, record in make(world).items()
        ]
    )


def find(env, prefix):
    """Return name → record of what was kept with the prefix."""
    kept = env["ir.model.data"].search([("module", "=", MODULE), ("name", "=like", f"{prefix}\\_\\_%")])
    return {data.name.removeprefix(f"{prefix}__"): env[data.model].browse(data.res_id) for data in kept}


def have(test_class, prefix, make):
    """Give the class what was kept with the prefix, or else what ``make`` makes in its world, by its names."""
    for name, record in (find(test_class.env, prefix) or make(test_class)).items():
        setattr(test_class, name, record)


def make(world):
    """Make shop A and shop B under the headquarters, with somebody in every role."""
    env, nowhere = world.env, world.env["crm.branch"]
    headquarters = env.ref("crm_base.crm_branch_headquarters")
    branch_a, branch_b = create_branch(env, code="TA"), create_branch(env, code="TB")
    return {
        "branch_a": branch_a,
        "branch_b": branch_b,
        "officer_a": create_user(env, "test_officer_a", OFFICER, branch_a),
        "officer_b": create_user(env, "test_officer_b", OFFICER, branch_b),
        "manager_a": create_user(env, "test_manager_a", MANAGER, branch_a),
        "manager_hq": create_user(env, "test_manager_hq", MANAGER, headquarters),
        "internal": create_user(env, "test_internal", "base.group_user", nowhere),
        "portal": create_user(env, "test_portal", "base.group_portal", nowhere),
        "customer": env["res.partner"].create({"name": "Budi Santoso", "phone": "0812 3456 7890"}),
        "purpose": env["crm.interaction.purpose"].create({"name": "Test purpose"}),
        "outcome": env["crm.interaction.outcome"].create({"name": "Test outcome"}),
    }


def create_user(env, login, groups, branches, **values):
    """Create a user whose password is the login."""
    values = {"branch_ids": [Command.set(branches.ids)], "tz": "Asia/Jakarta", **values}
    return new_test_user(env, login, groups, context={"no_reset_password": True}, **values)


def create_branch(env, **values):
    values = {"name": f"Shop {values.get('code', 'X')}", "code": "TX", "tz": "Asia/Jakarta", **values}
    return env["crm.branch"].create(values)
