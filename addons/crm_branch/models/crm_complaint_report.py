from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import is_html_empty

from odoo.addons.crm_base.workflow import ALL_BUT, Transition, Workflow

OFFICERS = ("crm_branch.group_retention_officer",)
HEADQUARTERS = ("crm_branch.group_headquarters",)
#: What stays open on a report that left the branch: its conversation.
LOOSE = ("message_ids", "message_follower_ids", "activity_ids", "interaction_ids")
ANSWER = ("answer", "decision")
#: What follows from the steps: nobody types it, in any state.
FACTS = (
    "number",
    "company_id",
    "ticket_id",
    "deadline",
    "sent_at",
    "sent_by_id",
    "answered_at",
    "answered_by_id",
    "terms_id",
    "terms_acknowledged_at",
    "terms_told_by_id",
    "closed_at",
)
TODO = "mail.mail_activity_data_todo"


class CrmComplaintReport(models.Model):
    """A complaint taken at a branch: the event report with the customer's information and the officer's opinion, sent
    to the headquarters at once, answered there, and told to the customer (BR-11).

    The headquarters' helpdesk has a ticket of each; it follows this report.
    """

    _name = "crm.complaint.report"
    _description = "Complaint"
    _inherit = [
        "mail.thread",
        "mail.activity.mixin",
        "crm.interaction.mixin",
        "crm.branch.mixin",
        "crm.kept.mixin",
        "crm.file.mixin",
    ]
    _order = "received_on desc, id desc"
    _rec_name = "number"
    _rec_names_search = ["number", "partner_id"]
    _check_company_auto = True

    _workflow = Workflow(
        states={"draft": "Draft", "sent": "At Headquarters", "answered": "Answered", "closed": "Closed"},
        transitions=(
            Transition(
                "send", ("draft",), "sent", OFFICERS, requires=("description", "opinion", "terms_acknowledged_at")
            ),
            Transition("return", ("sent",), "draft", HEADQUARTERS, reason=True),
            Transition("answer", ("sent",), "answered", HEADQUARTERS, requires=ANSWER, other_than="send"),
            Transition("close", ("answered",), "closed", OFFICERS),
            Transition("appeal", ("answered", "closed"), "sent", OFFICERS, reason=True),
        ),
        locked={
            "sent": (ALL_BUT, *ANSWER, *FACTS, *LOOSE),
            "answered": (ALL_BUT, *FACTS, *LOOSE),
            "closed": (ALL_BUT, *FACTS, *LOOSE),
        },
        deletable=("draft",),
    )
    _kept = frozenset(FACTS)
    _papers = ("warranty_card", "proof_of_purchase")

    state = _workflow.state_field(index=True, tracking=True, group_expand=True)
    number = fields.Char(readonly=True, copy=False, default="/")
    kind = fields.Selection(
        [("product", "Product"), ("service", "Service"), ("grievance", "Grievance")],
        "About",
        required=True,
        default="product",
        help="Warranty card and proof of purchase belong to a product.",
    )
    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, index=True, ondelete="restrict", check_company=True, tracking=True
    )
    product_id = fields.Many2one("product.product", index="btree_not_null", ondelete="restrict", check_company=True)
    purchased_on = fields.Date()
    received_on = fields.Date(
        required=True, default=lambda self: self._default_received_on(), copy=False, tracking=True
    )
    description = fields.Html("Customer's Information", help="What happened, in the customer's words.")
    demand = fields.Text("Customer Asks For", help="Repair, another unit, the money back …")
    opinion = fields.Html("Officer's Opinion")
    warranty_card = fields.Binary(attachment=True, copy=False)
    warranty_card_name = fields.Char(copy=False)
    warranty_card_missing = fields.Char("Why There Is No Warranty Card", copy=False)
    proof_of_purchase = fields.Binary(attachment=True, copy=False)
    proof_of_purchase_name = fields.Char(copy=False)
    proof_of_purchase_missing = fields.Char("Why There Is No Proof of Purchase", copy=False)
    terms_id = fields.Many2one(
        "crm.complaint.terms", "Terms Told", readonly=True, copy=False, index="btree_not_null", ondelete="restrict"
    )
    terms_body = fields.Html("Terms", compute="_compute_terms_body", compute_sudo=True)
    terms_acknowledged_at = fields.Datetime("Terms Acknowledged", readonly=True, copy=False)
    terms_told_by_id = fields.Many2one("res.users", "Told By", readonly=True, copy=False, ondelete="restrict")
    deadline = fields.Date(
        compute="_compute_deadline", store=True, index=True, help="Until then the customer is to be answered."
    )
    is_overdue = fields.Boolean("Overdue", compute="_compute_is_overdue", search="_search_is_overdue")
    sent_at = fields.Datetime("Sent On", readonly=True, copy=False)
    sent_by_id = fields.Many2one("res.users", readonly=True, copy=False, index="btree_not_null", ondelete="restrict")
    decision = fields.Selection(
        [("accepted", "Accepted"), ("partly", "Accepted in Part"), ("rejected", "Rejected")], copy=False, tracking=True
    )
    answer = fields.Html("Headquarters' Answer", copy=False)
    answered_at = fields.Datetime("Answered On", readonly=True, copy=False)
    answered_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, index="btree_not_null", ondelete="restrict"
    )
    closed_at = fields.Datetime("Closed On", readonly=True, copy=False)
    ticket_id = fields.Many2one(
        "helpdesk.ticket", readonly=True, copy=False, index="btree_not_null", ondelete="set null"
    )

    _number_uniq = models.UniqueIndex("(company_id, number) WHERE number != '/'", "This number is given already.")

    # === COMPUTE METHODS === #

    def _default_received_on(self):
        branch = self.env.user.branch_id
        return branch._today() if branch else fields.Date.context_today(self)

    @api.depends("terms_id", "branch_id")
    def _compute_terms_body(self):
        """The wording that was told, or is to be told today."""
        for report in self:
            company = report.branch_id.company_id
            terms = report.terms_id or (
                self.env["crm.complaint.terms"]._in_force(company, report.branch_id._today())
                if company
                else report.terms_id
            )
            report.terms_body = terms.body

    @api.depends("received_on")
    def _compute_deadline(self):
        """Count the company's days from the day on which the complaint was received."""
        for report in self:
            days = report.branch_id.sudo().company_id.complaint_answer_days
            report.deadline = report.received_on and report.received_on + timedelta(days=days)

    @api.depends("state", "deadline")
    def _compute_is_overdue(self):
        for report in self:
            waiting = report.state in ("draft", "sent") and bool(report.deadline) and bool(report.branch_id)
            report.is_overdue = waiting and report.deadline < report.branch_id.sudo()._today()

    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        late = Domain.OR(
            Domain("branch_id", "=", branch.id) & Domain("deadline", "<", branch._today())
            for branch in self.env["crm.branch"].search([])
        )
        return Domain("state", "in", ("draft", "sent")) & late

    # === CONSTRAINS METHODS === #

    @api.constrains("received_on", "purchased_on")
    def _check_days(self):
        for report in self:
            today = report.branch_id.sudo()._today()
            if report.received_on > today or (report.purchased_on and report.purchased_on > today):
                raise UserError(self.env._("%s: this day is still to come.", report.display_name))

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: number the reports."""
        reports = super().create(vals_list)
        if reports.filtered(lambda report: report.answer or report.decision):
            self._check_answers()
        for report in reports.sudo():
            number = self.env["ir.sequence"].sudo().with_company(report.company_id).next_by_code("crm.complaint.report")
            report.number = number
        return reports

    def write(self, vals):
        """Override: the answer is the headquarters'."""
        if any(report._would_change(name, vals[name]) for name in ANSWER if name in vals for report in self.sudo()):
            self._check_answers()
        return super().write(vals)

    def _check_answers(self):
        if not (self.env.su or self.env.user.has_group(HEADQUARTERS[0])):
            raise AccessError(self.env._("The headquarters answers complaints."))

    # === ACTION METHODS === #

    def action_acknowledge_terms(self):
        """Note that the customer was told the terms in force, and acknowledged them."""
        self.check_access("write")
        self._check_officer()
        for report in self:
            if report.state != "draft":
                raise UserError(self.env._("%s has been sent: the terms were told before.", report.display_name))
            terms = self.env["crm.complaint.terms"]._in_force(report.company_id, report.branch_id.sudo()._today())
            if not terms:
                raise UserError(
                    self.env._("The headquarters hasn't written complaint terms yet (Configuration → Complaint Terms).")
                )
            report.sudo().write(
                {
                    "terms_id": terms.id,
                    "terms_acknowledged_at": fields.Datetime.now(),
                    "terms_told_by_id": self.env.uid,
                }
            )

    def action_send(self):
        """Send the report to the headquarters."""
        return self._workflow_do("send")

    def action_answer(self):
        """Answer the complaint: the branch tells the customer."""
        return self._workflow_do("answer")

    def action_close(self):
        """Close the complaint of a customer who was told the answer."""
        return self._workflow_do("close")

    def action_tell_customer(self):
        """Log the call or e-mail by which the customer is told the answer."""
        self.ensure_one()
        action = self.action_view_interactions()
        action["context"] |= {"default_direction": "outgoing"}
        return {**action, "views": [[False, "form"]], "target": "current"}

    def action_view_ticket(self):
        """Open the ticket of the headquarters' helpdesk."""
        self.ensure_one()
        return self.ticket_id.get_formview_action()

    # === WORKFLOW === #

    def _check_officer(self):
        if not self.env.user.has_group(OFFICERS[0]):
            raise UserError(self.env._("Complaints are taken by the branch's retention officers."))

    def _check_transition(self, transition):
        """Override: papers are there, or it is said why not; the customer was told before the report is closed."""
        if transition.name == "send":
            for report in self:
                report._check_papers()
        elif transition.name == "answer":
            for report in self.filtered(lambda report: is_html_empty(report.answer)):
                raise UserError(self.env._("%s: write the answer first.", report.display_name))
        elif transition.name == "close":
            for report in self:
                report._check_told()
        return super()._check_transition(transition)

    def _check_papers(self):
        """Check that what the headquarters needs is there."""
        self.ensure_one()
        if is_html_empty(self.description) or is_html_empty(self.opinion):
            raise UserError(
                self.env._("%s: write down the customer's information and your opinion first.", self.display_name)
            )
        if self.kind != "product":
            return
        if not self.product_id:
            raise UserError(self.env._("%s: choose the product that it is about.", self.display_name))
        for name in self._papers:
            if not self[name] and not (self[f"{name}_missing"] or "").strip():
                label = self.fields_get([name], ["string"])[name]["string"]
                raise UserError(
                    self.env._(
                        "%(report)s: attach the %(paper)s, or say why there is none.",
                        report=self.display_name,
                        paper=label,
                    )
                )

    def _check_told(self):
        """Check that the customer was told the answer: a contact about the report that is done since."""
        told = (
            self.env["crm.interaction"]
            .sudo()
            .search_count(
                [
                    *(("res_model", "=", self._name), ("res_id", "=", self.id), ("direction", "=", "outgoing")),
                    *(("state", "=", "done"), ("ended_at", ">=", self.answered_at)),
                ],
                limit=1,
            )
        )
        if not told:
            raise UserError(
                self.env._("%s: tell the customer first, and log the contact with its outcome.", self.display_name)
            )

    def _before_transition(self, transition):
        """Override: note who did it, when."""
        now = fields.Datetime.now()
        if transition.name == "send":
            self.sudo().write({"sent_at": now, "sent_by_id": self.env.uid})
        elif transition.name == "answer":
            self.sudo().write({"answered_at": now, "answered_by_id": self.env.uid})
        elif transition.name == "close":
            self.sudo().write({"closed_at": now})
        return super()._before_transition(transition)

    def _after_transition(self, transition):
        """Override: the ticket follows; who is next is told."""
        reports = self.sudo()
        reports.activity_unlink([TODO], only_automated=True)
        for report in reports:
            report._follow_up(transition)
        return super()._after_transition(transition)

    # === BUSINESS METHODS === #

    def _follow_up(self, transition):
        """Ask whoever is next, and let the ticket follow; with all rights."""
        self.ensure_one()
        if transition.target == "sent":
            self._open_ticket()
            headquarters = self.branch_id._headquarters_of(self.company_id)
            self._ask(headquarters.head_id[:1] or headquarters.user_ids[:1], self.env._("Answer the complaint"))
        elif transition.name == "return":
            self._ask(self.sent_by_id, self.env._("Complete the report and send it again"))
        elif transition.name == "answer":
            self._ask(self.sent_by_id, self.env._("Tell the customer the answer"))
        elif transition.name == "close":
            stage = self.ticket_id.team_id._get_applicable_stages().filtered("closed")[:1]
            if stage:
                self.ticket_id.stage_id = stage

    def _ask(self, user, summary):
        if user:
            deadline = max(self.deadline, self.branch_id._today())
            self.activity_schedule(TODO, deadline, summary, user_id=user.id, automated=True)

    def _open_ticket(self):
        """Open the ticket of the headquarters' helpdesk, or open it again."""
        team = self.env.ref("crm_branch.helpdesk_team_branches", raise_if_not_found=False)
        if self.ticket_id:
            self.ticket_id.stage_id = self.ticket_id.team_id._get_applicable_stages()[:1] or self.ticket_id.stage_id
            return
        self.ticket_id = self.env["helpdesk.ticket"].create(
            {
                "name": f"{self.number} {self.partner_id.name}",
                "description": self.description,
                "partner_id": self.partner_id.id,
                "partner_name": self.partner_id.name,
                "partner_email": self.partner_id.email,
                "team_id": team.id if team else False,
                "branch_id": self.branch_id.id,
                "company_id": self.company_id.id,
            }
        )
