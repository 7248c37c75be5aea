from odoo import fields, models


class DeliveryCarrier(models.Model):
    _inherit = "delivery.carrier"

    is_own_courier = fields.Boolean(
        "Own Courier", help="Its deliveries wait to be planned on a run of one of our couriers (SOP-5a)."
    )
