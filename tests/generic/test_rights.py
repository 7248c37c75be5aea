"""Who may do what: nobody from outside, nobody without a group, and each branch and company for itself."""

from odoo.tests import TransactionCase, new_test_user, tagged

from .findings import assert_none
from .subject import models_given, own, own_models

OPERATIONS = ("read", "write", "create", "unlink")
OUTSIDERS = ("base.group_public", "base.group_portal")

# What visitors and portal users do with our models directly: model → group → operations, with a comment why it is safe.
# What they see through a controller of ours isn't theirs by right and needs no line here.
ALLOWED_OUTSIDE = {}


def without_line(models, lines):
    """Return the models that no access line mentions: only the superuser could use them."""
    mentioned = set(lines.mapped("model_id.model"))
    return [f"{model._name} has no access line" for model in models if model._name not in mentioned]


def without_group(lines):
    """Return the access lines that grant something to everybody, visitors included."""
    return [
        f"{line.model_id.model}: access line “{line.name}” has no group"
        for line in lines
        if not line.group_id and any(line[f"perm_{operation}"] for operation in OPERATIONS)
    ]


def open_to(user, models, allowed=()):
    """Return what the user may do with the models beyond what is allowed."""
    return [
        f"{user.login} may {operation} {model._name}"
        for model in models
        for operation in OPERATIONS
        if operation not in allowed and model.with_user(user).has_access(operation)
    ]


def without_rule(model, word):
    """Return the operations that no record rule for everybody, mentioning ``word``, restricts."""
    rules = model.env["ir.rule"].sudo().search([("model_id.model", "=", model._name), ("groups", "=", False)])
    rules = rules.filtered(lambda rule: word in (rule.domain_force or ""))
    return [
        f"{model._name}: no record rule for all users with {word} restricts {operation}"
        for operation in OPERATIONS
        if not any(rules.mapped(f"perm_{operation}"))
    ]


def missing_rules(models, word):
    return [finding for model in models for finding in without_rule(model, word)]


def with_company(models):
    """Return the models whose records belong to a company; a wizard's records belong to their user anyway."""
    return [
        model
        for model in models
        if "company_id" in model._fields and model._fields["company_id"].store and not model._transient
    ]


@tagged("post_install", "-at_install")
class TestRights(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.models = own_models(cls.env)
        lines = cls.env["ir.model.access"].search([("model_id.model", "in", [model._name for model in cls.models])])
        cls.lines = lines | own(cls.env, "ir.model.access").filtered("active")
        cls.outsiders = {
            group: new_test_user(cls.env, group.replace(".", "_"), group, {"no_reset_password": True})
            for group in OUTSIDERS
        }

    def test_every_model_has_an_access_line(self):
        assert_none(without_line(self.models, self.lines))

    def test_no_access_line_is_for_everybody(self):
        assert_none(without_group(self.lines))

    def test_outsiders_may_do_nothing(self):
        findings = []
        for group, user in self.outsiders.items():
            for model in self.models:
                findings += open_to(user, [model], ALLOWED_OUTSIDE.get(model._name, {}).get(group, ()))
        assert_none(findings)

    def test_branches_and_companies_are_kept_apart(self):
        branched = models_given(self.env, "crm.branch.mixin")
        assert_none(missing_rules(branched, "visible_branch_ids") + missing_rules(branched, "company_ids"))

    def test_models_with_a_company_have_a_company_rule(self):
        assert_none(missing_rules(with_company(self.models), "company_ids"))


@tagged("post_install", "-at_install")
class TestTheseChecks(TransactionCase):
    """Each check finds what it is for, shown on models of Odoo itself."""

    def test_model_without_line(self):
        nothing = self.env["ir.model.access"]
        self.assertEqual(without_line([self.env["res.bank"]], nothing), ["res.bank has no access line"])

    def test_line_without_group(self):
        bank = self.env["ir.model"]._get("res.bank")
        line = self.env["ir.model.access"].create({"name": "all", "model_id": bank.id, "perm_read": True})
        self.assertEqual(without_group(line), ["res.bank: access line “all” has no group"])
        line.perm_read = False
        self.assertEqual(without_group(line), [])

    def test_model_open_to_a_visitor(self):
        visitor = new_test_user(self.env, "visitor", "base.group_public", {"no_reset_password": True})
        countries = [self.env["res.country"]]
        self.assertEqual(open_to(visitor, countries), ["visitor may read res.country"])
        self.assertEqual(open_to(visitor, countries, ("read",)), [])

    def test_missing_rule(self):
        self.assertEqual(len(without_rule(self.env["res.bank"], "company_ids")), len(OPERATIONS))
        bank = self.env["ir.model"]._get("res.bank")
        rule = {"name": "r", "model_id": bank.id, "domain_force": "[('id', 'in', company_ids)]", "perm_unlink": False}
        self.env["ir.rule"].create(rule)
        self.assertEqual(
            without_rule(self.env["res.bank"], "company_ids"),
            ["res.bank: no record rule for all users with company_ids restricts unlink"],
        )

    def test_models_with_a_company(self):
        models = [self.env["res.users"], self.env["res.bank"]]
        self.assertEqual(with_company(models), [self.env["res.users"]])
