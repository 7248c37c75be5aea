"""``make nodes``: all addons and demo data on two Odoo nodes behind nginx, with a replica that they read from."""

import contextlib
import os
import signal
import time

from . import database, nginx, postgres
from .console import StepFailed, main, step
from .node import SESSIONS, Node
from .paths import HOME, LOGS
from .replica import PRIMARY, Replica
from .run import DATABASE, PORT, logins, prepare_database

WELCOME = """
  Odoo is at        http://localhost:{port}   (nginx, before both nodes)
  Log in as         admin / admin (everything){logins}
  Nodes             {nodes}
  Replica           {replica}
                    psql -h {replica} -U odoo {database}
  Kill a node       kill -KILL -- -{group}    and go on working: nothing that was answered is lost
  Stop the replica  what it was asked for, the primary does; the nodes ask it again after 20 minutes
  The logs are      {logs}
  Ctrl-C ends all of them; a node that was killed comes back by itself.
"""


@contextlib.contextmanager
def serving(name, folder, port, log="node", **options):
    """Have a replica, a database for the sessions, two nodes of a database and nginx until the block ends.

    :param folder: for the replica's and nginx's files
    :param options: Odoo's, for both nodes
    :return: the nodes and the replica
    """
    if not postgres.exists(SESSIONS):
        database.create(SESSIONS)
    folder.mkdir(parents=True, exist_ok=True)
    replica = Replica(folder / "replica")
    with contextlib.ExitStack() as stack:
        with step("Replica of the database server"):
            stack.callback(replica.remove)
            replica.create()
        nodes = [Node(number, name, LOGS / f"{log}{number}.log", replica.host, **options) for number in (1, 2)]
        with step("Two Odoo nodes, with workers"):
            for node in nodes:
                node.log.unlink(missing_ok=True)
                stack.callback(node.stop)
                node.start()
            for node in nodes:
                node.wait()
        with step(f"nginx on port {port}"):
            stack.enter_context(nginx.running(folder / "nginx", port, nodes))
        yield nodes, replica


def _watch(nodes):
    """Bring back a node that was killed, until Ctrl-C."""
    while True:
        for node in nodes:
            if node.process.poll() is not None:
                print(f"Node {node.number} is gone; starting it again …", flush=True)
                node.start()
                node.wait()
                print(f"Node {node.number} is back: kill -KILL -- -{node.process.pid}", flush=True)
        time.sleep(0.5)


def run():
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, signal.default_int_handler)
    if os.environ.get("PGHOST"):
        raise StepFailed("make nodes makes a replica of the embedded server: leave PGHOST empty.")
    nginx.get()
    with postgres.running(settings=PRIMARY):
        prepare_database()
        with serving(DATABASE, HOME / "nodes", PORT) as (nodes, replica):
            facts = {"logs": LOGS, "database": DATABASE, "replica": replica.host, "group": nodes[0].process.pid}
            addresses = "   ".join(f"{node.url} (group {node.process.pid})" for node in nodes)
            print(WELCOME.format(port=PORT, logins=logins(18), nodes=addresses, **facts), flush=True)
            try:
                _watch(nodes)
            except KeyboardInterrupt:
                print("\nStopping …", flush=True)
    return 0


if __name__ == "__main__":
    main(run)
