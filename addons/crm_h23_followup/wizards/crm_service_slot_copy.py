from odoo import fields, models
from odoo.exceptions import UserError


class CrmServiceSlotCopy(models.TransientModel):
    """Copy a branch's week to other branches, from a day on."""

    _name = "crm.service.slot.copy"
    _description = "Copy a Week's Plan"
    _rec_name = "source_id"

    source_id = fields.Many2one("crm.branch", "From", required=True, ondelete="cascade")
    target_ids = fields.Many2many(
        "crm.branch", "crm_service_slot_copy_rel", string="To", required=True, domain="[('id', '!=', source_id)]"
    )
    valid_from = fields.Date(required=True, default=fields.Date.context_today)
    replace = fields.Boolean(
        "Instead of Their Plan", help="What they have ends on the day before. Otherwise the times are added to it."
    )

    def action_copy(self):
        """Copy the times; times that overlap what the branches have are refused unless they are replaced.

        :raise AccessError: the user doesn't lead the branches
        """
        self.ensure_one()
        slots = self.env["crm.service.slot"]
        (self.source_id | self.target_ids).check_access("read")
        plan = slots._in_force(self.source_id, self.valid_from)
        targets = self.target_ids - self.source_id
        if not plan or not targets:
            raise UserError(self.env._("Choose a branch that has service times, and others to which they go."))
        if self.replace:
            self._end(targets)
        made = slots.create(
            [
                {
                    **{
                        name: slot[name] for name in ("kind", "weekday", "hour_from", "hour_to", "capacity", "valid_to")
                    },
                    "branch_id": branch.id,
                    "valid_from": max(self.valid_from, slot.valid_from),
                }
                for branch in targets
                for slot in plan
            ]
        )
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_h23_followup.crm_service_slot_action")
        return {**action, "domain": [("id", "in", made.ids)], "context": {}}

    def _end(self, branches):
        """Let the branches' plans end on the day before; what hasn't begun by then never does."""
        slots = self.env["crm.service.slot"]
        theirs = slots.union(*(slots._in_force(branch, self.valid_from) for branch in branches))
        begun = theirs.filtered(lambda slot: slot.valid_from < self.valid_from)
        begun.valid_to = fields.Date.subtract(self.valid_from, days=1)
        (theirs - begun).unlink()
        slots.flush_model()
