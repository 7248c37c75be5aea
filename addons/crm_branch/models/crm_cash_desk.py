from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL, format_date

from ..cash_money import smallest_unit

CASHIER = "crm_branch.group_cashier"
#: States of a session whose cash isn't counted for good.
UNCLOSED = ("opened", "counting")


class CrmCashDesk(models.Model):
    """A drawer of cash at a point of sale, booked in a journal of its own (BR-12)."""

    _name = "crm.cash.desk"
    _description = "Cash Desk"
    _inherit = ["mail.thread", "crm.branch.mixin"]
    _order = "branch_id, code, id"
    _rec_names_search = ["name", "code"]

    name = fields.Char(required=True, tracking=True)
    code = fields.Char(required=True, tracking=True, help="Short; the numbers of the receipts begin with it.")
    active = fields.Boolean(default=True, tracking=True)
    journal_id = fields.Many2one(
        "account.journal",
        "Cash Journal",
        required=True,
        copy=False,
        tracking=True,
        ondelete="restrict",
        domain="[('type', '=', 'cash'), ('company_id', '=', company_id)]",
        help="A cash journal of the branch's company that no other desk uses.",
    )
    currency_id = fields.Many2one(
        "res.currency", compute="_compute_currency_id", compute_sudo=True, store=True, precompute=True
    )
    last_number = fields.Integer("Last Receipt", readonly=True, copy=False)
    session_ids = fields.One2many("crm.cash.session", "desk_id", "Sessions")
    session_id = fields.Many2one("crm.cash.session", "Open Session", compute="_compute_session_id")
    user_id = fields.Many2one("res.users", "Cashier", compute="_compute_session_id")

    _code_company_uniq = models.Constraint("UNIQUE(company_id, code)", "A desk of this company has this code already.")
    _journal_uniq = models.Constraint("UNIQUE(journal_id)", "Another desk uses this journal.")

    # === COMPUTE METHODS === #

    @api.depends("journal_id.currency_id", "company_id.currency_id")
    def _compute_currency_id(self):
        for desk in self:
            desk.currency_id = desk.journal_id.currency_id or desk.company_id.currency_id

    @api.depends("session_ids.state")
    def _compute_session_id(self):
        sessions = self.env["crm.cash.session"].search([("desk_id", "in", self.ids), ("state", "in", UNCLOSED)])
        open_at = {session.desk_id: session for session in sessions}
        for desk in self:
            desk.session_id = open_at.get(desk)
            desk.user_id = desk.session_id.user_id

    # === CONSTRAINT METHODS === #

    @api.constrains("journal_id", "branch_id")
    def _check_journal(self):
        """What a payment or a difference will need is there from the beginning."""
        for desk in self.sudo():
            journal = desk.journal_id
            if journal.type != "cash" or journal.company_id != desk.branch_id.company_id:
                raise ValidationError(
                    self.env._("%s: choose a cash journal of the branch's company.", desk.display_name)
                )
            if not (journal.default_account_id and journal.profit_account_id and journal.loss_account_id):
                raise ValidationError(
                    self.env._(
                        "The journal %s needs a cash account, and accounts for profit and loss, where differences of "
                        "the count are booked (Accounting → Configuration → Journals).",
                        journal.display_name,
                    )
                )
            if not journal.company_id.transfer_account_id:
                raise ValidationError(
                    self.env._(
                        "%s needs an account for internal transfers, where cash on its way to the bank is booked.",
                        journal.company_id.display_name,
                    )
                )

    @api.constrains("journal_id", "branch_id", "active")
    def _check_not_in_use(self):
        """An open session belongs to the drawer it was opened with."""
        if busy := self.sudo().with_context(active_test=False).filtered("session_id"):
            raise ValidationError(self.env._("Close the session of %s first.", busy[:1].display_name))

    # === CRUD METHODS === #

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        for desk, vals in zip(self, vals_list, strict=True):
            vals["code"] = self.env._("%s (copy)", desk.code)
        return vals_list

    def write(self, vals):
        """Override: the numbers of the receipts go up by themselves."""
        if "last_number" in vals and not self.env.su:
            raise AccessError(self.env._("The numbers of the receipts go up by themselves."))
        return super().write(vals)

    @api.model_create_multi
    def create(self, vals_list):
        """Override: see :meth:`write`."""
        if not self.env.su and any(vals.get("last_number") for vals in vals_list):
            raise AccessError(self.env._("The numbers of the receipts go up by themselves."))
        return super().create(vals_list)

    # === ACTION METHODS === #

    def action_open(self, count, reason=False):
        """Open the desk with the cash that is in it, counted (BR-12c).

        :param dict count: ``{"lines": {denomination id: quantity}}`` or ``{"total": amount}``
        :param str reason: why the cash isn't what the last count left
        :return: the session's id
        :raise UserError: somebody's session isn't closed; the count is no count; a difference without reason
        :raise AccessError: the user is no cashier of the desk's branch
        """
        self.ensure_one()
        self._check_cashier()
        self.check_access("read")
        desk = self.sudo()
        desk._lock()
        desk._check_free()
        return desk.env["crm.cash.session"]._open(desk, count, reason).id

    def action_view_sessions(self):
        """Open the sessions of the desk."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_branch.crm_cash_session_action")
        return {**action, "domain": [("desk_id", "=", self.id)], "context": {}}

    # === BUSINESS METHODS === #

    @api.model
    def _check_cashier(self):
        if not self.env.user.has_group(CASHIER):
            raise AccessError(self.env._("Only cashiers handle the cash."))

    def _lock(self):
        """Wait until nobody else books at this desk. Who began before the other ended is sent back by the database,
        and the server repeats the request with fresh eyes.
        """
        self.flush_recordset()
        self.env.execute_query(SQL("SELECT id FROM crm_cash_desk WHERE id = %s FOR UPDATE", self.id))
        self.invalidate_recordset(["last_number"], flush=False)

    def _check_free(self):
        if not self.active or not self.branch_id.active:
            raise UserError(self.env._("%s is closed for good.", self.display_name))
        open_ones = self.env["crm.cash.session"].search(
            [("state", "in", UNCLOSED), "|", ("desk_id", "=", self.id), ("user_id", "=", self.env.uid)], limit=1
        )
        if open_ones:
            raise UserError(
                self.env._(
                    "%(desk)s was opened by %(cashier)s on %(day)s and isn't closed: count and close it first.",
                    desk=open_ones.desk_id.display_name,
                    cashier=open_ones.user_id.name,
                    day=format_date(self.env, open_ones.day),
                )
            )

    def _next_number(self):
        """Return the next number of a receipt; none is left out, and the desk is locked already."""
        self.last_number += 1
        return self.last_number

    def _cash_left(self):
        """Return what the last count left in the drawer; of a new desk, what the books say that there is."""
        last = self.env["crm.cash.session"].search([("desk_id", "=", self.id)], order="id desc", limit=1)
        if last:
            return last.counted
        account = self.journal_id.default_account_id
        lines = self.env["account.move.line"]
        domain = [("account_id", "=", account.id), ("parent_state", "=", "posted")]
        name = "amount_currency" if self.journal_id.currency_id else "balance"
        return lines._read_group(domain, [], [f"{name}:sum"])[0][0] or 0.0

    def _screen_desk(self):
        """Return what the cashier's screen shows of a desk that may be opened."""
        desk = self.sudo()
        taken = desk.session_id
        return {
            "id": self.id,
            "name": self.name,
            "currency": desk.currency_id.id,
            "unit": self._unit(desk.currency_id),
            "left": desk._cash_left(),
            "taken_by": taken.user_id.name if taken and taken.user_id != self.env.user else "",
        }

    @api.model
    def _unit(self, currency):
        """Return the smallest amount that is paid in cash."""
        return smallest_unit(currency)

    def _manager(self, but=None):
        """Return who watches over the desk: the branch's head, else a manager of the branch, else of headquarters.

        :param but: a user who doesn't watch over themself
        """
        branch = self.branch_id
        groups = self.env.ref("crm_branch.group_branch_manager") | self.env.ref("crm_branch.group_headquarters")
        people = branch.head_id | branch.user_ids.sorted("id") | branch.coordinator_id
        return people.filtered(
            lambda user: (
                user != but and user.active and user.all_group_ids & groups and branch in user.visible_branch_ids
            )
        )[:1]
