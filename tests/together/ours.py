"""What all our addons together brought."""

import os

from tools.paths import our_addons


def own(env, model):
    """Return the records of a model that any of our addons brought, archived ones too."""
    data = env["ir.model.data"].sudo().search([("module", "in", our_addons()), ("model", "=", model)])
    return env[model].sudo().with_context(active_test=False).browse(set(data.mapped("res_id"))).exists()


def demo_users(env):
    """Return the people of the demo data: those who can log in and whom one of our addons brought."""
    return own(env, "res.users").filtered(lambda user: user.active and not user.share)


def window_actions(env):
    """Return our window actions on models that there are."""
    return own(env, "ir.actions.act_window").filtered(lambda action: action.res_model in env)


def one_in(share):
    """Return that of so many calls each role tries one, and each role another one; with ``HOSTILE=all`` in the
    environment every role tries all of them."""
    return 1 if os.environ.get("HOSTILE") == "all" else share
