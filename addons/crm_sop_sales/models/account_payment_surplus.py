from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .sale_order_payment_choice import TRANSFER
from .sale_order_transfer import FINANCE, RECEIVED

#: What only the refund's own step writes.
GUARDED = {"surplus_payment_id", "is_surplus_handed_over"}


class AccountPayment(models.Model):
    """A surplus goes back to the customer once, by somebody else than who confirmed it (SOP-11d)."""

    _inherit = "account.payment"

    _totals = frozenset({"surplus_left"})

    surplus_payment_id = fields.Many2one(
        "account.payment",
        "Refund of Surplus",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        help="The payment whose surplus this one pays back.",
    )
    surplus_refund_ids = fields.One2many("account.payment", "surplus_payment_id", "Refunds", readonly=True, copy=False)
    is_surplus_handed_over = fields.Boolean(
        "Refunded with the Cancellation",
        readonly=True,
        copy=False,
        help="The order was cancelled before the surplus was paid back: its cancellation form refunds it.",
    )
    surplus_left = fields.Monetary(
        "Left to Refund",
        currency_field="order_currency_id",
        compute="_compute_surplus_left",
        compute_sudo=True,
        store=True,
        help="What finance decided to refund, and nobody has paid back yet.",
    )

    # === COMPUTE METHODS === #

    @api.depends(
        "surplus",
        "surplus_choice",
        "state",
        "is_surplus_handed_over",
        "move_id.line_ids.amount_residual",
        "surplus_refund_ids.state",
        "surplus_refund_ids.amount",
    )
    def _compute_surplus_left(self):
        for payment in self:
            is_open = payment.surplus_choice == "refund" and payment.state in RECEIVED
            paid = sum(payment.surplus_refund_ids.filtered(lambda refund: refund.state in RECEIVED).mapped("amount"))
            is_open = is_open and not payment.is_surplus_handed_over
            payment.surplus_left = max(payment.surplus - paid - payment._used_elsewhere(), 0.0) if is_open else 0.0

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: refuse what only the refund's own step writes."""
        for vals in vals_list:
            self._check_surplus_write(vals)
        return super(AccountPayment, self._without_defaults(GUARDED)).create(vals_list).with_env(self.env)

    def write(self, vals):
        """Override: likewise."""
        self._check_surplus_write(vals)
        return super().write(vals)

    def _check_surplus_write(self, vals):
        if vals.keys() & GUARDED and self.env.context.get("crm_sop_sales_transfer") is not TRANSFER:
            raise UserError(self.env._("A surplus is paid back by its button (Refund Surplus), not by hand."))

    # === ACTION METHODS === #

    def action_refund_surplus(self):
        """Ask from which bank and when the surplus goes back."""
        self.ensure_one()
        self._check_refunder()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Refund Surplus"),
            "res_model": "crm.transfer.refund",
            "view_mode": "form",
            "target": "new",
            "context": {"default_payment_id": self.id},
        }

    def action_post(self):
        """Override: a refund settles its surplus; one that was set to draft doesn't come back beside another one."""
        refunds = self.sudo().filtered("surplus_payment_id")
        for refund in refunds.filtered(lambda refund: refund.state not in RECEIVED):
            refund.order_id._lock_for_step()
            refund.surplus_payment_id._check_surplus_left(refund.amount)
        result = super().action_post()
        refunds._settle_surplus()
        return result

    def action_draft(self):
        """Override: what isn't paid back settles nothing. Odoo keeps the items matched until it is posted again."""
        result = super().action_draft()
        refunds = self.sudo().filtered(lambda payment: payment.surplus_payment_id or payment.cancellation_id)
        refunds.move_id.line_ids.remove_move_reconcile()
        return result

    # === CHECKS === #

    def _check_refunder(self):
        """Check that the user is of finance, and neither confirmed the payment nor entered its proof.

        :raise AccessError: they aren't, or did
        :raise UserError: nothing is left to refund
        """
        if not self.env.user.has_group(FINANCE):
            raise AccessError(self.env._("Only finance pays a surplus back."))
        self.check_access("read")
        if self.env.user in self._surplus_own_users() and not self.company_id.sudo().surplus_refund_by_same:
            raise AccessError(
                self.env._(
                    "You confirmed %s, or entered its proof: somebody else of finance pays its surplus back. Where "
                    "there is nobody else, an administrator allows it (Settings, CRM, Refunds of Surpluses).",
                    self.display_name,
                )
            )
        self.sudo()._check_surplus_left(0.0)

    def _surplus_own_users(self):
        """Return who confirmed the payment, and who entered its proof."""
        payment = self.sudo()
        proofs = self.env["crm.transfer.proof"].sudo().search([("payment_id", "=", payment.id)])
        return (payment.create_uid | proofs.entered_by_id).with_env(self.env)

    def _check_surplus_left(self, amount):
        left, currency = self.surplus_left, self.order_currency_id
        if currency.compare_amounts(left, 0.0) <= 0 or currency.compare_amounts(amount, left) > 0:
            raise UserError(
                self.env._(
                    "%(payment)s: %(left)s of its surplus is left to refund.",
                    payment=self.display_name,
                    left=(currency or self.currency_id).format(left),
                )
            )

    # === BUSINESS METHODS === #

    def _refund_surplus(self, journal, date):
        """Pay the surplus back, and set it against the payment in the books: no cancellation refunds it again.

        :param journal: ``account.journal``, bank or cash, that the money goes from
        :return: the posted ``account.payment``, with the user's own rights
        :raise AccessError: the user isn't finance, or confirmed the payment
        :raise UserError: nothing is left, or the money was used for something else in the books
        """
        self.ensure_one()
        self._check_refunder()
        payment = self.sudo()
        payment.order_id._lock_for_step()
        payment.invalidate_recordset()
        payment._check_surplus_left(0.0)
        payment._check_refund_source(journal, date)
        values = payment._prepare_surplus_refund(journal, date)
        step = self.env["account.payment"].sudo().with_company(payment.company_id)
        refund = step.with_context(
            crm_sop_sales_transfer=TRANSFER, force_payment_move=payment.order_id._needs_outstanding(values)
        ).create(values)
        refund.action_post()
        payment._tell_refunded(refund)
        return refund.with_env(self.env)

    def _check_refund_source(self, journal, date):
        if not journal or journal.company_id != self.company_id or journal.type not in ("bank", "cash"):
            raise UserError(self.env._("Choose the company's bank or cash that the money goes from."))
        if not date or date > fields.Date.context_today(self):
            raise UserError(self.env._("Enter the day on which the money went back; it can't be in the future."))
        self._check_nothing_unmatched()
        credit = self.company_id.currency_id._convert(
            -sum(self._surplus_lines().mapped("amount_residual")), self.order_currency_id, self.company_id, self.date
        )
        if self.order_id._compare_money(credit, self.surplus_left) < 0:
            raise UserError(
                self.env._(
                    "Only %(credit)s of %(payment)s is left in the books: its surplus was set against something else.",
                    payment=self.display_name,
                    credit=self.order_currency_id.format(max(credit, 0.0)),
                )
            )

    def _surplus_lines(self):
        """Return the open items of these payments with the customer."""
        return self.move_id.line_ids.filtered(
            lambda line: (
                line.parent_state == "posted" and line.account_type == "asset_receivable" and not line.reconciled
            )
        )

    def _prepare_surplus_refund(self, journal, date):
        methods = journal.outbound_payment_method_line_ids
        return {
            "payment_type": "outbound",
            "partner_type": "customer",
            "partner_id": self.partner_id.id,
            "amount": self.surplus_left,
            "currency_id": self.order_currency_id.id,
            "date": date,
            "journal_id": journal.id,
            "payment_method_line_id": (methods.filtered(lambda line: line.code == "manual") or methods)[:1].id,
            "memo": self.env._("%s: surplus", self.order_id.name),
            "order_id": self.order_id.id,
            "surplus_payment_id": self.id,
        }

    def _settle_surplus(self):
        """Reconcile refunds with the payments whose surplus they pay back."""
        for refund in self:
            for account, lines in (refund.surplus_payment_id | refund)._surplus_lines().grouped("account_id").items():
                if account.reconcile and len({line.balance > 0 for line in lines}) > 1:
                    lines.reconcile()

    # === WHO IS TO DO IT === #

    def _ask_for_refund(self):
        """Have those of finance who may do it see that a surplus is to be paid back."""
        own = self._surplus_own_users()
        finance = self.env["res.users"].sudo()._find_finance(self.company_id)
        for user in finance - own or own[:1]:
            self.activity_schedule(
                "crm_sop_sales.mail_activity_type_surplus",
                summary=self.env._("Refund %s", self.order_currency_id.format(self.surplus_left)),
                user_id=user.id,
            )

    def _tell_refunded(self, refund):
        """Say on the order that the surplus went back; nobody is asked for it any more."""
        self.activity_unlink(["crm_sop_sales.mail_activity_type_surplus"])
        self.order_id.message_post(
            body=self.env._("Surplus refunded: %s.", refund.currency_id.format(refund.amount)),
            message_type="notification",
            subtype_xmlid="mail.mt_note",
        )

    def _hand_surplus_over(self):
        """The order is cancelled: its form refunds what is left of the surplus, and nobody else is to."""
        left = self.filtered("surplus_left")
        left.with_context(crm_sop_sales_transfer=TRANSFER).write({"is_surplus_handed_over": True})
        left.activity_unlink(["crm_sop_sales.mail_activity_type_surplus"])


class ResUsers(models.Model):
    _inherit = "res.users"

    def _find_finance(self, company):
        """Return the company's people of finance."""
        group = self.env.ref(FINANCE)
        return self.search(
            [("all_group_ids", "in", group.ids), ("company_ids", "in", company.ids), ("share", "=", False)]
        )
