"""What a record is about, only who may read that is told: by a form that is filled in, by defaults, by saving."""

from odoo.exceptions import AccessError
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from .ours import demo_users


@tagged("post_install", "-at_install")
class TestAbout(TransactionCase):
    """BR-17: no number that is guessed tells anything."""

    def _about(self):
        """Yield who may make a record, its empty model, the field that says what it is about, and one that there is."""
        people = demo_users(self.env)
        for name, model in sorted(self.env.registry.items()):
            if model._abstract or not getattr(model, "_about", ()):
                continue
            makers = people.filtered(lambda user, name=name: self.env[name].with_user(user).has_access("create"))
            for field in self.env[name]._about:
                target = self.env[self.env[name]._fields[field].comodel_name].sudo().search([], limit=1)
                if target and makers:
                    yield makers[0], self.env[name].with_user(makers[0]), field, target

    def _hide(self, target):
        """Let nobody read it."""
        rule = {"name": "Nobody", "model_id": self.env["ir.model"]._get_id(target._name), "domain_force": [(0, "=", 1)]}
        return self.env["ir.rule"].create(rule)

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.sql_db")
    def test_who_may_not_read_it(self):
        seen = set()
        for user, model, field, target in self._about():
            rule = self._hide(target)
            asked = {name: {} for name in model._fields if model._has_field_access(model._fields[name], "read")}
            attempts = (
                lambda model=model, field=field, target=target, asked=asked: model.onchange(
                    {field: target.id}, [field], asked
                ),
                lambda model=model, field=field, target=target, asked=asked: model.with_context(
                    **{f"default_{field}": target.id}
                ).onchange({}, [], asked),
                lambda model=model, field=field, target=target: model.with_context(
                    **{f"default_{field}": target.id}
                ).default_get([field]),
            )
            for number, attempt in enumerate(attempts):
                with self.subTest(model=model._name, field=field, user=user.login, number=number):
                    with self.assertRaises(AccessError):
                        attempt()
                    seen.add((model._name, field))
            rule.unlink()
        self.assertGreater(len(seen), 10, seen)
