from odoo import api, fields, models
from odoo.exceptions import UserError

from .crm_followup_summary import EVALUATE

ACTION = "crm_h23_followup.mail_activity_type_action"


class CrmFollowupSummary(models.Model):
    """The head's evaluation: how the day was, and what is to be done (H23-4.5.4)."""

    _inherit = "crm.followup.summary"

    @api.onchange("action")
    def _onchange_action(self):
        if self.action and not self.action_user_id:
            self.action_user_id = self.branch_id.pic_id

    # === ACTION METHODS === #

    def action_evaluate(self):
        """Record the evaluation; it stays as it is."""
        self._workflow_do("evaluate")

    # === BUSINESS METHODS === #

    def _check_transition(self, transition):
        """Override: only the head of the branch, or the headquarters, evaluates."""
        if transition.name == "evaluate":
            self._check_head()
            for summary in self:
                summary._check_action()
        return super()._check_transition(transition)

    def _check_action(self):
        """Check that what is to be done has somebody who does it, and can read why."""
        if not (self.evaluation or "").strip():
            raise UserError(self.env._("Write down how the day was."))
        if not self.action:
            return
        if not self.action_user_id:
            raise UserError(self.env._("Say who does it: %s", self.action))
        if not self.with_user(self.action_user_id).has_access("read"):
            raise UserError(
                self.env._(
                    "%s can't see this summary: choose the person in charge, or a manager of the branch.",
                    self.action_user_id.name,
                )
            )

    def _before_transition(self, transition):
        """Override: who evaluated, while the fields aren't locked yet."""
        result = super()._before_transition(transition)
        if transition.name == "evaluate":
            self._check_head()
            self._note({"evaluated_at": fields.Datetime.now(), "evaluated_by_id": self.env.uid})
        return result

    def _after_transition(self, transition):
        """Override: what is to be done becomes an activity."""
        result = super()._after_transition(transition)
        if transition.name == "evaluate":
            self.sudo().activity_feedback([EVALUATE], only_automated=False)
            for summary in self.filtered("action"):
                summary.activity_schedule(
                    ACTION,
                    date_deadline=summary.action_date or fields.Date.add(summary.branch_id._today(), days=1),
                    user_id=summary.action_user_id.id,
                    summary=summary.action,
                    note=summary.evaluation,
                )
        return result
