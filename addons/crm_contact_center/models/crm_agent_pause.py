from odoo import fields, models


class CrmAgentPause(models.Model):
    """Why an agent takes no contacts for a while: break, training, meeting …"""

    _name = "crm.agent.pause"
    _description = "Reason for a Pause"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    minutes = fields.Integer("Usual Length", help="The supervisor's wall marks pauses that last longer. 0: any.")
    is_work = fields.Boolean(
        "Counts as Work", help="Training and meetings do, breaks don't: for planned against actual."
    )

    _minutes_positive = models.Constraint("CHECK(minutes >= 0)", "A pause can't be shorter than nothing.")
    _name_uniq = models.UniqueIndex("((name->>'en_US'))", "There is a reason of this name already.")
