from odoo import fields, models


class ResCompany(models.Model):
    """How the company's contact center works."""

    _inherit = "res.company"

    agent_unseen_seconds = fields.Integer(
        "Agent Unseen (s)",
        required=True,
        default=120,
        help="An available agent whose desk is silent for so long is paused.",
    )
    repeat_days = fields.Integer(
        "Resolved After (days)",
        required=True,
        default=7,
        help="A customer who comes again for the same reason within so many days wasn't helped the first time (CC-10).",
    )

    _agent_unseen_positive = models.Constraint(
        "CHECK(agent_unseen_seconds >= 60)", "Desks tell that they are there twice a minute: allow at least 60 seconds."
    )
    _repeat_days_positive = models.Constraint("CHECK(repeat_days > 0)", "At least one day must pass.")
