from odoo import fields, models
from odoo.fields import Domain

#: Contracts that end within so many days are worth a word.
ENDING_DAYS = 60


class CrmQueueContact(models.Model):
    """What other addons know of the customer, where they are installed: the only place that asks for them (CC-3a)."""

    _inherit = "crm.queue.contact"

    def _pop_neighbours(self):
        """Return the sections of the addons that are there, the most urgent first."""
        there = (
            ("helpdesk.ticket", self._pop_complaints),
            ("contract.contract", self._pop_contracts),
            ("crm.service.booking", self._pop_bookings),
            ("crm.followup", self._pop_services),
        )
        return [section() for model, section in there if model in self.env]

    def _pop_complaints(self):
        domain = self._pop_family() & Domain("stage_id.closed", "=", False)
        tickets = self._pop_search("helpdesk.ticket", domain, "create_date desc, id desc")

        def line(ticket):
            late = "is_overdue" in ticket._fields and ticket.is_overdue
            details = (ticket.name, ticket.stage_id.name, self._pop_day(ticket.create_date))
            return ticket.number, details, late

        return self._pop_section("complaints", self.env._("Open Complaints"), tickets, line)

    def _pop_contracts(self):
        today, soon = self.branch_id._today(), self._pop_soon(ENDING_DAYS)
        domain = self._pop_family() & Domain("contract_type", "=", "sale")
        domain &= Domain("date_end", ">=", today) & Domain("date_end", "<=", soon)
        contracts = self._pop_search("contract.contract", domain, "date_end, id")

        def line(contract):
            return contract.name, (self.env._("ends on %s", self._pop_day(contract.date_end)),), False

        return self._pop_section("contracts", self.env._("Contracts That End"), contracts, line)

    def _pop_bookings(self):
        domain = Domain("vehicle_id.partner_id.commercial_partner_id", "=", self.partner_id.commercial_partner_id.id)
        domain &= Domain("state", "in", ("booked", "arrived")) & Domain("day", ">=", self.branch_id._today())
        bookings = self._pop_search("crm.service.booking", domain, "starts_at, id")

        def line(booking):
            return booking.vehicle_id.display_name, (self._pop_day(booking.day), booking.slot_id.display_name), False

        return self._pop_section("bookings", self.env._("Service Booked"), bookings, line)

    def _pop_services(self):
        domain = Domain("vehicle_id.partner_id.commercial_partner_id", "=", self.partner_id.commercial_partner_id.id)
        domain &= Domain("state", "in", ("todo", "waiting"))
        followups = self._pop_search("crm.followup", domain, "due_date, id")
        today = self.branch_id._today()

        def line(followup):
            vehicle = " ".join(filter(None, (followup.model_name, followup.plate)))
            late = followup.due_date < today
            return vehicle or followup.display_name, (self._pop_day(followup.due_date),), late

        return self._pop_section("services", self.env._("Service Due"), followups, line)

    def _script_greeting(self, lang):
        """Return how people are greeted at this hour by the agent's clock, in the customer's language (CC-2f).

        By the greetings of the phone shops' procedure, where it is installed (SOP-2a).
        """
        here = self.with_context(lang=lang or self.env.lang, tz=self.env.user.tz or self.branch_id.tz)
        if "crm.greeting" in self.env:
            clock = fields.Datetime.context_timestamp(here, fields.Datetime.now())
            greeting = here.env["crm.greeting"].sudo()._at(clock).name
            if greeting:
                return greeting
        return here.env._("Good day")
