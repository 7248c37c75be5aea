"""A pytest plugin for a lane of ``make test``: what all tests begin with is made once, and what none changes is kept.

* What the addons' ``tests/fixtures.py`` make is committed into the lane's database before the first test.
* Odoo's test cases empty the caches of its ORM after every test; a server does it when something has changed that they
  are made of, be it rolled back later. So does a lane.
* The garbage collector doesn't walk through the registry, which stays, again and again.
"""

import contextlib
import gc
import importlib
import importlib.util
import os
from unittest import mock

import pytest
from passlib.context import CryptContext

from .templates import closure


@pytest.fixture(scope="session", autouse=True)
def lane(load_registry):
    """Prepare the lane's database and process, once pytest-odoo has loaded the registry."""
    if "ADDON" in os.environ:  # what crosses addons runs on demo data, and makes what else it needs
        _commit_fixtures()
    gc.collect()
    gc.freeze()
    with _keeping_caches():
        yield


def _commit_fixtures():
    from odoo.api import SUPERUSER_ID, Environment  # noqa: PLC0415 - pytest-odoo has set Odoo up by now
    from odoo.modules.registry import Registry  # noqa: PLC0415
    from odoo.tests.common import get_db_name  # noqa: PLC0415

    with Registry(get_db_name()).cursor() as cr, _cheap_passwords():
        for addon in closure([os.environ["ADDON"]])[0]:
            module = f"odoo.addons.{addon}.tests.fixtures"
            if importlib.util.find_spec(module):
                importlib.import_module(module).commit(Environment(cr, SUPERUSER_ID, {}))


def _cheap_passwords():
    """Hash passwords in one round, as Odoo's test cases do."""
    from odoo.addons.base.models.res_users import ResUsersPatchedInTest  # noqa: PLC0415

    hashing = CryptContext(["pbkdf2_sha512"], pbkdf2_sha512__rounds=1)
    return mock.patch.object(ResUsersPatchedInTest, "_crypt_context", return_value=hashing)


class _Caches:
    """Whether the ORM's caches have to be emptied.

    :param empty: the function that empties those of a registry
    """

    def __init__(self, empty):
        self.empty = empty
        #: In what something has changed: this test, this class.
        self.changed = set()

    def note(self, original):
        """Return the method, that empties caches, as one that notes it too."""

        def noting(registry, *names):
            self.changed |= {"test", "class"}
            return original(registry, *names)

        return noting

    @contextlib.contextmanager
    def kept(self, registry, since):
        """Empty no caches at the end of a test or class in which nothing has changed."""

        def empty_if_changed():
            if since in self.changed:
                self.empty(registry)
                self.changed -= {"test", since}

        with mock.patch.object(registry, "clear_all_caches", empty_if_changed):
            yield


@contextlib.contextmanager
def _keeping_caches():
    from odoo.modules.registry import Registry  # noqa: PLC0415
    from odoo.tests.common import TransactionCase  # noqa: PLC0415

    caches = _Caches(Registry.clear_all_caches)
    set_up, clean_up = TransactionCase.setUp, TransactionCase.doClassCleanups.__func__

    def set_up_test(self):
        with caches.kept(self.registry, "test"):  # it says what is to be done after the test
            set_up(self)

    def clean_up_class(cls):
        with caches.kept(cls.registry, "class"):
            return clean_up(cls)

    with contextlib.ExitStack() as stack:
        for name in ("clear_cache", "clear_all_caches"):
            stack.enter_context(mock.patch.object(Registry, name, caches.note(getattr(Registry, name))))
        stack.enter_context(mock.patch.object(TransactionCase, "setUp", set_up_test))
        stack.enter_context(mock.patch.object(TransactionCase, "doClassCleanups", classmethod(clean_up_class)))
        yield
