from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.crm_sop_sales.models.sale_order import APPROVERS

from .. import door
from ..models.crm_courier_facts import STEP


class CrmCourierRelease(models.TransientModel):
    """Take goods out of quarantine, back into the stock: a manager's act, with the reason (SOP-8b)."""

    _name = "crm.courier.release"
    _description = "Release from Quarantine"
    _rec_name = "reason"

    quant_ids = fields.Many2many(
        "stock.quant", string="Goods", required=True, default=lambda self: self.env.context.get("active_ids")
    )
    reason = fields.Text(required=True)

    def action_release(self):
        """Put the goods back where they can be sold."""
        self.ensure_one()
        if not any(self.env.user.has_group(group) for group in APPROVERS):
            raise AccessError(self.env._("Only a manager takes goods out of quarantine."))
        self.quant_ids.check_access("read")
        needed = self.env._("Say why the goods can be sold again.")
        reason = door.text(self.env, {"reason": self.reason}, "reason", required=needed)
        self.quant_ids.sudo()._release_from_quarantine(reason)
        return {"type": "ir.actions.act_window_close"}


class StockQuant(models.Model):
    _inherit = "stock.quant"

    @api.model
    def action_view_quarantine(self):
        """Open what is in quarantine, or damaged and on its way there."""
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_courier.stock_quant_action_quarantine")
        places = self.env["stock.warehouse"]._quarantine_places()
        return {**action, "domain": [("location_id", "in", places.ids), ("quantity", ">", 0)]}

    def _release_from_quarantine(self, reason):
        """Move these goods back into their warehouses' stock.

        :raise UserError: some aren't in quarantine, or are reserved for something else
        """
        warehouses = self.env["stock.warehouse"].search([("quarantine_location_id", "in", self.location_id.ids)])
        stock = {warehouse.quarantine_location_id: warehouse.lot_stock_id for warehouse in warehouses}
        moves = self.env["stock.move"].with_context(crm_courier_step=STEP)
        for quant in self:
            if quant.location_id not in stock or quant.reserved_quantity or quant.quantity <= 0:
                raise UserError(self.env._("%s isn't in quarantine, or is reserved.", quant.display_name))
            move = moves.create(
                {
                    "product_id": quant.product_id.id,
                    "product_uom": quant.product_uom_id.id,
                    "product_uom_qty": quant.quantity,
                    "location_id": quant.location_id.id,
                    "location_dest_id": stock[quant.location_id].id,
                    "company_id": quant.company_id.id,
                    "origin": self.env._("Released from quarantine: %s", reason),
                }
            )
            move._action_confirm(merge=False)
            move.move_line_ids.unlink()  # reserved at confirmation, perhaps another unit
            line = {**move._prepare_move_line_vals(quantity=quant.quantity), "lot_id": quant.lot_id.id, "picked": True}
            self.env["stock.move.line"].with_context(crm_courier_step=STEP).create(line)
            moves |= move
        moves._action_done()
        for lot in self.lot_id:
            body = self.env._("Released from quarantine: %s", reason)
            lot.message_post(body=body, message_type="notification")
