from base64 import b64encode

from odoo import fields, models

from .crm_followup_figures import FIGURES
from .crm_followup_summary import EVALUATE, SEND

TEMPLATE = "crm_h23_followup.mail_template_summary"


class CrmFollowupSummary(models.Model):
    """The summary goes out, once (H23-4.5.3)."""

    _inherit = "crm.followup.summary"

    # === ACTION METHODS === #

    def action_send(self):
        """Send the summary to the branch head, with a copy to the area coordinator; what was sent isn't sent again."""
        self.check_access("write")
        self._lock_for_step()
        for summary in self.filtered(lambda summary: summary.state == "draft"):
            summary.branch_id._check_led()
            reports = self.env["crm.followup.report"].sudo()._make_expected([(summary.branch_id, summary.day)])
            reports.filtered(lambda report: report.state == "open")._count()
            summary.invalidate_recordset(["report_ids"])
            summary._workflow_do("send")
            summary._mail()

    # === BUSINESS METHODS === #

    def _check_transition(self, transition):
        """Override: leaders send what is complete, or say why it isn't."""
        if transition.name == "send":
            self.branch_id._check_led()
            for summary in self:
                summary._check_sendable()
        return super()._check_transition(transition)

    def _write_state(self, state):
        """Override: what is sent is what was counted at that moment."""
        if state == "sent":
            for summary in self:
                counted = summary._count()
                summary._note(
                    {
                        "counted": {**counted, "success": summary._success()},
                        **{name: counted["total"][name] for name in FIGURES},
                        "sent_at": fields.Datetime.now(),
                        "sent_by_id": self.env.uid,
                    }
                )
        return super()._write_state(state)

    def _after_transition(self, transition):
        """Override: make the file, and ask the head for the evaluation."""
        result = super()._after_transition(transition)
        if transition.name == "send":
            for summary in self:
                summary._attach()
            self.sudo().activity_unlink([SEND], only_automated=False)
            self._plan_activities(
                EVALUATE,
                [
                    (summary, summary.branch_id.sudo().head_id, self.env._("Evaluate the summary of the day"), False)
                    for summary in self
                ],
            )
        return result

    def _attach(self):
        """Keep the file that goes out with the e-mail."""
        self.ensure_one()
        summary = self._in_words_of(self.branch_id.sudo().head_id)
        attachment = (
            self.env["ir.attachment"]
            .sudo()
            .create(
                {
                    "name": f"{summary.branch_id.code}_{summary.day}.xlsx",
                    "datas": b64encode(summary._workbook()),
                    "mimetype": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                    "res_model": self._name,
                    "res_id": self.id,
                }
            )
        )
        self._note({"attachment_id": attachment.id})

    def _mail(self):
        """Send the e-mail, with the file."""
        self.ensure_one()
        template = self.env.ref(TEMPLATE).sudo()
        template.send_mail(
            self.id,
            email_layout_xmlid="mail.mail_notification_layout",
            email_values={"attachment_ids": self.sudo().attachment_id.ids},
        )

    def _in_words_of(self, user):
        """Return the summary, as our own code reads it, in the user's language."""
        return self.sudo().with_context(lang=user.lang or self.env.lang)
