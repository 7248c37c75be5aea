from odoo import fields, models

from ..followup_const import KPBS


class CrmFollowupScheduleLine(models.Model):
    """When the follow-up of one free service begins and when the service expires, in days from the purchase."""

    _name = "crm.followup.schedule.line"
    _description = "Free Service in a Schedule"
    _inherit = ["crm.followup.schedule.part"]
    _order = "schedule_id, kpb"
    _rec_name = "kpb"

    kpb = fields.Selection(KPBS, "KPB", required=True)
    base_days = fields.Integer("H+", required=True, aggregator=None, help="Days from the purchase to FU-1.")
    window_days = fields.Integer(
        "Window (Days)",
        required=True,
        default=30,
        aggregator=None,
        help="Days from FU-1 within which a service counts as success, and after which the free service has expired.",
    )

    _kpb_uniq = models.UniqueIndex("(schedule_id, kpb)", "Each KPB has one line.")
    _days_positive = models.Constraint(
        "CHECK(base_days >= 0 AND window_days > 0)", "Days are counted from the purchase on."
    )
