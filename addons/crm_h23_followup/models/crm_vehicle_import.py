from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from odoo.addons.crm_base.workflow import Transition, Workflow

from ..const import KINDS, STATUSES

MANAGER = ("crm_base.group_manager",)
INPUTS = ("file", "file_name", "kind", "branch_id", "date_order")
COUNTS = tuple(f"{status}_count" for status, __ in STATUSES)
#: What only reading and taking over write; a context with this object under ``import_fact`` is leave to.
FACTS = frozenset((*COUNTS, "row_count", "todo_count", "done_count", "sheet", "header_row", "question", "user_id"))
FACT = object()


class CrmVehicleImport(models.Model):
    """One file of the main dealer's portal: uploaded, checked, looked at, taken over (H23-4.1.1).

    Its rows are checked and taken over set by set in SQL; whatever a person must decide waits among its rows.
    """

    _name = "crm.vehicle.import"
    _description = "Vehicle Import"
    _inherit = ["mail.thread", "mail.activity.mixin", "crm.branch.mixin", "crm.workflow.mixin"]
    _order = "id desc"
    _rec_name = "file_name"
    _check_company_auto = True

    _workflow = Workflow(
        states={
            "draft": "Upload",
            "preview": "Check",
            "applying": "Taking Over",
            "done": "Done",
            "cancelled": "Cancelled",
        },
        transitions=(
            Transition("read", ("draft",), "preview", groups=MANAGER, requires=("file", "kind")),
            Transition("redraft", ("preview",), "draft", groups=MANAGER),
            Transition("apply", ("preview",), "applying", groups=MANAGER),
            Transition("finish", ("applying",), "done"),
            Transition("recheck", ("done",), "draft", groups=MANAGER),
            Transition("cancel", ("draft", "preview"), "cancelled", groups=MANAGER),
        ),
        locked={
            "preview": INPUTS,
            "applying": INPUTS,
            "done": INPUTS,
            "cancelled": INPUTS,
        },
        deletable=("draft", "cancelled"),
    )

    state = _workflow.state_field(index=True, tracking=True)
    branch_id = fields.Many2one(
        default=lambda self: self._default_branch(), help="Of the rows that name no branch of their own."
    )
    kind = fields.Selection(KINDS, "Report", required=True, default="cdb")
    file = fields.Binary(attachment=True, copy=False)
    file_name = fields.Char(default=lambda self: self.env._("New import"), required=True, copy=False)
    date_order = fields.Selection(
        [("dmy", "Day first: 31/12/2026"), ("mdy", "Month first: 12/31/2026")],
        "Dates Are Written",
        help="Empty: it is found out from the file, and asked where the file doesn’t say.",
    )
    sheet = fields.Char(readonly=True, copy=False)
    header_row = fields.Integer("Row of the Column Names", readonly=True, copy=False, aggregator=None)
    question = fields.Json(readonly=True, copy=False)
    question_words = fields.Char(compute="_compute_question_words")
    column_ids = fields.One2many("crm.vehicle.import.column", "import_id", "Columns", copy=False)
    row_ids = fields.One2many("crm.vehicle.import.row", "import_id", "Rows", copy=False)
    sample_ids = fields.Many2many("crm.vehicle.import.row", string="Examples", compute="_compute_sample_ids")
    row_count = fields.Integer("Rows Read", readonly=True, copy=False)
    new_count = fields.Integer("New", readonly=True, copy=False)
    changed_count = fields.Integer("Changed", readonly=True, copy=False)
    unchanged_count = fields.Integer("Unchanged", readonly=True, copy=False)
    conflict_count = fields.Integer("Conflicts", readonly=True, copy=False)
    orphan_count = fields.Integer("Without Vehicle", readonly=True, copy=False)
    faulty_count = fields.Integer("Faulty", readonly=True, copy=False)
    todo_count = fields.Integer("To Take Over", readonly=True, copy=False)
    done_count = fields.Integer("Taken Over", readonly=True, copy=False)
    progress = fields.Float(compute="_compute_progress")
    left_count = fields.Integer(
        "Left Out",
        compute="_compute_progress",
        help="Undecided conflicts, faulty rows, rows without vehicle.",
    )
    user_id = fields.Many2one("res.users", "Taken Over By", readonly=True, copy=False, index=True)

    _create_uid_idx = models.Index("(create_uid)")

    # === COMPUTE METHODS === #

    @api.model
    def _default_branch(self):
        """Return the importer's branch; a member of the headquarters chooses one, if there are several."""
        own = self.env.user.branch_ids.filtered(lambda branch: branch.kind == "point_of_sale")
        visible = self.env.user.visible_branch_ids.filtered(
            lambda branch: branch.active and branch.kind == "point_of_sale" and branch.company_id == self.env.company
        )
        return own[:1] or (visible if len(visible) == 1 else visible[:0])

    @api.depends("todo_count", "done_count", "row_count", "unchanged_count", "state")
    def _compute_progress(self):
        for document in self:
            document.progress = 100 * document.done_count / document.todo_count if document.todo_count else 0
            document.left_count = document.row_count - document.unchanged_count - document.done_count

    @api.depends("question")
    @api.depends_context("lang")
    def _compute_question_words(self):
        targets = dict(self.column_ids._fields["target"]._description_selection(self.env))
        for document in self:
            document.question_words = document._words_of(document.question or {}, targets)

    def _words_of(self, question, targets):
        names = ", ".join(targets[name] for name in question.get("targets", ()))
        match question.get("code"):
            case "missing":
                return self.env._("Say below which column holds: %s. Then read the file.", names)
            case "double":
                return self.env._("Several columns hold the same: %s. Leave one of them.", names)
            case "either":
                return self.env._("Say below which column holds the engine or frame number. Then read the file.")
            case "date":
                return self.env._(
                    "“%(text)s”: does the day come first, or the month? The file doesn’t say. Choose how dates are "
                    "written, then read the file again.",
                    text=question["text"],
                )
            case "mixed":
                return self.env._(
                    "“%(day)s” has the day first, “%(month)s” the month. Choose how dates are written; the others are "
                    "faulty then.",
                    day=question["day"],
                    month=question["month"],
                )
        return False

    @api.depends(*COUNTS, "done_count", "state")
    def _compute_sample_ids(self):
        """Show the first five rows of each kind."""
        query = """
            SELECT sample.id FROM unnest(%s) WITH ORDINALITY AS kind(status, place),
                   LATERAL (SELECT id, number FROM crm_vehicle_import_row
                             WHERE import_id = %s AND status = kind.status ORDER BY number LIMIT 5) AS sample
             ORDER BY kind.place, sample.number
        """
        rows = self.env["crm.vehicle.import.row"]
        for document in self:
            statuses = [status for status, __ in STATUSES]
            found = self.env.execute_query(SQL(query, statuses, document._origin.id or 0))
            document.sample_ids = rows.browse(id_ for (id_,) in found)

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: figures come from reading the file."""
        documents = super().create(vals_list)
        for document in documents:  # in the context, too, a client may bring values
            self._check_facts({name for name in FACTS if document[name]})
        return documents

    def write(self, vals):
        """Override: figures come from reading the file; another file has other columns."""
        self._check_facts(vals)
        result = super().write(vals)
        if {"file", "kind"} & vals.keys():
            self.sudo().column_ids.unlink()
            self._write_facts({"question": False, "sheet": False, "header_row": 0})
        return result

    def _check_facts(self, names):
        if FACTS.intersection(names) and self.env.context.get("import_fact") is not FACT:
            raise UserError(self.env._("The figures of an import come from reading its file."))

    def _write_facts(self, vals):
        """Write what has been found out. Private: the context's object can't come from a client."""
        return self.with_context(import_fact=FACT, tracking_disable=True).write(vals)

    # === ACTION METHODS === #

    def action_read(self):
        """Read the file: find its columns, check every row, and show what would become of it."""
        self.ensure_one()
        self._check_importer()
        if self._read_file():
            self._workflow_do("read")

    def action_redraft(self):
        """Choose other columns or another file."""
        self._workflow_do("redraft")

    def action_apply(self):
        """Take over what is new, what changed and what was decided for the file."""
        self._workflow_do("apply")

    def action_recheck(self):
        """Check the same file again, after something else was imported or corrected."""
        self.ensure_one()
        self._workflow_do("recheck")
        self.action_read()

    def action_cancel(self):
        """Leave the file alone."""
        self._workflow_do("cancel")

    def action_view_rows(self):
        """Open the file's rows; the button's context says which."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_h23_followup.crm_vehicle_import_row_action")
        action["domain"] = [("import_id", "=", self.id)]
        status = self.env.context.get("row_status")
        action["context"] = {f"search_default_filter_{status}": 1} if status in dict(STATUSES) else {}
        return action

    def action_download_left(self):
        """Download the rows that weren't taken, with what is wrong, to correct and import them again."""
        self.ensure_one()
        return {"type": "ir.actions.act_url", "url": f"/crm_h23_followup/import/{self.id}/left", "target": "download"}

    # === BUSINESS METHODS === #

    def _check_importer(self):
        if not self.env.user.has_group("crm_base.group_manager"):
            raise AccessError(self.env._("Only managers import vehicles."))
        self.check_access("write")

    def _after_transition(self, transition):
        result = super()._after_transition(transition)
        if transition.name in ("redraft", "cancel", "recheck"):
            self._forget_rows()
        elif transition.name == "apply":
            self._write_facts({"user_id": self.env.uid})
            self._start_applying()
        return result

    def _forget_rows(self):
        self.env.cr.execute(SQL("DELETE FROM crm_vehicle_import_row WHERE import_id = ANY(%s)", list(self.ids)))
        self.env["crm.vehicle.import.row"].invalidate_model()
        self._write_facts(dict.fromkeys((*COUNTS, "row_count", "todo_count", "done_count"), 0))
