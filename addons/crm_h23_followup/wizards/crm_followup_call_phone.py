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
        action = self._open_for(self.followup_id)
        self._keep_phone()
        return {**action, "res_id": self.id}

    # === BUSINESS METHODS === #

    def _save(self):
        """Override: a number that was typed isn't lost; what came of the call came of the number before."""
        result = super()._save()
        if self.new_phone:
            self._keep_phone()
        return result

    def _keep_phone(self):
        """Make the number the vehicle's, with all rights: that the user may write the follow-up was checked."""
        vehicle = self.followup_id.vehicle_id.sudo()
        phone = vehicle.branch_id._e164(self.new_phone or "")
        if phone == vehicle.wrong_phone:
            raise UserError(self.env._("%s: under this number was somebody else. Look for another one.", phone))
        vehicle.owner_phone = phone
        self.new_phone = False
