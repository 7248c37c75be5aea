from odoo import fields, models


class StockLot(models.Model):
    _inherit = "stock.lot"

    hold_ids = fields.One2many("crm.imei.hold", "lot_id", "Holds", readonly=True)
