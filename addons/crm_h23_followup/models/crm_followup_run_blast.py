from odoo import api, models

BLAST_PROBLEM = "crm_h23_followup.mail_activity_type_blast"


class CrmFollowupRun(models.Model):
    """The day's blast of each branch, by itself at the company's hour, or by the person in charge (H23-4.2.3)."""

    _inherit = "crm.followup.run"

    # === CRON === #

    @api.model
    def _cron_blast(self):
        """Send the blast of every branch whose hour has come; one branch after the other, hourly."""
        crons = self.env["ir.cron"]
        runs = self._runs_to_send()
        crons._commit_progress(remaining=len(runs))
        for run in runs:
            run._send_blast()
            run._tell_problem()
            if not crons._commit_progress(1):
                break

    @api.model
    def _runs_to_send(self):
        """Return today's runs of the branches where it is time."""
        runs = self.sudo()
        for branch in self.env["crm.branch"].sudo().search([("company_id.followup_blast_auto", "=", True)]):
            now = branch._local()
            if now.hour + now.minute / 60 >= branch.company_id.followup_blast_hour:
                runs |= runs.search([("branch_id", "=", branch.id), ("day", "=", now.date())])
        return runs.filtered("blast_due_count")

    # === BUSINESS METHODS === #

    def _send_blast(self):
        """Send what is due by WhatsApp at the run's branch as one blast. For our own code, which has checked who acts.

        :return: the follow-ups that were sent; ``problem`` says why not
        """
        self.ensure_one()
        run = self.sudo()
        followups = self.env["crm.followup"].sudo()
        run.problem = run._blast_problem()
        if run.problem:
            return followups
        due = followups.search(followups._blast_domain(run.branch_id, run.day))
        if due := due.try_lock_for_update():
            due._send_by(run._create_blast())
        return due

    def _blast_problem(self):
        """Return why no blast can go out, in words; False where it can."""
        template = self.company_id.followup_template_id
        if not template or template.state != "approved":
            return self.env._(
                "No approved WhatsApp template is chosen for FU-1: see Service Follow-up → Configuration → Settings."
            )
        if why := template._why_not():
            return why
        if template.account_id.problem:
            return self.env._("WhatsApp is stopped: %s", template.account_id._problem_words())
        return False

    def _create_blast(self):
        return (
            self.env["crm.whatsapp.blast"]
            .sudo()
            .create(
                {
                    "name": self.env._("FU-1 %(branch)s %(day)s", branch=self.branch_id.code, day=self.day),
                    "template_id": self.company_id.followup_template_id.id,
                    "branch_id": self.branch_id.id,
                    "user_id": (self.branch_id.pic_id or self.env.user).id,
                    "followup_run_id": self.id,
                    "recipients": str([("id", "in", [])]),
                }
            )
        )

    def _tell_problem(self):
        """Tell the person in charge, once a day, why the blast didn't go out."""
        pic = self.branch_id.pic_id or self.branch_id.head_id
        if self.problem and pic and not self.activity_search([BLAST_PROBLEM], only_automated=False):
            theirs = self.with_context(lang=pic.lang)
            self.activity_schedule(
                BLAST_PROBLEM,
                date_deadline=self.branch_id._today(),
                user_id=pic.id,
                summary=theirs.env._("The WhatsApp blast didn't go out"),
                note=theirs._blast_problem() or self.problem,
            )
        elif not self.problem:
            self.activity_unlink([BLAST_PROBLEM], only_automated=False)
