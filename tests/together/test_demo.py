"""With demo data everything is there to look at, opens for the people in it, and runs by itself at night."""

import logging
from collections import defaultdict

from generic import client
from generic.findings import Findings, assert_none
from lxml import etree

from odoo.fields import Image
from odoo.tests import HttpCase, TransactionCase, tagged

from tools.paths import ADDONS, our_addons
from tools.templates import manifest

from .ours import demo_users, own, window_actions


def declared(source, addon):
    """Return the XML ids of the records that a demo file makes, archived or not."""
    names = [node.get("id") for node in source.iter("record", "template") if node.get("id")]
    return {name if "." in name else f"{addon}.{name}" for name in names}


def demo_ids(addon):
    """Return the XML ids of the records that an addon's demo files make."""
    files = [ADDONS / addon / name for name in manifest(addon).get("demo", []) if name.endswith(".xml")]
    return set().union(*(declared(etree.parse(str(file)), addon) for file in files))


def missing(env, xmlids):
    """Return those XML ids that stand for no record."""
    return [f"{xmlid} isn't there" for xmlid in xmlids if not env.ref(xmlid, raise_if_not_found=False)]


def one_of_each_kind(users):
    """Return one of the users with the same roles and as many companies: they are shown the same screens."""
    kinds = users.grouped(lambda user: (user.all_group_ids, len(user.company_ids)))
    return users.browse([people[0].id for people in kinds.values()])


class ErrorLog(logging.Handler):
    """Collect what is logged as an error."""

    def __init__(self):
        super().__init__(logging.ERROR)
        self.lines = []

    def emit(self, record):
        cause = f": {record.exc_info[1]}" if record.exc_info else ""
        self.lines.append(f"{record.name}: {record.getMessage()}{cause}"[:500])

    def __enter__(self):
        logging.getLogger().addHandler(self)
        return self.lines

    def __exit__(self, *failure):
        logging.getLogger().removeHandler(self)


def run_job(cron):
    """Run a scheduled job once, as the scheduler does; return what went wrong."""
    with ErrorLog() as errors:
        cron.method_direct_trigger()
    return [f"{cron.cron_name}: {error}" for error in errors]


@tagged("post_install", "-at_install")
class TestDemo(TransactionCase):
    def test_all_addons_are_installed(self):
        modules = self.env["ir.module.module"].search([("name", "in", our_addons())])
        states = {module.name: module.state for module in modules}
        assert_none([f"{name} is {states.get(name)}" for name in our_addons() if states.get(name) != "installed"])

    def test_demo_data_is_there(self):
        with_demo = [addon for addon in our_addons() if manifest(addon).get("demo")]
        self.assertTrue(with_demo)
        assert_none([f"{addon}: no record in its demo files" for addon in with_demo if not demo_ids(addon)])
        assert_none([finding for addon in with_demo for finding in missing(self.env, demo_ids(addon))])

    def test_actions_open_for_everybody(self):
        """The administrator also uses every filter and group; one of each kind opens what their menus offer."""
        actions, menus = window_actions(self.env), own(self.env, "ir.ui.menu")
        findings = Findings()
        admin = self.env.ref("base.user_admin")
        for user in admin | one_of_each_kind(demo_users(self.env)):
            env = self.env(user=user)
            env.invalidate_all()  # what an earlier person's screens computed isn't theirs
            for action in client.offered_actions(env, actions, menus):
                client.open_action(env, action, findings, user.login, search=user == admin)
        assert_none(findings)

    def test_people_have_something_to_see(self):
        """A demo user whose lists are all empty belongs to the wrong branch or group."""
        actions, menus = window_actions(self.env), own(self.env, "ir.ui.menu")
        idle = []
        for user in demo_users(self.env):
            env = self.env(user=user)
            offered = client.offered_actions(env, actions, menus).filtered(lambda action: "list" in action.view_mode)
            shown = {*offered.mapped("res_model")}
            if user.has_group("crm_courier.group_courier"):  # their day is a screen of its own
                shown.add("crm.courier.stop")
            if shown and not any(env[name].search_count([], limit=1) for name in shown):
                idle.append(f"{user.login} sees no record at all")
        assert_none(idle)

    def test_jobs_run(self):
        findings = []
        with self.enter_registry_test_mode():
            for cron in own(self.env, "ir.cron"):
                findings += run_job(cron)
        assert_none(findings)


@tagged("post_install", "-at_install")
class TestImages(HttpCase):
    def _image_fields(self):
        """Return model → names of the images in lists, kanbans and forms of our actions."""
        found = defaultdict(set)
        for action in window_actions(self.env):
            model = self.env[action.res_model]
            for arch in client.get_views(model, action.views, action).values():
                names = {node.get("name") for node in client.own_fields(arch)}
                found[model._name] |= {name for name in names if isinstance(model._fields[name], Image)}
        return found

    def test_images_are_served(self):
        self.authenticate("admin", "admin")
        findings = []
        for name, fields in self._image_fields().items():
            for record in self.env[name].search([], limit=3) if fields else ():
                urls = [f"/web/image/{name}/{record.id}/{field}" for field in fields]
                answers = {url: self.url_open(url).status_code for url in urls}
                findings += [f"{url}: {status}" for url, status in answers.items() if status != 200]
        assert_none(findings)


@tagged("post_install", "-at_install")
class TestTheseChecks(TransactionCase):
    """Each check finds what it is for."""

    def test_missing_demo_data(self):
        source = etree.fromstring("<odoo><record id='gone'/><record id='base.main_company'/></odoo>")
        self.assertEqual(missing(self.env, declared(source, "no_addon")), ["no_addon.gone isn't there"])

    def _job(self, code):
        values = {"name": "Job", "model_id": self.env["ir.model"]._get_id("res.bank"), "state": "code", "code": code}
        cron = self.env["ir.cron"].create(values)
        with self.enter_registry_test_mode():
            return run_job(cron)

    def test_job_that_fails(self):
        with self.assertLogs(level="ERROR"):
            self.assertTrue(any("too late" in finding for finding in self._job("raise UserError('too late')")))

    def test_job_that_logs_an_error(self):
        with self.assertLogs(level="ERROR"):
            self.assertTrue(any("went wrong" in finding for finding in self._job("_logger.error('went wrong')")))

    def test_job_that_runs(self):
        self.assertEqual(self._job("model.search([])"), [])
