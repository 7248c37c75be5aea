from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class CrmCourierDiscrepancy(models.Model):
    """What CRM counted otherwise than the courier said; it needs a reason before the run closes (SOP-13b)."""

    _name = "crm.courier.discrepancy"
    _description = "Discrepancy of a Delivery Run"
    _inherit = ["crm.courier.facts"]
    _order = "id desc"
    _rec_name = "kind"

    run_id = fields.Many2one("stock.picking.batch", required=True, readonly=True, index=True, ondelete="cascade")
    stop_id = fields.Many2one("crm.courier.stop", readonly=True, index="btree_not_null", ondelete="cascade")
    courier_id = fields.Many2one(related="run_id.user_id", string="Courier", store=True, index=True)
    company_id = fields.Many2one(related="run_id.company_id", store=True, index=True)
    branch_id = fields.Many2one(related="run_id.branch_id", store=True, index=True)
    run_day = fields.Date(related="run_id.run_day", store=True)
    kind = fields.Selection(
        [
            ("proof", "Proof of hand-over"),
            ("payment_proof", "Proof of payment"),
            ("cash", "Cash"),
            ("due", "Payment at the door"),
            ("goods", "Goods brought back"),
            ("equipment", "Equipment"),
        ],
        required=True,
        readonly=True,
        index=True,
    )
    declared = fields.Float("Courier Said", readonly=True)
    counted = fields.Float("CRM Counted", readonly=True)
    difference = fields.Float(compute="_compute_difference", store=True)
    reason = fields.Text(help="What explains it.")
    explained_by_id = fields.Many2one("res.users", readonly=True)
    explained_at = fields.Datetime(readonly=True)

    @property
    def _facts(self):
        return frozenset(self._fields) - {"reason"} - set(models.MAGIC_COLUMNS)

    # === COMPUTE METHODS === #

    @api.depends("kind", "stop_id", "run_id", "declared", "counted")
    @api.depends_context("lang")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for difference in self:
            about = difference.stop_id.display_name or difference.run_id.name
            difference.display_name = f"{kinds.get(difference.kind)} · {about}{difference._numbers_text()}"

    def _numbers_text(self):
        """Return what was said and what was counted; of papers there is nothing to say but that they are missing."""
        if self.kind in ("cash", "due"):
            write = self.run_id.currency_id.format
        elif self.kind == "goods":
            write = "{:g}".format
        else:
            return ""
        return f" ({write(self.declared)} → {write(self.counted)})"

    @api.depends("declared", "counted")
    def _compute_difference(self):
        for difference in self:
            difference.difference = difference.counted - difference.declared

    # === CRUD METHODS === #

    def write(self, vals):
        """Override: who gives a reason is noted; not the courier, and not once the run is closed."""
        if "reason" not in vals or self._in_step():
            return super().write(vals)
        if self.env.user in self.run_id.user_id:
            raise AccessError(self.env._("The courier of a run doesn't explain its discrepancies."))
        if self.filtered(lambda difference: difference.run_id.run_state == "closed"):
            raise UserError(self.env._("The run is closed: its discrepancies are settled."))
        super().write({**vals, "reason": (vals["reason"] or "").strip()})
        self._write_facts({"explained_by_id": self.env.uid, "explained_at": fields.Datetime.now()})
        return True
