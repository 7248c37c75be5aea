from odoo import api, fields, models
from odoo.exceptions import UserError

#: What customers' answers say, and nobody types.
ANSWERED = frozenset({"satisfaction_count", "satisfaction_average", "satisfaction_last", "satisfaction_at"})

#: Computed once, as nothing; filled by one statement for many, :meth:`_refresh_satisfaction`, when they answer. Odoo's
#: merging of contacts writes what isn't computed. Not before the contact is made: who makes it may not read them.
FILLED = {
    "compute": "_compute_satisfaction",
    "store": True,
    "copy": False,
    "groups": "crm_base.group_officer",
}


class ResPartner(models.Model):
    """What customers said of us, on their page (CC-5)."""

    _inherit = "res.partner"

    survey_opt_out = fields.Boolean(
        "Wants No Questions", copy=False, tracking=True, help="Isn't asked how satisfied they are."
    )
    satisfaction_count = fields.Integer("Answers", aggregator="sum", **FILLED)
    satisfaction_average = fields.Float("Average Score", digits=(4, 2), aggregator="avg", **FILLED)
    satisfaction_last = fields.Float("Last Score", digits=(4, 1), aggregator="avg", **FILLED)
    satisfaction_at = fields.Datetime("Last Answer", **FILLED)
    survey_request_ids = fields.One2many(
        "crm.survey.request", "partner_id", "Satisfaction", groups="crm_base.group_officer"
    )
    survey_url = fields.Char("Link to Our Questions", compute="_compute_survey_url")

    def _compute_satisfaction(self):
        """Begin with no answers."""
        self.satisfaction_count = self.satisfaction_average = self.satisfaction_last = 0
        self.satisfaction_at = False

    @api.depends_context("uid")
    def _compute_survey_url(self):
        """Return the link of the newest request, for the WhatsApp template that tells it. It is the customer's own: who
        sends messages with all rights reads it, and nobody else.
        """
        self.survey_url = False
        if not self.env.su:
            return
        requests = (
            self.env["crm.survey.request"]
            .sudo()
            .search(
                [("partner_id", "in", self.ids), ("user_input_id", "!=", False), ("state", "in", ("due", "sent"))],
                order="id",
            )
        )
        links = {request.partner_id: request.survey_url for request in requests}
        for partner, link in links.items():
            partner.survey_url = link

    @api.model_create_multi
    def create(self, vals_list):
        """Override: nobody types scores."""
        self._check_not_typed({name for vals in vals_list for name, value in vals.items() if value})
        return super().create(vals_list)

    def write(self, vals):
        """Override: nobody types scores."""
        self._check_not_typed(vals)
        return super().write(vals)

    def _check_not_typed(self, names):
        if ANSWERED.intersection(names):
            raise UserError(self.env._("Scores come from the customers' answers: nobody types them."))

    # === PERSONAL DATA === #

    def _more_person_documents(self):
        """Override: what they answered, in their words."""
        requests = self._kept("crm.survey.request", [("partner_id", "in", self.ids)])
        sheets = requests.user_input_id
        return {
            **super()._more_person_documents(),
            self.env._("Satisfaction"): (requests, ["words"]),
            self.env._("Answers"): (sheets, ["email", "nickname"]),
            self.env._("Answers in words"): (sheets.user_input_line_ids, ["value_char_box", "value_text_box"]),
        }
