from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from odoo.addons.crm_base.workflow import Transition, Workflow

from .sale_order_payment_choice import TRANSFER
from .sale_order_transfer import FINANCE

#: What the proof says.
FACTS = ("order_id", "bank_account_id", "transfer_date", "amount", "reference", "file", "file_name")
#: What follows from the file, the user and the confirmation, and is never said by a client.
GUARDED = ("payment_id", "sha256", "mimetype", "reference_key", "entered_by_id", "by_customer")
#: What follows from the order.
OF_ORDER = frozenset({"company_id", "user_id"})


class CrmTransferProof(models.Model):
    """What a customer shows for a transfer: a document with bank, date and amount (SOP-11b).

    Finance compares it with the bank and confirms what has arrived, or rejects it (SOP-11c). Who entered what it says
    doesn't confirm it.
    """

    _name = "crm.transfer.proof"
    _description = "Proof of Transfer"
    _inherit = ["crm.sale.totals", "crm.workflow.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _check_company_auto = True

    _totals = OF_ORDER

    _workflow = Workflow(
        states={"received": "Waiting for Finance", "confirmed": "Confirmed", "rejected": "Rejected"},
        transitions=(
            Transition("confirm", ("received",), "confirmed", groups=(FINANCE,)),
            Transition("reject", ("received",), "rejected", groups=(FINANCE,), reason=True),
        ),
        locked={"confirmed": FACTS, "rejected": FACTS},
    )

    state = _workflow.state_field(index=True, tracking=True)
    order_id = fields.Many2one(
        "sale.order",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('payment_choice', '=', 'transfer'), ('state', '!=', 'cancel')]",
    )
    company_id = fields.Many2one(related="order_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(related="order_id.partner_id", string="Customer")
    user_id = fields.Many2one(related="order_id.user_id", string="Officer", store=True, index=True)
    currency_id = fields.Many2one(related="order_id.currency_id")
    bank_account_id = fields.Many2one(
        "res.partner.bank",
        "To Account",
        required=True,
        index=True,
        ondelete="restrict",
        domain="[('transfer_company_id', '=', company_id)]",
        help="The company's account that the money was sent to.",
    )
    transfer_date = fields.Date("Transferred On", required=True, default=fields.Date.context_today)
    amount = fields.Monetary(required=True)
    entered_by_id = fields.Many2one("res.users", readonly=True, copy=False, index=True, ondelete="restrict")
    by_customer = fields.Boolean("Uploaded by the Customer", readonly=True, copy=False)
    payment_id = fields.Many2one(
        "account.payment", readonly=True, copy=False, index="btree_not_null", ondelete="restrict"
    )
    difference_text = fields.Char(compute="_compute_difference_text")

    _payment_once = models.UniqueIndex("(payment_id)", "A payment confirms one proof of transfer.")
    _amount_positive = models.Constraint("CHECK(amount > 0)", "Enter the amount that was transferred.")

    # === COMPUTE METHODS === #

    @api.depends("order_id", "amount")
    def _compute_display_name(self):
        for proof in self:
            order = proof.sudo().order_id
            amount = proof.currency_id.format(proof.amount) if proof.currency_id else ""
            proof.display_name = f"{order.name or ''} {amount}".strip() or self.env._("Proof of Transfer")

    @api.depends("amount", "order_id.transfer_missing", "state")
    @api.depends_context("lang")
    def _compute_difference_text(self):
        """Say at once where the amount isn't what the order still needs."""
        for proof in self:
            proof.difference_text = proof._difference_text()

    def _difference_text(self):
        order = self.sudo().order_id
        if self.state != "received" or not order or not self.amount:
            return False
        missing = order.transfer_missing
        result = order._compare_money(self.amount, missing)
        if not result:
            return False
        values = {
            "difference": order.currency_id.format(abs(self.amount - missing)),
            "order": order.name,
            "missing": order.currency_id.format(missing),
        }
        if result < 0:
            return self.env._("%(difference)s less than %(order)s still needs: %(missing)s.", **values)
        return self.env._("%(difference)s more than %(order)s still needs: %(missing)s.", **values)

    # === CONSTRAINT METHODS === #

    @api.constrains("bank_account_id", "order_id")
    def _check_bank_account(self):
        for proof in self:
            if proof.bank_account_id.sudo().transfer_company_id != proof.sudo().order_id.company_id:
                raise ValidationError(self.env._("Choose an account of the company that customers transfer to."))

    @api.constrains("transfer_date")
    def _check_transfer_date(self):
        if any(proof.transfer_date > proof.order_id._latest_today() for proof in self):
            raise ValidationError(self.env._("A transfer that is proved isn't in the future."))

    @api.constrains("order_id")
    def _check_order(self):
        for order in self.sudo().order_id:
            if order.payment_choice != "transfer":
                raise ValidationError(
                    self.env._("%s isn't paid by bank transfer. Change how it is paid first.", order.name)
                )
            if order.state == "cancel":
                raise ValidationError(self.env._("%s is cancelled.", order.name))

    @api.onchange("order_id")
    def _onchange_order_id(self):
        """Begin with the account that the customer chose and what the order still needs."""
        order = self.order_id
        if order:
            self.bank_account_id = order.transfer_account_id or order.company_id._transfer_accounts()[:1]
            self.amount = order.transfer_missing

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: look into the file, and note who entered what it says."""
        for vals in vals_list:
            self._check_guarded(vals)
        vals_list = [self._complete_facts(vals) for vals in vals_list]
        self._check_not_used(vals_list)
        proofs = super(CrmTransferProof, self._without_defaults(GUARDED)).create(vals_list).with_env(self.env)
        proofs._check_order_access()
        proofs._tell_order()
        return proofs

    def write(self, vals):
        """Override: likewise where a fact changes."""
        self._check_guarded(vals)
        if self._changes_facts(vals):
            self.check_access("write")
            self._check_locked_write(vals)
            vals = self._complete_facts(vals)
            self._check_not_used([vals])
        result = super().write(vals)
        if "order_id" in vals:
            self._check_order_access()
        return result

    def _changes_facts(self, vals):
        proofs = self.with_context(bin_size=False)
        return any(name in vals and any(proof._would_change(name, vals[name]) for proof in proofs) for name in FACTS)

    def copy(self, default=None):  # pylint: disable=method-required-super
        """Override: a transfer happened once."""
        raise UserError(self.env._("A proof of transfer isn't duplicated."))

    def _check_guarded(self, vals):
        if vals.keys() & set(GUARDED) and self.env.context.get("crm_sop_sales_transfer") is not TRANSFER:
            raise UserError(self.env._("This follows from the file and from finance's confirmation; nobody writes it."))

    def _check_order_access(self):
        """Check that the user may read the orders: a right to proofs gives no right to orders."""
        self.order_id.check_access("read")

    def _complete_facts(self, vals):
        """Return the values with what follows from them: who says so."""
        vals = {**vals, "entered_by_id": self.env.uid}
        if self.env.context.get("crm_sop_sales_transfer") is not TRANSFER:
            vals["by_customer"] = False
        return vals

    # === CHECKS === #

    def _check_transition(self, transition):
        """Override: not by who entered what the proof says, and only together with the payment."""
        if transition.name == "confirm":
            if own := self.filtered(lambda proof: proof.entered_by_id == self.env.user):
                raise AccessError(
                    self.env._("You entered %s yourself: somebody else of finance confirms it.", own[0].display_name)
                )
            if self.env.context.get("crm_sop_sales_transfer") is not TRANSFER:
                raise UserError(self.env._("A proof is confirmed with what has arrived at the bank."))
        return super()._check_transition(transition)

    def _after_transition(self, transition):
        if transition.name == "reject":
            self._tell_rejected()
        return super()._after_transition(transition)

    # === ACTION METHODS === #

    def action_confirm(self):
        """Ask finance for what has arrived at the bank."""
        self.ensure_one()
        return self.env["crm.transfer.confirm"]._ask(proof=self)

    # === BUSINESS METHODS === #

    def _confirm(self, amount, date, journal, surplus_choice=None):
        """Confirm with what has arrived, and book it (SOP-11c).

        :return: the ``account.payment``
        """
        self.ensure_one()
        self.with_context(crm_sop_sales_transfer=TRANSFER)._workflow_do("confirm")
        order = self.sudo().order_id.with_env(self.env)
        return order._receive_transfer(
            amount, date, journal, memo=self.reference, surplus_choice=surplus_choice, proof=self
        )

    def _tell_order(self):
        """Say on the order that a proof has come, and where its amount isn't what is missing."""
        for proof in self.sudo():
            amount = proof.currency_id.format(proof.amount)
            text = self.env._("Proof of transfer received: %s.", amount)
            if difference := proof._difference_text():
                text += f" {difference}"
            proof.order_id.message_post(body=text, message_type="notification", subtype_xmlid="mail.mt_note")

    def _tell_rejected(self):
        """Tell the customer by e-mail, and give the officer something to do."""
        template = self.env.ref("crm_sop_sales.mail_template_transfer_rejected", raise_if_not_found=False)
        for proof in self.sudo():
            if template:
                template.sudo().send_mail(proof.id, email_layout_xmlid="mail.mail_notification_layout")
            order = proof.order_id
            order.activity_schedule(
                "mail.mail_activity_data_call",
                summary=self.env._("Proof of transfer rejected"),
                note=proof._rejection_reason(),
                user_id=(order.user_id or self.env.user).id,
            )

    def _rejection_reason(self):
        """Return why finance rejected the proof. For the message to the customer."""
        log = self.sudo().workflow_log_ids.filtered(lambda log: log.transition == "reject")
        return log[:1].reason or ""
