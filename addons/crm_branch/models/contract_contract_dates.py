from odoo import api, fields, models

from ..contract_const import RHYTHM


class ContractContract(models.Model):
    """All lines of a customer's contract run from its first day to its last, in one rhythm."""

    _inherit = "contract.contract"

    # === COMPUTE METHODS === #

    @api.depends("contract_line_ids.date_end")
    def _compute_date_end(self):
        """Override: the end of a customer's contract is its own, and that of the lines follows."""
        ours = self._customers()
        result = super(ContractContract, self - ours)._compute_date_end()
        for contract in ours:
            ends = contract.contract_line_ids.mapped("date_end")
            contract.date_end = contract.date_end or (max(ends) if ends and all(ends) else False)
        return result

    def _compute_recurring_next_date(self):
        """Override: a customer's contract whose periods are all invoiced has no next invoice."""
        result = super()._compute_recurring_next_date()
        for contract in self._customers():
            lines = contract.contract_line_ids.filtered(lambda line: not line.display_type and not line.is_canceled)
            if lines and not any(lines.mapped("recurring_next_date")):
                contract.recurring_next_date = False
        return result

    @api.onchange("contract_template_id")
    def _onchange_contract_template_id(self):
        """Override: lines begin with the contract, and the last day follows from the form's duration."""
        if self.contract_type == "purchase":
            return super()._onchange_contract_template_id()
        self.contract_line_ids = False
        start, end = self.date_start, self.date_end
        super()._onchange_contract_template_id()
        self.line_recurrence = True
        self.date_start = start or self.branch_id._today()
        self.date_end = end or self._end_by_form()
        for line in self.contract_line_ids:
            for name in RHYTHM:
                line[name] = self[name]
        return None

    @api.onchange("date_start")
    def _onchange_date_start_of_customer(self):
        """The last day moves along."""
        if self.contract_type != "purchase" and self.form_id.duration_months:
            self.date_end = self._end_by_form()

    def _end_by_form(self):
        """Return the last day by the form's duration, False for an open end."""
        months = self.form_id.sudo().duration_months
        return fields.Date.add(self.date_start, months=months, days=-1) if months and self.date_start else False

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: lines of the form where none are given, and one rhythm."""
        contracts = super().create(vals_list)
        for contract, vals in zip(contracts, vals_list, strict=True):
            if contract.contract_type != "purchase":
                contract._fill_from_template(vals)
        contracts._customers()._align_lines()
        return contracts

    def write(self, vals):
        """Override: likewise; an end that is taken away is taken from the lines too."""
        result = super().write(vals)
        if vals.keys() & {*RHYTHM, "contract_line_ids", "contract_line_fixed_ids", "line_recurrence"}:
            self._customers()._align_lines()
        return result

    def _fill_from_template(self, vals):
        """Fill in the template's lines and rhythm, and the end by the form's duration, unless they are given."""
        template = self.contract_template_id
        if not template:
            return
        filled = {
            name: template[name]
            for name in ("recurring_rule_type", "recurring_interval", "recurring_invoicing_type")
            if name not in vals and template[name]
        }
        if not self.date_end and "date_end" not in vals:
            filled["date_end"] = self._end_by_form()
        by_step = self._by_step()
        by_step.write(filled)
        if not self.contract_line_ids:
            values = [{**line, "contract_id": self.id} for line in template.sudo().contract_line_ids._prepare_lines()]
            by_step.env["contract.line"].create(values)

    def _align_lines(self):
        """Give each line the days and the rhythm of its contract, and what follows from them."""
        for contract in self._by_step():
            if not contract.line_recurrence:
                contract.line_recurrence = True
            vals = {name: contract[name] for name in RHYTHM}
            lines = contract.contract_line_ids.filtered(
                lambda line, vals=vals: any(line[name] != value for name, value in vals.items())
            )
            if lines:
                lines.write(vals)

    def _reset_next_dates(self):
        """Let the next invoices follow from the periods, whatever somebody has typed."""
        for records in (self.contract_line_ids, self):
            self.env.add_to_compute(records._fields["recurring_next_date"], records)
            records.flush_recordset(["recurring_next_date"])
