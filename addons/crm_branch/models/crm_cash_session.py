from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date

from odoo.addons.crm_base.workflow import ALL_BUT, Transition, Workflow

from .crm_cash_desk import UNCLOSED

MANAGERS = ("crm_branch.group_branch_manager", "crm_branch.group_headquarters")
DIFFERENCE = "crm_branch.mail_activity_type_cash_difference"
#: What a reviewed day is still written into.
COMMENTS = ("message_ids", "message_follower_ids", "activity_ids")


class CrmCashSession(models.Model):
    """A cashier's day at a desk: opened with counted cash, closed with counted cash, reviewed by the manager (BR-12c).

    Days are the branch's, amounts in the desk's currency. ``expected`` is what the drawer must hold by the bookings.
    """

    _name = "crm.cash.session"
    _description = "Cash Session"
    _inherit = ["mail.thread", "mail.activity.mixin", "crm.cash.mixin"]
    _order = "day desc, id desc"
    _mail_post_access = "read"
    _rec_names_search = ["desk_id", "user_id"]

    _workflow = Workflow(
        states={"opened": "Open", "counting": "Being Counted", "closed": "Closed", "reviewed": "Reviewed"},
        transitions=(
            Transition("count", ("opened",), "counting"),
            Transition("resume", ("counting",), "opened"),
            Transition("close", ("counting",), "closed"),
            Transition("review", ("closed",), "reviewed", groups=MANAGERS, other_than="close"),
            Transition("accept", ("closed",), "reviewed", groups=MANAGERS, other_than="close", reason=True),
        ),
        locked={"closed": (ALL_BUT, *COMMENTS, "reviewed_by_id", "reviewed_at"), "reviewed": (ALL_BUT, *COMMENTS)},
    )

    state = _workflow.state_field(group_expand=True)
    desk_id = fields.Many2one("crm.cash.desk", required=True, readonly=True, index=True, ondelete="restrict")
    branch_id = fields.Many2one(readonly=True)
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    user_id = fields.Many2one("res.users", "Cashier", required=True, readonly=True, index=True, ondelete="restrict")
    day = fields.Date(required=True, readonly=True, index=True, help="By the branch's calendar.")
    opened_at = fields.Datetime("Opened On", readonly=True, required=True, default=fields.Datetime.now)
    closed_at = fields.Datetime("Closed On", readonly=True, copy=False)
    reviewed_at = fields.Datetime("Reviewed On", readonly=True, copy=False)
    reviewed_by_id = fields.Many2one("res.users", readonly=True, copy=False)

    opening_expected = fields.Monetary("Left by the Last Count", readonly=True, aggregator=None)
    opening_counted = fields.Monetary("Counted at Opening", readonly=True, aggregator=None)
    opening_difference = fields.Monetary("Difference at Opening", readonly=True)
    opening_reason = fields.Text("Reason at Opening", readonly=True)
    payment_ids = fields.One2many("crm.cash.payment", "session_id", "Payments", readonly=True)
    payment_count = fields.Integer("# Payments", compute="_compute_sums", store=True)
    payment_amount = fields.Monetary("Payments Taken", compute="_compute_sums", store=True)
    move_ids = fields.One2many("crm.cash.move", "session_id", "Put In and Taken Out", readonly=True)
    moved_in = fields.Monetary("Put In", compute="_compute_sums", store=True)
    moved_out = fields.Monetary("Taken Out", compute="_compute_sums", store=True)
    expected = fields.Monetary(compute="_compute_sums", store=True, aggregator=None)
    counted = fields.Monetary("Counted at Closing", readonly=True, copy=False, aggregator=None)
    difference = fields.Monetary(readonly=True, copy=False, help="Counted, less what was expected, at closing.")
    difference_reason = fields.Text("Reason for the Difference", readonly=True, copy=False)
    all_differences = fields.Monetary(
        "Differences", compute="_compute_all_differences", store=True, help="At opening and at closing together."
    )
    has_difference = fields.Boolean(compute="_compute_all_differences", store=True)
    count_ids = fields.One2many("crm.cash.count", "session_id", "Notes and Coins", readonly=True)
    search_ids = fields.One2many("crm.cash.search", "session_id", "Searches", readonly=True)
    duplicate_ids = fields.One2many("crm.cash.duplicate", "session_id", "Duplicates", readonly=True)
    searches_unpaid = fields.Integer("Searches Without Payment", readonly=True, copy=False)
    is_overdue = fields.Boolean("Not Closed in Time", compute="_compute_is_overdue")
    entry_ids = fields.One2many(
        "account.move",
        "cash_session_id",
        "Journal Entries",
        readonly=True,
        groups="account.group_account_readonly,account.group_account_invoice",
    )

    _one_per_desk = models.UniqueIndex(
        "(desk_id) WHERE state NOT IN ('closed', 'reviewed')", "This desk has a session that isn't closed."
    )
    _one_per_cashier = models.UniqueIndex(
        "(user_id) WHERE state NOT IN ('closed', 'reviewed')", "This cashier has a session that isn't closed."
    )
    _opening_reason = models.Constraint(
        "CHECK(opening_difference = 0 OR opening_reason IS NOT NULL)", "A difference at opening needs a reason."
    )
    _closing_reason = models.Constraint(
        "CHECK(COALESCE(difference, 0) = 0 OR difference_reason IS NOT NULL)", "A difference needs a reason."
    )
    _closed_when = models.Constraint(
        "CHECK(state NOT IN ('closed', 'reviewed') OR closed_at IS NOT NULL)", "A session is closed at a moment."
    )

    # === COMPUTE METHODS === #

    @api.depends("desk_id", "day")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for session in self:
            words = (session.desk_id.sudo().name, session.day and format_date(self.env, session.day))
            session.display_name = " · ".join(word for word in words if word)

    @api.depends("opening_counted", "payment_ids.state", "move_ids")
    def _compute_sums(self):
        """Sum up what the drawer took in and gave out; a reversed payment took nothing."""
        payments = self.env["crm.cash.payment"]._read_group(
            [("session_id", "in", self.ids), ("state", "!=", "reversed")], ["session_id"], ["amount:sum", "__count"]
        )
        moves = self.env["crm.cash.move"]._read_group(
            [("session_id", "in", self.ids)], ["session_id", "direction"], ["amount:sum"]
        )
        paid = {session.id: (amount, count) for session, amount, count in payments}
        moved = {(session.id, direction): amount for session, direction, amount in moves}
        for session in self:
            session.payment_amount, session.payment_count = paid.get(session.id, (0.0, 0))
            session.moved_in = moved.get((session.id, "in"), 0.0)
            session.moved_out = moved.get((session.id, "out"), 0.0)
            total = session.opening_counted + session.payment_amount + session.moved_in - session.moved_out
            session.expected = session.currency_id.round(total)

    @api.depends("opening_difference", "difference")
    def _compute_all_differences(self):
        for session in self:
            session.all_differences = session.opening_difference + session.difference
            session.has_difference = bool(session.opening_difference or session.difference)

    @api.depends("state", "day", "branch_id")
    def _compute_is_overdue(self):
        for session in self:
            session.is_overdue = session.state in UNCLOSED and session.day < session.branch_id.sudo()._today()

    # === ACTION METHODS === #

    def action_count(self):
        """Stop taking payments and begin to count the cash."""
        self._check_closer()
        return self.sudo()._workflow_do("count")

    def action_resume(self):
        """Take payments again: another customer has come."""
        self._check_mine()
        self._check_today()
        return self.sudo()._workflow_do("resume")

    def action_review(self):
        """Accept sessions without a difference; for the manager, who isn't the cashier."""
        if different := self.filtered("has_difference"):
            raise UserError(
                self.env._(
                    "%s has a difference: accept it by its own button, saying what you found.",
                    different[:1].display_name,
                )
            )
        return self._workflow_do("review")

    def action_print(self):
        """Print the report of the day."""
        self.check_access("read")
        return self.env.ref("crm_branch.crm_cash_session_report").report_action(self, config=False)

    def action_view_payments(self):
        """Open the session's payments."""
        return self._view("crm_branch.crm_cash_payment_action")

    def action_view_moves(self):
        """Open what was put in and taken out."""
        return self._view("crm_branch.crm_cash_move_action")

    def action_view_searches(self):
        """Open the searches for customers."""
        return self._view("crm_branch.crm_cash_search_action")

    def action_view_duplicates(self):
        """Open the duplicates of invoices."""
        return self._view("crm_branch.crm_cash_duplicate_action")

    def _view(self, xmlid):
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(xmlid)
        return {**action, "domain": [("session_id", "=", self.id)], "context": {}}

    # === BUSINESS METHODS === #

    def _check_mine(self):
        """Check that the user is the cashier of this one session.

        :raise AccessError: it is somebody else's, or the user is no cashier any more
        """
        self.ensure_one()
        self.env["crm.cash.desk"]._check_cashier()
        if not self.exists() or self.sudo().user_id != self.env.user:
            raise AccessError(self.env._("This is another cashier's desk."))
        self.check_access("read")

    def _check_closer(self):
        """Check that it is the cashier who counts; a manager of the branch counts for one who has left."""
        self.ensure_one()
        self.check_access("read")
        if any(self.env.user.has_group(group) for group in MANAGERS):
            return
        self._check_mine()

    def _check_today(self):
        today = self.sudo().branch_id._today()
        if self.sudo().day != today:
            raise UserError(
                self.env._("This session is of %s: count and close it first.", format_date(self.env, self.sudo().day))
            )

    def _check_taking(self):
        """Check that the user may take or give money here and now (BR-12a)."""
        self._check_mine()
        if self.sudo().state != "opened":
            raise UserError(self.env._("The desk isn't open: it is “%s”.", self._workflow_label(self.sudo().state)))
        self._check_today()

    def _check_rematched(self):
        """Check that what was taken in these sessions may be matched anew: afterwards, by accounting managers."""
        accountant = self.env.user.has_group("account.group_account_manager")
        if any(session.state in UNCLOSED or not accountant for session in self):
            raise UserError(self.env["account.move"]._cash_is_final())

    def _tell_manager(self, xmlid, summary, note=False):
        """Give the manager of the desk an activity, at once."""
        for session in self.sudo():
            if manager := session.desk_id._manager(but=session.user_id):
                session.with_context(mail_activity_quick_update=True).activity_schedule(
                    xmlid, session.branch_id._today(), summary, note or "", user_id=manager.id
                )

    # === CHECKS === #

    def _check_transition(self, transition):
        """Override: who had the cash in hand doesn't review, and what was moved is confirmed before."""
        if transition.name in ("review", "accept"):
            self._check_review()
            if transition.name == "review" and any(self.mapped("has_difference")):
                raise UserError(self.env._("A difference is accepted with a reason."))
        return super()._check_transition(transition)

    def _check_review(self):
        for session in self.sudo():
            if self.env.user in (session.user_id | session.payment_ids.user_id):
                raise AccessError(self.env._("Nobody reviews a cash session of their own."))
            if waiting := session.move_ids.filtered(lambda move: move.state == "recorded"):
                raise UserError(
                    self.env._(
                        "%(session)s: confirm first what was put in or taken out (%(count)s).",
                        session=session.display_name,
                        count=len(waiting),
                    )
                )

    def _before_transition(self, transition):
        if transition.name in ("review", "accept"):
            self.sudo().write({"reviewed_by_id": self.env.uid, "reviewed_at": fields.Datetime.now()})
        return super()._before_transition(transition)

    def _after_transition(self, transition):
        """Override: what the manager was asked to look at is done."""
        result = super()._after_transition(transition)
        if transition.name in ("review", "accept"):
            self.sudo().activity_unlink([DIFFERENCE], only_automated=False)
        return result
