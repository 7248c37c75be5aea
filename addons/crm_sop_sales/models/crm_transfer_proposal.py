from odoo import api, fields, models
from odoo.tools import SQL

#: What each sign of a match is worth; the order's number says most.
BY_REFERENCE, BY_AMOUNT, BY_NAME = 55, 30, 15
#: Banks cut names: so many letters of a customer's name are looked for, and fewer than the second number say nothing.
NAME_LETTERS, NAME_LEAST = 10, 5


class CrmTransferProposal(models.Model):
    """An order that a line of a bank statement may pay, and why (SOP-11d). Made by the statement, not by hand."""

    _name = "crm.transfer.proposal"
    _description = "Proposed Order of a Transfer"
    _order = "line_id, score desc, id"
    _rec_name = "order_id"

    line_id = fields.Many2one(
        "account.bank.statement.line", "Bank Statement Line", required=True, index=True, ondelete="cascade"
    )
    order_id = fields.Many2one("sale.order", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, index=True)
    partner_id = fields.Many2one(related="order_id.partner_id", string="Customer")
    currency_id = fields.Many2one(related="order_id.currency_id")
    amount_total = fields.Monetary(related="order_id.amount_total")
    transfer_missing = fields.Monetary(related="order_id.transfer_missing")
    by_reference = fields.Boolean("Order Number")
    by_amount = fields.Boolean("Amount")
    by_name = fields.Boolean("Name")
    score = fields.Integer(help="Of 100: 55 for the order's number, 30 for the amount, 15 for the customer's name.")
    reasons = fields.Char(compute="_compute_reasons")

    _once = models.UniqueIndex("(line_id, order_id)")

    @api.depends("by_reference", "by_amount", "by_name")
    @api.depends_context("lang")
    def _compute_reasons(self):
        names = ("by_reference", "by_amount", "by_name")
        labels = self.fields_get(names, ["string"])
        for proposal in self:
            proposal.reasons = ", ".join(labels[name]["string"] for name in names if proposal[name])

    @api.model
    def _propose(self, lines):
        """Find the orders that lines may pay, all at once: one statement, however many lines and orders.

        An order counts whose prices are locked and which still misses money, or whose payment waits for the statement;
        by its number any order that isn't cancelled.
        """
        if not lines:
            return
        self.env.flush_all()
        self.env.execute_query(SQL("DELETE FROM crm_transfer_proposal WHERE line_id = ANY(%s) RETURNING id", lines.ids))
        self.env.execute_query(SQL("%s RETURNING id", self._proposing(lines.ids)))
        self.invalidate_model()
        lines.invalidate_recordset(["proposal_ids"])

    def _proposing(self, ids):
        return SQL(
            """
            WITH line AS (
                SELECT line.id, line.company_id, line.amount, line.journal_id,
                       upper(concat_ws(' ', line.payment_ref, line.partner_name, move.ref, move.narration)) AS words
                  FROM account_bank_statement_line line
                  JOIN account_move move ON move.id = line.move_id
                 WHERE line.id = ANY(%(ids)s)
            ), waiting AS (
                SELECT o.id, o.company_id, upper(o.name) AS name, o.transfer_missing AS missing,
                       left(upper(partner.name), %(letters)s) AS customer,
                       CASE WHEN currency.name = 'IDR' THEN 0.995 ELSE currency.rounding / 2 END AS tolerance,
                       o.payment_choice = 'transfer' AND o.price_locked_at IS NOT NULL
                           AND o.transfer_missing > 0 AS open,
                       ARRAY(
                           SELECT payment.amount FROM account_payment payment
                            WHERE payment.order_id = o.id AND payment.state IN ('in_process', 'paid')
                              AND payment.payment_type = 'inbound' AND NOT payment.is_matched
                       ) AS unmatched
                  FROM sale_order o
                  JOIN res_partner partner ON partner.id = o.partner_id
                  JOIN res_currency currency ON currency.id = o.currency_id
                 WHERE o.state != 'cancel' AND o.company_id IN (SELECT company_id FROM line)
            ), sign AS (
                SELECT line.id AS line_id, waiting.id AS order_id, line.company_id,
                       position(waiting.name IN line.words) > 0
                           AND line.words ~ ('(^|[^A-Z])' || regexp_replace(waiting.name, '(\\W)', '\\\\\\1', 'g')
                                             || '([^0-9]|$)') AS by_reference,
                       (waiting.open AND abs(line.amount - waiting.missing) <= waiting.tolerance)
                           OR line.amount = ANY(waiting.unmatched) AS by_amount,
                       length(waiting.customer) >= %(least)s
                           AND position(waiting.customer IN line.words) > 0 AS by_name,
                       waiting.open OR cardinality(waiting.unmatched) > 0 AS expected
                  FROM line JOIN waiting ON waiting.company_id = line.company_id
            )
            INSERT INTO crm_transfer_proposal
                   (line_id, order_id, company_id, by_reference, by_amount, by_name, score,
                    create_uid, create_date, write_uid, write_date)
            SELECT line_id, order_id, company_id, by_reference, by_amount, by_name,
                   %(reference)s * by_reference::int + %(amount)s * by_amount::int + %(name)s * by_name::int,
                   %(user)s, now() AT TIME ZONE 'UTC', %(user)s, now() AT TIME ZONE 'UTC'
              FROM sign
             WHERE by_reference OR (expected AND (by_amount OR by_name))
            """,
            ids=list(ids),
            letters=NAME_LETTERS,
            least=NAME_LEAST,
            reference=BY_REFERENCE,
            amount=BY_AMOUNT,
            name=BY_NAME,
            user=self.env.uid,
        )
