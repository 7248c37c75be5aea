from odoo import api, fields, models

from .crm_queue_contact import CHANNELS


class CrmScriptRule(models.Model):
    """When a script is the right one: the first rule that fits a contact, in their order (CC-6b, CC-2f).

    A condition that is empty always holds.
    """

    _name = "crm.script.rule"
    _description = "Rule for a Script"
    _inherit = ["crm.branch.link.mixin"]
    _order = "sequence, id"

    name = fields.Char(compute="_compute_name")
    sequence = fields.Integer(default=10, help="The first that fits is taken.")
    active = fields.Boolean(default=True)
    script_id = fields.Many2one("crm.script", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="script_id.company_id", store=True, index=True)
    channel = fields.Selection(CHANNELS)
    direction = fields.Selection([("incoming", "Incoming"), ("outgoing", "Outgoing")])
    queue_ids = fields.Many2many("crm.queue", string="Queues")
    purpose_ids = fields.Many2many("crm.interaction.purpose", string="Reasons for Contact")
    lang_id = fields.Many2one("res.lang", "Language", ondelete="restrict", context={"active_test": False})
    segment_ids = fields.Many2many("crm.segment", string="Segments")
    value_from = fields.Float("Value of the Customer From", help="What they bought, in the company's currency.")
    due_from = fields.Float("Amount Due From", help="Unpaid and due, in the company's currency.")
    only_promotion = fields.Boolean("Only With a Promotion", help="Some promotion is on.")

    _amounts = models.Constraint("CHECK(value_from >= 0 AND due_from >= 0)", "Amounts can't be negative.")

    # === COMPUTE METHODS === #

    @api.depends("script_id.name")
    @api.depends_context("lang")
    def _compute_name(self):
        for rule in self:
            rule.name = rule.script_id.name

    # === BUSINESS METHODS === #

    @api.model
    def _choose(self, facts, company):
        """Return the script for these facts, and what each rule that was looked at said.

        :param facts: as :meth:`crm.queue.contact._script_facts` returns them
        :return: (script, [(rule, name of the condition that doesn't hold, or False)])
        """
        looked = []
        rules = self.sudo().search([("script_id.version_id", "!=", False), ("company_id", "in", (False, company.id))])
        for rule in rules.filtered("script_id.active"):
            against = rule._against(facts)
            looked.append((rule, against))
            if not against:
                return rule.script_id, looked
        return self.env["crm.script"], looked

    def _against(self, facts):
        """Return the name of the first condition that doesn't hold, or False."""
        self.ensure_one()
        for name in ("channel", "direction", "lang_id"):
            if self[name] and self[name] != facts[name]:
                return name
        for name, fact in (("queue_ids", "queue_id"), ("purpose_ids", "purpose_id"), ("segment_ids", "segment_id")):
            if self[name] and facts[fact] not in self[name]:
                return name
        for name, fact in (("value_from", "value"), ("due_from", "due")):
            if self[name] and facts[fact] < self[name]:
                return name
        return "only_promotion" if self.only_promotion and not facts["promotion"] else False
