from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    service_reminder_days = fields.Integer(
        "Remind Before", default=1, required=True, help="So many days before a booked service its customer is reminded."
    )
    service_reminder_template_id = fields.Many2one(
        "crm.whatsapp.template",
        "Reminder Template",
        domain="[('state', '=', 'approved'), ('model', '=', 'crm.service.booking')]",
        help="The approved text of the reminder; without one nobody is reminded.",
    )

    _service_reminder_days_range = models.Constraint(
        "CHECK(service_reminder_days BETWEEN 0 AND 14)",
        "Customers are reminded on the day itself, or up to 14 days before.",
    )
