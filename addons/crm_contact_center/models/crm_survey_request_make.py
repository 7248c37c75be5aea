from odoo import api, fields, models
from odoo.tools import SQL

from .crm_survey_rule import DELIVERED

BATCH = 200


class CrmSurveyRequest(models.Model):
    """How requests come about: one statement for each rule, however many customers (CC-5)."""

    _inherit = "crm.survey.request"

    @api.model
    def _cron_ask(self):
        """Find what happened, let what nobody answered end, and send what is due, committed batch by batch."""
        rules = self.env["crm.survey.rule"].sudo().search([])
        for rule in rules:
            self._make(rule)
        rules._advance()
        self._expire()
        self._note_whatsapp_failures()
        progress = self.env["ir.cron"]
        progress._commit_progress(remaining=self._due_count())
        while due := self.sudo().search(self._due_domain(), limit=BATCH, order="due_at, id"):
            due._send()
            settled = len(due.filtered(lambda request: request.state != "due"))
            if not progress._commit_progress(settled, remaining=self._due_count()) or not settled:
                break  # no time, or others are at work on these

    @api.model
    def _due_domain(self):
        return [("state", "=", "due"), ("due_at", "<=", fields.Datetime.now())]

    @api.model
    def _due_count(self):
        return self.sudo().search_count(self._due_domain())

    @api.model
    def _make(self, rule):
        """Make a request for each document that has come to the rule's step. Doing it again makes no second one.

        :return: how many are new
        """
        model, __, state = rule.step.partition(":")
        if model not in self.env:
            return 0
        self.env.flush_all()
        documents = self.env[model]
        branch, fallback = self._branch_sql(documents), self._fallback_branch(rule)
        now = fields.Datetime.now()
        made = self.env.execute_query(
            SQL(
                """INSERT INTO crm_survey_request (rule_id, res_model, res_id, partner_id, branch_id, company_id,
                          queue_id, agent_id, state, happened_at, due_at, is_scored, is_dissatisfied, create_uid,
                          create_date, write_uid, write_date)
                   SELECT %(rule)s, %(model)s, passed.id, document.partner_id, branch.id, branch.company_id,
                          %(queue)s, %(agent)s, 'due', passed.at, passed.at + %(delay)s * INTERVAL '1 minute',
                          FALSE, FALSE, %(user)s, %(now)s, %(user)s, %(now)s
                     FROM (%(passed)s) passed
                     JOIN %(table)s document ON document.id = passed.id
                     JOIN crm_branch branch ON branch.id = COALESCE(%(branch)s, %(fallback)s)
                    WHERE document.partner_id IS NOT NULL
                      AND branch.company_id = %(company)s
                      AND (%(only)s IS NULL OR branch.id = %(only)s)
                 ORDER BY passed.id
              ON CONFLICT (rule_id, res_model, res_id) DO NOTHING
                RETURNING id""",
                rule=rule.id,
                model=model,
                queue=SQL("document.queue_id") if model == "crm.queue.contact" else SQL("NULL::int"),
                agent=SQL("document.agent_id") if model == "crm.queue.contact" else SQL("NULL::int"),
                delay=rule.delay_minutes,
                user=self.env.uid,
                now=now,
                passed=self._passed_sql(rule, model, state),
                table=SQL.identifier(documents._table),
                branch=branch,
                fallback=SQL("%s::int", fallback.id or None),
                company=rule.company_id.id,
                only=SQL("%s::int", rule.branch_id.id or None),
            )
        )
        self.invalidate_model(flush=False)
        return len(made)

    @api.model
    def _passed_sql(self, rule, model, state):
        """Return SQL of the documents that came to the state since the rule began: ``id``, ``at``."""
        if rule.step == DELIVERED:
            since = max(rule.since, fields.Datetime.subtract(fields.Datetime.now(), days=rule.expire_days))
            return SQL(
                """SELECT picking.id, picking.date_done AS at
                     FROM stock_picking picking JOIN stock_picking_type kind ON kind.id = picking.picking_type_id
                    WHERE picking.state = 'done' AND kind.code = 'outgoing' AND picking.date_done >= %s""",
                since,
            )
        return SQL(
            """SELECT log.res_id AS id, MIN(log.date) AS at
                 FROM crm_workflow_log log
                WHERE log.id > %s AND log.res_model = %s AND log.target = %s AND log.date >= %s
             GROUP BY log.res_id""",
            rule.seen_log_id,
            model,
            state,
            rule.since,
        )

    @api.model
    def _branch_sql(self, documents):
        """Return SQL of the branch that a document belongs to, NULL where it has none of its own."""
        field = documents._fields.get("branch_id")
        if field and field.store and field.comodel_name == "crm.branch":
            return SQL("document.branch_id")
        if documents._name == "stock.picking":
            return SQL(
                """(SELECT shop.id FROM crm_branch shop JOIN stock_picking_type kind
                       ON kind.warehouse_id = shop.warehouse_id
                    WHERE kind.id = document.picking_type_id AND shop.active ORDER BY shop.sequence, shop.id LIMIT 1)"""
            )
        return SQL("NULL")

    @api.model
    def _fallback_branch(self, rule):
        """Return to which branch documents belong that have none: the rule's, else the company's headquarters."""
        branches = self.env["crm.branch"].sudo().search([("company_id", "=", rule.company_id.id)])
        return rule.branch_id or branches.filtered(lambda b: b.kind == "headquarters")[:1] or branches[:1]

    @api.model
    def _expire(self):
        """End what nobody answered in time: one statement."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """UPDATE crm_survey_request request SET state = 'expired', write_date = %(now)s
                     FROM crm_survey_rule rule
                    WHERE rule.id = request.rule_id AND request.state IN ('sent', 'failed')
                      AND COALESCE(request.sent_at, request.due_at) + rule.expire_days * INTERVAL '1 day' < %(now)s""",
                now=fields.Datetime.now(),
            )
        )
        self.invalidate_model(["state"], flush=False)
