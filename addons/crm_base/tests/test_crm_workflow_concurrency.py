from unittest.mock import patch

from odoo import api
from odoo.exceptions import LockError, UserError
from odoo.service import model as service
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger


@tagged("post_install", "-at_install")
class TestWorkflowConcurrency(TransactionCase):
    """Two transactions, each with a connection of its own, want the same step of the same document."""

    def setUp(self):
        super().setUp()
        self.first, self.second, self.third = (self._open() for __ in range(3))
        setup = self._open()
        outcome = setup["crm.interaction.outcome"].search([], limit=1)
        self.interaction = setup["crm.interaction"].create({"caller_name": "Test race", "outcome_id": outcome.id})
        setup.cr.commit()
        self.addCleanup(self._delete, setup.cr)

    def _open(self):
        cursor = self.registry.cursor()
        self.addCleanup(cursor.close)
        return api.Environment(cursor, self.env.ref("base.user_admin").id, {})

    def _delete(self, cursor):
        for env in (self.first, self.second, self.third):
            env.cr.rollback()
        cursor.rollback()
        cursor.execute(
            "DELETE FROM crm_workflow_log WHERE res_model = 'crm.interaction' AND res_id = %s", self.interaction.ids
        )
        cursor.execute("DELETE FROM crm_interaction WHERE id = %s", self.interaction.ids)
        cursor.commit()

    def _in(self, env):
        return self.interaction.with_env(env)

    def test_second_is_told_that_somebody_is_at_it(self):
        self._in(self.first).action_close()
        with self.assertRaisesRegex(LockError, "Somebody else is changing"):
            self._in(self.second).action_close()
        self.first.cr.commit()
        self.assertEqual(self._in(self.third).state, "done")

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_second_who_began_before_the_first_ended_sees_what_the_first_did(self):
        """The server repeats the request with fresh eyes: the step isn't done twice, nor does history say so."""
        self.assertEqual(self._in(self.second).state, "open")  # what the second one saw on the screen
        self._in(self.first).action_close()
        self.first.cr.commit()
        with patch("odoo.service.model.time.sleep") as slept, self.assertRaisesRegex(UserError, "is “Done”"):
            service.retrying(lambda: self._in(self.second).action_close(), self.second)
        self.assertEqual(slept.call_count, 1)
        self.assertEqual(len(self._in(self.third).workflow_log_ids), 1)

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_write_that_began_before_the_lock_meets_it(self):
        self.assertEqual(self._in(self.second).state, "open")
        self._in(self.first).action_close()
        self.first.cr.commit()
        with patch("odoo.service.model.time.sleep"), self.assertRaisesRegex(UserError, "can't be changed any more"):
            service.retrying(lambda: self._in(self.second).write({"caller_name": "Other"}), self.second)
        self.assertEqual(self._in(self.third).caller_name, "Test race")
