"""Branches, people and contacts that the tests of this addon, and of those above it, begin with."""

from odoo import fields
from odoo.tests import TransactionCase, tagged

from . import fixtures

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
        cls.admin = cls.env.ref("base.user_admin")
        fixtures.have(cls, "base", fixtures.make)

    @classmethod
    def _create_user(cls, login, groups, branches, **values):
        """Create a user whose password is the login."""
        return fixtures.create_user(cls.env, login, groups, branches, **values)

    @classmethod
    def _create_branch(cls, **values):
        return fixtures.create_branch(cls.env, **values)

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
