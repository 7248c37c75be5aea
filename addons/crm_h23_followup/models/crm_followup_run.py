from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date

TODAY = "crm_h23_followup.mail_activity_type_today"
#: Branches that one transaction of the scheduler takes.
AT_ONCE = 50


class CrmFollowupRun(models.Model):
    """What the schedule made of one branch's day: how much came due, and for how many nobody is there.

    The scheduler runs every hour and does each branch after its midnight. A day without a run is caught up by the next
    one; a second run of a day adds nothing that is there already.
    """

    _name = "crm.followup.run"
    _description = "Day of Follow-ups"
    _inherit = ["mail.thread", "mail.activity.mixin", "crm.branch.mixin"]
    _order = "day desc, branch_id"
    _rec_name = "day"

    branch_id = fields.Many2one(readonly=True)
    day = fields.Date(required=True, readonly=True, help="By the branch's calendar.")
    opened_count = fields.Integer("Services Due", readonly=True, help="KPBs of which the follow-up began.")
    due_count = fields.Integer("Follow-ups Due", readonly=True)
    skipped_count = fields.Integer("Skipped", readonly=True, help="Their day had passed when the next one came.")
    expired_count = fields.Integer("Expired", readonly=True)
    unassigned_count = fields.Integer("Without Admin", compute="_compute_unassigned_count")
    blast_ids = fields.One2many("crm.whatsapp.blast", "followup_run_id", "Blasts", readonly=True)
    blast_due_count = fields.Integer("To Be Sent", compute="_compute_blast_due_count")
    is_led = fields.Boolean(compute="_compute_is_led", help="Whether the user leads the branch.")
    problem = fields.Char(readonly=True, help="Why the blast didn't go out.")

    _once = models.Constraint("UNIQUE(branch_id, day)", "The branch's day has its run already.")

    # === COMPUTE METHODS === #

    @api.depends("branch_id", "day")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for run in self:
            day = format_date(self.env, run.day)
            run.display_name = f"{run.branch_id.display_name} · {day}" if run.day else ""

    @api.depends_context("uid")
    def _compute_unassigned_count(self):
        domain = [("state", "=", "todo"), ("user_id", "=", False), ("branch_id", "in", self.branch_id.ids)]
        counts = dict(self.env["crm.followup"]._read_group(domain, ["branch_id"], ["__count"]))
        for run in self:
            run.unassigned_count = counts.get(run.branch_id, 0)

    @api.depends_context("uid")
    def _compute_blast_due_count(self):
        followups = self.env["crm.followup"]
        for branch, runs in self.grouped("branch_id").items():
            latest = runs.sorted("day")[-1:]
            count = followups.search_count(followups._blast_domain(branch, latest.day)) if branch else 0
            for run in runs:
                run.blast_due_count = count

    @api.depends_context("uid")
    def _compute_is_led(self):
        for run in self:
            run.is_led = run.branch_id.sudo()._is_led_by(self.env.user)

    # === ACTION METHODS === #

    def action_generate(self):
        """Make what has come due since the last run, as the nightly run does, and hand it out."""
        self.branch_id._check_led()
        self.sudo()._generate(self.branch_id)

    def action_send_blast(self):
        """Send what is due by WhatsApp today as one blast (H23-4.2.3)."""
        self.branch_id._check_led()
        sent = self.env["crm.followup"]
        for branch in self.branch_id:
            run = self._today_run(branch)
            sent |= run._send_blast()
            if run.problem:
                raise UserError(run.problem)
        if not sent:
            raise UserError(self.env._("No follow-up is to be sent by WhatsApp today."))

    def action_view_followups(self):
        """Open what is to be done in the branch."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_h23_followup.crm_followup_action_all")
        return {
            **action,
            "domain": [("branch_id", "=", self.branch_id.id), ("scheduled_date", "<=", self.day)],
            "context": {"search_default_filter_todo": 1, "search_default_group_user": 1},
        }

    def action_view_unassigned(self):
        """Open the follow-ups of the branch that nobody has."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_h23_followup.crm_followup_action_all")
        domain = [("branch_id", "=", self.branch_id.id), ("state", "=", "todo"), ("user_id", "=", False)]
        return {**action, "domain": domain, "context": {}}

    # === CRON === #

    @api.model
    def _cron_generate(self):
        """Make the follow-ups of every branch whose day has begun since its last run; hourly."""
        crons = self.env["ir.cron"]
        due = self._branches_due()
        crons._commit_progress(remaining=len(due))
        while due:
            now, due = due[:AT_ONCE], due[AT_ONCE:]
            self._generate(now)
            if not crons._commit_progress(len(now), remaining=len(due)):
                break

    @api.model
    def _branches_due(self):
        """Return the branches of which today's run hasn't been."""
        branches = self.env["crm.branch"].sudo().search([])
        groups = self.sudo()._read_group([("branch_id", "in", branches.ids)], ["branch_id"], ["day:max"])
        last = dict(groups)
        return branches.filtered(lambda branch: branch not in last or last[branch] < branch._today())

    # === BUSINESS METHODS === #

    @api.model
    def _today_run(self, branch):
        """Return the run of the branch's day; where there is none yet, make it."""
        day = branch._today()
        run = self.sudo().search([("branch_id", "=", branch.id), ("day", "=", day)], limit=1)
        return run or self.sudo()._generate(branch)

    @api.model
    def _generate(self, branches, today=None):
        """Make what has come due for the branches and hand it out: set-based, repeatable.

        :param date today: for the story of the demo data; by default each branch's own day
        :return: the runs
        """
        branches = branches.sudo()
        days = {branch: today or branch._today() for branch in branches}
        runs = self.sudo()._find_or_create(days)
        schedules = self.env["crm.followup.schedule"]
        groups = branches.grouped(lambda branch: (days[branch], schedules._in_force(branch.company_id, days[branch])))
        skipped, expired = self.env["crm.followup"].sudo(), self.env["crm.followup.case"].sudo()
        for (day, schedule), group in groups.items():
            gone = expired._follow_schedule(group, schedule, day)
            skipped, expired = skipped | gone[0], expired | gone[1]
        self.env["crm.followup"]._hand_out(branches, days)
        runs._count(skipped, expired)
        runs._remind_admins()
        return runs

    def _find_or_create(self, days):
        runs = self.search([("branch_id", "in", [branch.id for branch in days]), ("day", "in", list(days.values()))])
        runs = runs.filtered(lambda run: days.get(run.branch_id) == run.day)
        missing = [branch for branch in days if branch not in runs.branch_id]
        return runs | self.create([{"branch_id": branch.id, "day": days[branch]} for branch in missing])

    def _count(self, skipped, expired):
        """Count what came due on the days, and add what was closed by this run."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT run.id,
                       (SELECT count(*) FROM crm_followup_case WHERE branch_id = run.branch_id AND due_date = run.day),
                       (SELECT count(*) FROM crm_followup WHERE branch_id = run.branch_id
                           AND scheduled_date = run.day AND skipped_because IS DISTINCT FROM 'late')
                  FROM crm_followup_run run WHERE run.id = ANY(%s)
                """,
                list(self.ids),
            )
        )
        gone = [
            dict(records._read_group([("id", "in", records.ids)], ["branch_id"], ["__count"]))
            for records in (skipped, expired)
        ]
        for id_, opened, due in rows:
            run = self.browse(id_)
            run.write(
                {
                    "opened_count": opened,
                    "due_count": due,
                    "skipped_count": run.skipped_count + gone[0].get(run.branch_id, 0),
                    "expired_count": run.expired_count + gone[1].get(run.branch_id, 0),
                }
            )

    def _remind_admins(self):
        """Give each admin who has something to do one activity for the day, and none for the days before."""
        today = self.env.ref(TODAY)
        self.search([("branch_id", "in", self.branch_id.ids), ("id", "not in", self.ids)]).activity_unlink(
            [TODAY], only_automated=False
        )
        groups = (
            self.env["crm.followup"]
            .sudo()
            ._read_group(
                [("branch_id", "in", self.branch_id.ids), ("state", "=", "todo"), ("user_id", "!=", False)],
                ["branch_id", "user_id"],
                ["__count"],
            )
        )
        runs = {run.branch_id: run for run in self}
        known = (
            self.env["mail.activity"]
            .sudo()
            .search([("res_model", "=", self._name), ("res_id", "in", self.ids), ("activity_type_id", "=", today.id)])
        )
        reminded = {(activity.res_id, activity.user_id.id) for activity in known}
        self.env["mail.activity"].sudo().with_context(mail_activity_quick_update=True).create(
            [
                {
                    "res_model_id": self.env["ir.model"]._get_id(self._name),
                    "res_id": runs[branch].id,
                    "activity_type_id": today.id,
                    "user_id": user.id,
                    "date_deadline": runs[branch].day,
                    "summary": self.with_context(lang=user.lang).env._("%s follow-ups to do", count),
                    "automated": True,
                }
                for branch, user, count in groups
                if (runs[branch].id, user.id) not in reminded
            ]
        )
