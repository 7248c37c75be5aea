from odoo import fields, models


class CrmTeam(models.Model):
    _inherit = "crm.team"

    branch_ids = fields.One2many("crm.branch", "team_id", "Branches", help="Whose leads the team gets.")
