from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged

from .papers_common import PapersCase


@tagged("post_install", "-at_install")
class TestMaterialAnalysis(PapersCase):
    def test_time_to_receipt(self):
        """BR-G2: time to receipt and the share within the hour, per branch; what still has time counts neither way."""
        sent = fields.Datetime.now().replace(microsecond=0)
        with freeze_time(sent):
            version = self._publish()
        with freeze_time(sent + timedelta(minutes=20)):
            self._receipt(version, self.branch_a).with_user(self.cashier_a).action_receive()
            rows = self._rows(version)
            self.assertEqual(rows[self.branch_a], (20.0, 100.0))
            self.assertEqual(rows[self.branch_b][1], 0)
            groups = self.env["crm.material.analysis"]._read_group(
                [("version_id", "=", version.id)], [], ["in_time_rate:avg", "in_time:sum", "late:sum"]
            )
            self.assertEqual(groups, [(100.0, 1, 0)])
        with freeze_time(sent + timedelta(minutes=200)):
            self._receipt(version, self.branch_b).with_user(self.cashier_b).action_receive()
            self.assertEqual(self._rows(version)[self.branch_b], (200.0, 0.0))
            groups = self.env["crm.material.analysis"]._read_group(
                [("version_id", "=", version.id)], [], ["in_time_rate:avg", "minutes:avg"]
            )
            self.assertEqual(groups, [(50.0, 110.0)])
        mine = self.env["crm.material.analysis"].with_user(self.branch_manager_a)
        self.assertEqual(mine.search([("version_id", "=", version.id)]).branch_id, self.branch_a)

    def _rows(self, version):
        self.env.flush_all()
        self.env.invalidate_all()
        rows = self.env["crm.material.analysis"].search([("version_id", "=", version.id)])
        return {row.branch_id: (round(row.minutes, 1), row.in_time_rate) for row in rows}
