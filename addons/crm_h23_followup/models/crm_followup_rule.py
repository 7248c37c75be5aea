from odoo import api, fields, models
from odoo.tools import SQL

from ..followup_const import KPBS


class CrmFollowupRule(models.Model):
    """Which admins get which follow-ups of a branch; the first rule that fits counts, and what no rule fits goes to
    all, evenly (H23-4.1.2).
    """

    _name = "crm.followup.rule"
    _description = "Hand-out Rule"
    _inherit = ["crm.branch.mixin", "crm.followup.led.mixin"]
    _order = "branch_id, sequence, id"

    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    kpb = fields.Selection(KPBS, "KPB", help="Empty: all.")
    model_name = fields.Char("Model Contains", help="A part of the model's name, e.g. BeAT. Empty: all models.")
    user_ids = fields.Many2many("res.users", string="Admins", required=True, domain=[("share", "=", False)])

    @api.depends("kpb", "model_name")
    def _compute_display_name(self):
        labels = dict(KPBS)
        for rule in self:
            words = [labels.get(rule.kpb), rule.model_name]
            rule.display_name = " · ".join(word for word in words if word) or rule.env._("All follow-ups")

    # === BUSINESS METHODS === #

    def _sql(self):
        """Return the condition that a follow-up fits the rule, on tables ``crm_followup`` and ``vehicle``."""
        self.ensure_one()
        conditions = [SQL("TRUE")]
        if self.kpb:
            conditions.append(SQL("crm_followup.kpb = %s", self.kpb))
        if self.model_name:
            conditions.append(SQL("strpos(lower(vehicle.model_name), lower(%s)) > 0", self.model_name))
        return SQL(" AND ").join(conditions)
