"""nginx for several nodes on this machine: Debian's package, extracted beside Odoo's, nothing installed.

As with Odoo, apt works in a private folder, asks the mirror that the machine already uses, and Debian's keyring checks
the signatures. Configuration, logs and temporary files are in a folder of each one that runs.
"""

import contextlib
import grp
import os
import pwd
import shutil
import string
import subprocess
import time

from . import odoo_source
from .console import StepFailed, call, step
from .paths import HOME, LOGS, PROJECT

FOLDER = HOME / "nginx"
PROGRAM = FOLDER / "root/usr/sbin/nginx"
#: The part that the containers have, too.
TEMPLATE = PROJECT / "docker/nginx.conf"
ADVICE = (
    "Several nodes need nginx from a Debian mirror (0.5 MB, once), and Debian 12's libraries: make nodes, make test."
)
PATIENCE = 10  # seconds

MAIN = """\
${user}
daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log warn;
events { worker_connections 512; }
http {
    log_format nodes '$status $request_method $uri $upstream_addr $upstream_status $request_time';
    access_log ${folder}/access.log nodes;
    default_type application/octet-stream;
    client_body_temp_path ${folder}/body;
    proxy_temp_path ${folder}/proxy;
    fastcgi_temp_path ${folder}/fastcgi;
    scgi_temp_path ${folder}/scgi;
    uwsgi_temp_path ${folder}/uwsgi;
    include ${folder}/site.conf;
}
"""


def _apt(command, *arguments):
    """Return an apt command line: with the machine's own sources until ours are written."""
    apt, sources = FOLDER / "apt", FOLDER / "apt/sources.list"
    return odoo_source.private_apt(apt, command, *arguments, sources=sources.exists() and sources)


def _download():
    """Fetch the package; return its file."""
    apt, log = FOLDER / "apt", LOGS / "nginx-apt.log"
    for folder in ("state", "lists/partial", "cache/archives/partial"):
        (apt / folder).mkdir(parents=True, exist_ok=True)
    (apt / "status").touch()
    call(_apt("update"), ADVICE, log)
    mirror = odoo_source.mirror(_apt, ADVICE)
    (apt / "sources.list").write_text(f"deb [signed-by={odoo_source.KEYRING}] {mirror} bookworm main\n")
    call(_apt("update"), ADVICE, log)
    call(_apt("download", "nginx"), ADVICE, log, cwd=apt)
    return next(apt.glob("nginx_*.deb"))


def get():
    """Have nginx in the project.

    :raise StepFailed: it can't be had here
    """
    complete = FOLDER / "complete"
    with step("nginx from Debian's package") as current:
        if complete.exists():
            current.skip(f"already here ({complete.read_text().strip()})")
            return
        shutil.rmtree(FOLDER, ignore_errors=True)
        current.progress("asking the mirror")
        call(["dpkg", "-x", _download(), FOLDER / "root"], "Is the disk full?", LOGS / "nginx-dpkg.log")
        shutil.rmtree(FOLDER / "apt")
        log = LOGS / "nginx-try.log"
        call([PROGRAM, "-v"], ADVICE, log)
        current.note = log.read_text().strip().rpartition("/")[2]
        complete.write_text(current.note + "\n")


def _fill(text, values):
    """Fill in ``${…}`` as the container's image does: nginx's own variables stay as they are."""
    return string.Template(text).safe_substitute(values)


def _configure(folder, port, nodes):
    """Write the configuration: as in the containers, with the addresses of these nodes."""
    user = ""
    if os.geteuid() == 0:  # it would become somebody else, who may not read here
        user = f"user {pwd.getpwuid(0).pw_name} {grp.getgrgid(0).gr_name};"
    values = {"LISTEN": f"127.0.0.1:{port}", "CACHE": folder / "cache"}
    for node in nodes:
        values[f"NODE_{node.number}"] = f"127.0.0.1:{node.http}"
        values[f"NODE_{node.number}_WEBSOCKET"] = f"127.0.0.1:{node.websocket}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "site.conf").write_text(_fill(TEMPLATE.read_text(), values))
    (folder / "nginx.conf").write_text(_fill(MAIN, {"folder": folder, "user": user}))


@contextlib.contextmanager
def running(folder, port, nodes):
    """Have nginx before the nodes, on a port of this machine, until the block ends."""
    _configure(folder, port, nodes)
    command = [PROGRAM, "-p", folder, "-e", folder / "error.log", "-c", folder / "nginx.conf"]
    pid = folder / "nginx.pid"
    pid.unlink(missing_ok=True)
    # A session of its own, so that Ctrl-C reaches only the tool, which ends all in order.
    process = subprocess.Popen([str(part) for part in command], start_new_session=True)
    try:
        deadline = time.monotonic() + PATIENCE
        while not pid.exists():
            if process.poll() is not None or time.monotonic() > deadline:
                raise StepFailed(f"{(folder / 'error.log').read_text()[-2000:]}\n\nnginx doesn't start.")
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(30)
