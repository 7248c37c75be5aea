import threading
import uuid

from odoo import api
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.service import model as service
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from .contract_common import PNG

AT_ONCE = 8


@tagged("post_install", "-at_install")
class TestContractRace(TransactionCase):
    """Eight managers, each with a transaction of their own, approve the same contract."""

    def setUp(self):
        super().setUp()
        self.cursor = self.registry.cursor()
        self.addCleanup(self.cursor.close)
        self.addCleanup(self._delete)
        env = self.committed = api.Environment(self.cursor, self.env.ref("base.user_admin").id, {})
        code = uuid.uuid4().hex[:6]
        self.users = env["res.users"].create(
            [
                {
                    "name": f"Race {number}",
                    "login": f"race-{code}-{number}",
                    "group_ids": [Command.set(env.ref("crm_branch.group_branch_manager").ids)],
                }
                for number in range(AT_ONCE)
            ]
        )
        self.branch = env["crm.branch"].create(
            {"name": "Race", "code": code, "tz": "Europe/Warsaw", "user_ids": [Command.set(self.users.ids)]}
        )
        self.partner = env["res.partner"].create({"name": "Race"})
        purpose = env.ref("crm_branch.consent_purpose_contract")
        consent = {"partner_id": self.partner.id, "branch_id": self.branch.id, "channel": "paper"}
        env["crm.consent"]._give([{**consent, **purpose._prepare_snapshot("en_US")}])
        self.contract = env["contract.contract"].create(
            {"partner_id": self.partner.id, "branch_id": self.branch.id, "signature": PNG}
        )
        self.contract._by_step().write(self.contract._fingerprints())
        self.cursor.execute(
            "UPDATE contract_contract SET approval_state = 'submitted', officer_id = NULL WHERE id = %s",
            self.contract.ids,
        )
        self.cursor.commit()

    def _delete(self):
        self.cursor.rollback()
        contract, branch, partner = self.contract.ids, self.branch.ids, self.partner.ids
        for table, condition, ids in (
            ("crm_workflow_log", "res_model = 'contract.contract' AND res_id = ANY(%s)", contract),
            ("mail_message", "model = 'contract.contract' AND res_id = ANY(%s)", contract),
            ("mail_followers", "res_model = 'contract.contract' AND res_id = ANY(%s)", contract),
            ("ir_attachment", "res_model = 'contract.contract' AND res_id = ANY(%s)", contract),
            ("contract_contract", "id = ANY(%s)", contract),
            ("crm_consent", "branch_id = ANY(%s)", branch),
            ("res_partner", "id = ANY(%s)", partner),
            ("crm_material_receipt", "branch_id = ANY(%s)", branch),
            ("crm_branch_users_rel", "branch_id = ANY(%s)", branch),
            ("crm_branch", "id = ANY(%s)", branch),
        ):
            self.cursor.execute(f"DELETE FROM {table} WHERE {condition}", [ids])  # noqa: S608
        self.cursor.execute("UPDATE res_users SET active = FALSE WHERE id = ANY(%s)", [self.users.ids])
        self.cursor.commit()

    def _approve(self, user, start, results):
        with self.registry.cursor() as cursor:
            env = api.Environment(cursor, user, {})
            contract = env["contract.contract"].browse(self.contract.id)
            start.wait()
            try:
                service.retrying(contract.action_approve, env)
                cursor.commit()
                results.append("approved")
            except UserError as refused:
                cursor.rollback()
                results.append(str(refused))

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_eight_at_once(self):
        """BR-6: eight approve the same contract at once: one does, the history says so once."""
        results, start = [], threading.Barrier(AT_ONCE)
        threads = [threading.Thread(target=self._approve, args=(user.id, start, results)) for user in self.users]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(len(results), AT_ONCE)
        self.assertEqual(results.count("approved"), 1, results)
        self.cursor.rollback()
        self.cursor.execute(
            "SELECT count(*) FROM crm_workflow_log WHERE res_model = 'contract.contract' AND res_id = %s"
            " AND transition = 'approve'",
            self.contract.ids,
        )
        self.assertEqual(self.cursor.fetchone()[0], 1)
