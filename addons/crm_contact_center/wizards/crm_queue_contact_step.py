from odoo import fields, models


class CrmQueueContactStep(models.TransientModel):
    """What a supervisor does with a contact whose agent is gone: hands it over, or wraps it up (CC-2e, CC-3).

    The contact checks who acts, and keeps in its history who did.
    """

    _name = "crm.queue.contact.step"
    _description = "Step of a Contact"
    _inherit = ["crm.about.mixin"]
    _about = ("contact_id",)

    contact_id = fields.Many2one("crm.queue.contact", required=True, readonly=True, ondelete="cascade")
    state = fields.Selection(related="contact_id.state")
    queue_id = fields.Many2one("crm.queue")
    agent_id = fields.Many2one("crm.agent", domain="[('status', '!=', 'offline')]")
    purpose_id = fields.Many2one("crm.interaction.purpose", "Reason for Contact")
    outcome_id = fields.Many2one("crm.interaction.outcome")
    note = fields.Text()

    def action_transfer(self):
        """Hand the contact to the queue or agent."""
        self.ensure_one()
        self.contact_id.action_transfer(self.queue_id.id, self.agent_id.id, self.note, self.purpose_id.id)

    def action_wrap_up(self):
        """Say what it was for and what came of it."""
        self.ensure_one()
        self.contact_id.action_wrap_up(self.purpose_id.id, self.outcome_id.id, self.note or "")
