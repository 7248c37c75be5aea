from odoo import fields, models


class HelpdeskTicket(models.Model):
    """The ticket of a disappointed customer is their branch's (H23-4.2.7), in the field that ``crm_sop_sales`` has."""

    _inherit = "helpdesk.ticket"

    branch_id = fields.Many2one("crm.branch", index="btree_not_null", ondelete="restrict", tracking=True)
