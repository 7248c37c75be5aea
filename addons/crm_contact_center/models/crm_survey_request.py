from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .res_partner_channel import CHANNELS

STATES = [
    ("due", "Due"),
    ("sent", "Sent"),
    ("answered", "Answered"),
    ("failed", "Failed"),
    ("expired", "Not Answered"),
    ("skipped", "Skipped"),
]
REASONS = [
    ("opted_out", "Wants no questions"),
    ("channel", "Prefers not to be written to"),
    ("no_consent", "No consent"),
    ("quiet", "Asked not long ago"),
    ("no_address", "No address to write to"),
    ("gone", "No longer a contact"),
    ("late", "The rule was switched off"),
]


class CrmSurveyRequest(models.Model):
    """One customer asked, or to be asked, about one document: an outbox, and what came back (CC-5).

    The database keeps one for each rule and document. Nobody writes one by hand: the scheduler makes and sends them,
    the customer answers.
    """

    _name = "crm.survey.request"
    _description = "Satisfaction Request"
    _inherit = ["crm.branch.mixin"]
    _order = "due_at desc, id desc"
    _rec_name = "partner_id"
    _rec_names_search = ["partner_id"]

    rule_id = fields.Many2one("crm.survey.rule", required=True, readonly=True, ondelete="restrict", index=True)
    res_model = fields.Char("Document Model", required=True, readonly=True)
    res_id = fields.Many2oneReference("Document ID", model_field="res_model", required=True, readonly=True)
    document_name = fields.Char("About", compute="_compute_document_name")
    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, readonly=True, ondelete="cascade", index=True
    )
    branch_id = fields.Many2one(readonly=True)
    queue_id = fields.Many2one("crm.queue", readonly=True, ondelete="set null", index="btree_not_null")
    agent_id = fields.Many2one("crm.agent", readonly=True, ondelete="set null", index="btree_not_null")
    state = fields.Selection(STATES, "Status", required=True, readonly=True, default="due", index=True)
    reason = fields.Selection(REASONS, "Why Skipped", readonly=True)
    failure = fields.Char("Why Failed", readonly=True)
    why = fields.Char(compute="_compute_why")
    channel = fields.Selection(CHANNELS, "Sent By", readonly=True)
    happened_at = fields.Datetime("Happened", required=True, readonly=True)
    due_at = fields.Datetime("To Be Sent", required=True, readonly=True)
    sent_at = fields.Datetime("Sent On", readonly=True)
    answered_at = fields.Datetime("Answered On", readonly=True)
    user_input_id = fields.Many2one(
        "survey.user_input", "Answers", readonly=True, ondelete="set null", index="btree_not_null"
    )
    whatsapp_message = fields.Integer("WhatsApp Message", readonly=True, aggregator=None)
    is_scored = fields.Boolean("Scored", readonly=True)
    score = fields.Float(readonly=True, digits=(4, 1), aggregator="avg", help="From 0 to 10.")
    recommends = fields.Selection(
        [("promoter", "Recommends us"), ("passive", "Indifferent"), ("detractor", "Doesn't recommend us")],
        "Recommendation",
        readonly=True,
    )
    words = fields.Text("In Their Words", readonly=True)
    is_dissatisfied = fields.Boolean("Dissatisfied", readonly=True)
    survey_url = fields.Char(compute="_compute_survey_url", groups="base.group_system")
    no_more_url = fields.Char(compute="_compute_survey_url", groups="base.group_system")

    _one_for_document = models.UniqueIndex(
        "(rule_id, res_model, res_id)", "The customer is asked about this document already."
    )
    _one_for_answers = models.UniqueIndex(
        "(user_input_id) WHERE user_input_id IS NOT NULL", "These answers belong to another request."
    )
    _due_idx = models.Index("(due_at, id) WHERE state = 'due'")
    _quiet_idx = models.Index("(partner_id, sent_at) WHERE sent_at IS NOT NULL")
    _score_range = models.Constraint("CHECK(score BETWEEN 0 AND 10)", "Scores are from 0 to 10.")
    _skipped_why = models.Constraint("CHECK(state != 'skipped' OR reason IS NOT NULL)", "Say why nobody was asked.")

    # === COMPUTE METHODS === #

    @api.depends("partner_id", "rule_id")
    def _compute_display_name(self):
        for request in self:
            names = (request.partner_id.sudo().name, request.rule_id.sudo().name)
            request.display_name = " · ".join(filter(None, names))

    @api.depends("res_model", "res_id")
    @api.depends_context("uid")
    def _compute_document_name(self):
        """Name the document to who may read it."""
        self.document_name = False
        for model, requests in self.grouped("res_model").items():
            if model in self.env:
                documents = self.env[model].browse(requests.mapped("res_id")).exists().sudo(False)
                names = {document.id: document.display_name for document in documents._filtered_access("read")}
                for request in requests:
                    request.document_name = names.get(request.res_id)

    @api.depends("state", "reason", "failure")
    @api.depends_context("lang")
    def _compute_why(self):
        """Say why the customer wasn't asked."""
        reasons = dict(self._fields["reason"]._description_selection(self.env))
        for request in self:
            skipped = request.state == "skipped" and reasons.get(request.reason)
            request.why = skipped or (request.state == "failed" and request.failure)

    @api.depends("user_input_id")
    def _compute_survey_url(self):
        base = self.browse().get_base_url()
        for request in self:
            answers = request.user_input_id.sudo()
            request.survey_url = answers and f"{base}{answers.get_start_url()}"
            request.no_more_url = answers and f"{base}/crm_contact_center/no_more_questions/{answers.access_token}"

    # === ACTION METHODS === #

    def action_retry(self):
        """Send again what has failed, with the same link."""
        self.check_access("read")
        if not self.env.user.has_group("crm_contact_center.group_supervisor"):
            raise AccessError(self.env._("Supervisors send again what has failed."))
        if self.filtered(lambda request: request.state != "failed"):
            raise UserError(self.env._("Only what has failed is sent again."))
        self.sudo().write({"state": "due", "due_at": fields.Datetime.now(), "failure": False})
        self._send_soon()

    def action_view_document(self):
        """Open the document that the customer was asked about."""
        self.ensure_one()
        self.check_access("read")
        if self.res_model not in self.env:
            raise UserError(self.env._("Such documents aren't kept here any more."))
        return {
            "type": "ir.actions.act_window",
            "res_model": self.res_model,
            "res_id": self.res_id,
            "views": [[False, "form"]],
        }

    def _send_soon(self):
        self.env.ref("crm_contact_center.ir_cron_survey").sudo()._trigger()
