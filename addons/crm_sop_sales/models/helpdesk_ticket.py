from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import is_html_empty

from odoo.addons.crm_base.workflow import ALL_BUT, Transition, Workflow

from .crm_interaction_delivery_call import BAD_GOODS

OFFICERS = ("crm_base.group_officer",)
MANAGERS = ("crm_base.group_manager",)
#: What the document asks of a complaint (SOP-2d), as texts that say it in whatever way it is known.
FACTS = ("complaint_product", "complaint_period", "complaint_shop", "complaint_problem")
#: Said in the context by our own code when it moves a complaint; JSON can't make this object.
STEP = object()
#: What stays open on a registered complaint's record whatever its state: its place in lists, its conversation.
LOOSE = (
    "stage_id",
    "last_stage_update",
    "closed_date",
    "access_token",
    "activity_ids",
    "attachment_ids",
    "color",
    "interaction_ids",
    "kanban_state",
    "message_follower_ids",
    "message_ids",
    "sequence",
    "tag_ids",
)
REGISTERED = ("active", "company_id", "number", "team_id")
ANSWERED = (
    *REGISTERED,
    "decision_id",
    "decision_reason",
    "description",
    "imei",
    "order_id",
    "partner_id",
    "product_id",
    "product_name",
    "purchase_date",
    "purchase_period",
    "shop_id",
    "shop_name",
    "solution",
)


class HelpdeskTicket(models.Model):
    """A complaint is a ticket of a complaint team: registered with all that the document asks, owned by an officer,
    answered by a date, and closed by a content customer (SOP-2d, SOP-G3, SOP-G4, SOP-T7).

    Tickets of other teams stay “new” here and go their own way by helpdesk's stages.
    """

    _name = "helpdesk.ticket"
    _inherit = ["helpdesk.ticket", "crm.workflow.mixin", "crm.interaction.mixin"]

    _workflow_field = "complaint_state"
    _workflow = Workflow(
        states={
            "new": "New",
            "registered": "Registered",
            "in_progress": "In Progress",
            "solved": "Solved",
            "closed": "Closed",
            "cancelled": "Cancelled",
        },
        transitions=(
            Transition("register", ("new",), "registered", OFFICERS, requires=("partner_id", *FACTS)),
            Transition("start", ("registered",), "in_progress", OFFICERS),
            Transition(
                "solve",
                ("registered", "in_progress"),
                "solved",
                OFFICERS,
                requires=("decision_id", "decision_reason", "solution"),
            ),
            Transition("close", ("solved",), "closed", OFFICERS),
            Transition("dissatisfied", ("solved",), "in_progress", OFFICERS, reason=True),
            Transition("cancel", ("new", "registered", "in_progress"), "cancelled", OFFICERS, reason=True),
            Transition("reopen", ("closed",), "in_progress", MANAGERS, reason=True),
            Transition("restore", ("cancelled",), "new", MANAGERS, reason=True),
        ),
        locked={
            "registered": REGISTERED,
            "in_progress": REGISTERED,
            "solved": ANSWERED,
            "closed": (ALL_BUT, *LOOSE),
            "cancelled": (ALL_BUT, *LOOSE),
        },
        deletable=("new",),
    )

    complaint_state = _workflow.state_field("Complaint Status", index=True, tracking=True, group_expand=True)
    is_complaint = fields.Boolean("Is a Complaint", compute="_compute_is_complaint", store=True, index=True)
    partner_phone = fields.Char("Phone", related="partner_id.phone", related_sudo=False)
    decision_id = fields.Many2one(
        "crm.complaint.decision", index="btree_not_null", ondelete="restrict", copy=False, tracking=True
    )
    decision_reason = fields.Text(
        "Reason for the Decision", copy=False, help="Why it was decided so: facts, not opinions."
    )
    solution = fields.Text(copy=False, help="What was done for the customer, in the words that they were told.")
    answered_at = fields.Datetime("Customer Answered", readonly=True, copy=False)
    answered_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, index="btree_not_null", ondelete="restrict"
    )

    _registered_facts = models.Constraint(
        """CHECK(complaint_state IN ('new', 'cancelled') OR (
            (product_id IS NOT NULL OR COALESCE(btrim(product_name), '') <> '')
            AND (purchase_date IS NOT NULL OR COALESCE(btrim(purchase_period), '') <> '')
            AND (shop_id IS NOT NULL OR COALESCE(btrim(shop_name), '') <> '')
            AND regexp_replace(description, '<(?!img)[^>]*>|&nbsp;|\\s', '', 'g') <> ''))""",
        "A registered complaint has the product, the time of purchase, the shop and the problem in full.",
    )
    _registered_owner = models.Constraint(
        """CHECK(complaint_state IN ('new', 'cancelled') OR (
            user_id IS NOT NULL AND deadline IS NOT NULL AND partner_id IS NOT NULL AND branch_id IS NOT NULL))""",
        "A registered complaint has a customer, a branch, an owner and a deadline.",
    )
    _solved_answer = models.Constraint(
        """CHECK(complaint_state NOT IN ('solved', 'closed') OR (
            decision_id IS NOT NULL AND answered_at IS NOT NULL AND answered_by_id IS NOT NULL
            AND COALESCE(btrim(decision_reason), '') <> '' AND COALESCE(btrim(solution), '') <> ''))""",
        "A solved complaint says what was decided, why, and what was done.",
    )

    # === COMPUTE METHODS === #

    @api.depends("team_id")
    def _compute_is_complaint(self):
        for ticket in self:
            ticket.is_complaint = ticket.team_id.is_complaint

    def _compute_stage_id(self):
        """Override: a complaint's stage is that of its state."""
        complaints = self.filtered("team_id.is_complaint")
        for ticket in complaints:
            ticket.stage_id = ticket.team_id._complaint_stage(ticket.complaint_state) or ticket.stage_id
        return super(HelpdeskTicket, self - complaints)._compute_stage_id()

    def _compute_display_name(self):
        """Override: a complaint that nobody has saved yet has neither number nor title."""
        unsaved = self.filtered(lambda ticket: not ticket._origin and ticket.is_complaint)
        unsaved.display_name = self.env._("New Complaint")
        return super(HelpdeskTicket, self - unsaved)._compute_display_name()

    # === CRUD METHODS === #

    @api.model
    def default_get(self, fields):
        """Override: what is opened as a new complaint belongs to the complaint team and to the user's branch."""
        defaults = super().default_get(fields)
        if self.env.context.get("new_complaint"):
            own = {"team_id": self._complaint_team().id, "branch_id": self.env.user.branch_id.id}
            own["user_id"] = self.env.uid if self.env.user.has_group(OFFICERS[0]) else False
            defaults.update({name: value for name, value in own.items() if name in fields and not defaults.get(name)})
        return defaults

    def get_formview_id(self, access_uid=None):
        """Override: a complaint opens in its own form, wherever it is clicked."""
        if len(self) == 1 and self.is_complaint:
            return self.env.ref("crm_sop_sales.helpdesk_ticket_view_form_complaint").id
        return super().get_formview_id(access_uid=access_uid)

    # === ACTION METHODS === #

    def action_register(self):
        """Register the complaint: from now on it has an owner and a deadline (SOP-2d, SOP-G3)."""
        return self._workflow_do("register")

    def action_start(self):
        """Take the complaint in hand."""
        return self._workflow_do("start")

    def action_solve(self):
        """Note what was decided and why, and plan the question whether the customer is content (SOP-T7)."""
        return self._workflow_do("solve")

    def action_close(self):
        """Close the complaint of a customer who said that they are content (SOP-T7)."""
        return self._workflow_do("close")

    def action_open_complaint(self):
        """Open the complaint's own form from helpdesk's."""
        self.ensure_one()
        return self.get_formview_action()

    # === BUSINESS METHODS === #

    @api.model
    def _complaint_action(self, domain, **defaults):
        """Return the list of these complaints; a new one has the defaults."""
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_sop_sales.helpdesk_ticket_action_complaints")
        context = {"new_complaint": True, **{f"default_{name}": value for name, value in defaults.items()}}
        return {**action, "domain": domain, "context": context}

    @api.model
    def _workflow_document(self):
        """Override: the workflow is that of complaints."""
        return self.env._("complaint")

    @api.model
    def _complaint_team(self):
        """Return the team of new complaints."""
        team = self.env.ref("crm_sop_sales.helpdesk_team_complaints", raise_if_not_found=False)
        teams = self.env["helpdesk.ticket.team"]
        return team if team and team.active else teams.search([("is_complaint", "=", True)], limit=1)

    @api.model
    def _find_open_complaints(self, partner):
        """Return the unfinished complaints of a customer and of its people, the latest first."""
        unfinished = [("is_complaint", "=", True), ("complaint_state", "not in", ("closed", "cancelled"))]
        family = ("partner_id", "child_of", partner.commercial_partner_id.ids)
        return self.search([family, *unfinished], order="id desc") if partner else self.browse()

    def _before_transition(self, transition):
        steps = self.with_context(complaint_step=STEP)
        if transition.name == "register":
            for ticket in steps.filtered(lambda ticket: not ticket.user_id):
                ticket.user_id = self.env.uid
        elif transition.name == "solve":
            steps.write({"answered_at": fields.Datetime.now(), "answered_by_id": self.env.uid})
        return super()._before_transition(transition)

    def _check_transition(self, transition):
        if plain := self.filtered(lambda ticket: not ticket.is_complaint):
            raise UserError(
                self.env._("%s is no complaint: choose a complaint team first.", plain[:1].sudo().display_name)
            )
        return super()._check_transition(transition)

    def _after_transition(self, transition):
        steps = self.with_context(complaint_step=STEP)
        if transition.target == "in_progress" and transition.name != "start":
            steps.write({"answered_at": False, "answered_by_id": False})
        for team, tickets in steps.grouped("team_id").items():
            if stage := team._complaint_stage(transition.target):
                closed = {} if stage.closed else {"closed_date": False}
                tickets.write({"stage_id": stage.id, **closed})
        if transition.target == "registered":
            self.sudo().order_id.activity_feedback([BAD_GOODS])
        return super()._after_transition(transition)

    def _get_call_memo(self):
        """Override: who calls about a complaint reads the problem first."""
        return self.description

    def _problem_is_told(self):
        return not is_html_empty(self.description)
