from odoo import fields, models
from odoo.tools import SQL

from .crm_material import KINDS
from .crm_material_receipt import CrmMaterialReceipt


class CrmMaterialAnalysis(models.Model):
    """How long materials take to reach the points of sale, against the hour (BR-G2): one row for each receipt.

    What was replaced before it was confirmed counts neither way, nor does what still has time.
    """

    _name = "crm.material.analysis"
    _description = "Materials Analysis"
    _auto = False
    _order = "sent_at desc"
    _rec_name = "material_id"
    _depends = {
        "crm.material.receipt": [
            "branch_id",
            "company_id",
            "due_at",
            "kind",
            "material_id",
            "minutes",
            "received_at",
            "received_late",
            "sent_at",
            "state",
            "version_id",
        ],
    }

    material_id = fields.Many2one("crm.material", readonly=True)
    version_id = fields.Many2one("crm.material.version", readonly=True)
    branch_id = fields.Many2one("crm.branch", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    kind = fields.Selection(KINDS, readonly=True)
    state = fields.Selection(CrmMaterialReceipt._workflow.selection, "Status", readonly=True)
    sent_at = fields.Datetime("Sent On", readonly=True)
    received_at = fields.Datetime("Received On", readonly=True)
    minutes = fields.Float("Minutes to Receipt", readonly=True, aggregator="avg")
    in_time = fields.Integer("Received in Time", readonly=True)
    late = fields.Integer(readonly=True, help="Received late, or not yet and its time is over.")
    in_time_rate = fields.Float("In Time (%)", readonly=True, aggregator="avg")

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT id, material_id, version_id, branch_id, company_id, kind, state, sent_at, received_at,
                   CASE WHEN state = 'received' THEN minutes END AS minutes,
                   (NOT late)::int AS in_time, late::int AS late, (NOT late)::int * 100.0 AS in_time_rate
              FROM (
                    SELECT *, CASE WHEN state = 'received' THEN COALESCE(received_late, FALSE)
                                   WHEN state = 'waiting' AND due_at < %(now)s THEN TRUE
                              END AS late
                      FROM crm_material_receipt
                   ) receipt
            """,
            now=fields.Datetime.now(),
        )
