from odoo import api, fields, models
from odoo.exceptions import UserError

#: How many units to choose from, at least.
CHOICE = 100


class CrmImeiSwap(models.TransientModel):
    """Ask which unit replaces a held one, and why; the hold does the rest."""

    _name = "crm.imei.swap"
    _description = "Swap a Held Unit"

    hold_id = fields.Many2one(
        "crm.imei.hold", "Held Unit", required=True, default=lambda self: self.env.context.get("active_id")
    )
    product_id = fields.Many2one(related="hold_id.product_id")
    free_lot_ids = fields.Many2many("stock.lot", compute="_compute_free_lot_ids")
    lot_id = fields.Many2one("stock.lot", "Take Instead", required=True, domain="[('id', 'in', free_lot_ids)]")
    reason = fields.Char(required=True)

    @api.depends("hold_id")
    def _compute_free_lot_ids(self):
        """Offer the oldest free units of the product in the order's warehouse."""
        for wizard in self:
            hold = wizard.hold_id
            locations = hold._locations(hold.order_id.warehouse_id)
            product = hold.product_id.id
            free = hold._candidates({product: CHOICE}, locations, set())[product] if hold else []
            wizard.free_lot_ids = self.env["stock.lot"].browse(free)

    def action_swap(self):
        """Swap the unit; the old one is free again and stays in the order's history."""
        self.ensure_one()
        self.hold_id.check_access("read")
        self.hold_id.order_id.check_access("write")
        if not (self.reason or "").strip():
            raise UserError(self.env._("Say why the unit is swapped: the order's history keeps it."))
        self.hold_id._swap(self.lot_id, self.reason.strip())
        return {"type": "ir.actions.act_window_close"}
