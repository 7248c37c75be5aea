from odoo import models

from ..identity import name_key
from .crm_followup_case import LIVE
from .crm_followup_mixin import STEP


class CrmVehicle(models.Model):
    """A vehicle that changes hands or branch: whom to write to, and whose work it is."""

    _inherit = "crm.vehicle"

    # === CRUD METHODS === #

    def write(self, vals):
        """Override: a new owner has another contact and has refused nothing; another branch takes on the work."""
        former = {vehicle: (vehicle.owner_name, vehicle.owner_phone) for vehicle in self.sudo()}
        moved = self.filtered(lambda vehicle: vals.get("branch_id") and vehicle.branch_id.id != vals["branch_id"])
        result = super().write(vals)
        if vals.keys() & {"owner_name", "owner_phone"}:
            for vehicle, (name, phone) in former.items():
                vehicle._owner_changed(name, phone, vals)
            self.sudo().filtered(lambda vehicle: vehicle.owner_phone != former[vehicle][1])._phone_corrected()
        moved.sudo()._follow_up_elsewhere()
        return result

    # === BUSINESS METHODS === #

    def _owner_changed(self, name, phone, vals):
        """Keep the contact with its owner, and lift what the former owner wanted.

        :param name: the owner's name as it was, likewise their number
        """
        resold = bool(name) and name_key(name) != name_key(self.owner_name) and phone != self.owner_phone
        partner = self.partner_id
        if partner and "partner_id" not in vals and partner.whatsapp_phone != self.owner_phone:
            if name_key(partner.name) != name_key(self.owner_name):
                self.partner_id = False
            elif self.owner_phone and partner.whatsapp_phone == phone:
                partner.phone = self.owner_phone
        if resold and "follow_up_stopped" not in vals and self.follow_up_stop_reason in ("opt_out", "sold"):
            self.write({"follow_up_stopped": False, "follow_up_stop_reason": False})

    def _phone_corrected(self):
        """Go on with the free services that were given up under a wrong number, as long as they last."""
        reachable = self.sudo().filtered(lambda vehicle: vehicle.owner_phone and not vehicle.phone_is_wrong)
        given_up = reachable.case_ids.filtered(lambda case: case.state == "unreachable")
        given_up.filtered(
            lambda case: (
                case.expires_on >= case.branch_id._today() and "wrong_number" in case.followup_ids.mapped("result")
            )
        )._resume()

    def _follow_up_elsewhere(self):
        """Let the free services go with the vehicles: those who sold it before see no more of its owner, and what is to
        be done is handed out anew.
        """
        for vehicle in self:
            branch = {"branch_id": vehicle.branch_id.id}
            live = vehicle.case_ids.filtered(lambda case: case.state in LIVE)
            to_do = vehicle.case_ids.followup_ids.filtered(lambda followup: followup.state in ("todo", "waiting"))
            vehicle.case_ids._note(branch)
            vehicle.case_ids.followup_ids._note(branch)
            vehicle.case_ids.offer_ids.with_context(followup_step=STEP).write(branch)
            to_do._note({"user_id": False})
            live._note({"user_id": False})

    def _of_same_owner(self):
        """Return these vehicles and the others of their owners: the same number and name, in the same company."""
        vehicles = self.sudo()
        for vehicle in vehicles.filtered("owner_phone"):
            same = vehicles.search(
                [("owner_phone", "=", vehicle.owner_phone), ("company_id", "=", vehicle.company_id.id)]
            )
            vehicles |= same.grouped(lambda other: other._owner_key())[vehicle._owner_key()]
        return vehicles
