from datetime import timedelta

from odoo import Command, fields

from .common import PhoneShopCase


class ContactCase(PhoneShopCase):
    """Two shops with an officer each, and customers with phone numbers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.country_id = cls.env.ref("base.id")
        cls.shop = cls._create_branch("Test Shop", "TST", cls.officer)
        cls.other_shop = cls._create_branch("Other Shop", "OTH", cls.other_officer)
        cls.headquarters = cls.env.ref("crm_base.crm_branch_headquarters")
        cls.headquarters.user_ids += cls.manager
        cls.outcome = cls.env.ref("crm_base.crm_interaction_outcome_answered")
        cls.partner.phone = "+62 812 9000 7001"
        cls.contacts = cls.env["crm.interaction"].with_user(cls.officer)

    @classmethod
    def _create_branch(cls, name, code, users, **values):
        users = [Command.set(users.ids)]
        values = {"tz": "Asia/Jakarta", **values}
        return cls.env["crm.branch"].create({"name": name, "code": code, "user_ids": users, **values})

    @classmethod
    def _log(cls, user=None, **values):
        """Log a contact as the officer."""
        if not values.keys() & {"partner_id", "caller_name", "phone"}:
            values["partner_id"] = cls.partner.id
        return cls.contacts.with_user(user or cls.officer).create(values)

    @classmethod
    def _call(cls, ago, seconds=None, **values):
        """Log a call that rang so many seconds ago and was answered after ``seconds``."""
        contact = cls._log(**values)
        rang = fields.Datetime.now() - timedelta(seconds=ago)
        contact._ring(rang)
        if seconds is not None:
            contact._answer(rang + timedelta(seconds=seconds))
        return contact
