from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from .stock_picking_batch import OFFICER


class StockPickingBatch(models.Model):
    """CRM counts what the courier brings back, without seeing what the courier has said (SOP-13a, SOP-13b)."""

    _inherit = "stock.picking.batch"

    counted_by_id = fields.Many2one("res.users", readonly=True, copy=False, index="btree_not_null")
    counted_at = fields.Datetime("Counted", readonly=True, copy=False)
    discrepancy_ids = fields.One2many(
        "crm.courier.discrepancy", "run_id", "Discrepancies", readonly=True, groups="crm_base.group_officer"
    )
    discrepancy_count = fields.Integer(compute="_compute_discrepancy_count")
    missing_proofs = fields.Text(compute="_compute_missing_proofs")

    # === COMPUTE METHODS === #

    def _compute_discrepancy_count(self):
        groups = (
            self.env["crm.courier.discrepancy"]
            .sudo()
            ._read_group([("run_id", "in", self.ids)], ["run_id"], ["__count"])
        )
        counts = {run.id: count for run, count in groups}
        for run in self:
            run.discrepancy_count = counts.get(run.id, 0)

    def _compute_missing_proofs(self):
        for run in self:
            handed_over = run.run_state == "handed_over"
            problems = run._missing_proofs() + run._open_discrepancies() if handed_over else []
            run.missing_proofs = "\n".join(problems) or False

    # === ACTION METHODS === #

    def action_count(self):
        """Open the count of papers, money and goods that the courier brought back."""
        self.ensure_one()
        self._check_counter()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Count What Came Back"),
            "res_model": "crm.courier.count",
            "view_mode": "form",
            "target": "new",
            "context": {"default_run_id": self.id},
        }

    def action_view_discrepancies(self):
        """Open what was counted otherwise than the courier said."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_courier.crm_courier_discrepancy_action")
        return {**action, "domain": [("run_id", "=", self.id)], "context": {}}

    # === BUSINESS METHODS === #

    def _check_counter(self):
        """Check that the user may count: an officer who sees the run and isn't its courier, once it is back."""
        self.check_access("read")
        if not self.env.user.has_group(OFFICER) or self.user_id == self.env.user:
            raise AccessError(self.env._("What a courier brings back is counted by CRM, not by the courier."))
        if self.run_state != "back":
            raise UserError(self.env._("%s is counted when its courier is back.", self.name))

    def _receive_count(self, counted, units_back, equipment_back):
        """Note a count, make a discrepancy of each difference, and hand the run over.

        :param dict counted: crm.courier.stop → ``{"proof_received", "payment_proof_received", "cash_counted"}``
        :param int units_back: units that came back
        :param bool equipment_back: whether all equipment came back
        """
        self.ensure_one()
        self._check_counter()
        if units_back < 0 or any(facts["cash_counted"] < 0 for facts in counted.values()):
            raise UserError(self.env._("Less than nothing can't be counted: enter 0 or more."))
        run = self.sudo()
        run._lock_for_step()
        for stop, facts in counted.items():
            stop._write_facts(facts)
        self._write_facts({"counted_by_id": self.env.uid, "counted_at": fields.Datetime.now()})
        differences = [vals for stop in run.stop_ids for vals in stop._count_differences()]
        differences += run._goods_differences(units_back) + run._equipment_differences(equipment_back)
        self.env["crm.courier.discrepancy"]._as_step().create([{**vals, "run_id": self.id} for vals in differences])
        if differences:
            run._tell_manager()
        return self._workflow_do("hand_over")

    def _goods_differences(self, units_back):
        expected = sum(self.unit_ids.filtered(lambda unit: not unit.is_handed_over).mapped("loaded_quantity"))
        if units_back == expected:
            return []
        return [{"kind": "goods", "declared": expected, "counted": units_back}]

    def _equipment_differences(self, equipment_back):
        taken = len(self.equipment_ids.filtered("taken_at")) + bool(self.terminal_id)
        return [] if equipment_back or not taken else [{"kind": "equipment", "declared": 1, "counted": 0}]

    def _tell_manager(self):
        """Have the branch's head look at differences."""
        for run in self:
            head = run.branch_id.head_id or run.branch_id.coordinator_id or run.reviewed_by_id
            run.activity_schedule(
                "mail.mail_activity_data_warning",
                user_id=head.id,
                summary=self.env._("What the courier brought back differs from what they said"),
            )

    def _forget_count(self):
        """Take a count back: the papers are counted anew."""
        self.discrepancy_ids.sudo().unlink()
        self.stop_ids._write_facts({"proof_received": False, "payment_proof_received": False, "cash_counted": 0})
        self._write_facts({"counted_by_id": False, "counted_at": False})

    # === CHECKS === #

    def _missing_proofs(self):
        """Hook: return the proofs that are still missing (SOP-13a, SOP-13b)."""
        return [problem for stop in self.stop_ids for problem in stop._missing_proofs()]

    def _open_discrepancies(self):
        return [
            self.env._("Say why: %s", discrepancy.display_name)
            for discrepancy in self.sudo().discrepancy_ids.filtered(lambda discrepancy: not discrepancy.reason)
        ]
