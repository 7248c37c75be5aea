from odoo import fields, models
from odoo.exceptions import UserError


class CrmFollowupCall(models.TransientModel):
    """The number that an admin has just learnt: it is the vehicle's from then on (H23-4.3.1).

    Vehicles are the managers'; whoever calls the customer may correct this much of theirs.
    """

    _inherit = "crm.followup.call"

    new_phone = fields.Char("Another Number")

    # === ACTION METHODS === #

    def action_use_phone(self):
        """Keep the number for the vehicle, and show the screen with it, what was entered included.

        :raise UserError: it is no phone number, the wrong one again, or the follow-up is done
        :raise AccessError: the user may not write the follow-up
        """
        self.ensure_one()
        self._use_phone()
        return {**self._open_for(self.followup_id), "res_id": self.id}

    # === BUSINESS METHODS === #

    def _save(self):
        """Override: a number that was typed isn't lost."""
        if self.new_phone:
            self._use_phone()
        return super()._save()

    def _use_phone(self):
        followup = self.followup_id
        followup.check_access("write")
        if followup.state not in ("todo", "waiting"):
            raise UserError(self.env._("%s is done already.", followup.display_name))
        vehicle = followup.vehicle_id.sudo()
        phone = vehicle.branch_id._e164(self.new_phone or "")
        if phone == vehicle.wrong_phone:
            raise UserError(self.env._("%s: under this number was somebody else. Look for another one.", phone))
        vehicle.owner_phone = phone
        self.new_phone = False
