from odoo import fields, models
from odoo.exceptions import LockError, UserError

from .crm_courier_stop import HANDED_OVER, OUTCOMES


class CrmCourierStop(models.Model):
    """What came of a delivery at the door, and what the courier and CRM say of its papers and money (SOP-13)."""

    _inherit = "crm.courier.stop"

    outcome = fields.Selection(OUTCOMES, readonly=True, copy=False, index=True)
    outcome_note = fields.Text("Why", readonly=True, copy=False)
    outcome_at = fields.Datetime("At", readonly=True, copy=False)
    outcome_by_id = fields.Many2one("res.users", "Said By", readonly=True, copy=False)
    attempts = fields.Integer(readonly=True, copy=False, help="How often the courier was at the door on this run.")
    # What the courier says is hidden from who counts: the count is to be their own.
    has_proof = fields.Boolean(
        "Proof of Hand-over Signed",
        readonly=True,
        copy=False,
        groups="crm_courier.group_courier,crm_base.group_manager",
    )
    has_payment_proof = fields.Boolean(
        "Proof of Payment", readonly=True, copy=False, groups="crm_courier.group_courier,crm_base.group_manager"
    )
    cash_collected = fields.Monetary(
        readonly=True, copy=False, groups="crm_courier.group_courier,crm_base.group_manager"
    )
    proof_received = fields.Boolean("Proof of Hand-over", readonly=True, copy=False, help="Counted by CRM.")
    payment_proof_received = fields.Boolean("Payment Slip", readonly=True, copy=False, help="Counted by CRM.")
    cash_counted = fields.Monetary(readonly=True, copy=False, help="Counted by CRM.")

    # === ACTION METHODS === #

    def action_say_outcome(self):
        """Open the question what came of this delivery."""
        self.ensure_one()
        self.check_access("read")
        self.run_id._check_at_door()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("At the Door"),
            "res_model": "crm.courier.outcome",
            "view_mode": "form",
            "target": "new",
            "context": {"default_stop_id": self.id},
        }

    def action_receive_proof(self):
        """Note, as CRM, a proof of hand-over that came in after the count (SOP-13a)."""
        self._check_late_paper()
        self._write_facts({"proof_received": True})

    def action_receive_payment_proof(self):
        """Note, as CRM, a proof of payment that came in after the count (SOP-13b)."""
        self._check_late_paper()
        self._write_facts({"payment_proof_received": True})

    def _check_late_paper(self):
        self.check_access("read")
        officer = self.env.user.has_group("crm_base.group_officer")
        if not officer or self.env.user in self.run_id.user_id:
            raise UserError(self.env._("Papers are received by CRM, not by the courier."))
        if self.filtered(lambda stop: stop.run_id.run_state != "handed_over" or not stop._is_handed_over()):
            raise UserError(self.env._("Only papers of deliveries that were handed over and counted can come in late."))

    # === BUSINESS METHODS === #

    def _is_handed_over(self):
        return self.outcome in HANDED_OVER

    def _record_outcome(self, outcome, note=None, back=None, entries=None):
        """Say what came of this delivery, and hand over what was accepted: it is then delivered in the books.

        :param str outcome: of ``OUTCOMES``; “nobody at home” may be followed by another attempt on the same run
        :param str note: why, wherever not all was delivered
        :param back: crm.courier.unit that the courier takes back with them
        :param dict entries: ``has_proof``, ``has_payment_proof``, ``cash_collected``, as the courier says
        :raise AccessError: it is somebody else's run
        :raise UserError: the run isn't on the road, it was said already, or something is missing
        """
        self.ensure_one()
        self.check_access("read")
        self.run_id._check_at_door()
        self._lock_for_outcome()
        units = self.sudo().unit_ids
        back = (back or units.browse()).sudo() & units
        if outcome not in HANDED_OVER:
            back = units
        if problems := self._door_problems(outcome, note, units - back):
            lines = [self.display_name, *(f"- {problem}" for problem in problems)]
            raise UserError("\n".join(lines))
        self._write_facts(
            {
                "outcome": outcome,
                "outcome_note": note,
                "outcome_at": self._door_moment(),
                "outcome_by_id": self.env.uid,
                "attempts": self.attempts + 1,
                **(entries or {} if outcome in HANDED_OVER else {}),
            }
        )
        (units - back)._as_step().write({"is_handed_over": True})
        if outcome in HANDED_OVER:
            self.picking_id.sudo()._courier_hand_over(units - back)
        else:
            self.picking_id.sudo()._courier_tell(self)

    def _lock_for_outcome(self):
        """Read the outcome as it is now, and keep others from saying one at this moment."""
        if not self.sudo().try_lock_for_update():
            raise LockError(self.env._("Somebody else is at this delivery at this moment. Try again."))
        self.invalidate_recordset(["outcome", "attempts"])
        if self.outcome and self.outcome != "not_home":
            raise UserError(self.env._("%s: what came of it was said already.", self.display_name))

    def _door_problems(self, outcome, note, units):
        """Hook: return what keeps this outcome from being true, in words that say what to do.

        :param units: crm.courier.unit that are handed over
        """
        problems = []
        if outcome != "delivered" and not (note or "").strip():
            problems.append(self.env._("Say why not everything was delivered."))
        if outcome == "delivered" and units != self.sudo().unit_ids:
            problems.append(self.env._("Something comes back: then it is partly delivered."))
        if outcome == "partly" and (not units or units == self.sudo().unit_ids):
            problems.append(self.env._("Partly delivered: choose what comes back, and leave something."))
        return problems

    # === PAPERS === #

    def _count_differences(self):
        """Return values of a discrepancy for each thing that CRM counted otherwise than the courier said."""
        if not self._is_handed_over():
            return []
        pairs = {
            "proof": (self.has_proof, self.proof_received),
            "payment_proof": (self.has_payment_proof, self.payment_proof_received),
            "cash": (self.cash_collected, self.cash_counted),
        }
        return [
            {"stop_id": self.id, "kind": kind, "declared": declared, "counted": counted}
            for kind, (declared, counted) in pairs.items()
            if self.currency_id.compare_amounts(declared, counted)
        ]

    def _missing_proofs(self):
        """Hook: return the proofs that CRM still misses of this stop (SOP-13a, SOP-13b)."""
        problems = []
        if self._is_handed_over() and not self.proof_received:
            problems.append(self.env._("%s: the signed proof of hand-over is missing.", self.display_name))
        if self._is_handed_over() and self._needs_payment_proof() and not self.payment_proof_received:
            problems.append(self.env._("%s: the proof of payment is missing.", self.display_name))
        return problems

    def _needs_payment_proof(self):
        """Hook: return whether the customer was to pay at the door."""
        return not self.currency_id.is_zero(self.to_collect)
