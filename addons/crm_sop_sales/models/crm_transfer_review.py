from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from .sale_order_transfer import FINANCE

#: From this score on a proposal may be confirmed at a click: the order's number, or the amount and the name.
SURE = 45


class CrmTransferReview(models.Model):
    """What waits for finance: lines of bank statements and proofs, next to the orders that they may pay (SOP-11d)."""

    _name = "crm.transfer.review"
    _description = "Transfer to Confirm"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "label"

    source = fields.Selection([("statement", "Bank Statement"), ("proof", "Proof Only")], readonly=True)
    line_id = fields.Many2one("account.bank.statement.line", "Bank Statement Line", readonly=True)
    proof_id = fields.Many2one("crm.transfer.proof", readonly=True)
    payment_id = fields.Many2one("account.payment", "Confirmed Before", readonly=True)
    order_id = fields.Many2one("sale.order", readonly=True)
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    journal_id = fields.Many2one("account.journal", "Bank", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    date = fields.Date(readonly=True)
    label = fields.Char("Text", readonly=True)
    amount = fields.Monetary("Arrived", readonly=True, help="At the bank; of a proof alone, what it says.")
    missing = fields.Monetary("Still to Pay", readonly=True)
    difference = fields.Monetary(readonly=True, help="What arrived, less what the order still misses.")
    score = fields.Integer(readonly=True, aggregator=None)
    verdict = fields.Selection(
        [
            ("exact", "Exact"),
            ("short", "Short"),
            ("surplus", "Surplus"),
            ("met", "Confirmed Before"),
            ("ambiguous", "Ambiguous"),
            ("unknown", "Unknown"),
        ],
        "Match",
        readonly=True,
    )
    proposal_ids = fields.One2many(related="line_id.proposal_ids")
    reasons = fields.Char(compute="_compute_reasons")

    # === COMPUTE METHODS === #

    @api.depends("line_id.proposal_ids.reasons", "order_id")
    @api.depends_context("lang")
    def _compute_reasons(self):
        for review in self:
            proposal = review.proposal_ids.filtered(lambda proposal, own=review: proposal.order_id == own.order_id)
            review.reasons = self.env._("Proof of transfer") if not review.line_id else proposal[:1].reasons

    # === TABLE === #

    @property
    def _table_query(self):
        return SQL(
            """
            WITH best AS (
                SELECT DISTINCT ON (line_id) line_id, order_id, score,
                       count(*) OVER (PARTITION BY line_id, score) > 1 AS ambiguous
                  FROM crm_transfer_proposal
                 ORDER BY line_id, score DESC, id
            ), line AS (
                SELECT line.id, move.date, line.payment_ref AS label, line.amount, line.journal_id, line.company_id,
                       coalesce(journal.currency_id, company.currency_id) AS currency_id,
                       coalesce(
                           line.transfer_order_id, CASE WHEN NOT best.ambiguous THEN best.order_id END
                       ) AS order_id,
                       best.score, best.ambiguous AND line.transfer_order_id IS NULL AS ambiguous
                  FROM account_bank_statement_line line
                  JOIN account_move move ON move.id = line.move_id
                  JOIN account_journal journal ON journal.id = line.journal_id AND journal.is_for_transfers
                  JOIN res_company company ON company.id = line.company_id
                  LEFT JOIN best ON best.line_id = line.id
                 WHERE line.amount > 0 AND line.is_reconciled IS NOT TRUE AND line.is_not_ours IS NOT TRUE
            ), paired AS (
                SELECT line.*, proof.id AS proof_id, payment.id AS payment_id
                  FROM line
                  LEFT JOIN LATERAL (
                      SELECT proof.id FROM crm_transfer_proof proof
                       WHERE proof.order_id = line.order_id AND proof.state = 'received'
                         AND abs(proof.amount - line.amount) < 1
                       ORDER BY proof.id LIMIT 1
                  ) proof ON TRUE
                  LEFT JOIN LATERAL (
                      SELECT payment.id FROM account_payment payment
                       WHERE payment.order_id = line.order_id AND payment.state IN ('in_process', 'paid')
                         AND payment.payment_type = 'inbound' AND NOT payment.is_matched
                         AND payment.journal_id = line.journal_id AND payment.amount = line.amount
                       ORDER BY payment.id LIMIT 1
                  ) payment ON TRUE
            ), review AS (
                SELECT id * 2 AS id, 'statement' AS source, id AS line_id,
                       CASE WHEN payment_id IS NULL THEN proof_id END AS proof_id, payment_id, order_id, company_id,
                       journal_id, currency_id, date, label, amount, score, coalesce(ambiguous, FALSE) AS ambiguous
                  FROM paired
                 UNION ALL
                SELECT proof.id * 2 + 1, 'proof', NULL, proof.id, NULL, proof.order_id, proof.company_id,
                       journal.id, o.currency_id, proof.transfer_date, coalesce(proof.reference, o.name),
                       proof.amount, 0, FALSE
                  FROM crm_transfer_proof proof
                  JOIN sale_order o ON o.id = proof.order_id
                  LEFT JOIN LATERAL (
                      SELECT id FROM account_journal
                       WHERE bank_account_id = proof.bank_account_id AND company_id = proof.company_id
                         AND is_for_transfers ORDER BY id LIMIT 1
                  ) journal ON TRUE
                 WHERE proof.state = 'received'
                   AND proof.id NOT IN (SELECT proof_id FROM paired WHERE proof_id IS NOT NULL AND payment_id IS NULL)
            )
            SELECT review.*, o.partner_id, o.transfer_missing AS missing,
                   review.amount - o.transfer_missing AS difference,
                   CASE WHEN review.ambiguous THEN 'ambiguous'
                        WHEN o.id IS NULL THEN 'unknown'
                        WHEN review.payment_id IS NOT NULL THEN 'met'
                        WHEN abs(review.amount - o.transfer_missing)
                             < CASE WHEN currency.name = 'IDR' THEN 1 ELSE currency.rounding / 2 END THEN 'exact'
                        WHEN review.amount < o.transfer_missing THEN 'short'
                        ELSE 'surplus' END AS verdict
              FROM review
              LEFT JOIN sale_order o ON o.id = review.order_id
              LEFT JOIN res_currency currency ON currency.id = o.currency_id
            """
        )

    # === ACTION METHODS === #

    @api.model
    def action_open(self):
        """Propose orders anew for what is open, and show it all."""
        self._check_finance()
        lines = self.env["account.bank.statement.line"].search(
            [
                ("amount", ">", 0),
                ("is_reconciled", "=", False),
                ("is_not_ours", "=", False),
                ("journal_id.is_for_transfers", "=", True),
            ]
        )
        self.env["crm.transfer.proposal"].sudo()._propose(lines.sudo())
        return self.env["ir.actions.act_window"]._for_xml_id("crm_sop_sales.crm_transfer_review_action")

    def action_confirm(self):
        """Confirm what is exact and sure; ask for the rest."""
        self.ensure_one()
        self._check_finance()
        review = self._current()
        if review.verdict == "met" or (review.line_id and review.verdict == "exact" and review.score >= SURE):
            self.env["crm.transfer.confirm"]._settle(
                review.order_id,
                review.amount,
                review.date,
                review.journal_id,
                None,
                proof=review.proof_id,
                line=review.line_id,
            )
            return self._settled()
        return self.env["crm.transfer.confirm"]._ask(proof=review.proof_id, line=review.line_id, order=review.order_id)

    def action_not_ours(self):
        """Take lines off the list that are no customer's transfer. They stay in the books as they are."""
        self._check_finance()
        if self.filtered("proof_id") - self.filtered("line_id"):
            raise UserError(self.env._("A proof is rejected with a reason: open it."))
        for line in self.line_id:
            line.sudo().write({"is_not_ours": True})
            line.sudo().move_id.message_post(body=self.env._("Not for an order."))
        return self._settled()

    def action_reject_proof(self):
        """Ask why the proof is rejected."""
        self.ensure_one()
        self._check_finance()
        if not self.proof_id:
            raise UserError(
                self.env._("There is no proof to reject: choose “Not Ours” for money that isn't an order's.")
            )
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_base.crm_workflow_reason_action")
        context = {
            "active_model": "crm.transfer.proof",
            "active_ids": self.proof_id.ids,
            "active_id": self.proof_id.id,
            "default_transition": "reject",
        }
        return {**action, "context": {**context, "in_form": True, "of_transfer_review": True}}

    # === BUSINESS METHODS === #

    @api.model
    def _settled(self):
        """Return what shows the list anew; what is settled has no form any more."""
        if self.env.context.get("in_form"):
            return {**self.action_open(), "target": "main"}
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def _check_finance(self):
        if not self.env.user.has_group(FINANCE):
            raise AccessError(self.env._("Only finance confirms that money has arrived."))

    def _current(self):
        """Return the row as it is now: somebody else may have settled it."""
        self.env.flush_all()
        self.invalidate_recordset()
        if not self.exists():
            raise UserError(self.env._("Somebody else has settled this transfer already."))
        self.check_access("read")
        return self
