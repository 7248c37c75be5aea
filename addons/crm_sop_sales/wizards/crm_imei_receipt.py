from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from .. import imei

#: Longer lists are received in parts: validating is Odoo's work, line by line.
MOST_LINES = 5_000
MOST_CHARACTERS = 400_000


class CrmImeiReceipt(models.TransientModel):
    """Take a pasted or scanned list of IMEIs into a receipt, and say line by line what is wrong with it.

    Only the list counts: it is checked again on receipt, whatever a client says about the result of a check.
    """

    _name = "crm.imei.receipt"
    _description = "Receive IMEIs"

    picking_id = fields.Many2one("stock.picking", "Receipt", required=True, readonly=True, ondelete="cascade")
    product_ids = fields.Many2many("product.product", string="Products to Come", compute="_compute_product_ids")
    product_id = fields.Many2one(
        "product.product",
        compute="_compute_product_id",
        store=True,
        readonly=False,
        precompute=True,
        domain="[('id', 'in', product_ids)]",
        help="Products of this receipt that are tracked by IMEI and of which units are still to come.",
    )
    outstanding = fields.Integer("Still to Come", compute="_compute_outstanding")
    text = fields.Text(
        "IMEIs",
        help="One unit a line. Of a dual-SIM unit write both IMEIs, with a comma, semicolon, slash, tab or space "
        "between them: the first identifies the unit.",
    )
    line_ids = fields.One2many("crm.imei.receipt.line", "receipt_id", "Result", readonly=True)
    good_count = fields.Integer(compute="_compute_counts")
    bad_count = fields.Integer(compute="_compute_counts")
    leave_out = fields.Boolean("Leave the Bad Lines Out")

    # === COMPUTE METHODS === #

    @api.depends("picking_id")
    def _compute_product_ids(self):
        for receipt in self:
            receipt.product_ids = receipt._products()

    @api.depends("picking_id")
    def _compute_product_id(self):
        for receipt in self:
            products = receipt._products()
            receipt.product_id = receipt.product_id or (products if len(products) == 1 else False)

    @api.depends("picking_id", "product_id")
    def _compute_outstanding(self):
        for receipt in self:
            moves = receipt.picking_id._moves_of_imei(receipt.product_id)
            receipt.outstanding = sum(move._imei_outstanding() for move in moves)

    @api.depends("line_ids.problem")
    def _compute_counts(self):
        for receipt in self:
            receipt.bad_count = len(receipt.line_ids.filtered("problem"))
            receipt.good_count = len(receipt.line_ids) - receipt.bad_count

    @api.onchange("text", "product_id")
    def _onchange_text(self):
        """Forget the result of another list."""
        self.line_ids = [Command.clear()]
        self.leave_out = False

    # === ACTION METHODS === #

    def action_check(self):
        """Show each line of the list and what is wrong with it."""
        self.ensure_one()
        self._show(self._examine())
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Receive IMEIs"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def action_receive(self):
        """Take the units into the receipt, all of them or, where that was chosen, without the bad lines shown."""
        self.ensure_one()
        self.picking_id.check_access("write")
        examined = self._examine()
        self._check_bad_lines({unit: problem for unit, problem in examined if problem})
        self.picking_id._receive_imei(self.product_id, [unit for unit, problem in examined if not problem])
        return {"type": "ir.actions.act_window_close"}

    # === BUSINESS METHODS === #

    def _products(self):
        """Return the products of which the receipt expects more units."""
        return self.picking_id._moves_of_imei().filtered(lambda move: move._imei_outstanding()).product_id

    def _examine(self):
        """Return each unit of the list with the words for what is wrong with it, or None.

        :raise UserError: there is nothing to look at, or too much
        """
        if self.product_id not in self.product_ids:
            raise UserError(self.env._("Choose a product of this receipt of which units are still to come."))
        if len(self.text or "") > MOST_CHARACTERS:
            raise UserError(self.env._("The list is too long: receive it in parts."))
        units = imei.parse(self.text)
        if not units:
            raise UserError(self.env._("Paste or scan the IMEIs first, one unit a line."))
        if len(units) > MOST_LINES:
            raise UserError(self.env._("The list has more than %s lines: receive it in parts.", MOST_LINES))
        return self.env["crm.imei"]._examine(units, self.product_id, self.picking_id, self.outstanding)

    def _show(self, examined):
        lines = [
            Command.create(
                {
                    "line": unit.line,
                    "imei": unit.imei or unit.text[:80],
                    "imei2": unit.imei2,
                    "problem": problem,
                }
            )
            for unit, problem in examined
        ]
        self.write({"line_ids": [Command.clear(), *lines], "leave_out": False})

    def _check_bad_lines(self, bad):
        """Refuse bad lines but those that the user has seen as bad and chose to leave out: none is dropped silently."""
        shown = {(line.line, line.problem) for line in self.line_ids} if self.leave_out else set()
        unseen = [f"{unit.line}: {problem}" for unit, problem in bad.items() if (unit.line, problem) not in shown]
        if unseen:
            raise UserError(
                self.env._(
                    "Nothing was received: %(count)s lines are wrong. Correct them, or press “Check” and choose to "
                    "leave them out.\n%(lines)s",
                    count=len(bad),
                    lines=self.env["crm.imei"]._shortened(unseen),
                )
            )


class CrmImeiReceiptLine(models.TransientModel):
    """What the check says about one line of the list."""

    _name = "crm.imei.receipt.line"
    _description = "Line of a List of IMEIs"
    _order = "line, id"

    receipt_id = fields.Many2one("crm.imei.receipt", required=True, ondelete="cascade", index=True)
    line = fields.Integer(readonly=True)
    imei = fields.Char("IMEI", readonly=True)
    imei2 = fields.Char("Second IMEI", readonly=True)
    problem = fields.Text("What Is Wrong", readonly=True)
