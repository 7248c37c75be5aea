from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

#: What isn't in the history of changes of state, and is asked about too: a delivery that was made.
DELIVERED = "stock.picking:done"
#: A step that is written down later than it happened is still found for so long: by transactions that took their time.
OVERLAP = 3600
#: How far a rule has looked. Our own code alone writes it.
OWN = ("since", "seen_log_id")


class CrmSurveyRule(models.Model):
    """After which step of which documents customers are asked how it was, with which questions (CC-5).

    A rule asks about steps that happen from its beginning on: made, switched on again, or pointed at another step, it
    begins anew.
    """

    _name = "crm.survey.rule"
    _description = "Satisfaction Rule"
    _order = "sequence, name"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    step = fields.Selection(
        selection="_selection_step",
        string="After",
        required=True,
        default="crm.queue.contact:done",
        help="The document and the state that it has come to.",
    )
    survey_id = fields.Many2one(
        "survey.survey", "Questions", required=True, ondelete="restrict", index=True, check_company=False
    )
    score_question_id = fields.Many2one(
        "survey.question",
        "Question of the Score",
        compute="_compute_questions",
        store=True,
        readonly=False,
        ondelete="set null",
        index="btree_not_null",
        help="A scale or a number; scores are kept as 0 to 10.",
    )
    nps_question_id = fields.Many2one(
        "survey.question",
        "Question of Recommendation",
        compute="_compute_questions",
        store=True,
        readonly=False,
        ondelete="set null",
        index="btree_not_null",
        help="A scale from 0 to 10: from 9 they recommend us, up to 6 they don't. The difference is the NPS.",
    )
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, index=True)
    branch_id = fields.Many2one(
        "crm.branch", ondelete="restrict", index="btree_not_null", check_company=True, help="Empty: all branches."
    )
    delay_minutes = fields.Integer("Ask After (minutes)", required=True, default=60)
    quiet_days = fields.Integer(
        "Quiet Time (days)",
        required=True,
        default=30,
        help="Who was asked within so many days isn't asked again. 0: always ask.",
    )
    expire_days = fields.Integer("Open For (days)", required=True, default=14)
    threshold = fields.Float(
        "Satisfied From",
        required=True,
        default=6.0,
        digits=(4, 1),
        help="Who scores less is dissatisfied: somebody gets the task to call them.",
    )
    mail_template_id = fields.Many2one(
        "mail.template",
        "Email",
        domain=[("model", "=", "crm.survey.request")],
        required=True,
        ondelete="restrict",
        default=lambda self: self.env.ref("crm_contact_center.mail_template_survey", raise_if_not_found=False),
    )
    whatsapp_template = fields.Reference(
        selection="_selection_whatsapp_template",
        help="For customers who prefer WhatsApp: a template for contacts with the variable “survey_url”.",
    )
    consent_purpose = fields.Reference(
        selection="_selection_consent_purpose",
        string="Consent Needed",
        help="Only who has given consent for this purpose is asked. Empty: no consent is needed.",
    )
    has_whatsapp = fields.Boolean(compute="_compute_has")
    has_consents = fields.Boolean(compute="_compute_has")
    since = fields.Datetime("Asks Since", readonly=True, copy=False)
    seen_log_id = fields.Integer("Seen Up To", readonly=True, copy=False, aggregator=None)
    request_count = fields.Integer("Requests", compute="_compute_request_count")

    _times_positive = models.Constraint(
        "CHECK(delay_minutes >= 0 AND quiet_days >= 0 AND expire_days > 0)",
        "These times can't be negative, and an answer takes at least a day.",
    )
    _threshold_range = models.Constraint("CHECK(threshold BETWEEN 0 AND 10)", "Scores are from 0 to 10.")

    # === COMPUTE METHODS === #

    @api.model
    def _selection_step(self):
        """Return the steps of the kinds of documents that are installed, have a customer, and a history."""
        found = [(DELIVERED, self.env._("Delivery: Done"))]
        for model in self._models():
            name = self.env["ir.model"]._get(model._name).name
            labels = dict(model._fields[model._workflow_field]._description_selection(self.env))
            states = [state for state in model._workflow.states if state != model._workflow.initial]
            found += [(f"{model._name}:{state}", f"{name}: {labels.get(state, state)}") for state in states]
        return found

    @api.model
    def _models(self):
        mixin = self.env.registry["crm.workflow.mixin"]
        for model in self.env.values():
            partner = model._fields.get("partner_id")
            known = partner and partner.store and partner.comodel_name == "res.partner"
            if known and isinstance(model, mixin) and not model._abstract and model._workflow:
                yield model

    @api.model
    def _selection_whatsapp_template(self):
        return self._known_model("crm.whatsapp.template")

    @api.model
    def _selection_consent_purpose(self):
        return self._known_model("crm.consent.purpose")

    def _known_model(self, name):
        return [(name, self.env["ir.model"]._get(name).name)] if name in self.env else []

    @api.depends("survey_id")
    def _compute_questions(self):
        """Propose the first scale for the score, the second for recommendation."""
        for rule in self:
            scales = rule.survey_id.question_ids.filtered(lambda question: question.question_type == "scale")
            if rule.score_question_id.survey_id != rule.survey_id:
                rule.score_question_id = scales[:1]
            if rule.nps_question_id.survey_id != rule.survey_id:
                rule.nps_question_id = scales[1:2].filtered(lambda scale: (scale.scale_min, scale.scale_max) == (0, 10))

    def _compute_has(self):
        self.has_whatsapp = "crm.whatsapp.template" in self.env
        self.has_consents = "crm.consent.purpose" in self.env

    def _compute_request_count(self):
        groups = self.env["crm.survey.request"]._read_group([("rule_id", "in", self.ids)], ["rule_id"], ["__count"])
        counts = {rule.id: count for rule, count in groups}
        for rule in self:
            rule.request_count = counts.get(rule.id, 0)

    # === CONSTRAINS METHODS === #

    @api.constrains("survey_id", "score_question_id", "nps_question_id")
    def _check_questions(self):
        for rule in self:
            asked = rule.score_question_id | rule.nps_question_id
            if asked.survey_id - rule.survey_id:
                raise ValidationError(self.env._("%s: choose questions of the survey that is sent.", rule.name))
            if any(question.question_type not in ("scale", "numerical_box") for question in asked):
                raise ValidationError(self.env._("%s: a score is asked by a scale or a number.", rule.name))
            nps = rule.nps_question_id
            if nps.question_type == "scale" and (nps.scale_min, nps.scale_max) != (0, 10):
                raise ValidationError(self.env._("%s: recommendation is asked on a scale from 0 to 10.", rule.name))

    @api.constrains("survey_id")
    def _check_survey_open(self):
        for rule in self:
            if rule.survey_id.users_login_required or rule.survey_id.access_mode != "token":
                raise ValidationError(
                    self.env._(
                        "“%s” must be open to invited people only, without login: each request has a link of its own.",
                        rule.survey_id.display_name,
                    )
                )

    @api.constrains("step")
    def _check_step(self):
        """Check the step: Odoo doesn't, where a selection is found by a method."""
        steps = dict(self._selection_step())
        for rule in self:
            if rule.step not in steps:
                raise ValidationError(self.env._("There is no such step here: %s", rule.step))

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: a rule asks about what happens from now on."""
        rules = super().create([{key: vals[key] for key in vals if key not in OWN} for vals in vals_list])
        rules._begin()
        return rules

    def write(self, vals):
        """Override: another step, branch, or switching it on, is a new beginning."""
        vals = {key: value for key, value in vals.items() if key not in OWN}
        before = {rule: (rule.step, rule.branch_id, rule.company_id, rule.active) for rule in self}
        result = super().write(vals)
        if "branch_id" in vals:
            self.check_access("write")  # Odoo's rules look at where a record was
        self.filtered(
            lambda rule: rule.active and before[rule] != (rule.step, rule.branch_id, rule.company_id, True)
        )._begin()
        return result

    # === ACTION METHODS === #

    def action_view_requests(self):
        """Open what this rule has asked."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_contact_center.crm_survey_request_action")
        return {**action, "domain": [("rule_id", "=", self.id)], "context": {}}

    # === BUSINESS METHODS === #

    def _begin(self):
        """Ask about what happens from now on."""
        now = fields.Datetime.now()
        self._mark({"since": now, "seen_log_id": self._last_log_id(now)})

    def _advance(self):
        """Note how far these rules have looked: what is younger than an hour is looked at again."""
        settled = self._last_log_id(fields.Datetime.subtract(fields.Datetime.now(), seconds=OVERLAP))
        behind = self.sudo().filtered(lambda rule: rule.seen_log_id < settled)
        behind._mark({"seen_log_id": settled})

    def _mark(self, vals):
        """Write how far these rules have looked, below the guard of :meth:`write`."""
        return super(CrmSurveyRule, self.sudo()).write(vals)

    @api.model
    def _last_log_id(self, moment):
        """Return the last line of the history up to a moment.

        Numbers are given before a transaction is committed: a smaller one may appear after a larger one. After an hour
        none does any more.
        """
        self.env["crm.workflow.log"].flush_model()
        found = self.env.execute_query(
            SQL(
                "SELECT id FROM crm_workflow_log WHERE date <= %s ORDER BY id DESC LIMIT 1",
                moment,
            )
        )
        return found[0][0] if found else 0
