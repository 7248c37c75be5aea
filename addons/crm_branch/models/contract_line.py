from odoo import api, models
from odoo.exceptions import UserError


class ContractLine(models.Model):
    """The lines of a customer's contract are what was signed: they don't change any more than the contract does."""

    _name = "contract.line"
    _inherit = ["contract.line", "crm.about.mixin"]
    _about = ("contract_id",)

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: no new line on what is signed; in the rhythm of the contract.

        Afterwards: what a line becomes depends on defaults too, and these on the context.
        """
        lines = super().create(vals_list)
        lines._check_open()
        if not self.contract_id._is_step():
            lines.filtered("last_date_invoiced")._refuse_invoiced_until()
        lines.contract_id._customers()._align_lines()
        return lines

    def write(self, vals):
        """Override: what only repeats a value isn't written, Odoo would compute anew what depends on it; anything else
        is refused once the contract is signed.
        """
        if self.contract_id._is_step():
            return super().write(vals)
        if vals.get("contract_id"):
            self.env["contract.contract"].browse(vals["contract_id"])._check_lines_open()
        for closed, lines in self.grouped(lambda line: line.contract_id._has_closed_lines()).items():
            changed = {name: vals[name] for name in vals if any(line._changes(name, vals[name]) for line in lines)}
            if closed and changed:
                lines._check_open()
            if "last_date_invoiced" in changed:
                lines._refuse_invoiced_until()
            super(ContractLine, lines).write(changed if closed else vals)
        if not vals.keys().isdisjoint(self._rhythm_fields()):
            self.contract_id._customers()._align_lines()
        return True

    def unlink(self):
        """Override: lines of a signed contract stay. Not by ``ondelete``, which a key in the context switches off."""
        self._check_open()
        return super().unlink()

    def _rhythm_fields(self):
        return {"date_start", "date_end", "recurring_rule_type", "recurring_interval", "recurring_invoicing_type"}

    def _changes(self, name, value):
        field = self._fields.get(name)
        if field is None:
            return False
        if field.type in ("one2many", "many2many"):
            return bool(value)
        return field.convert_to_cache(value, self) != field.convert_to_cache(self[name], self)

    # === BUSINESS METHODS === #

    def _check_open(self):
        """Check that the contracts of the lines aren't signed yet."""
        if not self.contract_id._is_step():
            self.contract_id._check_lines_open()

    def _refuse_invoiced_until(self):
        """Refuse to be told up to when a customer's line is invoiced: invoicing notes it."""
        if any(line.contract_id.contract_type != "purchase" for line in self):
            raise UserError(self.env._("Invoicing notes up to when a line is invoiced; nobody types it."))

    def _freeze_prices(self):
        """Let prices that follow a price list be the lines' own, as they are now."""
        for line in self.filtered("automatic_price"):
            line.write({"automatic_price": False, "specific_price": line.price_unit})


class ContractContract(models.Model):
    _inherit = "contract.contract"

    def _has_closed_lines(self):
        return self.contract_type != "purchase" and self.approval_state not in (False, "draft")

    def _check_lines_open(self):
        for contract in self:
            contract._customers()._check_preparer()
            if contract._has_closed_lines():
                raise UserError(
                    self.env._(
                        "%(contract)s is “%(state)s”: its lines can’t be changed any more.",
                        contract=contract.display_name,
                        state=contract._workflow_label(contract.approval_state),
                    )
                )
