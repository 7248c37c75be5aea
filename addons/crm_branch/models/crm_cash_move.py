from odoo import api, fields, models
from odoo.exceptions import AccessError

from odoo.addons.crm_base.workflow import ALL_BUT, Transition, Workflow

from .crm_cash_session import COMMENTS, MANAGERS

MOVED = "crm_branch.mail_activity_type_cash_move"


class CrmCashMove(models.Model):
    """Cash put into the drawer or taken out of it, from or to the bank or headquarters, confirmed by the manager.

    Booked against the company's account for internal transfers, where finance finds it when the bank has it.
    """

    _name = "crm.cash.move"
    _description = "Cash Put In or Taken Out"
    _inherit = ["mail.thread", "mail.activity.mixin", "crm.cash.mixin"]
    _order = "moved_at desc, id desc"
    _rec_name = "reason"
    _mail_post_access = "read"

    _workflow = Workflow(
        states={"recorded": "To Confirm", "confirmed": "Confirmed", "disputed": "Disputed"},
        transitions=(
            Transition("confirm", ("recorded", "disputed"), "confirmed", groups=MANAGERS),
            Transition("dispute", ("recorded",), "disputed", groups=MANAGERS, reason=True),
        ),
        locked={
            "recorded": (ALL_BUT, *COMMENTS, "confirmed_by_id"),
            "confirmed": (ALL_BUT, *COMMENTS),
            "disputed": (ALL_BUT, *COMMENTS, "confirmed_by_id"),
        },
    )

    state = _workflow.state_field()
    session_id = fields.Many2one("crm.cash.session", required=True, readonly=True, index=True, ondelete="restrict")
    desk_id = fields.Many2one("crm.cash.desk", required=True, readonly=True, index=True, ondelete="restrict")
    branch_id = fields.Many2one(readonly=True)
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    user_id = fields.Many2one("res.users", "Cashier", required=True, readonly=True, index=True, ondelete="restrict")
    day = fields.Date(required=True, readonly=True, index=True, help="By the branch's calendar.")
    moved_at = fields.Datetime("Moved On", required=True, readonly=True, default=fields.Datetime.now)
    direction = fields.Selection([("in", "Put In"), ("out", "Taken Out")], required=True, readonly=True)
    counterpart = fields.Selection(
        [("bank", "Bank"), ("headquarters", "Headquarters")], "From or To", required=True, readonly=True
    )
    amount = fields.Monetary(required=True, readonly=True, aggregator=None)
    signed_amount = fields.Monetary("Change of the Cash", compute="_compute_signed_amount", store=True)
    reason = fields.Char(required=True, readonly=True)
    entry_id = fields.Many2one(
        "account.move", "Journal Entry", required=True, readonly=True, index=True, ondelete="restrict"
    )
    confirmed_by_id = fields.Many2one("res.users", readonly=True)

    _positive = models.Constraint("CHECK(amount > 0)", "What is put in or taken out is more than zero.")

    # === COMPUTE METHODS === #

    @api.depends("amount", "direction")
    def _compute_signed_amount(self):
        for move in self:
            move.signed_amount = move.amount if move.direction == "in" else -move.amount

    # === ACTION METHODS === #

    def action_confirm(self):
        """Say that the money was seen where it belongs; for the manager, who isn't the cashier."""
        return self._workflow_do("confirm")

    # === BUSINESS METHODS === #

    def _screen_move(self):
        """Return what the cashier's screen shows of cash put in or taken out."""
        return {"id": self.id, "amount": self.signed_amount, "reason": self.reason, "state": self.state}

    # === CHECKS === #

    def _check_transition(self, transition):
        """Override: whoever moved the money doesn't confirm it."""
        if any(move.user_id == self.env.user for move in self.sudo()):
            raise AccessError(self.env._("Nobody confirms cash that they moved themselves."))
        return super()._check_transition(transition)

    def _before_transition(self, transition):
        if transition.name == "confirm":
            self.sudo().write({"confirmed_by_id": self.env.uid})
        return super()._before_transition(transition)

    def _after_transition(self, transition):
        result = super()._after_transition(transition)
        sessions = self.sudo().session_id
        if not sessions.move_ids.filtered(lambda move: move.state == "recorded"):
            sessions.activity_unlink([MOVED], only_automated=False)
        return result
