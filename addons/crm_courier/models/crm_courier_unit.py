from odoo import api, fields, models
from odoo.exceptions import UserError


class CrmCourierUnit(models.Model):
    """One unit, or a number of counted goods, that a courier takes to a stop (SOP-7). It follows from the reserved
    transfer; nobody writes it: it is loaded by scan or tap.
    """

    _name = "crm.courier.unit"
    _description = "Unit on a Delivery Run"
    _inherit = ["crm.courier.facts"]
    _order = "stop_id, product_id, id"
    _rec_name = "product_id"

    stop_id = fields.Many2one("crm.courier.stop", required=True, readonly=True, index=True, ondelete="cascade")
    run_id = fields.Many2one(related="stop_id.run_id", store=True, index=True)
    run_state = fields.Selection(related="stop_id.run_state")
    partner_id = fields.Many2one(related="stop_id.partner_id")
    product_id = fields.Many2one("product.product", required=True, readonly=True, index=True, ondelete="restrict")
    lot_id = fields.Many2one("stock.lot", "IMEI", readonly=True, index="btree_not_null", ondelete="restrict")
    imei_text = fields.Char("Numbers", compute="_compute_imei_text", compute_sudo=True)
    quantity = fields.Float(required=True, readonly=True, digits="Product Unit")
    loaded_quantity = fields.Float("Loaded", readonly=True, digits="Product Unit")
    is_loaded = fields.Boolean(compute="_compute_is_loaded")
    loaded_by_id = fields.Many2one("res.users", readonly=True)
    loaded_at = fields.Datetime(readonly=True)
    is_handed_over = fields.Boolean("Handed Over", readonly=True)

    split_from_id = fields.Many2one(
        "crm.courier.unit", readonly=True, index="btree_not_null", ondelete="cascade", help="Some of these are damaged."
    )

    _once = models.UniqueIndex(
        "(stop_id, product_id, COALESCE(lot_id, 0)) WHERE split_from_id IS NULL", "A unit is on a stop's list once."
    )

    _facts = frozenset({"split_from_id", "quantity", "loaded_quantity", "loaded_by_id", "loaded_at", "is_handed_over"})

    # === COMPUTE METHODS === #

    @api.depends("product_id", "lot_id", "stop_id")
    def _compute_display_name(self):
        for unit in self:
            name = unit.product_id.sudo().display_name
            number = unit.lot_id.sudo().name or f"{unit.quantity:g} ×"
            unit.display_name = f"{number} {name} ({unit.stop_id.partner_id.sudo().name})"

    @api.depends("lot_id")
    def _compute_imei_text(self):
        for unit in self:
            unit.imei_text = ", ".join(unit.lot_id._imei_texts())

    @api.depends("quantity", "loaded_quantity")
    def _compute_is_loaded(self):
        for unit in self:
            unit.is_loaded = unit.loaded_quantity >= unit.quantity

    # === ACTION METHODS === #

    def action_load(self):
        """Load all of it with one tap."""
        for unit in self._loadable():
            unit._load(unit.quantity - unit.loaded_quantity)

    def action_take_out(self):
        """Take it out again: it was a mistake."""
        self._loadable()._as_step().write({"loaded_quantity": 0, "loaded_by_id": False, "loaded_at": False})

    # === BUSINESS METHODS === #

    def _loadable(self):
        """Return these units with all rights, if the user may load their runs at this moment.

        :raise UserError: a run isn't being loaded
        """
        self.check_access("read")
        for run in self.sudo().run_id:
            run.with_env(self.env)._check_loader()
            run._lock_for_step()
            if run.run_state != "reviewed":
                raise UserError(self.env._("%s isn't being loaded now.", run.name))
        return self.sudo()

    def _load(self, quantity):
        """Load so many more, as the user, now."""
        self.ensure_one()
        if quantity > 0:
            self._write_facts(
                {
                    "loaded_quantity": self.loaded_quantity + quantity,
                    "loaded_by_id": self.env.uid,
                    "loaded_at": fields.Datetime.now(),
                }
            )

    def _door_data(self):
        """Return what the phone is to know of this unit, as JSON."""
        self.ensure_one()
        return {
            "id": self.id,
            "product": self.product_id.with_context(display_default_code=False).display_name,
            "imeis": self.imei_text or "",
            "quantity": self.quantity,
            "is_loaded": self.is_loaded,
            "is_handed_over": self.is_handed_over,
        }
