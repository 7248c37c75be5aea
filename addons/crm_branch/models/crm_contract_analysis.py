from odoo import fields, models
from odoo.tools import SQL

from .contract_contract import ContractContract

EVENTS = [("signed", "Signed"), ("activated", "Became Active"), ("ended", "Ended")]


class CrmContractAnalysis(models.Model):
    """What happened to customers' contracts, by branch and month: a row when one was signed, became active, and ended.

    Who ends without a renewal is lost (BR-G3). A renewal counts from its signature on.
    """

    _name = "crm.contract.analysis"
    _description = "Contract Analysis"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "contract_id"
    _depends = {
        "contract.contract": [
            "activated_at",
            "approval_state",
            "branch_id",
            "company_id",
            "contract_template_id",
            "contract_type",
            "date_end",
            "lost_reason_id",
            "officer_id",
            "partner_id",
            "renewed_from_id",
            "signed_on",
        ],
        "crm.branch": ["tz"],
    }

    contract_id = fields.Many2one("contract.contract", readonly=True)
    event = fields.Selection(EVENTS, readonly=True)
    date = fields.Date(readonly=True, help="By the branch's calendar.")
    branch_id = fields.Many2one("crm.branch", "Point of Sale", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    officer_id = fields.Many2one("res.users", "Service Officer", readonly=True)
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    contract_template_id = fields.Many2one("contract.template", "Form", readonly=True)
    lost_reason_id = fields.Many2one("crm.contract.lost.reason", "Why Not Extended", readonly=True)
    approval_state = fields.Selection(ContractContract._workflow.selection, "Status", readonly=True)
    signed = fields.Integer(readonly=True)
    signed_new = fields.Integer("Signed, New", readonly=True, help="Not renewals.")
    activated = fields.Integer("Became Active", readonly=True)
    active_now = fields.Integer(readonly=True)
    ended = fields.Integer(readonly=True)
    renewed = fields.Integer(readonly=True)
    lost = fields.Integer(readonly=True)
    lost_rate = fields.Float("Lost (%)", readonly=True, aggregator="avg", help="Lost / ended, in percent.")

    @property
    def _table_query(self):
        now = fields.Datetime.now()
        return SQL(
            """
            WITH contracts AS (
                SELECT contract.*, (%(now)s AT TIME ZONE 'UTC' AT TIME ZONE branch.tz)::date AS today,
                       (contract.activated_at AT TIME ZONE 'UTC' AT TIME ZONE branch.tz)::date AS activated_on,
                       EXISTS (SELECT FROM contract_contract renewal WHERE renewal.renewed_from_id = contract.id
                                  AND renewal.signed_on IS NOT NULL AND renewal.approval_state != 'cancelled'
                              ) AS is_renewed
                  FROM contract_contract contract JOIN crm_branch branch ON branch.id = contract.branch_id
            ), events AS (
                SELECT id * 3 AS id, id AS contract_id, 'signed' AS event, signed_on AS date FROM contracts
                 WHERE signed_on IS NOT NULL AND approval_state != 'cancelled'
                 UNION ALL
                SELECT id * 3 + 1, id, 'activated', activated_on FROM contracts WHERE activated_on IS NOT NULL
                 UNION ALL
                SELECT id * 3 + 2, id, 'ended', date_end FROM contracts
                 WHERE approval_state IN ('active', 'ended') AND date_end < today
            )
            SELECT events.id, events.contract_id, events.event, events.date, contracts.branch_id, contracts.company_id,
                   contracts.officer_id, contracts.partner_id, contracts.contract_template_id,
                   contracts.lost_reason_id, contracts.approval_state,
                   (event = 'signed')::int AS signed,
                   (event = 'signed' AND contracts.renewed_from_id IS NULL)::int AS signed_new,
                   (event = 'activated')::int AS activated,
                   (event = 'activated' AND contracts.approval_state = 'active')::int AS active_now,
                   (event = 'ended')::int AS ended,
                   (event = 'ended' AND is_renewed)::int AS renewed,
                   (event = 'ended' AND NOT is_renewed)::int AS lost,
                   CASE WHEN event = 'ended' THEN (NOT is_renewed)::int * 100.0 END AS lost_rate
              FROM events JOIN contracts ON contracts.id = events.contract_id
            """,
            now=now,
        )
