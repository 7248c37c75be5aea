from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..workflow import ALL_BUT, Transition, Workflow


class CrmInteraction(models.Model):
    """One contact with a customer, whatever the channel and direction.

    Who, when it began, was answered and ended, what for, what came of it, and the document that it was about: a
    customer's page shows all of them in one list (FL-12). What is done is a record: it no longer changes.
    """

    _name = "crm.interaction"
    _description = "Interaction"
    _inherit = ["crm.branch.mixin", "crm.workflow.mixin"]
    _order = "began_at desc, id desc"
    _rec_names_search = ["partner_id", "caller_name", "phone"]
    _check_company_auto = True

    _workflow = Workflow(
        states={"open": "Open", "done": "Done", "cancelled": "Cancelled"},
        transitions=(
            Transition("close", ("open",), "done", requires=("outcome_id",)),
            Transition("cancel", ("open",), "cancelled", reason=True),
            Transition("reopen", ("done", "cancelled"), "open", groups=("crm_base.group_manager",), reason=True),
        ),
        locked={"done": (ALL_BUT,), "cancelled": (ALL_BUT,)},
        deletable=("open",),
    )

    state = _workflow.state_field(index=True)
    channel = fields.Selection(
        [
            ("call", "Call"),
            ("visit", "Visit"),
            ("whatsapp", "WhatsApp"),
            ("email", "Email"),
            ("chat", "Chat"),
        ],
        required=True,
        default="call",
    )
    direction = fields.Selection(
        [("incoming", "Incoming"), ("outgoing", "Outgoing")],
        required=True,
        default="incoming",
        help="Incoming: the customer turned to us.",
    )
    partner_id = fields.Many2one(
        "res.partner", "Customer", index="btree_not_null", ondelete="restrict", check_company=True
    )
    caller_name = fields.Char(
        "Caller's Name", help="How the caller introduced themself, where the customer isn't known."
    )
    phone = fields.Char(index="btree_not_null", help="Stored with its country code, e.g. +62 812 3456 7890.")
    user_id = fields.Many2one(
        "res.users", "Responsible", required=True, default=lambda self: self.env.user, index=True, copy=False
    )
    purpose_id = fields.Many2one("crm.interaction.purpose", index="btree_not_null", ondelete="restrict")
    outcome_id = fields.Many2one("crm.interaction.outcome", index="btree_not_null", ondelete="restrict", copy=False)
    note = fields.Html()
    began_at = fields.Datetime(
        "Began", required=True, default=fields.Datetime.now, index=True, copy=False, help="Planned ones begin later."
    )
    answered_at = fields.Datetime("Answered", copy=False)
    ended_at = fields.Datetime("Ended", copy=False)
    wait_seconds = fields.Integer("Wait (s)", compute="_compute_seconds", store=True, precompute=True, aggregator="avg")
    duration_seconds = fields.Integer(
        "Duration (s)", compute="_compute_seconds", store=True, precompute=True, aggregator="avg"
    )
    is_overdue = fields.Boolean("Overdue", compute="_compute_is_overdue", search="_search_is_overdue")
    res_model = fields.Char("Document Model", index=True)
    res_id = fields.Many2oneReference("Document ID", model_field="res_model")
    about = fields.Reference(selection="_selection_about", compute="_compute_about", inverse="_inverse_about")

    _someone = models.Constraint(
        "CHECK(partner_id IS NOT NULL OR phone IS NOT NULL OR caller_name IS NOT NULL"
        " OR (channel = 'call' AND direction = 'incoming'))",
        "Say with whom: the customer, a phone number or a name.",
    )
    _answered_after_began = models.Constraint(
        "CHECK(answered_at >= began_at)", "A contact can't be answered before it began."
    )
    _ended_after_began = models.Constraint("CHECK(ended_at >= began_at)", "A contact can't end before it began.")
    _ended_after_answered = models.Constraint(
        "CHECK(ended_at >= answered_at)", "A contact can't end before it was answered."
    )
    _document_idx = models.Index("(res_model, res_id) WHERE res_id IS NOT NULL")
    _open_idx = models.Index("(user_id, began_at) WHERE state = 'open'")

    # === COMPUTE METHODS === #

    @api.depends("channel", "partner_id", "caller_name", "phone")
    @api.depends_context("lang")
    def _compute_display_name(self):
        channels = dict(self._fields["channel"]._description_selection(self.env))
        for interaction in self:
            interaction.display_name = f"{channels.get(interaction.channel, '')} · {interaction._who()}"

    @api.depends("began_at", "answered_at", "ended_at")
    def _compute_seconds(self):
        """Seconds until somebody answered, and from then on until the end; 0 where a time is unknown."""
        for interaction in self:
            began, answered, ended = interaction.began_at, interaction.answered_at, interaction.ended_at
            interaction.wait_seconds = (answered - began).total_seconds() if began and answered else 0
            interaction.duration_seconds = (ended - (answered or began)).total_seconds() if ended and began else 0

    @api.depends("state", "began_at")
    def _compute_is_overdue(self):
        now = fields.Datetime.now()
        for interaction in self:
            interaction.is_overdue = (
                interaction.state == "open" and bool(interaction.began_at) and (interaction.began_at < now)
            )

    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        return [("state", "=", "open"), ("began_at", "<", fields.Datetime.now())]

    @api.depends("res_model", "res_id")
    @api.depends_context("uid")
    def _compute_about(self):
        """Show the document only to who may read it: its name isn't for everybody."""
        self.about = False
        for model, interactions in self.filtered("res_id").grouped("res_model").items():
            if model in self.env:
                documents = self.env[model].browse(interactions.mapped("res_id")).exists()
                readable = documents.sudo(False)._filtered_access("read")
                for interaction in interactions.filtered(lambda i, ids=set(readable._ids): i.res_id in ids):
                    interaction.about = documents.browse(interaction.res_id)

    def _inverse_about(self):
        for interaction in self:
            about = interaction.about
            interaction.write({"res_model": about._name if about else False, "res_id": about.id if about else False})

    @api.model
    def _selection_about(self):
        return [(model, self.env["ir.model"]._get(model).name) for model in self._about_models()]

    @api.model
    def _about_models(self):
        """Return the names of the models whose documents have interactions."""
        mixin = self.env.registry["crm.interaction.mixin"]
        return [model._name for model in self.env.values() if isinstance(model, mixin) and not model._abstract]

    def _who(self):
        """Return with whom, in words; whoever calls may hang up before they say it."""
        who = self.partner_id.sudo().name or self.caller_name or self.phone
        return who or self.env._("Unknown caller")

    # === CONSTRAINS AND ONCHANGE METHODS === #

    @api.constrains("res_model", "res_id")
    def _check_document(self):
        """Check that the document is of a kind that has interactions, and exists."""
        allowed = self._about_models()
        for model, interactions in self.filtered("res_id").grouped("res_model").items():
            if model not in allowed:
                raise ValidationError(self.env._("An interaction can't be about a document of this kind: %s.", model))
            documents = self.env[model].browse(interactions.mapped("res_id"))
            if documents.exists() != documents:
                raise ValidationError(self.env._("The document that the interaction is about doesn't exist."))

    @api.onchange("partner_id")
    def _onchange_partner_id(self):
        if self.partner_id:
            self.phone = self.partner_id.phone_sanitized or self.partner_id.phone or self.phone

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: store phone numbers with the country code, by the branch's country; check the document."""
        vals_list = [dict(vals) for vals in vals_list]
        partners = self.env["res.partner"].browse({vals["partner_id"] for vals in vals_list if vals.get("partner_id")})
        numbers = {partner.id: partner.phone_sanitized for partner in partners}
        for vals in vals_list:
            if vals.get("partner_id") and "phone" not in vals:
                vals["phone"] = numbers[vals["partner_id"]]
            elif vals.get("phone"):
                said = vals if "branch_id" in vals else self.default_get(["branch_id"])
                branch = self.env["crm.branch"].browse(said.get("branch_id"))
                vals["phone"] = branch._e164(vals["phone"])
        interactions = super().create(vals_list)
        interactions._check_document_access()
        return interactions

    def write(self, vals):
        """Override: store phone numbers with the country code, by the branch's country; check the document."""
        if vals.get("phone"):
            goal = self.env["crm.branch"].browse(vals.get("branch_id"))
            for branch, interactions in self.grouped("branch_id").items():
                phone = (goal or branch)._e164(vals["phone"])
                super(CrmInteraction, interactions).write({**vals, "phone": phone})
        else:
            super().write(vals)
        if vals.keys() & {"res_model", "res_id"}:
            self._check_document_access()
        return True

    def _check_document_access(self):
        """Check that the user may read the document. No constraint could: Odoo runs those with all rights."""
        for model, interactions in self.filtered("res_id").grouped("res_model").items():
            self.env[model].browse(interactions.mapped("res_id")).check_access("read")

    def _reattach(self, documents, successor):
        """Let what was about ``documents`` be about ``successor``, done contacts too: it is a move, not a change."""
        moved = self.sudo().search([("res_model", "=", documents._name), ("res_id", "in", documents.ids)])
        moved._write({"res_id": successor.id})
        moved.invalidate_recordset(["res_id", "about"], flush=False)
        (documents | successor).invalidate_recordset(["interaction_ids", "interaction_count"])

    # === ACTION METHODS === #

    def action_answer(self):
        """Note that the contact is answered now. A second click changes nothing."""
        now = fields.Datetime.now()
        waiting = self.filtered(lambda interaction: not interaction.answered_at)
        waiting._begin_by(now)
        waiting.answered_at = now

    def action_close(self):
        """End the contact; it needs an outcome (SOP-G2 rests on this)."""
        self._workflow_do("close")

    # === BUSINESS METHODS === #

    def _before_transition(self, transition):
        if transition.name == "close":
            self._end_now()
        return super()._before_transition(transition)

    def _begin_by(self, moment):
        """Let those that were planned for later begin at that moment: the call was made before its time."""
        self.filtered(lambda interaction: interaction.began_at > moment).began_at = moment

    def _end_now(self):
        """Note the end of those that have none."""
        now = fields.Datetime.now()
        running = self.filtered(lambda interaction: not interaction.ended_at)
        running._begin_by(now)
        for end, interactions in running.grouped(lambda i: max(now, i.answered_at or now)).items():
            interactions.ended_at = end

    def _check_transition(self, transition):
        if transition.name == "cancel" and self.filtered("answered_at"):
            raise UserError(self.env._("A contact that was answered can't be cancelled: close it with its outcome."))
        return super()._check_transition(transition)
