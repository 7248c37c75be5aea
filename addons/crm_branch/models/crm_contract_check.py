from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..contract_const import MANAGER, SERVICE


class CrmContractCheck(models.Model):
    """One line of a contract's check list: the officer has seen it, and the manager has checked it (BR-6)."""

    _name = "crm.contract.check"
    _description = "Check of a Contract"
    _order = "contract_id, id"
    _rec_name = "requirement_id"

    contract_id = fields.Many2one("contract.contract", required=True, readonly=True, ondelete="cascade", index=True)
    requirement_id = fields.Many2one("crm.contract.requirement", required=True, readonly=True, ondelete="restrict")
    is_required = fields.Boolean(related="requirement_id.is_required")
    approval_state = fields.Selection(related="contract_id.approval_state")
    is_present = fields.Boolean("There", help="Ticked by the service officer while preparing the contract.")
    is_checked = fields.Boolean("Checked", help="Ticked by the manager before approving the contract.")
    checked_by_id = fields.Many2one("res.users", readonly=True)

    _once = models.UniqueIndex("(contract_id, requirement_id)", "The contract has this line already.")

    # === CRUD METHODS === #

    def write(self, vals):
        """Override: each ticks their own column, at their time."""
        if not self.contract_id._is_step():
            for name, group, state in (("is_present", SERVICE, "draft"), ("is_checked", MANAGER, "submitted")):
                changing = self.filtered(lambda check, name=name: name in vals and check[name] != vals[name])
                changing._check_tick(group, state)
            if vals.keys() - {"is_present", "is_checked"} and not self.env.su:
                raise UserError(self.env._("Of a check list, only its ticks change."))
        if "is_checked" in vals:
            vals = {**vals, "checked_by_id": self.env.uid if vals["is_checked"] else False}
        return super().write(vals)

    # === BUSINESS METHODS === #

    def _check_tick(self, group, state):
        if self and not (self.env.su or self.env.user.has_group(group)):
            raise AccessError(self.env._("Officers tick what is there, managers what they have checked."))
        for contract in self.contract_id:
            if contract.approval_state != state:
                raise UserError(
                    self.env._(
                        "%(contract)s is “%(state)s”: this column of the check list is closed.",
                        contract=contract.display_name,
                        state=contract._workflow_label(contract.approval_state),
                    )
                )

    def _untick(self):
        """Forget what the manager has checked: the contract is prepared anew."""
        checks = self.sudo().filtered("is_checked")
        checks.contract_id._by_step().check_ids.write({"is_checked": False})

    @api.ondelete(at_uninstall=False)
    def _unlink_by_system(self):
        if not self.env.su:
            raise UserError(self.env._("The check list is that of the form."))
