"""Branches, people and contacts that the tests of this addon, and of those above it, begin with."""

from odoo import fields
from odoo.fields import Command
from odoo.tests import TransactionCase, new_test_user, tagged

CANARY = "Kenari7341"


@tagged("post_install", "-at_install")
class CrmBaseCase(TransactionCase):
    """Shop A and shop B in Indonesia under a headquarters, with somebody in every role."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.company.country_id = cls.env.ref("base.id")
        cls.headquarters = cls.env.ref("crm_base.crm_branch_headquarters")
        cls.branch_a = cls._create_branch(code="TA")
        cls.branch_b = cls._create_branch(code="TB")
        officer, manager = "crm_base.group_officer", "crm_base.group_manager"
        cls.officer_a = cls._create_user("test_officer_a", officer, cls.branch_a)
        cls.officer_b = cls._create_user("test_officer_b", officer, cls.branch_b)
        cls.manager_a = cls._create_user("test_manager_a", manager, cls.branch_a)
        cls.manager_hq = cls._create_user("test_manager_hq", manager, cls.headquarters)
        cls.internal = cls._create_user("test_internal", "base.group_user", cls.env["crm.branch"])
        cls.portal = cls._create_user("test_portal", "base.group_portal", cls.env["crm.branch"])
        cls.admin = cls.env.ref("base.user_admin")
        cls.customer = cls.env["res.partner"].create({"name": "Budi Santoso", "phone": "0812 3456 7890"})
        cls.purpose = cls.env["crm.interaction.purpose"].create({"name": "Test purpose"})
        cls.outcome = cls.env["crm.interaction.outcome"].create({"name": "Test outcome"})

    @classmethod
    def _create_user(cls, login, groups, branches, **values):
        """Create a user whose password is the login."""
        values = {"branch_ids": [Command.set(branches.ids)], "tz": "Asia/Jakarta", **values}
        return new_test_user(cls.env, login, groups, context={"no_reset_password": True}, **values)

    @classmethod
    def _create_branch(cls, **values):
        values = {"name": f"Shop {values.get('code', 'X')}", "code": "TX", "tz": "Asia/Jakarta", **values}
        return cls.env["crm.branch"].create(values)

    @classmethod
    def _create_interaction(cls, user=None, **values):
        """Create an interaction as the user (an officer of shop A by default), in the main branch of that user."""
        interactions = cls.env["crm.interaction"].with_user(user or cls.officer_a)
        return interactions.create({"partner_id": cls.customer.id, **values})

    @classmethod
    def _create_done(cls, user=None, **values):
        interaction = cls._create_interaction(user, **{"outcome_id": cls.outcome.id, **values})
        interaction.action_close()
        return interaction

    @classmethod
    def _create_cancelled(cls, user=None, **values):
        interaction = cls._create_interaction(user, **values)
        interaction._workflow_do("cancel", "test")
        return interaction

    @classmethod
    def _create_lead(cls, **values):
        return cls.env["crm.lead"].create({"name": "Test lead", "partner_id": cls.customer.id, **values})

    def _history(self, record):
        """Return what the history of the record says: (transition, from, to, who, why), oldest first."""
        logs = self.env["crm.workflow.log"].search([("res_model", "=", record._name), ("res_id", "in", record.ids)])
        return [(log.transition, log.source, log.target, log.user_id, log.reason) for log in logs.sorted("id")]

    @staticmethod
    def _later(**delta):
        return fields.Datetime.add(fields.Datetime.now(), **delta)
