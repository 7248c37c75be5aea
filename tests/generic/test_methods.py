"""Public methods can be called by anybody over RPC: there are few, each is meant to be, and says what it does."""

import inspect

from odoo.tests import TransactionCase, tagged

from .findings import assert_none
from .subject import definitions

# What a button or menu calls is named like this; what the agent's desk calls, likewise.
PREFIX = "action_"
DESK = "desk_"

# Public methods of our models that are neither actions nor overrides: model → method → why it must be public.
ALLOWED = {
    "crm.agent": {
        "dial": "what the button beside phone numbers does: by the user's own telephone",
    },
    "crm.queue": {"wall": "what the supervisor's wall shows"},
    "crm.courier.stop": {
        "courier_day": "what the courier's phone shows",
        "courier_send": "what the courier's phone sends",
    },
}


def public_methods(definition):
    """Return name → function of what a class makes callable from outside."""
    return {
        name: function
        for name, function in vars(definition).items()
        if inspect.isfunction(function) and not name.startswith("_") and not getattr(function, "_api_private", False)
    }


def overrides(registry_class, definition, name):
    """Return whether a method of the definition is one that an earlier class of the model has already."""
    line = registry_class.mro()
    earlier = line[line.index(definition) + 1 :] if definition in line else line
    return any(name in vars(cls) for cls in earlier)


def method_problems(model, definition, registry_class, allowed=()):
    """Return what is wrong with the public methods of a class."""
    findings = []
    for name, function in public_methods(definition).items():
        if overrides(registry_class, definition, name):
            continue
        label = f"{model}.{name}"
        if not (function.__doc__ or "").strip():
            findings.append(f"{label} is public and has no docstring")
        if not name.startswith((PREFIX, DESK)) and name not in allowed:
            findings.append(f"{label} is public: make it private, or name it {PREFIX}…")
    return findings


@tagged("post_install", "-at_install")
class TestMethods(TransactionCase):
    def test_public_methods_are_meant_to_be(self):
        findings = []
        for definition in definitions():
            model = definition._name
            findings += method_problems(model, definition, self.registry[model], ALLOWED.get(model, ()))
        assert_none(findings)

    def test_allowed_methods_exist(self):
        there = {(cls._name, name) for cls in definitions() for name in public_methods(cls)}
        mine = {cls._name for cls in definitions()}
        assert_none(
            [
                f"{model}.{name} is allowed and not there"
                for model, names in ALLOWED.items()
                for name in names
                if model in mine and (model, name) not in there
            ]
        )


def test_these_checks_find_what_they_are_for():
    class Core:
        def write(self, vals):
            pass

    class Ours(Core):
        def write(self, vals):
            pass

        def helper(self):
            """Help."""

        def action_bare(self):
            pass

        def action_good(self):
            """Do good."""

        def _private(self):
            pass

    assert method_problems("m", Ours, Ours) == [
        "m.helper is public: make it private, or name it action_…",
        "m.action_bare is public and has no docstring",
    ]
    assert method_problems("m", Ours, Ours, ("helper",)) == ["m.action_bare is public and has no docstring"]
