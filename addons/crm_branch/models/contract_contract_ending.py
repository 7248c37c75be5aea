from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ..contract_const import OUTCOMES, RETENTION

#: The retention officer's activity for who wants to be called again.
CALL = "crm_branch.mail_activity_type_call_again"
#: How many contracts the nightly run ends in one transaction.
AT_ONCE = 500


class ContractContract(models.Model):
    """Customers whose contract ends are told in time, and what comes of it is known (BR-8, BR-9, BR-G3)."""

    _inherit = "contract.contract"

    renewal_outcome = fields.Selection(
        [("to_contact", "To Contact"), *OUTCOMES],
        "Outcome",
        default="to_contact",
        readonly=True,
        copy=False,
        group_expand=True,
        help="What the customer said last.",
    )
    lost_reason_id = fields.Many2one(
        "crm.contract.lost.reason",
        "Why Not Extended",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    call_on = fields.Date("Call Again On", readonly=True, copy=False)
    contacted_at = fields.Datetime("Last Contact", readonly=True, copy=False)
    partner_phone = fields.Char(related="partner_id.phone", string="Customer’s Phone")
    days_left = fields.Integer(compute="_compute_days_left")
    is_ending = fields.Boolean(
        "Ending", compute="_compute_is_ending", search="_search_is_ending", help="Within the days of the settings."
    )

    _lost_why = models.Constraint(
        "CHECK(renewal_outcome IS DISTINCT FROM 'not_extend' OR lost_reason_id IS NOT NULL)",
        "Say why the customer doesn't extend.",
    )
    _undecided_until = models.Constraint(
        "CHECK(renewal_outcome IS DISTINCT FROM 'undecided' OR call_on IS NOT NULL)", "Say when to call again."
    )
    _ending_idx = models.Index("(branch_id, date_end) WHERE approval_state = 'active' AND date_end IS NOT NULL")

    # === COMPUTE METHODS === #

    @api.depends("date_end", "branch_id")
    def _compute_days_left(self):
        for contract in self:
            today = contract.branch_id.sudo()._today() if contract.branch_id else fields.Date.context_today(self)
            contract.days_left = (contract.date_end - today).days if contract.date_end else 0

    @api.depends("date_end", "approval_state", "branch_id")
    def _compute_is_ending(self):
        for contract in self:
            days = contract.company_id.sudo().contract_ending_days
            ends = contract.approval_state == "active" and contract.date_end
            contract.is_ending = bool(ends) and contract.days_left <= days

    def _search_is_ending(self, operator, value):
        """Find what ends within the horizon of each company, by each branch's calendar."""
        if operator != "in":
            return NotImplemented
        return Domain("id", "in", self._ending_sql(SQL("contract.id")))

    @api.model
    def _ending_sql(self, columns):
        """Return the query of contracts that end within the horizon."""
        self.env.flush_all()
        return SQL(
            """
            SELECT %(columns)s FROM contract_contract contract
              JOIN crm_branch branch ON branch.id = contract.branch_id
              JOIN res_company company ON company.id = branch.company_id
             WHERE contract.approval_state = 'active' AND contract.active
               AND contract.date_end <= (%(now)s AT TIME ZONE 'UTC' AT TIME ZONE branch.tz)::date
                                        + company.contract_ending_days
            """,
            columns=columns,
            now=fields.Datetime.now(),
        )

    # === ACTION METHODS === #

    def action_contact(self):
        """Open the window in which a contact with the customer, and what came of it, is noted (BR-9)."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_branch.crm_contract_contact_action")
        return {**action, "context": {"default_contract_id": self.id}}

    @api.model
    def action_ending(self):
        """Open the list of ending contracts (BR-8)."""
        return self.env["ir.actions.act_window"]._for_xml_id("crm_branch.contract_contract_action_ending")

    # === BUSINESS METHODS === #

    @api.model
    def _notice(self):
        """Return how many contracts of the user's branches end and wait for a contact: one query (BR-8).

        :return: {"count": of them all, "overdue": whose call is due, or who were never told, within a week}
        """
        rows = self.env.execute_query(
            SQL(
                """
                WITH mine AS (
                    SELECT branch_id FROM crm_branch_users_rel WHERE user_id = %(user)s
                ), ending AS (%(ending)s AND contract.branch_id IN (SELECT branch_id FROM mine)
                              AND contract.company_id = ANY(%(companies)s))
                SELECT count(*),
                       count(*) FILTER (WHERE call_on <= today OR (contacted_at IS NULL AND date_end <= today + 7))
                  FROM ending
                 WHERE (COALESCE(renewal_outcome, 'to_contact') IN ('to_contact', 'not_reached')
                        OR (renewal_outcome = 'undecided' AND call_on <= today))
                   AND NOT EXISTS (SELECT FROM contract_contract renewal
                                    WHERE renewal.renewed_from_id = ending.id AND renewal.approval_state != 'cancelled')
                """,
                user=self.env.uid,
                companies=list(self.env.companies.ids),
                ending=self._ending_sql(
                    SQL(
                        "contract.id, contract.renewal_outcome, contract.call_on, contract.contacted_at,"
                        " contract.date_end, (%s AT TIME ZONE 'UTC' AT TIME ZONE branch.tz)::date AS today",
                        fields.Datetime.now(),
                    )
                ),
            )
        )
        return {"count": rows[0][0], "overdue": rows[0][1]}

    def _note_outcome(self, outcome, reason, call_on):
        """Note what came of a contact with the customer. For the contact, which has checked who acts."""
        contracts = self.sudo()
        contracts.activity_unlink([CALL], only_automated=False)
        contracts._by_step().write(
            {
                "renewal_outcome": outcome,
                "lost_reason_id": reason.id if outcome == "not_extend" else False,
                "call_on": call_on if outcome == "undecided" else False,
                "contacted_at": fields.Datetime.now(),
            }
        )
        if outcome == "undecided":
            for contract in contracts:
                contract.activity_schedule(CALL, user_id=self.env.uid, date_deadline=call_on)
        self.env.user._bus_send("crm_branch.ending", self._notice())

    def _check_outcome(self, outcome, reason, call_on):
        """Check what the user says came of a contact.

        :raise AccessError: this is for retention officers (BR-17)
        :raise UserError: the contract doesn't end, or the reason or the day is missing
        """
        if self and not self.env.user.has_group(RETENTION):
            raise AccessError(self.env._("Retention officers tell customers that their contract ends."))
        for contract in self:
            if contract.approval_state not in ("active", "ended") or not contract.date_end:
                raise UserError(self.env._("%s doesn’t end: there is nothing to extend.", contract.display_name))
            if contract.renewal_id and outcome != "extend":
                raise UserError(
                    self.env._(
                        "%(contract)s is being renewed by %(renewal)s: cancel that one first.",
                        contract=contract.display_name,
                        renewal=contract.renewal_id.display_name,
                    )
                )
            if outcome == "not_extend" and not reason:
                raise UserError(self.env._("Say why the customer doesn’t extend."))
            if outcome == "undecided" and not (call_on and call_on >= contract.branch_id.sudo()._today()):
                raise UserError(self.env._("Say when to call again: today or later."))

    def _terminate(self, date, reason, note):
        """End a contract before its time, or one that has no end, on that day (inclusive).

        :param reason: a `crm.contract.lost.reason`
        :raise UserError: the day is past, or is invoiced already; a renewal joins on to the present end
        """
        self.ensure_one()
        if self.renewal_id:
            raise UserError(self.env._("%s is being renewed: cancel the renewal first.", self.display_name))
        if date < self.branch_id.sudo()._today() or (self.date_end and date > self.date_end):
            raise UserError(self.env._("A contract ends today or later, and not after the end that it has."))
        invoiced = max((day for day in self.sudo().contract_line_ids.mapped("last_date_invoiced") if day), default=None)
        if invoiced and date < invoiced:
            raise UserError(self.env._("It is invoiced until %s: let it end on that day or later.", invoiced))
        self._by_step()._workflow_do("terminate", f"{reason.name}: {note}" if note else reason.name)
        ending = self.sudo()._by_step()
        ending.write({"lost_reason_id": reason.id, "renewal_outcome": "not_extend", "call_on": False, "date_end": date})

    def _check_transition(self, transition):
        """Override: a contract ends on a day that somebody says, or has come, and with everything invoiced."""
        if transition.name == "terminate" and not self._is_step():
            raise UserError(self.env._("Say on which day the contract ends: use its button."))
        if transition.name == "end":
            for contract in self:
                if not contract.date_end or contract.date_end >= contract.branch_id.sudo()._today():
                    raise ValidationError(self.env._("%s hasn’t ended yet.", contract.display_name))
        return super()._check_transition(transition)

    # === SCHEDULED === #

    @api.model
    def _cron_end(self):
        """End, set by set, the contracts whose last day is over and whose periods are all invoiced (BR-G3)."""
        due = self.browse(self._due_to_end())
        while due:
            batch, due = due[:AT_ONCE].try_lock_for_update(), due[AT_ONCE:]
            batch._workflow_do("end")
            if not self.env["ir.cron"]._commit_progress(len(batch), remaining=len(due)):
                break

    @api.model
    def _due_to_end(self):
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT contract.id FROM contract_contract contract
                  JOIN crm_branch branch ON branch.id = contract.branch_id
                 WHERE contract.approval_state = 'active'
                   AND contract.date_end < (%s AT TIME ZONE 'UTC' AT TIME ZONE branch.tz)::date
                   AND NOT EXISTS (SELECT FROM contract_line line WHERE line.contract_id = contract.id
                                      AND line.display_type IS NULL AND line.is_canceled IS NOT TRUE
                                      AND line.recurring_next_date IS NOT NULL)
                 ORDER BY contract.id
                """,
                fields.Datetime.now(),
            )
        )
        return [id_ for (id_,) in rows]
