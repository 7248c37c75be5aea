from odoo import api, fields, models
from odoo.exceptions import AccessError

from odoo.addons.crm_base.workflow import Transition, Workflow

from .stock_picking_batch import COURIER, LOGISTICS, MANAGER, PIC

AT_DOOR = (COURIER, LOGISTICS, PIC)
CARD_KINDS = [("credit", "Credit Card"), ("debit", "Debit Card")]
CARD_NETWORKS = [
    ("visa", "Visa"),
    ("mastercard", "Mastercard"),
    ("jcb", "JCB"),
    ("amex", "American Express"),
    ("unionpay", "UnionPay"),
    ("gpn", "GPN"),
    ("other", "Other"),
]
IDENTITY_KINDS = [("ktp", "KTP"), ("sim", "SIM"), ("passport", "Passport")]
#: Said in the context by our own code when the courier's answers change a state; JSON can't make this object.
DOOR = object()


class CrmCourierCard(models.Model):
    """How a customer pays one delivery by card: verified, swiped, approved, and in the books (SOP-12).

    The card's number is nowhere: only its last four digits, as they are on the slip.
    """

    _name = "crm.courier.card"
    _description = "Card Payment at the Door"
    _inherit = ["crm.courier.facts", "crm.workflow.mixin", "mail.thread"]
    _order = "id desc"
    _rec_names_search = ["order_id", "partner_id"]
    _check_company_auto = True

    _workflow = Workflow(
        states={
            "to_check": "To Verify",
            "checked": "Verified",
            "stopped": "Stopped",
            "ask_bank": "Ask the Bank",
            "approved": "Approved",
            "voided": "Voided",
        },
        transitions=(
            Transition("check", ("to_check", "checked", "stopped", "ask_bank", "voided"), "checked", groups=AT_DOOR),
            Transition(
                "stop", ("to_check", "checked", "stopped", "ask_bank", "voided"), "stopped", groups=AT_DOOR, reason=True
            ),
            Transition("decline", ("checked", "ask_bank"), "ask_bank", groups=AT_DOOR),
            Transition("approve", ("checked", "ask_bank"), "approved", groups=AT_DOOR),
            Transition("void", ("approved",), "voided", groups=(MANAGER,), reason=True),
        ),
    )

    state = _workflow.state_field(index=True, tracking=True)
    stop_id = fields.Many2one("crm.courier.stop", required=True, readonly=True, ondelete="cascade")
    run_id = fields.Many2one(related="stop_id.run_id", store=True, index=True)
    order_id = fields.Many2one(related="stop_id.order_id", store=True, index="btree_not_null")
    partner_id = fields.Many2one(related="stop_id.partner_id", string="Customer", store=True, index=True)
    courier_id = fields.Many2one(related="stop_id.courier_id", string="Courier", store=True, index=True)
    branch_id = fields.Many2one(related="stop_id.branch_id", store=True, index=True)
    company_id = fields.Many2one(related="stop_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    run_day = fields.Date(related="stop_id.run_day", store=True, index=True)
    bank_id = fields.Many2one(related="order_id.card_bank_id", string="Bank of the Card")
    kind = fields.Selection(related="order_id.card_kind", string="Kind of Card")
    network = fields.Selection(related="order_id.card_network", string="Network")
    # What the customer and the courier said (SOP-12d, SOP-12e).
    consent_at = fields.Datetime("Consent", readonly=True, help="When the customer allowed a copy of the ID.")
    consent_text = fields.Text("Told to the Customer", readonly=True)
    holder_present = fields.Boolean("Holder Is the Customer", readonly=True)
    signature_matches = fields.Boolean("Signature as on the ID", readonly=True)
    id_kind = fields.Selection(IDENTITY_KINDS, "Shown", readonly=True)
    checked_by_id = fields.Many2one("res.users", "Verified By", readonly=True, ondelete="restrict")
    problem = fields.Text("Why Not", readonly=True)
    identity_ids = fields.One2many(
        "crm.courier.identity",
        "card_id",
        "Copies of the ID",
        readonly=True,
        groups="account.group_account_manager,crm_courier.group_pic",
    )
    # What was swiped (SOP-12g).
    try_ids = fields.One2many("crm.courier.card.try", "card_id", "Swiped", readonly=True)
    try_count = fields.Integer("Tries", compute="_compute_try_count")
    amount = fields.Monetary(readonly=True, help="What was approved.")
    approval_code = fields.Char(readonly=True)
    last_four = fields.Char("Last Four Digits", readonly=True)
    approved_at = fields.Datetime("Approved", readonly=True)
    payment_id = fields.Many2one(
        "account.payment",
        "Booked As",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        groups="account.group_account_invoice,account.group_account_readonly,crm_base.group_manager",
    )
    is_booked = fields.Boolean("In the Books", compute="_compute_is_booked", store=True, compute_sudo=True)

    _one_per_stop = models.UniqueIndex("(stop_id)", "A delivery is paid by card once.")
    _payment_once = models.UniqueIndex("(payment_id)", "A payment in the books is one card's.")

    @property
    def _facts(self):
        ours = {name for name in self._fields if not name.startswith(("message_", "website_message", "workflow_log"))}
        return frozenset(ours - {"state", "rating_ids"} - set(models.MAGIC_COLUMNS))

    # === COMPUTE METHODS === #

    @api.depends("stop_id")
    def _compute_display_name(self):
        for card in self:
            card.display_name = card.stop_id.sudo().display_name

    def _compute_try_count(self):
        groups = (
            self.env["crm.courier.card.try"].sudo()._read_group([("card_id", "in", self.ids)], ["card_id"], ["__count"])
        )
        counts = {card.id: count for card, count in groups}
        for card in self:
            card.try_count = counts.get(card.id, 0)

    @api.depends("payment_id.state")
    def _compute_is_booked(self):
        for card in self:
            card.is_booked = card.payment_id.state in ("in_process", "paid")

    # === ACTION METHODS === #

    def action_void(self):
        """Ask a manager why an approved payment is taken back."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_base.crm_workflow_reason_action")
        context = {"active_model": self._name, "active_ids": self.ids, "default_transition": "void"}
        return {**action, "context": context}

    # === WORKFLOW === #

    def _workflow_do(self, name, reason=None):
        """Override: who takes a step needs a role at the door, not the right to write card payments."""
        self.check_access("read")
        return super(CrmCourierCard, self._as_step())._workflow_do(name, reason)

    def _check_transition(self, transition):
        """Override: a manager takes back; everything else follows from what the courier enters at the door."""
        if transition.name == "void":
            self._check_voidable()
        elif self.env.context.get("crm_courier_door") is not DOOR:
            raise AccessError(self.env._("What is entered at the customer's door decides this."))
        return super()._check_transition(transition)

    def _after_transition(self, transition):
        if transition.name == "approve":
            self._book_if_possible()
        elif transition.name == "void":
            self._take_back()
        return super()._after_transition(transition)
