from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.crm_base.workflow import ALL_BUT, Transition, Workflow

from .crm_queue_contact import CHANNELS
from .crm_queue_staffing import MINUTES

SUPERVISOR = ("crm_contact_center.group_supervisor",)
INPUTS = ("file", "file_name", "queue_id", "channel", "minutes")
FIGURES = frozenset(
    {
        "row_count",
        "fault_count",
        "ignored_count",
        "interval_count",
        "contact_count",
        "day_count",
        "day_from",
        "day_to",
        "new_count",
        "changed_count",
        "same_count",
        "own_count",
        "kind",
    }
)

COMPARE = """
SELECT count(*) FILTER (WHERE known.id IS NULL),
       count(*) FILTER (WHERE known.source = 'own'),
       count(*) FILTER (WHERE known.source = 'imported' AND same.same),
       count(*) FILTER (WHERE known.source = 'imported' AND NOT same.same)
  FROM crm_staffing_import_line line
  LEFT JOIN crm_staffing_history known
         ON known.queue_id = %(queue)s AND known.channel = line.channel AND known.interval_at = line.interval_at
        AND known.minutes = line.minutes
  LEFT JOIN LATERAL (
       SELECT (known.offered, known.answered, known.in_target, known.abandoned, known.handle_seconds,
               known.wait_seconds)
            = (line.offered, line.answered, line.in_target, line.abandoned, line.handle_seconds, line.wait_seconds)
              AS same) AS same ON TRUE
 WHERE line.import_id = %(id)s
"""

TAKE_OVER = """
INSERT INTO crm_staffing_history (queue_id, branch_id, company_id, channel, interval_at, minutes, source, import_id,
                                  offered, answered, in_target, abandoned, handle_seconds, wait_seconds,
                                  create_uid, write_uid, create_date, write_date)
SELECT %(queue)s, %(branch)s, %(company)s, channel, interval_at, minutes, 'imported', import_id,
       offered, answered, in_target, abandoned, handle_seconds, wait_seconds, %(uid)s, %(uid)s, %(now)s, %(now)s
  FROM crm_staffing_import_line WHERE import_id = %(id)s
    ON CONFLICT (queue_id, channel, interval_at, minutes) DO UPDATE
   SET import_id = excluded.import_id, offered = excluded.offered, answered = excluded.answered,
       in_target = excluded.in_target, abandoned = excluded.abandoned, handle_seconds = excluded.handle_seconds,
       wait_seconds = excluded.wait_seconds, write_uid = excluded.write_uid, write_date = excluded.write_date
 WHERE crm_staffing_history.source = 'imported'
   AND (crm_staffing_history.offered, crm_staffing_history.answered, crm_staffing_history.in_target,
        crm_staffing_history.abandoned, crm_staffing_history.handle_seconds, crm_staffing_history.wait_seconds)
    IS DISTINCT FROM (excluded.offered, excluded.answered, excluded.in_target, excluded.abandoned,
                      excluded.handle_seconds, excluded.wait_seconds)
"""


class CrmStaffingImport(models.Model):
    """A file of an earlier system's calls, or of counts of them, on its way into a queue's history (CC-8a).

    It is read and counted first, and shown; taken over it is by one statement. The same file again changes nothing, and
    what was counted here stays as it is.
    """

    _name = "crm.staffing.import"
    _description = "Import of Past Contacts"
    _inherit = ["crm.branch.link.mixin", "crm.workflow.mixin"]
    _order = "id desc"
    _rec_name = "file_name"

    _workflow = Workflow(
        states={"draft": "Upload", "preview": "Check", "done": "Done", "cancelled": "Cancelled"},
        transitions=(
            Transition("read", ("draft",), "preview", groups=SUPERVISOR, requires=("file", "queue_id")),
            Transition("redraft", ("preview",), "draft", groups=SUPERVISOR),
            Transition("apply", ("preview",), "done", groups=SUPERVISOR),
            Transition("undo", ("done",), "cancelled", groups=SUPERVISOR),
            Transition("cancel", ("draft", "preview"), "cancelled", groups=SUPERVISOR),
        ),
        locked={"preview": INPUTS, "done": INPUTS, "cancelled": (ALL_BUT,)},
        deletable=("draft", "cancelled"),
    )

    state = _workflow.state_field(index=True)
    queue_id = fields.Many2one("crm.queue", required=True, index=True, ondelete="cascade")
    branch_id = fields.Many2one(related="queue_id.branch_id", store=True, index=True)
    company_id = fields.Many2one(related="queue_id.company_id", store=True, index=True)
    channel = fields.Selection(
        CHANNELS, required=True, default="call", help="Of rows that don't say it in a column of their own."
    )
    minutes = fields.Selection(
        MINUTES,
        "Counted By",
        required=True,
        default="30",
        help="Single calls are counted in such intervals; so are counts that don't say how long theirs are.",
    )
    file = fields.Binary(attachment=True, copy=False)
    file_name = fields.Char(default=lambda self: self.env._("New import"), required=True, copy=False)
    kind = fields.Selection([("calls", "Single Calls"), ("counts", "Counts")], "Rows Are", readonly=True, copy=False)
    row_count = fields.Integer("Rows Read", readonly=True, copy=False)
    fault_count = fields.Integer("Rows Refused", readonly=True, copy=False)
    ignored_count = fields.Integer("No Contacts", readonly=True, copy=False, help="Rows marked as phantom or ignored.")
    contact_count = fields.Integer("Contacts", readonly=True, copy=False)
    interval_count = fields.Integer("Intervals", readonly=True, copy=False)
    day_count = fields.Integer("Days", readonly=True, copy=False)
    day_from = fields.Date("First Day", readonly=True, copy=False)
    day_to = fields.Date("Last Day", readonly=True, copy=False)
    new_count = fields.Integer("New", readonly=True, copy=False, help="Intervals that the history doesn't have yet.")
    changed_count = fields.Integer("Changed", readonly=True, copy=False)
    same_count = fields.Integer("As They Were", readonly=True, copy=False)
    own_count = fields.Integer("Counted Here", readonly=True, copy=False, help="They stay as this system counted them.")
    line_ids = fields.One2many("crm.staffing.import.line", "import_id", "Lines", readonly=True)
    fault_ids = fields.One2many("crm.staffing.import.fault", "import_id", "Refused", readonly=True)

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: figures come from reading the file."""
        for vals in vals_list:
            self._refuse_figures(vals)
        return super().create([{**dict.fromkeys(FIGURES, False), **vals} for vals in vals_list])

    def write(self, vals):
        """Override: figures come from reading the file."""
        self._refuse_figures(vals)
        return super().write(vals)

    def _refuse_figures(self, vals):
        if not self.env.su and FIGURES & vals.keys():
            raise UserError(self.env._("The figures of an import come from reading its file."))

    # === ACTION METHODS === #

    def action_read(self):
        """Read and count the file's rows, and show what would become of them."""
        self.ensure_one()
        self._workflow_do("read")

    def action_redraft(self):
        """Choose another file or queue."""
        self._workflow_do("redraft")

    def action_apply(self):
        """Put what was counted into the queue's history."""
        self._workflow_do("apply")

    def action_undo(self):
        """Take what this file brought out of the history again."""
        self._workflow_do("undo")

    def action_cancel(self):
        """Leave the file alone."""
        self._workflow_do("cancel")

    def action_view_history(self):
        """Open what this file brought."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_contact_center.crm_staffing_history_action")
        return {**action, "domain": [("import_id", "=", self.id)], "context": {}}

    # === WORKFLOW === #

    def _before_transition(self, transition):
        """Override: read, compare, take over, or forget."""
        for document in self:
            if transition.name == "read":
                document._read_file()
            elif transition.name == "apply":
                document._take_over()
        if transition.name in ("redraft", "cancel", "undo"):
            self._forget()
        return super()._before_transition(transition)

    def _forget(self):
        history = self.env["crm.staffing.history"].sudo()
        history.search([("import_id", "in", self.ids)]).unlink()
        self.sudo().fault_ids.unlink()
        self.sudo().line_ids.unlink()
        self.sudo().write(dict.fromkeys(FIGURES, False))

    def _take_over(self):
        self.env.flush_all()
        self._compare()
        queue = self.queue_id
        values = {"id": self.id, "queue": queue.id, "branch": queue.branch_id.id, "company": queue.company_id.id}
        self.env.cr.execute(SQL(TAKE_OVER, **values, uid=self.env.uid, now=self.env.cr.now()))
        self.env["crm.staffing.history"].invalidate_model()

    def _compare(self):
        """Note how many of the intervals the history has already. A queue's lengths may differ: none is doubled."""
        self.env.flush_all()
        [counts] = self.env.execute_query(SQL(COMPARE, id=self.id, queue=self.queue_id.id))
        names = ("new_count", "own_count", "same_count", "changed_count")
        self.sudo().write(dict(zip(names, counts, strict=True)))

    @api.autovacuum
    def _gc_files(self):
        """Delete files, and what was counted of them, a month after their end: the history has it, and calls are
        personal data.
        """
        limit = fields.Datetime.subtract(fields.Datetime.now(), days=30)
        ended = self.search([("state", "in", ("done", "cancelled")), ("write_date", "<", limit)])
        self.env.cr.execute(SQL("DELETE FROM crm_staffing_import_line WHERE import_id = ANY(%s)", list(ended.ids)))
        self.env["ir.attachment"].sudo().search(
            [("res_model", "=", self._name), ("res_field", "=", "file"), ("res_id", "in", ended.ids)]
        ).unlink()
