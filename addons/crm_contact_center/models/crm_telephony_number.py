from odoo import fields, models


class CrmTelephonyNumber(models.Model):
    """A number that customers call, and what it says of them: which queue, which language."""

    _name = "crm.telephony.number"
    _description = "Number Called"
    _inherit = ["crm.branch.link.mixin"]
    _order = "system_id, number"
    _rec_name = "number"
    _check_company_auto = True

    system_id = fields.Many2one("crm.telephony.system", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="system_id.company_id", store=True, index=True)
    number = fields.Char(required=True, help="As the telephone system reports it.")
    queue_id = fields.Many2one("crm.queue", required=True, index=True, ondelete="restrict", check_company=True)
    lang_id = fields.Many2one("res.lang", "Language", ondelete="restrict")

    _number_uniq = models.Constraint("UNIQUE(system_id, number)", "This number is on the list already.")
