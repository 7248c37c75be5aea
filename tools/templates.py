"""Template databases: made once, kept until what they are made of changes, cloned in half a second."""

import ast
import contextlib
import fcntl
import hashlib

from . import database, postgres
from .console import step
from .environment import OCA
from .paths import ADDONS, HOME, our_addons

# The businesses of the documents are in Indonesia: whole rupiah, Indonesian taxes, before accounting is installed. No
# customer's address goes to Odoo's own lead enrichment, which would be asked at every lead.
FIRST_SCRIPT = """
env["ir.config_parameter"].set_param("crm.iap.lead.enrich.setting", "manual")
env["res.lang"]._activate_lang("id_ID")
env["res.lang"]._activate_lang("pl_PL")
env.ref("base.IDR").write({"active": True, "rounding": 1})
env.ref("base.main_company").write({"country_id": env.ref("base.id").id, "currency_id": env.ref("base.IDR").id})
"""

# Nor does what officers type as a customer's name, for which Odoo's own completion asks a server elsewhere: without an
# account there it fails at every customer.
LAST_SCRIPT = """
modules = env["ir.module.module"].search([("name", "=", "partner_autocomplete"), ("state", "=", "installed")])
modules and modules.button_immediate_uninstall()
"""


def manifest(addon):
    return ast.literal_eval((ADDONS / addon / "__manifest__.py").read_text())


def closure(addons):
    """Return our addons that the given ones need, themselves included, and the other modules that these depend on."""
    ours, others, todo = set(), set(), list(addons)
    while todo:
        addon = todo.pop()
        if addon in ours:
            continue
        ours.add(addon)
        for dependency in manifest(addon)["depends"]:
            (todo.append if dependency in our_addons() else others.add)(dependency)
    return sorted(ours), sorted(others)


def _fingerprint(modules, demo):
    digest = hashlib.sha256(repr((modules, demo, FIRST_SCRIPT, LAST_SCRIPT)).encode())
    digest.update(OCA.read_bytes())
    stamp = HOME / "odoo-complete"
    digest.update(stamp.read_bytes() if stamp.exists() else b"checkout")
    return digest.hexdigest()[:10]


def _name(modules, demo):
    return f"template_{_fingerprint(modules, demo)}"


def _basis(modules, demo):
    """Return the name of the largest template that is there already and has nothing that isn't wanted, if any."""
    others = {tuple(closure([addon])[1]) for addon in our_addons()}
    smaller = sorted((known for known in others if {*known} < {*modules}), key=len, reverse=True)
    return next(filter(postgres.exists, (_name(list(known), demo) for known in smaller)), None)


def _begin(working, basis, demo, log):
    """Make the database that the wanted modules are installed on."""
    database.drop(working)
    if basis:
        database.clone(basis, working)
        return
    database.create(working)
    database.run_odoo(working, "-i", "base", *demo, log=log)
    database.run_script(working, FIRST_SCRIPT, log=f"{log.removesuffix('.log')}-first.log")


def _build(name, modules, demo):
    """Make the template under a working name first, so that a half-made one is never used."""
    working = f"{name}_making"
    with_demo = ["--with-demo"] if demo else []
    log = f"{name}.log"
    _begin(working, _basis(modules, demo), with_demo, log)
    if modules:
        database.run_odoo(working, "-i", ",".join(modules), *with_demo, log=log)
        database.run_script(working, LAST_SCRIPT, log=f"{name}-last.log")
    database.rename(working, name)


@contextlib.contextmanager
def _one_builder():
    """Let one process at a time build templates: another one waits, and finds it made."""
    with (HOME / "templates.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def template(addons, demo=False):
    """Return the name of a database that has all that the addons depend on, and none of ours."""
    modules = closure(addons)[1]
    name = _name(modules, demo)
    demo_words = " with demo data" if demo else ""
    with step(f"Template database: {', '.join(modules) or 'base'}{demo_words}") as current:
        current.progress("one or two minutes where it isn't there yet")
        with _one_builder():
            if postgres.exists(name):
                current.skip("already here")
            else:
                _build(name, modules, demo)
    return name
