from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.crm_base.workflow import ALL_BUT, Transition, Workflow

from ..contract_const import SERVICE

FINALISE = "crm_branch.mail_activity_type_finalise"


class CrmContractPackage(models.Model):
    """Approved contracts, sent to headquarters under one number with a cover list (BR-7)."""

    _name = "crm.contract.package"
    _description = "Package of Contracts"
    _inherit = ["mail.thread", "mail.activity.mixin", "crm.branch.mixin", "crm.workflow.mixin"]
    _order = "id desc"

    _workflow = Workflow(
        states={"draft": "Draft", "sent": "Sent"},
        transitions=(Transition("send", ("draft",), "sent", groups=(SERVICE,)),),
        locked={
            "sent": (
                ALL_BUT,
                "activity_ids",
                "message_follower_ids",
                "message_ids",
            )
        },
        deletable=("draft",),
    )

    state = _workflow.state_field(index=True)
    name = fields.Char("Number", required=True, readonly=True, copy=False, default="/")
    user_id = fields.Many2one(
        "res.users",
        "Sent By",
        required=True,
        readonly=True,
        default=lambda self: self.env.user,
        ondelete="restrict",
        index=True,
    )
    contract_ids = fields.One2many("contract.contract", "package_id", "Contracts", readonly=True)
    contract_count = fields.Integer(compute="_compute_counts")
    pending_count = fields.Integer("To Finalise", compute="_compute_counts", help="Neither accepted nor returned yet.")
    note = fields.Text("Note to Headquarters")
    sent_at = fields.Datetime(readonly=True, copy=False)

    _number_uniq = models.UniqueIndex("(company_id, name)", "A package has this number already.")

    # === COMPUTE METHODS === #

    @api.depends("contract_ids.approval_state")
    def _compute_counts(self):
        counts = {}
        for package, state, count in self.env["contract.contract"]._read_group(
            [("package_id", "in", self.ids)], ["package_id", "approval_state"], ["__count"]
        ):
            counts.setdefault(package.id, {})[state] = count
        for package in self:
            states = counts.get(package.id, {})
            package.contract_count = sum(states.values())
            package.pending_count = states.get("sent", 0)

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: the number is the next one, and nobody's choice; so is who sends it."""
        if not self.env.su:
            raise AccessError(self.env._("Packages are made of approved contracts: choose those, and send them."))
        sequence = self.env["ir.sequence"].sudo()
        vals_list = [{**vals, "name": sequence.next_by_code("crm_branch.package")} for vals in vals_list]
        return super().create(vals_list)

    # === ACTION METHODS === #

    def action_send(self):
        """Send the contracts to headquarters (BR-7)."""
        self._workflow_do("send")

    def action_accept_all(self):
        """Finalise every contract of the package that waits (BR-7)."""
        waiting = self.contract_ids.filtered(lambda contract: contract.approval_state == "sent")
        if not waiting:
            raise UserError(self.env._("Nothing of this package waits for headquarters."))
        waiting.action_accept()

    # === BUSINESS METHODS === #

    @api.model
    def _collect(self, contracts):
        """Return a draft package of these approved contracts, the user's own one of the branch where there is one.

        For our own code, which has checked who acts.

        :raise AccessError: the user isn't a service officer
        """
        if not self.env.user.has_group(SERVICE):
            raise AccessError(self.env._("Service officers send contracts to headquarters."))
        vals = {"branch_id": contracts.branch_id.id, "user_id": self.env.uid}
        domain = [("state", "=", "draft"), *((name, "=", value) for name, value in vals.items())]
        package = self.search(domain, limit=1) or self.sudo().create(vals).sudo(False)
        contracts._by_step().write({"package_id": package.id})
        return package

    def _write_state(self, state):
        """Override: note when it was sent, before the state locks it."""
        self.sudo().write({"sent_at": fields.Datetime.now()})
        return super()._write_state(state)

    def _after_transition(self, transition):
        """Override: send the contracts, and tell headquarters."""
        result = super()._after_transition(transition)
        self.contract_ids.filtered(lambda contract: contract.approval_state == "approved")._workflow_do("send")
        for package in self.sudo():
            head = package._headquarters().head_id
            if head:
                package.activity_schedule(FINALISE, user_id=head.id, date_deadline=package.branch_id._today())
        return result

    def _headquarters(self):
        """Return the headquarters of the package's company."""
        domain = [("kind", "=", "headquarters"), ("company_id", "=", self.company_id.id)]
        return self.env["crm.branch"].sudo().search(domain, limit=1)

    def _check_transition(self, transition):
        """Override: a package is sent by who made it, and isn't empty."""
        if self.filtered(lambda package: package.user_id.id != self.env.uid):
            raise AccessError(self.env._("A package is sent by who made it."))
        for package in self:
            if "approved" not in package.contract_ids.mapped("approval_state"):
                raise UserError(self.env._("%s: there is no approved contract in it.", package.name))
        return super()._check_transition(transition)

    def _tell_accepted(self, officer, contracts):
        """Tell an officer which of their contracts are active."""
        package = self.with_context(lang=officer.lang)
        package.message_notify(
            partner_ids=officer.partner_id.ids,
            subject=package.env._("%s: accepted by headquarters", package.name),
            body=package.env._("These contracts are active: %s.", ", ".join(contracts.mapped("display_name"))),
        )

    def _settle(self):
        """Let the headquarters' activity end once nothing of the package waits."""
        self.sudo().filtered(lambda package: not package.pending_count).activity_feedback([FINALISE])
