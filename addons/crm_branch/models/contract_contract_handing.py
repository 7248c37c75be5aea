from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

#: The officer's activity for a contract that came back.
RETURNED = "crm_branch.mail_activity_type_returned"


class ContractContract(models.Model):
    """From the officer by way of the manager to headquarters: in the day's bundle and in a package; everybody who must
    know is told (BR-5, BR-6, BR-7, BR-18).
    """

    _inherit = "contract.contract"

    bundle_id = fields.Many2one(
        "crm.contract.bundle", readonly=True, copy=False, index="btree_not_null", ondelete="restrict"
    )
    package_id = fields.Many2one(
        "crm.contract.package", readonly=True, copy=False, index="btree_not_null", ondelete="restrict"
    )

    return_reason = fields.Text("Why Returned", compute="_compute_return_reason")

    # === COMPUTE METHODS === #

    @api.depends("approval_state")
    def _compute_return_reason(self):
        returned = self.filtered(lambda contract: contract.approval_state == "returned")
        reasons = returned._return_reasons()
        for contract in self:
            contract.return_reason = reasons.get(contract.id, False)

    # === ACTION METHODS === #

    def action_view(self):
        """Open the contract."""
        return self._action_open(self)

    def action_view_bundle(self):
        """Open the bundle that the contract is handed in with."""
        return self._action_open(self.bundle_id)

    def action_view_package(self):
        """Open the package that it is sent to headquarters in."""
        return self._action_open(self.package_id)

    def action_view_renewal(self):
        """Open its renewal."""
        return self._action_open(self.renewal_id)

    @api.model
    def _action_open(self, record):
        record.ensure_one()
        record.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": record._name,
            "res_id": record.id,
            "views": [[record.get_formview_id(), "form"]],
        }

    def action_pack(self):
        """Put approved contracts of one branch into a package, to be sent to headquarters, and show it (BR-7)."""
        self.check_access("write")
        branches = self.branch_id
        others = self.filtered(lambda contract: contract.approval_state != "approved")
        if others or not self or len(branches) > 1:
            raise UserError(self.env._("A package holds approved contracts of one branch: choose those."))
        package = self.env["crm.contract.package"]._collect(self)
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_branch.crm_contract_package_action")
        return {**action, "views": [[False, "form"]], "res_id": package.id}

    # === WORKFLOW === #

    def _after_transition(self, transition):
        """Override: into the bundle, and word to whom it concerns."""
        result = super()._after_transition(transition)
        step = {
            "sign": self._put_into_bundle,
            "void": self._take_out_of_bundle,
            "approve": self._after_check,
            "return": self._after_check,
            "send": self.bundle_id._settle_sent,
            "accept": self._after_finalising,
            "decline": self._after_finalising,
            "rework": self._take_up_again,
        }.get(transition.name)
        if step:
            step()
        return result

    def _put_into_bundle(self):
        for branch, contracts in self.grouped("branch_id").items():
            bundle = self.env["crm.contract.bundle"]._open_for(self.env.user, branch)
            contracts._by_step().write({"bundle_id": bundle.id})

    def _take_out_of_bundle(self):
        self._by_step().write({"bundle_id": False})

    def _after_check(self):
        self.filtered(lambda contract: contract.approval_state == "approved").bundle_id._ask_to_send()
        self.filtered(lambda contract: contract.approval_state == "returned")._tell_returned()
        self.bundle_id._settle()

    def _after_finalising(self):
        self.filtered(lambda contract: contract.approval_state == "active")._tell_accepted()
        self.filtered(lambda contract: contract.approval_state == "returned")._tell_returned()
        self.package_id._settle()

    def _take_up_again(self):
        self.sudo().activity_unlink([RETURNED], only_automated=False)

    def _tell_returned(self):
        """Tell each officer by an activity that the contract came back, and why."""
        reasons = self._return_reasons()
        for contract in self.sudo().filtered("officer_id"):
            contract.activity_schedule(
                RETURNED,
                user_id=contract.officer_id.id,
                note=reasons.get(contract.id),
                date_deadline=contract.branch_id._today(),
            )

    def _return_reasons(self):
        """Return contract id → why it was returned last."""
        domain = Domain("res_model", "=", self._name) & Domain("res_id", "in", self.ids)
        logs = self.env["crm.workflow.log"].sudo().search(domain & Domain("transition", "in", ("return", "decline")))
        return {log.res_id: log.reason for log in logs.sorted("id")}

    def _tell_accepted(self):
        """Tell the officers by one notice for each package, and the customers by an e-mail."""
        for (package, officer), contracts in self.sudo().grouped(lambda c: (c.package_id, c.officer_id)).items():
            if package and officer:
                package._tell_accepted(officer, contracts)
        template = self.env.ref("crm_branch.mail_template_contract_active").sudo()
        with_email = self.sudo().filtered("partner_id.email")
        if with_email:
            template.send_mail_batch(with_email.ids)
