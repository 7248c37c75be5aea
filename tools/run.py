"""``make run``: Odoo with all our addons and demo data, served until Ctrl-C."""

import hashlib
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request

from . import database, postgres, templates
from .console import StepFailed, main, step, watched
from .paths import ADDONS, HOME, LOGS, PROJECT, our_addons

DATABASE = "crm"
LOG = LOGS / "server.log"
PORT = int(os.environ.get("PORT") or 8069)
WELCOME = """
  Odoo is at   http://localhost:{port}
  Log in as    admin / admin (everything){logins}
  Try this     {hint}
  The log is   {log}
  Ctrl-C ends the server and the database server.
"""


def fingerprints(folder=ADDONS):
    """Return a fingerprint of each addon's files in a folder: what changed is updated."""
    found = {}
    for manifest in folder.glob("*/__manifest__.py"):
        digest = hashlib.sha256()
        for path in sorted(manifest.parent.rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                digest.update(str(path.relative_to(folder)).encode() + path.read_bytes())
        found[manifest.parent.name] = digest.hexdigest()
    return found


def _read_stamp(stamp):
    return dict(line.split() for line in stamp.read_text().splitlines()) if stamp.exists() else {}


def _create():
    template = templates.template(our_addons(), demo=True)
    with step("Database with all addons and demo data") as current:
        database.drop(DATABASE)
        database.clone(template, DATABASE)
        current.progress("installing our addons")
        database.run_odoo(DATABASE, "-i", ",".join(our_addons()), "--with-demo", log="install.log")


def _update(changed, new):
    with step("Database: updating what changed") as current:
        current.progress(", ".join(sorted(changed | new)))
        flags = [flag for flag, names in (("-u", changed), ("-i", new)) if names for flag in (flag, ",".join(names))]
        database.run_odoo(DATABASE, *flags, log="update.log")


def prepare_database():
    stamp = HOME / "installed"
    wanted = fingerprints()
    if not postgres.exists(DATABASE):
        _create()
    else:
        installed = _read_stamp(stamp)
        changed = {addon for addon in wanted if addon in installed and wanted[addon] != installed[addon]}
        new = set(wanted) - set(installed)
        if changed or new:
            _update(changed, new)
        else:
            with step("Database with all addons and demo data") as current:
                current.skip("already here")
    stamp.write_text("".join(f"{addon} {digest}\n" for addon, digest in wanted.items()))


def _answers():
    try:
        with urllib.request.urlopen(f"http://localhost:{PORT}/web/health", timeout=5) as reply:
            return reply.status == 200
    except (urllib.error.URLError, OSError):
        return False


def _serve():
    with step(f"Odoo on port {PORT}") as current:
        if _answers():
            raise StepFailed(f"Port {PORT} is taken by another server. Choose another one: make run PORT=8070")
        log = LOG.open("w")
        command = database.odoo("-d", DATABASE, "--http-port", str(PORT), f"--db-filter=^{DATABASE}$")
        # A session of its own, so that Ctrl-C reaches only this process, which ends the server in order.
        server = subprocess.Popen(
            command,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=PROJECT,
            env=database.environment(),
            start_new_session=True,
        )
        started = time.monotonic()
        with watched(current, lambda: f"starting, {time.monotonic() - started:.0f} s"):
            while not _answers():
                if server.poll() is not None:
                    tail = "\n".join(LOG.read_text(errors="replace").splitlines()[-15:])
                    raise StepFailed(f"{tail}\n\nOdoo ended while starting. Whole log: {LOG}")
                time.sleep(0.2)
    return server


def logins(indent=15):
    """Return the demo users that the addons bring, one line each, so far indented."""
    rows = postgres.execute(
        DATABASE,
        """
        SELECT u.login, p.name, p.function
          FROM res_users u
          JOIN res_partner p ON p.id = u.partner_id
          JOIN ir_model_data d ON d.model = 'res.users' AND d.res_id = u.id
         WHERE u.active AND d.module = ANY(%s)
         ORDER BY d.id
        """,
        our_addons(),
    )
    return "".join(f"\n{' ' * indent}{login} / {login} ({function or name})" for login, name, function in rows)


def run():
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, signal.default_int_handler)
    with postgres.running():
        prepare_database()
        server = _serve()
        try:
            hint = "as sari: Sales → Orders by Procedure, open a quotation, submit it; approve it as dewi."
            print(WELCOME.format(port=PORT, logins=logins(), hint=hint, log=LOG), flush=True)
            server.wait()
        except KeyboardInterrupt:
            print("\nStopping …", flush=True)
        finally:
            server.terminate()
            server.wait(30)
    return 0


if __name__ == "__main__":
    main(run)
