"""Everything that a role is offered opens for it: menus, actions, views, filters, groups and empty forms."""

from odoo.exceptions import UserError
from odoo.tests import TransactionCase, new_test_user, tagged

from . import client
from .findings import Findings, assert_none
from .subject import ADDON, own, own_views, roles, root_view

CONTEXT = {"no_reset_password": True, "mail_create_nolog": True, "tracking_disable": True}


def create_role_users(env):
    """Return group → a user with just that group, who belongs to a branch where there are branches."""
    users = {}
    for group in roles(env):
        groups = f"base.group_user,{group}"
        users[group] = new_test_user(env, f"role.{group}", groups, CONTEXT, company_id=env.ref("base.main_company").id)
    if "crm.branch" in env and (branches := env["crm.branch"].search([])):
        branches[0].user_ids += env["res.users"].union(*users.values())
    return users


def in_none(records, groups):
    """Return the records that are in none of the groups of records."""
    return records - records.browse().union(*groups)


def check_inherited(env, roots, findings, who):
    """Load, read and open empty the views of other addons that ours extend; note what fails."""
    for root in roots:
        if not env[root.model].has_access("read"):
            continue
        label = f"{who}, {root.xml_id}"
        with findings.attempt(env, f"{label} loads"):
            model = env[root.model]
            arch = client.get_views(model, [[root.id, root.type]])[root.type]
            if root.type == "search":
                client.check_search(model, arch, None, [], findings, label)
            elif not model._transient:
                client.check_view(model, arch, [], findings, label)


@tagged("post_install", "-at_install")
class TestViews(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = create_role_users(cls.env)
        cls.actions = own(cls.env, "ir.actions.act_window").filtered(lambda action: action.res_model in cls.env)
        cls.menus = own(cls.env, "ir.ui.menu")

    def test_actions_open_for_every_role(self):
        findings = Findings()
        for group, user in self.users.items():
            env = self.env(user=user)
            for action in client.offered_actions(env, self.actions, self.menus):
                client.open_action(env, action, findings, group)
        assert_none(findings)

    def test_every_action_is_offered_to_somebody(self):
        envs = [self.env(user=user) for user in self.users.values()]
        offered = [client.offered_actions(env, self.actions, self.menus) for env in envs]
        assert_none([f"{action.xml_id} is offered to no role" for action in in_none(self.actions, offered)])

    def test_every_menu_leads_somewhere_for_somebody(self):
        envs = [self.env(user=user) for user in self.users.values()]
        visible = [client.visible_menus(env) for env in envs]
        assert_none([f"{menu.complete_name} is visible to no role" for menu in in_none(self.menus, visible)])

    def test_extended_views_open_for_every_role(self):
        extensions = own_views(self.env).filtered(lambda view: view.mode == "extension")
        roots = extensions.mapped(root_view) if extensions else extensions
        if findings := self._check_inherited(roots):
            # What fails without our extensions, too, is Odoo's own.
            extensions.active = False
            assert_none(set(findings) - set(self._check_inherited(roots)))

    def _check_inherited(self, roots):
        findings = Findings()
        for group, user in self.users.items():
            check_inherited(self.env(user=user), roots, findings, group)
        return findings


@tagged("post_install", "-at_install")
class TestTheseChecks(TransactionCase):
    """Each check finds what it is for, shown on views made for it."""

    def _open(self, domain="[]", context="{}", **archs):
        """Return what opening an action on banks finds, with these views."""
        views = self.env["ir.ui.view"].with_context(install_mode=True)
        for kind, arch in archs.items():
            views.create({"name": kind, "model": "res.bank", "type": kind, "priority": 1, "arch": arch})
        action = self.env["ir.actions.act_window"].create(
            {"name": ADDON, "res_model": "res.bank", "view_mode": "list,form", "domain": domain, "context": context}
        )
        findings = Findings()
        client.open_action(self.env, action, findings, "somebody")
        return findings

    def test_good_action(self):
        search = """<search><field name="name"/><field name="country"/>
            <filter name="f" domain="[('bic', '!=', False)]"/><filter name="d" date="create_date"/>
            <filter name="g" context="{'group_by': 'country'}"/></search>"""
        self.assertEqual(self._open(search=search, list="<list><field name='name'/><field name='country'/></list>"), [])

    def test_menu_below_a_hidden_one(self):
        menus = self.env["ir.ui.menu"]
        upper = menus.create({"name": "Upper", "group_ids": self.env.ref("base.group_system").ids})
        action = self.env.ref("base.action_country")
        lower = menus.create({"name": "Lower", "parent_id": upper.id, "action": f"{action._name},{action.id}"})
        user = new_test_user(self.env, "nobody", "base.group_user", CONTEXT)
        admin = self.env.ref("base.user_admin")
        visible = {who: client.visible_menus(self.env(user=who)) for who in (user, admin)}
        self.assertEqual(in_none(lower, [visible[user]]), lower)
        self.assertFalse(in_none(lower, visible.values()))
        self.assertFalse(client.offered_actions(self.env(user=user), action, lower))
        self.assertEqual(client.offered_actions(self.env(user=admin), action, lower), action)

    def test_bad_domain_and_context(self):
        self.assertRegex(self._open(domain="[('no_such_field', '=', 1)]")[0], "no_such_field")
        self.assertRegex(self._open(context="{'a': no_such_name}")[0], "no_such_name")

    def test_bad_default(self):
        def fails(*arguments):
            raise UserError("No default.")

        self.patch(self.registry["res.bank"], "default_get", fails)
        self.assertEqual([finding.split(": ")[1:] for finding in self._open()], [["UserError", "No default."]])

    def test_bad_search_view(self):
        search = """<search><filter name="f" domain="[('bic', 'like it', 1)]"/>
            <filter name="g" context="{'group_by': 'no_such_group'}"/></search>"""
        findings = Findings()
        banks = self.env["res.bank"]
        client.check_search(banks, client.etree.fromstring(search), None, [], findings, "bank")
        places = [finding.split(":")[0] for finding in findings]
        self.assertEqual(places, ["bank, filter f", "bank, group by no_such_group"])

    def test_view_of_what_the_user_may_not_read(self):
        user = new_test_user(self.env, "nobody", "base.group_user", CONTEXT)
        arch = client.etree.fromstring("<list><field name='domain_force'/></list>")
        findings = Findings()
        client.check_view(self.env(user=user)["ir.rule"], arch, [], findings, "rules")
        self.assertRegex(findings[0], "^rules reads: AccessError")
