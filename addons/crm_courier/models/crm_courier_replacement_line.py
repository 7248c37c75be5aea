from odoo import api, fields, models

ANSWERS = [("replaced", "Replacement held"), ("none", "None")]


class CrmCourierReplacementLine(models.Model):
    """One damaged unit, and what the customer gets instead."""

    _name = "crm.courier.replacement.line"
    _description = "Damaged Unit"
    _order = "id"
    _rec_name = "unit_id"

    replacement_id = fields.Many2one(
        "crm.courier.replacement", required=True, readonly=True, index=True, ondelete="cascade"
    )
    unit_id = fields.Many2one("crm.courier.unit", required=True, readonly=True, index=True, ondelete="restrict")
    product_id = fields.Many2one(related="unit_id.product_id", store=True, index=True)
    quantity = fields.Float(related="unit_id.quantity")
    lot_id = fields.Many2one(
        related="unit_id.lot_id", string="Damaged Unit", store=True, index="btree_not_null", related_sudo=True
    )
    condition_note = fields.Text(related="unit_id.condition_note")
    photo = fields.Image(related="unit_id.photo")
    sale_line_id = fields.Many2one("sale.order.line", readonly=True, index="btree_not_null", ondelete="set null")
    answer = fields.Selection(ANSWERS, readonly=True)
    new_lot_id = fields.Many2one("stock.lot", "Replaced By", readonly=True, index="btree_not_null", ondelete="restrict")
    found = fields.Selection(
        [("stock", "In stock"), ("incoming", "Expected"), ("none", "None, or no clear time")],
        "System Found",
        readonly=True,
        help="What the system found when CRM said that there is none.",
    )
    is_by_manager = fields.Boolean("Said by a Manager", readonly=True)
    is_procured = fields.Boolean(readonly=True, help="The warehouse picks it anew, before it ships it.")
    is_given_up = fields.Boolean("Given Up", readonly=True)
    exchange_move_id = fields.Many2one("stock.move", readonly=True, index="btree_not_null", ondelete="set null")
    imei_text = fields.Char("Damaged", compute="_compute_imei_texts", compute_sudo=True)
    new_imei_text = fields.Char("Instead", compute="_compute_imei_texts", compute_sudo=True)

    _once = models.UniqueIndex("(unit_id)", "A damaged unit is replaced once.")

    # === COMPUTE METHODS === #

    @api.depends("lot_id", "new_lot_id", "unit_id")
    def _compute_imei_texts(self):
        for line in self:
            counted = f"{line.quantity:g} ×"
            line.imei_text = ", ".join(line.lot_id._imei_texts()) or counted
            new = ", ".join(line.new_lot_id._imei_texts()) or counted
            line.new_imei_text = new if line.answer == "replaced" else False

    def _answer_text(self):
        words = {"product": self.product_id.sudo().display_name, "imei": self.imei_text, "new": self.new_imei_text}
        if self.answer == "replaced":
            return self.env._("%(product)s %(imei)s: replaced by %(new)s", **words)
        return self.env._("%(product)s %(imei)s: no replacement", **words)

    # === BUSINESS METHODS === #

    def _proves_defect_to(self, claimer):
        """Whether the courier's check proves the defect: somebody else than the claimer checked it, with a photo, or
        the warehouse has taken it into quarantine since.
        """
        unit = self.unit_id
        seen = unit.photo or self.exchange_move_id.state == "done"
        return unit.condition == "damaged" and unit.checked_by_id != claimer and bool(seen)

    def _is_none_by_facts(self):
        """Whether it is a fact that there is no replacement: the system found none either, or a manager said it."""
        return self.answer == "none" and (self.found == "none" or self.is_by_manager)
