from odoo import fields, models

from ..followup_const import CHANNELS, STEPS


class CrmFollowupScheduleStep(models.Model):
    """One follow-up of every free service: how many days after the first one, how, and what the admin says."""

    _name = "crm.followup.schedule.step"
    _description = "Follow-up in a Schedule"
    _inherit = ["crm.followup.schedule.part"]
    _order = "schedule_id, step"
    _rec_name = "step"

    step = fields.Selection(STEPS, "Follow-up", required=True)
    offset_days = fields.Integer("Days after FU-1", required=True, aggregator=None)
    channel = fields.Selection(CHANNELS, required=True, default="call")
    script = fields.Text(
        translate=True,
        help="What to say. {customer}, {admin}, {branch}, {model}, {plate}, {kpb}, {days}, {purchase_date} and "
        "{expires_on} are filled in.",
    )

    _step_uniq = models.UniqueIndex("(schedule_id, step)", "Each follow-up has one line.")
    _offset_positive = models.Constraint("CHECK(offset_days >= 0)", "A follow-up doesn't come before FU-1.")
