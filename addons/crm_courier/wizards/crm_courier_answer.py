from odoo import api, fields, models
from odoo.fields import Command

#: How many units to choose from, at least.
CHOICE = 100


class CrmCourierAnswer(models.TransientModel):
    """Ask CRM what replaces the damaged units, and when; the replacement does the rest (SOP-8c)."""

    _name = "crm.courier.answer"
    _description = "Answer to a Courier"
    _inherit = ["crm.about.mixin"]
    _rec_name = "replacement_id"
    _about = ("replacement_id",)

    replacement_id = fields.Many2one(
        "crm.courier.replacement", "Question", required=True, readonly=True, ondelete="cascade"
    )
    question = fields.Text(related="replacement_id.note")
    state = fields.Selection(related="replacement_id.state")
    date = fields.Date("Comes On", compute="_compute_date", store=True, readonly=False)
    note = fields.Text()
    line_ids = fields.One2many(
        "crm.courier.answer.line", "answer_id", "Units", compute="_compute_line_ids", store=True, readonly=False
    )
    can_replace = fields.Boolean(compute="_compute_can_replace")

    # === COMPUTE METHODS === #

    @api.depends("replacement_id")
    def _compute_date(self):
        for answer in self:
            answer.date = answer.replacement_id and answer.replacement_id._default_date()

    @api.depends("replacement_id")
    def _compute_line_ids(self):
        """Propose the oldest free unit for each damaged one."""
        for answer in self:
            taken, commands = self.env["stock.lot"], [Command.clear()]
            for line in answer.replacement_id.sudo().line_ids.filtered(lambda line: line.answer != "replaced"):
                lot = (line._free_lots() - taken)[:1]
                taken |= lot
                enough = bool(lot) if line._is_unit() else line._free_quantity() >= line.quantity
                commands.append(Command.create({"line_id": line.id, "lot_id": lot.id, "is_replaced": enough}))
            answer.line_ids = commands

    @api.depends("line_ids.is_replaced")
    def _compute_can_replace(self):
        for answer in self:
            answer.can_replace = any(answer.line_ids.mapped("is_replaced"))

    # === ACTION METHODS === #

    def action_answer(self):
        """Say what replaces the damaged units."""
        self.ensure_one()
        chosen = self.line_ids.filtered("is_replaced")
        self.replacement_id._answer({line.line_id: line.lot_id for line in chosen}, self.date, self.note)
        return {"type": "ir.actions.act_window_close"}

    def action_none(self):
        """Say that there is no replacement."""
        self.ensure_one()
        self.replacement_id._answer({}, note=self.note)
        return {"type": "ir.actions.act_window_close"}


class CrmCourierAnswerLine(models.TransientModel):
    """What replaces one damaged unit."""

    _name = "crm.courier.answer.line"
    _description = "Answer about One Unit"
    _inherit = ["crm.about.mixin"]
    _rec_name = "line_id"
    _about = ("line_id",)

    answer_id = fields.Many2one("crm.courier.answer", required=True, ondelete="cascade", index=True)
    line_id = fields.Many2one("crm.courier.replacement.line", "Damaged", required=True, ondelete="cascade")
    product_id = fields.Many2one(related="line_id.product_id")
    imei_text = fields.Char("IMEI", related="line_id.imei_text")
    condition_note = fields.Text(related="line_id.condition_note")
    is_unit = fields.Boolean(compute="_compute_free_lot_ids", compute_sudo=True)
    free_lot_ids = fields.Many2many("stock.lot", compute="_compute_free_lot_ids", compute_sudo=True)
    is_replaced = fields.Boolean("Replace")
    lot_id = fields.Many2one("stock.lot", "By", domain="[('id', 'in', free_lot_ids)]", ondelete="cascade")

    @api.depends("line_id")
    def _compute_free_lot_ids(self):
        for line in self:
            line.is_unit = line.line_id._is_unit() if line.line_id else False
            line.free_lot_ids = line.line_id._free_lots() if line.line_id else False


class CrmCourierReplacementLine(models.Model):
    _inherit = "crm.courier.replacement.line"

    def _free_lots(self):
        """Return free units of the same product in the order's warehouse, the oldest first."""
        lots, holds = self.env["stock.lot"], self.env["crm.imei.hold"].sudo()
        if not self._is_unit():
            return lots
        holds._flush_facts()
        product = self.product_id.id
        found = holds._candidates({product: CHOICE}, holds._locations(self._warehouse()), set(self.lot_id.ids))
        return lots.browse(found[product])
