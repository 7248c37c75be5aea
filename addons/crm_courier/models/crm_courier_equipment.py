from odoo import fields, models
from odoo.exceptions import UserError


class CrmCourierEquipment(models.Model):
    """What couriers take along (SOP-12c)."""

    _name = "crm.courier.equipment"
    _description = "Courier Equipment"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    needed = fields.Selection(
        [("always", "On every run"), ("card", "Where a customer pays by card"), ("optional", "If wanted")],
        required=True,
        default="always",
    )


class CrmCourierEquipmentCheck(models.Model):
    """One thing to take along on one run, and who ticked it. Nobody writes it: it is ticked."""

    _name = "crm.courier.equipment.check"
    _description = "Equipment Check of a Run"
    _order = "sequence, id"
    _rec_name = "equipment_id"

    run_id = fields.Many2one("stock.picking.batch", required=True, readonly=True, ondelete="cascade", index=True)
    equipment_id = fields.Many2one(
        "crm.courier.equipment", required=True, readonly=True, ondelete="restrict", index=True
    )
    sequence = fields.Integer(related="equipment_id.sequence", store=True)
    is_needed = fields.Boolean("Needed", readonly=True)
    taken_by_id = fields.Many2one("res.users", readonly=True)
    taken_at = fields.Datetime(readonly=True)

    _once = models.Constraint("UNIQUE(run_id, equipment_id)", "Equipment is on a run's list once.")

    # === ACTION METHODS === #

    def action_toggle(self):
        """Tick what is taken along, or take the tick back."""
        self.check_access("read")
        for check in self.sudo():
            check.run_id._check_loader()
            if check.run_id.run_state != "reviewed":
                raise UserError(self.env._("Equipment is ticked while the run is being loaded."))
            taken = not check.taken_at
            check.write({"taken_by_id": taken and self.env.uid, "taken_at": taken and fields.Datetime.now()})
