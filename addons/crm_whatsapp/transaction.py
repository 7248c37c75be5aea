"""Short transactions of their own, tried again where another one was faster. Nothing in them reaches outside."""

import random
import time

from psycopg2 import errors

from odoo.api import SUPERUSER_ID, Environment

TRIES = 60
AGAIN = (errors.SerializationFailure, errors.DeadlockDetected, errors.LockNotAvailable, errors.UniqueViolation)


def run(registry, function, tries=TRIES):
    """Return what ``function(env)`` returns, its changes committed.

    ``env`` is the system's. The function may be called several times, and so must do nothing but read and write the
    database: no request to anybody.
    """
    for left in reversed(range(tries)):
        try:
            with registry.cursor() as cr:
                env = Environment(cr, SUPERUSER_ID, {})
                result = function(env)
                env.flush_all()
                return result
        except AGAIN:
            if not left:
                raise
            time.sleep(random.uniform(0, 0.002 * (tries - left)))  # noqa: S311 - not for secrets
    return None
