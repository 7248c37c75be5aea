from odoo import Command, api, fields, models
from odoo.exceptions import UserError

RECORDED = {"imei_lot_ids", "imei_list"}


class AccountMoveLine(models.Model):
    """An invoice line names its units by IMEI, and once posted keeps them as a record (SOP-4b)."""

    _inherit = "account.move.line"

    imei_lot_ids = fields.Many2many(
        "stock.lot",
        "crm_invoice_line_lot_rel",
        "line_id",
        "lot_id",
        "Invoiced Units",
        readonly=True,
        copy=False,
        groups="stock.group_stock_user",
        help="Recorded when the invoice is posted.",
    )
    imei_list = fields.Text(
        "IMEIs",
        readonly=True,
        copy=False,
        help="The units that the invoice was posted for, one a line. Only posting it writes this.",
    )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: what posting records isn't for anybody to write."""
        if any(RECORDED & vals.keys() for vals in vals_list):
            raise UserError(self._recorded_message())
        return super().create(vals_list)

    def write(self, vals):
        """Override: likewise."""
        if RECORDED & vals.keys():
            raise UserError(self._recorded_message())
        return super().write(vals)

    def _recorded_message(self):
        return self.env._("The IMEIs of an invoice follow from its order: they are recorded when it is posted.")

    # === BUSINESS METHODS === #

    def _record_imei(self):
        """Record the units of each line; what else stood there goes."""
        for line in self.sudo():
            lots = line._find_imei_lots()
            if lots or line.imei_list or line.imei_lot_ids:
                line._write_recorded(
                    {"imei_lot_ids": [Command.set(lots.ids)], "imei_list": "\n".join(lots._imei_texts())}
                )

    def _write_recorded(self, vals):
        """Write below the guard of :meth:`write`, and below what accounting does to follow a change of amounts."""
        return models.BaseModel.write(self, vals)

    def _imei_texts(self):
        """Return the units for documents, second IMEIs after a slash: as recorded, and until then as they would be."""
        self.ensure_one()
        if self.parent_state == "draft":
            return self._find_imei_lots()._imei_texts()
        return (self.imei_list or "").splitlines()

    def _find_imei_lots(self):
        """Return the units that the line is for, which follows from its order lines' units and other invoices.

        An invoice takes those that no other has, delivered ones first, and no more than its quantity. A credit note
        takes those that have come back; others only where there is no choice, as it is for all that was invoiced.
        """
        self.ensure_one()
        line = self.sudo()
        count = round(line.product_uom_id._compute_quantity(abs(line.quantity), line.product_id.uom_id))
        find = line._creditable_lots if line._takes_back() else line._invoiceable_lots
        return find(count) if line._has_units() else line.env["stock.lot"]

    def _takes_back(self):
        """Return whether the line credits units: on a credit note, or with a negative quantity on an invoice."""
        return (self.move_id.move_type == "out_refund") != (self.quantity < 0)

    def _has_units(self):
        return self.sale_line_ids and self.display_type == "product" and self.product_id.tracking == "serial"

    def _invoiceable_lots(self, count):
        order_lines = self.sale_line_ids
        delivered, returned = order_lines.move_ids._delivered_and_returned_lots()
        lots = order_lines._get_imei_lots().sudo() - self._billed_lots() - returned
        return lots.sorted(lambda lot: lot not in delivered)[:count]

    def _creditable_lots(self, count):
        lots = self._billed_lots()
        if origin := self.move_id.reversed_entry_id:
            lots &= origin.invoice_line_ids.imei_lot_ids
        if len(lots) <= count:
            return lots
        returned = self.sale_line_ids.move_ids._delivered_and_returned_lots()[1]
        return (lots & returned)[:count]

    def _billed_lots(self):
        """Return the units that posted invoices of the same order lines name, less those that were credited."""
        others = self.sale_line_ids.invoice_lines.filtered(lambda line: line.parent_state == "posted") - self
        billed = self.env["stock.lot"].sudo()
        for line in others.sorted(lambda line: (line.date, line.move_id.id)):
            billed = billed - line.imei_lot_ids if line._takes_back() else billed | line.imei_lot_ids
        return billed
