from odoo import api, models
from odoo.exceptions import UserError

ORDER_TOTALS = frozenset(
    {
        "amount_invoiced",
        "amount_tax",
        "amount_to_invoice",
        "amount_total",
        "amount_untaxed",
        "branch_id",
        "currency_rate",
        "delivery_call_state",
        "delivery_status",
        "invoice_status",
        "locked_address",
        "locked_total",
        "procedure_stage",
        "transfer_missing",
        "transfer_received",
        "transfer_state",
        "transfer_surplus",
    }
)
LINE_TOTALS = frozenset(
    {
        "invoice_lines",
        "invoice_status",
        "price_reduce_taxexcl",
        "price_reduce_taxinc",
        "price_subtotal",
        "price_tax",
        "price_total",
        "qty_delivered_method",
        "qty_invoiced",
        "qty_to_invoice",
        "untaxed_amount_invoiced",
        "untaxed_amount_to_invoice",
    }
)


class SaleTotals(models.AbstractModel):
    """Keep what is computed from being written: Odoo stores whatever a client sends for such a field (SOP-4a)."""

    _name = "crm.sale.totals"
    _description = "Computed Totals"

    _totals = frozenset()

    @api.model_create_multi
    def create(self, vals_list):
        """Override: a new document has the totals of its lines, not those that a client says, or has as defaults."""
        for vals in vals_list:
            # The web client says of every list on the screen that nothing is added to it.
            self._refuse_totals([name for name in vals.keys() & self._totals if vals[name] != []])
        return super(SaleTotals, self._without_defaults(self._totals)).create(vals_list).with_env(self.env)

    def write(self, vals):
        """Override: likewise; repeating what is there is no change."""
        for name in vals.keys() & self._totals:
            field = self._fields[name]
            if any(field.convert_to_cache(vals[name], rec) != field.convert_to_cache(rec[name], rec) for rec in self):
                self._refuse_totals([name])
        return super().write(vals)

    def _without_defaults(self, names):
        """Return these records with a context that has no defaults of the fields."""
        keys = self.env.context.keys() - {f"default_{name}" for name in names}
        return self.with_env(self.env(context={key: self.env.context[key] for key in keys}))

    def _refuse_totals(self, names):
        if names:
            labels = self.fields_get(names, ["string"])
            raise UserError(
                self.env._(
                    "%s is computed and can't be written.", ", ".join(label["string"] for label in labels.values())
                )
            )


class SaleOrder(models.Model):
    _name = "sale.order"
    _inherit = ["sale.order", "crm.sale.totals"]

    _totals = ORDER_TOTALS


class SaleOrderLine(models.Model):
    _name = "sale.order.line"
    _inherit = ["sale.order.line", "crm.sale.totals"]

    _totals = LINE_TOTALS

    @api.model_create_multi
    def create(self, vals_list):
        """Override: nothing of a new line is delivered already."""
        lines = super(SaleOrderLine, self._without_defaults(["qty_delivered"])).create(vals_list).with_env(self.env)
        said = [line.id for line, vals in zip(lines, vals_list, strict=True) if vals.get("qty_delivered")]
        if self.browse(said)._delivered_by_transfers():
            self._refuse_totals(["qty_delivered"])
        return lines

    def write(self, vals):
        """Override: what transfers deliver isn't written; of services somebody says it."""
        if "qty_delivered" in vals:
            counted = self._delivered_by_transfers()
            if any(line.qty_delivered != (vals["qty_delivered"] or 0.0) for line in counted):
                self._refuse_totals(["qty_delivered"])
        return super().write(vals)

    def _delivered_by_transfers(self):
        return self.filtered(lambda line: line.qty_delivered_method == "stock_move")
