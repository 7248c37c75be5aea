from psycopg2 import IntegrityError

from odoo.exceptions import AccessError
from odoo.tools import mute_logger

from .common import CrmBaseCase


class TestPurposesAndOutcomes(CrmBaseCase):
    """The two lists that a manager keeps and an officer chooses from."""

    def test_names_are_unique(self):
        for record in (self.purpose, self.outcome):
            with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.cr.savepoint():
                record.create({"name": record.name})

    def test_manager_keeps_them_and_others_choose(self):
        for record in (self.purpose, self.outcome):
            record.with_user(self.manager_a).write({"name": "Renamed"})
            for user in (self.officer_a, self.internal):
                self.assertEqual(record.with_user(user).name, "Renamed")
                with self.subTest(user.login), self.assertRaises(AccessError):
                    record.with_user(user).write({"name": "x"})
            with self.assertRaises(AccessError):
                record.with_user(self.portal).read(["name"])

    def test_what_is_used_is_archived_not_deleted(self):
        self._create_done(purpose_id=self.purpose.id)
        for record in (self.purpose, self.outcome):
            with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.cr.savepoint():
                record.unlink()

    def test_those_of_the_shop_are_there(self):
        """Among the outcomes some tell that nobody was reached."""
        outcomes = self.env["crm.interaction.outcome"].search([])
        self.assertTrue(outcomes.filtered("reached"))
        self.assertTrue(outcomes - outcomes.filtered("reached"))
