"""Several nodes on this machine: primary, replica, nodes and nginx, on a copy of the lane's database; and clients."""

import contextlib
import json
import os
import shutil
import time
from pathlib import Path

import requests

from tools import database, postgres
from tools.console import step
from tools.node import SERVER_WIDE, free_port
from tools.nodes import serving
from tools.paths import ADDONS, HOME, LOGS
from tools.replica import PRIMARY, copy

HERE = Path(__file__).parent
PATIENCE = 90
CLIENTS = 8
#: They survive a killed node, not a power cut. Commits wait for their own log: only that goes to a replica.
THROW_AWAY = "fsync = off\nfull_page_writes = off\n"

#: A branch, agents who are the clients, a supervisor; and scheduled actions that note who ran them. Odoo's own and ours
#: rest: they would be in the way of who counts.
SET_UP = """
import json
env.cr.execute("UPDATE ir_cron SET active = false")
branch = env["crm.branch"].create({"name": "Nodes", "code": "NOD", "tz": "Asia/Jakarta"})
queue = env["crm.queue"].create({"name": "Nodes", "code": "NODES", "branch_id": branch.id})
users = env["res.users"].with_context(no_reset_password=True)
people = [(f"client{number}", "crm_contact_center.group_agent") for number in range(clients)]
for login, group in [*people, ("supervisor", "crm_contact_center.group_supervisor")]:
    groups = [(4, env.ref(group).id), (4, env.ref("base.group_user").id)]
    values = {"name": login, "login": login, "password": login, "branch_ids": [(6, 0, branch.ids)]}
    user = users.create({**values, "group_ids": groups})
    if login != "supervisor":
        env["crm.agent"].create({"user_id": user.id, "branch_id": branch.id, "queue_ids": [(6, 0, queue.ids)]})
system = env["crm.telephony.system"].create({"name": "Telephone", "branch_id": branch.id, "queue_id": queue.id})
env.cr.execute("CREATE TABLE nodes_run (job int, who text)")
jobs = []
for number in range(20):
    code = f'''log("begun {number}")
env.cr.execute("SELECT pg_advisory_xact_lock_shared(190211)")
env.cr.execute("INSERT INTO nodes_run SELECT {number}, current_setting('application_name')")'''
    jobs.append(env["ir.cron"].create({
        "name": f"Nodes {number}", "model_id": env.ref("base.model_res_partner").id, "state": "code", "code": code,
        "interval_number": 1, "interval_type": "months", "active": False,
    }).id)
print("SETUP" + json.dumps({"branch": branch.id, "queue": queue.id, "jobs": jobs, "key": system.key}))
"""


#: What was measured, for the end of the lane's output.
FIGURES = []


def wait_until(true, what):
    """Return what ``true`` returns as soon as that counts as true; fail in words when patience ends."""
    deadline = time.monotonic() + PATIENCE
    while not (found := true()):
        assert time.monotonic() < deadline, f"Waited {PATIENCE} s in vain: {what}"
        time.sleep(0.05)
    return found


class Unanswered(Exception):
    """Nobody knows whether it was done: there was no answer of Odoo's."""


class Refused(Exception):
    """Odoo answered with an error: nothing was done."""


class Client:
    """A user's session, with a node or, through nginx, with all of them.

    :param str url: of the one or the other
    """

    def __init__(self, url, name, login):
        self.url, self.session = url, requests.Session()
        self.session.trust_env = False
        self.user = self.post("/web/session/authenticate", db=name, login=login, password=login)["uid"]

    def post(self, path, **params):
        try:
            answer = self.session.post(self.url + path, json={"params": params}, timeout=60)
        except requests.RequestException as error:
            raise Unanswered(str(error)) from error
        if answer.status_code != 200:
            raise Unanswered(str(answer.status_code))
        content = answer.json()
        if "error" in content:
            raise Refused(content["error"]["data"]["name"], content["error"]["data"]["message"])
        return content.get("result")

    def call(self, model, method, *args, **kwargs):
        """Call a method of a model: of records, their ids are the first argument."""
        return self.post("/web/dataset/call_kw", model=model, method=method, args=args, kwargs=kwargs)

    def at(self, url):
        """Go on with the same session, cookie and all, at another address."""
        self.url = url
        return self


class World:
    """Where everything is.

    :ivar facts: ids of what was set up
    """

    def __init__(self, name, facts, nodes, replica, folder, port):
        self.name, self.facts, self.nodes, self.replica = name, facts, nodes, replica
        self.url, self.folder = f"http://127.0.0.1:{port}", folder

    def client(self, login, node=None):
        return Client(node.url if node else self.url, self.name, login)

    def execute(self, query, *arguments):
        """Run a statement on the primary; return its rows."""
        return postgres.execute(self.name, query, *arguments)

    def on_replica(self, query, *arguments):
        """Run a statement on the replica; return its rows."""
        with contextlib.closing(self.replica.connect(self.name)) as connection, connection.cursor() as cursor:
            cursor.execute(query, arguments)
            return cursor.fetchall()

    def served(self, node, since=0):
        """Return how many requests nginx got answered by a node, after so many lines of its log; and its lines now."""
        lines = (self.folder / "nginx/access.log").read_text().splitlines()
        return sum(f"127.0.0.1:{node.http} 200" in line for line in lines[since:]), len(lines)

    def node_of(self, application):
        """Return the node whose process names its connections so: ``node1-4711``."""
        return next(node for node in self.nodes if application.startswith(f"node{node.number}-"))

    def wrote_by_surprise(self):
        """Return how often what said that it reads had to be done again on the primary, for it wrote."""
        return sum(node.log.read_text(errors="replace").count("retrying with a read/write") for node in self.nodes)

    def restart(self, node):
        node.stop()
        node.start()
        node.wait()


def _set_up(name):
    log = f"{name}-setup.log"
    database.run_script(name, f"clients = {CLIENTS}\n{SET_UP}", log=log)
    line = next(line for line in (LOGS / log).read_text().splitlines() if "SETUP{" in line)
    return json.loads(line.partition("SETUP")[2])


@contextlib.contextmanager
def running(name):
    """Have a world with a copy of the lane's database until the block ends.

    On a database server of its own: a replica copies all that a server has.
    """
    origin = {key: os.environ[key] for key in ("PGHOST", "PGUSER")}
    folder = HOME / f"nodes-test-{os.getpid()}"
    folder.mkdir()
    try:
        os.environ["PGHOST"] = ""
        with postgres.running(str(Path(folder.name) / "pg"), settings=PRIMARY + THROW_AWAY):
            with step("Copy of the database"):
                database.create(name)
                copy(name, origin)
            with step("Users, scheduled actions"):
                facts = _set_up(name)
            port = free_port()
            options = {"load": f"{SERVER_WIDE},nodes_probe", "addons-path": f"{ADDONS},{HERE / 'addons'}"}
            with serving(name, folder, port, log=f"{name}-node", **options) as (nodes, replica):
                yield World(name, facts, nodes, replica, folder, port)
                for node in nodes:
                    node.kill()  # what they did is judged; ending in order takes some seconds more
    finally:
        os.environ.update(origin)
        shutil.rmtree(folder, ignore_errors=True)
