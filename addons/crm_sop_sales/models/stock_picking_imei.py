from odoo import api, fields, models
from odoo.exceptions import UserError

OPEN = ("confirmed", "waiting", "assigned")


class StockPicking(models.Model):
    """A receipt takes units in by their IMEIs."""

    _inherit = "stock.picking"

    can_receive_imei = fields.Boolean(compute="_compute_can_receive_imei")

    # === COMPUTE METHODS === #

    @api.depends("state", "picking_type_id", "return_id", "move_ids.product_id.is_imei")
    def _compute_can_receive_imei(self):
        for picking in self:
            picking.can_receive_imei = picking._is_open_receipt() and any(picking.move_ids.mapped("product_id.is_imei"))

    # === ACTION METHODS === #

    def action_receive_imei(self):
        """Open the list into which the IMEIs of this receipt are pasted or scanned."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Receive IMEIs"),
            "res_model": "crm.imei.receipt",
            "view_mode": "form",
            "target": "new",
            "context": {"default_picking_id": self.id},
        }

    # === BUSINESS METHODS === #

    def _is_open_receipt(self):
        """Return whether new units may come in by this transfer. Units that come back are known: that is a return."""
        kind = self.picking_type_id
        return self.state in OPEN and kind.code == "incoming" and kind.use_create_lots and not self.return_id

    def _moves_of_imei(self, product=None):
        """Return the open moves of IMEI products, or of one of them, in the order of the document."""
        return self.move_ids.filtered(
            lambda move: (
                move.state not in ("done", "cancel")
                and move.product_id.is_imei
                and (product is None or move.product_id == product)
            )
        )

    def _receive_imei(self, product, units):
        """Take units into the receipt: validating it then receives exactly these.

        :param units: :class:`odoo.addons.crm_sop_sales.imei.Unit` records, checked
        :raise UserError: the transfer can't receive them
        """
        self.ensure_one()
        moves = self._moves_of_imei(product)
        if not self._is_open_receipt() or not moves:
            raise UserError(self.env._("%s can't receive units of this product.", self.display_name))
        lots = self.with_company(self.company_id).env["stock.lot"]._of_units(product, units)
        vals_list = []
        for move in moves:
            taken, lots = lots[: move._imei_outstanding()], lots[move._imei_outstanding() :]
            move._drop_blank_lines(len(taken))
            vals_list += [{**move._prepare_imei_line_vals(), "lot_id": lot.id} for lot in taken]
        if lots:
            raise UserError(self.env._("%s expects fewer units of this product.", self.display_name))
        return self.env["stock.move.line"].create(vals_list)._apply_putaway_strategy()
