"""A pytest plugin for ``make test-odoo``: Odoo's own tests, played by the procedure.

They ask what Odoo does, and on the way give leads up and confirm orders as one may in plain Odoo. With our addons
nobody may, and that they are refused is tested elsewhere. So that all that comes after is asked, too, what the
procedure wants is done first: the reason why a lead is lost and the last question, an order's submission and approval.
"""

import pytest

LOGINS = ("procedure_officer", "procedure_manager")
GROUPS = ("crm_base.group_manager", "sales_team.group_sale_manager", "stock.group_stock_manager")
ASKED = {"anything_else_asked": True, "anything_else_answer": "No, thank you"}


@pytest.fixture(scope="session", autouse=True)
def procedure(load_registry):
    """Have two people, and have them do what is wanted before a lead is lost or an order confirmed."""
    from odoo.api import SUPERUSER_ID, Environment  # noqa: PLC0415 - pytest-odoo has set Odoo up by now
    from odoo.modules.registry import Registry  # noqa: PLC0415
    from odoo.tests.common import get_db_name  # noqa: PLC0415

    registry = Registry(get_db_name())
    with registry.cursor() as cr:
        _hire(Environment(cr, SUPERUSER_ID, {}))
    _precede(registry["crm.lead"], "_check_may_be_given_up", _say_why)
    _precede(registry["sale.order"], "action_confirm", _have_approved)


def _hire(env):
    groups = [(6, 0, [env.ref(group).id for group in GROUPS])]
    for login in LOGINS:
        if not env["res.users"].search_count([("login", "=", login)]):
            values = {"name": login, "login": login, "group_ids": groups}
            env["res.users"].with_context(no_reset_password=True).create(values)


def _precede(model, name, first):
    """Have ``first(records)`` done before the method."""
    original = getattr(model, name)

    def method(records, *arguments, **options):
        first(records)
        return original(records, *arguments, **options)

    setattr(model, name, method)


def _say_why(leads):
    """Fill in what is missing without a trace: other tests count messages."""
    silent = leads.sudo()
    reason = silent.env.ref("crm.lost_reason_1", raise_if_not_found=False)
    for lead in silent:
        values = {} if lead.lost_reason_id else {"lost_reason_id": reason.id}
        lead._write({**values, **ASKED})
        lead.invalidate_recordset([*values, *ASKED])


def _have_approved(orders):
    for order in orders.sudo().filtered(lambda order: order.approval_state == "draft" and order.state != "cancel"):
        officer, manager = (order.env["res.users"].search([("login", "=", login)]) for login in LOGINS)
        as_they_are = order.with_company(order.company_id)
        as_they_are.with_user(officer).sudo().action_submit()
        as_they_are.with_user(manager).sudo().action_approve()
    orders.invalidate_recordset(["approval_state"])
