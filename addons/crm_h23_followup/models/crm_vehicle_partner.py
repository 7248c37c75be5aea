from odoo import models
from odoo.tools import SQL

from ..identity import name_key


class CrmVehicle(models.Model):
    """Contacts of owners: made in batches when a follow-up first needs them."""

    _inherit = "crm.vehicle"

    def _ensure_partners(self):
        """Give each of these vehicles a contact, and return the contacts.

        A contact with the same number and name is taken; otherwise one is made, the same for all vehicles of an owner.
        Vehicles without owner and phone get none. As the system: who may see the vehicle was checked before.
        """
        vehicles = self.sudo()
        lacking = vehicles.filtered(
            lambda vehicle: not vehicle.partner_id and (vehicle.owner_name or vehicle.owner_phone)
        )
        for company, of_company in lacking.grouped("company_id").items():
            of_company._find_or_make_partners(company)
        return vehicles.partner_id.with_env(self.env)

    def _owner_key(self):
        return self.owner_phone or False, name_key(self.owner_name)

    def _find_or_make_partners(self, company):
        groups = self.grouped(lambda vehicle: vehicle._owner_key())
        known = self._known_partners(company, {phone for phone, __ in groups if phone})
        missing = [key for key in groups if key not in known]
        partners = self.env["res.partner"].with_context(
            tracking_disable=True, mail_create_nolog=True, mail_create_nosubscribe=True, no_vat_validation=True
        )
        made = partners.create([groups[key][0]._prepare_partner_vals() for key in missing])
        known |= dict(zip(missing, made, strict=True))
        pairs = [(vehicle.id, known[key].id) for key, vehicles in groups.items() for vehicle in vehicles]
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                UPDATE crm_vehicle AS vehicle SET partner_id = pair.partner
                  FROM unnest(%s, %s) AS pair(vehicle, partner) WHERE vehicle.id = pair.vehicle
                """,
                [vehicle for vehicle, __ in pairs],
                [partner for __, partner in pairs],
            )
        )
        self.invalidate_recordset(["partner_id"], flush=False)

    def _known_partners(self, company, phones):
        """Return (phone, name key) → contact, the oldest of several.

        Not one of somebody with a login to the portal: there they write their own name and number, and those of
        further addresses. Somebody else's would give them that owner's motorcycle.
        """
        partners = self.env["res.partner"].search_fetch(
            [("whatsapp_phone", "in", list(phones)), ("company_id", "in", (False, company.id))],
            ["name", "whatsapp_phone", "commercial_partner_id"],
            order="id desc",
        )
        families = partners.commercial_partner_id
        customers = self.env["res.users"].search(
            [("share", "=", True), ("partner_id.commercial_partner_id", "in", families.ids)]
        )
        families -= customers.commercial_partner_id
        partners = partners.filtered(lambda partner: partner.commercial_partner_id in families)
        return {(partner.whatsapp_phone, name_key(partner.name)): partner for partner in partners}

    def _prepare_partner_vals(self):
        return {
            "name": self.owner_name or self.owner_phone,
            "phone": self.owner_phone,
            "street": self.owner_street,
            "city": self.owner_city,
            "country_id": self.branch_id._country().id,
            "tz": self.branch_id.tz,
            "lang": False,  # nobody knows: the text goes out in the language in which it was chosen
        }
