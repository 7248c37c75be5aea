from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from odoo.addons.crm_base.workflow import ALL_BUT, Transition, Workflow

from ..contract_const import ACCOUNTANT, HEADQUARTERS, MANAGER, SERVICE, STEP

#: What may change once the customer has signed: everything else is what was signed (BR-4).
FREE = (
    ALL_BUT,
    "access_token",
    "activity_ids",
    "check_ids",
    "message_follower_ids",
    "message_ids",
    "modification_ids",
    "tag_ids",
    "user_id",
)
#: What only a step writes, whatever state the contract is in.
BY_STEP = (
    "activated_at",
    "bundle_id",
    "call_on",
    "clauses",
    "contacted_at",
    "form_version_id",
    "last_date_invoiced",
    "lost_reason_id",
    "officer_id",
    "package_id",
    "renewal_outcome",
    "renewed_from_id",
    "scan_sha256",
    "signature_sha256",
    "signed_at",
    "signed_on",
)
#: What of it a new contract has.
BEGINNING = {"renewal_outcome": "to_contact"}
#: Who has had a hand in a contract doesn't approve it (BR-6).
HANDS = ("sign", "submit")


class ContractContract(models.Model):
    """A customer's contract goes from the counter by way of the manager to headquarters, before it is invoiced.

    Contracts with suppliers have no such way: they are as OCA has them.
    """

    _name = "contract.contract"
    _inherit = ["contract.contract", "crm.workflow.mixin", "crm.interaction.mixin"]

    _workflow_field = "approval_state"
    _workflow = Workflow(
        states={
            "draft": "Draft",
            "signed": "Signed",
            "submitted": "Submitted",
            "approved": "Approved",
            "sent": "At Headquarters",
            "active": "Active",
            "ended": "Ended",
            "returned": "Returned",
            "cancelled": "Cancelled",
        },
        transitions=(
            Transition("sign", ("draft",), "signed", groups=(SERVICE,), requires=("date_start",)),
            Transition("void", ("signed",), "draft", groups=(SERVICE,), reason=True),
            Transition("submit", ("signed",), "submitted", groups=(SERVICE,)),
            Transition("approve", ("submitted",), "approved", groups=(MANAGER,), other_than="submit"),
            Transition("return", ("submitted", "approved"), "returned", groups=(MANAGER,), reason=True),
            Transition("send", ("approved",), "sent", groups=(SERVICE,)),
            Transition("accept", ("sent",), "active", groups=(HEADQUARTERS,), other_than="approve"),
            Transition("decline", ("sent",), "returned", groups=(HEADQUARTERS,), reason=True),
            Transition("rework", ("returned",), "draft", groups=(SERVICE,)),
            Transition("cancel", ("draft", "signed", "returned"), "cancelled", groups=(SERVICE, MANAGER), reason=True),
            Transition("terminate", ("active",), "active", groups=(HEADQUARTERS, MANAGER), reason=True),
            Transition("end", ("active",), "ended"),
        ),
        locked=dict.fromkeys(
            ("signed", "submitted", "approved", "sent", "active", "ended", "returned", "cancelled"), FREE
        ),
        deletable=("draft",),
    )

    approval_state = _workflow.state_field(index=True, group_expand=True)
    branch_id = fields.Many2one(
        "crm.branch",
        "Point of Sale",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        domain="[('company_id', '=', company_id)]",
        default=lambda self: self._default_branch_id(),
        help="Where the customer signs. A customer's contract always has one.",
    )
    officer_id = fields.Many2one(
        "res.users",
        "Service Officer",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="Prepares the contract; from the signature on, who took it.",
    )
    lead_id = fields.Many2one(
        "crm.lead", "Opportunity", copy=False, index="btree_not_null", ondelete="set null", check_company=True
    )
    activated_at = fields.Datetime("Active Since", readonly=True, copy=False)
    amount_period = fields.Monetary(
        "Per Period", compute="_compute_amount_period", help="What the customer is invoiced each period, without taxes."
    )

    _customer_has_branch = models.Constraint(
        "CHECK(contract_type IS NOT DISTINCT FROM 'purchase' OR branch_id IS NOT NULL)",
        "A customer's contract belongs to a point of sale.",
    )
    _start_before_end = models.Constraint(
        "CHECK(branch_id IS NULL OR date_end >= date_start)", "A contract can't end before it starts."
    )

    # === COMPUTE METHODS === #

    @api.depends("contract_line_ids.price_subtotal", "contract_line_ids.is_canceled")
    def _compute_amount_period(self):
        for contract in self:
            lines = contract.contract_line_ids.filtered(lambda line: not line.is_canceled and not line.display_type)
            contract.amount_period = sum(lines.mapped("price_subtotal"))

    # === CONSTRAINS AND ONCHANGE METHODS === #

    @api.constrains("branch_id", "company_id", "contract_type")
    def _check_branch(self):
        for contract in self:
            if contract.contract_type == "purchase" and contract.branch_id:
                raise ValidationError(self.env._("A supplier's contract belongs to no point of sale."))
            if contract.branch_id and contract.branch_id.company_id != contract.company_id:
                raise ValidationError(self.env._("The company is that of the point of sale: choose another one."))

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: a customer's contract begins as a draft of a point of sale; what steps write is theirs."""
        contracts = super().create([self._complete_vals(vals) for vals in vals_list])
        # Afterwards: what a record becomes depends on defaults too, and these on the context.
        ours = contracts._customers()
        if not self._is_step():
            ours._check_preparer()
            for contract in ours:
                contract._check_only_steps(name for name in BY_STEP if contract._is_said(name))
        ours.branch_id.check_access("read")
        ours._check_consent()
        return contracts

    def write(self, vals):
        """Override: what steps write is theirs, and drafts are the service officers'."""
        if vals.keys() & {"date_start", "date_end"}:
            for contract in self._customers():
                contract._check_days(*(vals.get(name, contract[name]) for name in ("date_start", "date_end")))
        if not self._is_step():
            ours = self._customers().filtered(lambda contract: contract.approval_state == "draft")
            terms = [name for name in vals if name not in FREE]
            if any(contract._would_change(name, vals[name]) for contract in ours for name in terms):
                ours._check_preparer()
            for contract in self:
                contract._check_only_steps(
                    name for name in BY_STEP if name in vals and contract.sudo()._would_change(name, vals[name])
                )
        result = super().write(vals)
        if vals.get("branch_id"):
            self.branch_id.check_access("read")
        if vals.keys() & {"partner_id", "contract_type"}:
            self._customers()._check_consent()
        return result

    def _check_locked_write(self, vals):
        """Override: a step writes what is locked."""
        return None if self._is_step() else super()._check_locked_write(vals)

    def _locked_among(self, names):
        """Override: likewise."""
        return frozenset() if self._is_step() else super()._locked_among(names)

    # === ACTION METHODS === #

    def action_sign(self):
        """Take the customer's signature for what the contract says (BR-4)."""
        self._workflow_do("sign")

    def action_approve(self):
        """Approve: the manager has checked data and signatures, and had no hand in it (BR-6)."""
        self._workflow_do("approve")

    def action_accept(self):
        """Finalise: the headquarters makes the contract active (BR-7)."""
        self._workflow_do("accept")

    def action_rework(self):
        """Prepare a returned contract anew; its signature is void."""
        self._workflow_do("rework")

    # === BUSINESS METHODS === #

    @api.model
    def _is_step(self):
        return self.env.context.get("crm_branch_step") is STEP

    def _is_said(self, name):
        """Return whether a new contract's field says more than it begins with: nobody's defaults in the context."""
        return name != "officer_id" and bool(self[name]) and self[name] != BEGINNING.get(name)

    def _by_step(self):
        """Return the records as our own code writes them, which has checked who acts."""
        return self.with_context(crm_branch_step=STEP)

    def _customers(self):
        """Return those that customers sign, which follow the workflow."""
        return self.filtered(lambda contract: contract.contract_type != "purchase")

    def _complete_vals(self, vals):
        """Return values with the point of sale, its company, the officer and a number."""
        contract_type = vals.get("contract_type", self.default_get(["contract_type"]).get("contract_type"))
        if contract_type == "purchase":
            return {"branch_id": False, **vals}
        vals = dict(vals)
        if "branch_id" not in vals:
            vals["branch_id"] = self._default_branch(vals).id
        if not vals["branch_id"]:
            raise UserError(self.env._("A customer’s contract belongs to a point of sale: choose one."))
        branch = self.env["crm.branch"].sudo().browse(vals["branch_id"])
        for name in ("date", "date_start"):
            said = self.env.context.get(f"default_{name}")
            vals[name] = vals.get(name) or said or branch._today()
        self._check_days(vals["date_start"], vals.get("date_end"))
        vals.setdefault("company_id", branch.company_id.id)
        if not self._is_step():
            vals["officer_id"] = self.env.uid if self.env.user.has_group(SERVICE) else False
        if not vals.get("code"):
            vals["code"] = self._next_code(branch)
        vals["name"] = vals.get("name") or vals["code"]
        vals["line_recurrence"] = True  # so that each line keeps its periods; all have the contract's rhythm
        return vals

    @api.model
    def _default_branch_id(self):
        if self.env.context.get("default_contract_type") == "purchase":
            return self.env["crm.branch"]
        return self.env.user.branch_id

    def _default_branch(self, vals):
        """Return the user's main branch; for who has none in this company, that of the company."""
        company = self.env["res.company"].browse(vals.get("company_id") or self.env.company.id)
        branch = self.env["crm.branch"].browse(self.default_get(["branch_id"]).get("branch_id") or [])
        return branch if branch.sudo().company_id == company else company._main_branch()

    def _next_code(self, branch):
        sequence = self.env["ir.sequence"].sudo().with_company(branch.company_id)
        number = sequence.next_by_code("crm_branch.contract")
        return f"{branch.code}/{number}"

    def _set_start_contract_modification(self):
        """Override: customers' contracts note their start when they become active, and tell nobody before."""
        return super(ContractContract, self - self._customers())._set_start_contract_modification()

    def get_formview_id(self, access_uid=None):
        """Override: customers' contracts open in the form of the points of sale."""
        if self.contract_type != "purchase":
            return self.env.ref("crm_branch.contract_contract_view_form").id
        return super().get_formview_id(access_uid)

    # === CHECKS === #

    def _check_preparer(self):
        """Check that the user prepares contracts (BR-17): service officers do.

        :raise AccessError: another's task
        """
        user = self.env.user
        if self and not (self.env.su or user.has_group(SERVICE) or user.has_group(ACCOUNTANT)):
            raise AccessError(self.env._("Service officers prepare customers’ contracts."))

    def _check_consent(self):
        """Check that the customers let their data be used for a contract (BR-3).

        :raise UserError: without it none may be prepared; says what to do
        """
        purpose = self.env.ref("crm_branch.consent_purpose_contract")
        for company, contracts in self.grouped("company_id").items():
            contracts.partner_id.with_company(company)._require_consent(purpose)

    @api.model
    def _check_days(self, start, end):
        """Check that the end isn't before the start; OCA would complain of something else before the database does."""
        start, end = fields.Date.to_date(start), fields.Date.to_date(end)
        if start and end and end < start:
            raise UserError(self.env._("A contract can't end before it starts."))

    def _check_only_steps(self, names):
        """Check that none of the fields is named: the contract's steps fill them in."""
        if names := list(names):
            labels = self.fields_get(names, ["string"])
            raise UserError(
                self.env._(
                    "The contract’s buttons fill in %(fields)s; nobody types it.",
                    fields=", ".join(labels[name]["string"] for name in names if name in labels),
                )
            )

    def _check_actor(self, transition):
        """Override: nobody approves what they have prepared, signed or submitted (BR-6)."""
        result = super()._check_actor(transition)
        if transition.groups == (HEADQUARTERS,) and not self.env.user._sees_all_branches():
            raise AccessError(self.env._("Only members of the headquarters finalise contracts."))
        if transition.name in ("approve", "accept"):
            own = self.sudo().filtered(lambda contract: self.env.user in contract.officer_id | contract.create_uid)
            for name in HANDS:
                own |= self._actors(name).get(self.env.uid, self.browse())
            if own:
                raise AccessError(
                    self.env._(
                        "You have prepared, signed or submitted %(records)s yourself: somebody else approves it.",
                        records=", ".join(own.mapped("display_name")),
                    )
                )
        return result

    def _check_transition(self, transition):
        """Override: supplier's contracts have no steps."""
        if self - self._customers():
            raise UserError(self.env._("A contract with a supplier isn’t signed at a point of sale."))
        return super()._check_transition(transition)

    def _after_transition(self, transition):
        """Override: note since when it is active; its invoices come by OCA's scheduled action, which runs at once."""
        result = super()._after_transition(transition)
        if transition.name == "accept":
            self._by_step().write({"activated_at": fields.Datetime.now()})
            super(ContractContract, self.sudo())._set_start_contract_modification()
            self.env.ref("contract.contract_cron_for_invoice").sudo()._trigger()
        return result
