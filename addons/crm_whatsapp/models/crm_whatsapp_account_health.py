from collections import Counter
from datetime import timedelta

from odoo import api, fields, models

TROUBLE = "crm_whatsapp.mail_activity_type_trouble"
HEALTH = [
    ("stopped", "Stopped"),
    ("failing", "Sending Fails"),
    ("stuck", "Nothing Goes Out"),
    ("deaf", "Reports Not Applied"),
]


class CrmWhatsappAccount(models.Model):
    """Whether an account does its work. It is seen on the account and its blasts at the moment when somebody looks, and
    managers are told by a scheduled action of its own: what fails can't tell of itself.
    """

    _inherit = "crm.whatsapp.account"

    failures = fields.Integer("Failures in a Row", readonly=True, copy=False)
    failure_words = fields.Char("What Failed", readonly=True, copy=False)
    health = fields.Selection(HEALTH, compute="_compute_health", compute_sudo=True)
    health_words = fields.Text("Trouble", compute="_compute_health", compute_sudo=True)
    health_advice = fields.Text("What to Do", compute="_compute_health", compute_sudo=True)

    # === COMPUTE METHODS === #

    @api.depends("problem", "problem_detail", "failures", "failure_words", "active", "provider")
    def _compute_health(self):
        for account in self:
            account.health, account.health_words = account._trouble()
            account.health_advice = account._advice(account.health) if account.health else False

    def _trouble(self):
        """Return what is wrong, the worst first, and in words; ``(False, False)`` where nothing is."""
        self.ensure_one()
        if not self.active or not self.id or not self._is_automatic():
            return False, False
        if self.problem:
            return "stopped", self._problem_words()
        if self.failures >= self.company_id.whatsapp_failures:
            why = self.failure_words or ""
            return "failing", self.env._(
                "Sending has failed %(count)s times in a row: %(why)s", count=self.failures, why=why
            )
        if words := self._stuck_words():
            return "stuck", words
        if words := self._deaf_words():
            return "deaf", words
        return False, False

    def _stuck_words(self):
        """Say since when messages are due of which none goes out; False where one has gone out, or none is due."""
        messages = self.env["crm.whatsapp.message"]
        before = fields.Datetime.now() - timedelta(minutes=self.company_id.whatsapp_stuck_minutes)
        ours = [("account_id", "=", self.id)]
        due = [*ours, ("state", "=", "queued"), ("due_at", "<=", before)]
        going = ["|", ("blast_id", "=", False), ("blast_id.state", "=", "running")]
        oldest = messages.search([*due, *going], order="due_at", limit=1)
        sent = [*ours, ("state", "in", ("sent", "delivered", "read")), ("attempted_at", ">", before)]
        if not oldest or messages.search_count(sent, limit=1):
            return False
        count = messages.search_count([*due, *going])
        lines = [self.env._("%s messages are due, and none has gone out.", count)]
        lines += self._why_stuck(oldest, due)
        return " ".join(lines)

    def _why_stuck(self, oldest, due):
        minutes = round((fields.Datetime.now() - oldest.due_at).total_seconds() / 60)
        yield self.env._("The first has been waiting for %s minutes.", minutes)
        cron = self.env.ref("crm_whatsapp.ir_cron_send").sudo()
        if not cron.active:
            yield self.env._("The scheduled action “%s” is switched off.", cron.cron_name)
        elif cron.failure_count:
            yield self.env._("The scheduled action “%s” fails.", cron.cron_name)
        messages = self.env["crm.whatsapp.message"]
        problems = Counter(messages.search([*due, ("problem", "!=", False)], limit=100).mapped("problem"))
        if problems:
            words = dict(messages._fields["problem"]._description_selection(self.env))
            yield self.env._("WhatsApp’s answer: %s.", words[problems.most_common(1)[0][0]])

    def _deaf_words(self):
        """Say what WhatsApp told and wasn't applied; False where all was."""
        events = self.env["crm.whatsapp.event"]
        now, company = fields.Datetime.now(), self.company_id
        ours = [("account_id", "=", self.id)]
        failed = [*ours, ("state", "=", "failed"), ("received_at", ">", now - timedelta(days=1))]
        before = now - timedelta(minutes=company.whatsapp_stuck_minutes)
        late = [*ours, ("state", "=", "new"), ("received_at", "<", before)]
        count = events.search_count(failed)
        if count >= company.whatsapp_failures:
            last = events.search(failed, limit=1)
            return self.env._("%(count)s reports couldn’t be applied: %(why)s", count=count, why=last.error)
        if count := events.search_count(late):
            return self.env._("%s reports of WhatsApp wait to be applied.", count)
        return False

    def _advice(self, health):
        """Return what a manager does about it."""
        words = {
            "stopped": self.env._("Have it mended in Meta’s WhatsApp Manager, then press “Send Again”."),
            "failing": self.env._("Messages stay queued. Show this to your administrator."),
            "stuck": self.env._("Ask your administrator whether the scheduler runs. Call whom it is urgent for."),
            "deaf": self.env._("Answers and receipts are missing here. Your administrator finds them under Events."),
        }
        return words[health]

    # === CRON === #

    @api.model
    def _cron_watch(self):
        """Tell the managers of accounts that don't do their work, once; take it back when they do again."""
        for account in self.search([]):
            account._tell_managers()

    # === BUSINESS METHODS === #

    def _tell_managers(self):
        """Give each manager who looks after the account one activity while there is trouble."""
        self.ensure_one()
        self.invalidate_recordset(["health", "health_words", "health_advice"])
        if not self.health:
            self.activity_unlink([TROUBLE], only_automated=False)
            return
        told = self.activity_search([TROUBLE], only_automated=False).user_id
        for user in self._managers() - told:
            lang = self.with_context(lang=user.lang)
            lang.invalidate_recordset(["health_words", "health_advice"])
            labels = dict(lang._fields["health"]._description_selection(lang.env))
            self.activity_schedule(
                TROUBLE,
                user_id=user.id,
                summary=f"WhatsApp: {labels[self.health]}",
                note=f"{lang.health_words} {lang.health_advice}",
            )

    def _managers(self):
        """Return the managers who see the account's branch; where there is none, the administrator."""
        managers = self.env.ref("crm_base.group_manager").sudo().all_user_ids
        managers = managers.filtered(
            lambda user: user.active and not user.share and self.branch_id in user.visible_branch_ids
        )
        return managers or self.env.ref("base.user_admin")

    def _note_failure(self, error):
        """Count a run in which sending broke; the first words of it, without what the request held."""
        self.write({"failures": self.failures + 1, "failure_words": f"{type(error).__name__}: {error}"[:200]})
