from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from ..contract_const import RETENTION, SERVICE

#: The service officer's activity for a renewal that the customer wants.
PREPARE = "crm_branch.mail_activity_type_renewal"
#: What a renewal has of the contract before it.
SAME = (
    "branch_id",
    "company_id",
    "fiscal_position_id",
    "invoice_partner_id",
    "journal_id",
    "partner_id",
    "payment_term_id",
    "pricelist_id",
    "recurring_interval",
    "recurring_invoicing_type",
    "recurring_rule_type",
    "user_id",
)


class ContractContract(models.Model):
    """A renewal begins the day after the contract before it ends: no day without, none invoiced twice (BR-9)."""

    _inherit = "contract.contract"

    renewed_from_id = fields.Many2one(
        "contract.contract", "Renewal Of", readonly=True, copy=False, ondelete="restrict", check_company=True
    )
    renewal_ids = fields.One2many("contract.contract", "renewed_from_id", "Renewals", readonly=True)
    renewal_id = fields.Many2one("contract.contract", compute="_compute_renewal_id")

    _one_renewal = models.UniqueIndex(
        "(renewed_from_id) WHERE approval_state != 'cancelled'", "This contract has its renewal already."
    )

    # === COMPUTE METHODS === #

    @api.depends("renewal_ids.approval_state")
    def _compute_renewal_id(self):
        for contract in self:
            contract.renewal_id = contract.renewal_ids.filtered(lambda one: one.approval_state != "cancelled")[:1]

    # === ACTION METHODS === #

    def action_renew(self):
        """Prepare the renewal, by the form in force, and open it (BR-9).

        A retention officer begins it and a service officer completes it, as they do any contract (BR-4, BR-17).
        """
        self.ensure_one()
        self.check_access("read")
        user = self.env.user
        if not (user.has_group(RETENTION) or user.has_group(SERVICE)):
            raise AccessError(self.env._("Retention officers begin a renewal, service officers complete it."))
        renewal = self._renew()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": renewal.id,
            "views": [[self.env.ref("crm_branch.contract_contract_view_form").id, "form"]],
        }

    # === BUSINESS METHODS === #

    def _renew(self):
        """Return the draft of the renewal, made where there is none. For our own code, which has checked who acts."""
        self.ensure_one()
        self.lock_for_update()
        if self.renewal_id:
            return self.renewal_id
        self._check_renewable()
        renewal = self.sudo()._by_step().create(self._prepare_renewal_vals()).with_env(self.env)
        officer = renewal.sudo().officer_id or renewal.branch_id.sudo().head_id
        if officer and officer != self.env.user:
            renewal.sudo().activity_schedule(PREPARE, user_id=officer.id, date_deadline=renewal.branch_id._today())
        return renewal

    def _check_renewable(self):
        if self.contract_type == "purchase" or self.approval_state not in ("active", "ended"):
            raise UserError(self.env._("%s: only a contract that is or was active is renewed.", self.display_name))
        if not self.date_end:
            raise UserError(self.env._("%s has no end: it goes on by itself.", self.display_name))

    def _prepare_renewal_vals(self):
        """Return the values of the renewal: the same services, at what the form in force says of them now."""
        contract = self.sudo()
        template = contract._current_template()
        return {
            **{name: contract._fields[name].convert_to_write(contract[name], contract) for name in SAME},
            "contract_type": "sale",
            "contract_template_id": template.id,
            "date_start": fields.Date.add(contract.date_end, days=1),
            "renewed_from_id": contract.id,
            "officer_id": contract._officer_of_renewal().id,
            "contract_line_ids": [Command.create(vals) for vals in contract._prepare_renewal_lines(template)],
        }

    def _prepare_renewal_lines(self, template):
        """Return the lines' values: those of the template for its products, else as they are."""
        current = {
            vals["product_id"]: vals for vals in template.contract_line_ids._prepare_lines() if vals["product_id"]
        }
        lines = self.contract_line_ids.filtered(lambda line: not line.is_canceled)
        return [
            {**vals, **current.get(vals["product_id"], {}), "quantity": vals["quantity"], "sequence": vals["sequence"]}
            for vals in lines._prepare_lines()
        ]

    def _current_template(self):
        """Return the template of the form in force that has taken the place of the contract's own."""
        if self._form_version():
            return self.contract_template_id
        versions = self.env["crm.material.version"].sudo()
        known = versions.search([("contract_template_id", "=", self.contract_template_id.id)], limit=1)
        return known.material_id.current_version_id.contract_template_id or self.contract_template_id

    def _officer_of_renewal(self):
        """Return the service officer who prepares it: the user, else who took the first one and is still there."""
        users = self.env.user | self.officer_id
        return users.filtered(
            lambda user: user.active and user.has_group(SERVICE) and self.branch_id in user.visible_branch_ids
        )[:1]

    def _check_transition(self, transition):
        """Override: a renewal joins on to the contract before it."""
        if transition.name in ("sign", "accept"):
            for contract in self.sudo().filtered("renewed_from_id"):
                start = fields.Date.add(contract.renewed_from_id.date_end, days=1)
                if contract.date_start != start:
                    raise UserError(
                        self.env._(
                            "%(contract)s renews one that ends on the day before %(start)s: it starts on that day.",
                            contract=contract.display_name,
                            start=start,
                        )
                    )
        return super()._check_transition(transition)

    def _after_transition(self, transition):
        """Override: once the renewal is signed or cancelled, nobody is asked to prepare it any more."""
        result = super()._after_transition(transition)
        if transition.name == "sign":
            self.sudo().activity_feedback([PREPARE])
        elif transition.name == "cancel":
            self.sudo().activity_unlink([PREPARE], only_automated=False)
        return result
