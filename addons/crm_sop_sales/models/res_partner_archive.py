from collections import defaultdict

from odoo import models
from odoo.exceptions import UserError

from .crm_lead_order import SETTLED
from .helpdesk_ticket_purchase import OPEN

#: What is owed to a customer.
OPEN_BUSINESS = {
    "sale.order": [("procedure_stage", "not in", SETTLED)],
    "helpdesk.ticket": [("is_complaint", "=", True), ("complaint_state", "in", OPEN)],
    "crm.interaction": [("state", "=", "open")],
}


class ResPartner(models.Model):
    """Nobody is put away to whom something is owed: who calls again would be a stranger (SOP-G2, SOP-G3)."""

    _inherit = "res.partner"

    # === CRUD METHODS === #

    def write(self, vals):
        """Override: check those that would be archived."""
        if "active" in vals and not vals["active"]:
            self.filtered("active")._check_nothing_open()
        return super().write(vals)

    # === BUSINESS METHODS === #

    def _check_nothing_open(self):
        """Check that no order, complaint or contact of the customers is open, of whatever branch.

        :raise UserError: says of what kind, and how many; their names are for those who may see them
        """
        found = self._count_open_business()
        for partner in self.filtered(lambda partner: partner in found):
            raise UserError(
                self.env._(
                    "%(customer)s can't be archived: still open are %(documents)s. Bring them to their end first.",
                    customer=partner.display_name,
                    documents=", ".join(found[partner]),
                )
            )

    def _count_open_business(self):
        """Return customer → what is open for them, in words."""
        names = {
            "sale.order": self.env._("Sales Orders"),
            "helpdesk.ticket": self.env._("Complaints"),
            "crm.interaction": self.env._("Contacts"),
        }
        found = defaultdict(list)
        for model, domain in OPEN_BUSINESS.items():
            of_them = [("partner_id", "in", self.ids), *domain]
            for partner, count in self.env[model].sudo()._read_group(of_them, ["partner_id"], ["__count"]):
                found[partner.sudo(False)].append(f"{names[model]} ({count})")
        return found
