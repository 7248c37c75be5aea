from odoo import models
from odoo.fields import Domain


class ResPartner(models.Model):
    """What is kept about the owner of a vehicle: owner, calls, appointments, rows of imported reports."""

    _inherit = "res.partner"

    def _more_person_documents(self):
        """Override: vehicles by their owner's number too, where no contact was made yet.

        Frame and engine number stay: they are the vehicle's, and the main dealer's.
        """
        vehicles = self._kept("crm.vehicle", self._owned_domain())
        mine = [("vehicle_id", "in", vehicles.ids)]
        rows = self._kept("crm.vehicle.import.row", self._row_domain(vehicles))
        return {
            **super()._more_person_documents(),
            "vehicles": (
                vehicles,
                ("owner_name", "owner_phone", "owner_street", "owner_city", "wrong_phone", "plate"),
            ),
            "free services": (self._kept("crm.followup.case", mine), ()),
            "follow-ups": (self._kept("crm.followup", mine), ("feedback", "reply")),
            "service bookings": (
                self._kept("crm.service.booking", Domain("partner_id", "in", self.ids) | Domain(mine)),
                ("customer_name", "phone", "city", "note"),
            ),
            "imported rows": (
                rows,
                ("owner_name", "owner_phone", "plate", "owner_street", "owner_city", "problems", "changes"),
            ),
            "examples of imported columns": (
                self._kept("crm.vehicle.import.column", [("import_id", "in", rows.import_id.ids)]),
                ("sample",),
            ),
        }

    def _owned_domain(self):
        unknown = Domain("partner_id", "=", False) & Domain("owner_phone", "in", self._whatsapp_numbers())
        return Domain("partner_id", "in", self.ids) | unknown

    def _row_domain(self, vehicles):
        """Rows of these vehicles, and those with the owner's number, whoever has the vehicle now."""
        return Domain("vehicle_id", "in", vehicles.ids) | Domain("owner_phone", "in", self._whatsapp_numbers())

    def _erase_person(self, documents):
        """Override: nobody follows up an erased owner; the imported files have them, too, and go."""
        result = super()._erase_person(documents)
        self.env.flush_all()
        self.env.cr.execute(  # who was visited at home had a street
            "UPDATE crm_service_booking SET street = '[…]' WHERE street IS NOT NULL AND id = ANY(%s)",
            [documents["service bookings"].ids],
        )
        self.env.invalidate_all(flush=False)
        documents["vehicles"]._stop_follow_up("opt_out")
        imports = documents["imported rows"].import_id
        files = self.env["ir.attachment"].sudo()
        domain = [("res_model", "=", imports._name), ("res_id", "in", imports.ids), ("res_field", "=", "file")]
        files.search(domain).unlink()
        return result

    def _erase_blockers(self):
        """Override: an appointment that is to come, an import that isn't finished."""
        reasons = super()._erase_blockers()
        documents = self._more_person_documents()
        bookings, rows = documents["service bookings"][0], documents["imported rows"][0]
        if bookings.filtered(lambda booking: booking.state in ("booked", "arrived")):
            reasons.append(self.env._("• A service is booked: cancel or finish the booking first."))
        if rows.import_id.filtered(lambda document: document.state not in ("done", "cancelled")):
            reasons.append(self.env._("• An import names this owner and isn't finished: finish or cancel it first."))
        return reasons
