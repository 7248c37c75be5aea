from odoo import api, models


class StockPicking(models.Model):
    """What our own courier adds to a delivery's tracking, where `crm_courier` is installed."""

    _inherit = "stock.picking"

    def _is_on_road(self):
        """Return whether our courier has it in the car."""
        return "courier_run_id" in self._fields and self.courier_run_id.state == "on_road"

    def _courier_name(self):
        """Return who brings it: the customer is told the name when the courier leaves, not before."""
        return self._is_on_road() and self.courier_run_id.user_id.name


class ResPartner(models.Model):
    """What customers see of the appointments and consents that other addons keep."""

    _inherit = "res.partner"

    def _bookings(self):
        """Return the customer's appointments, the next one first; none where nobody keeps any."""
        if "crm.service.booking" not in self.env:
            return []
        bookings = self.env["crm.service.booking"].sudo()
        found = bookings.search(
            [("partner_id", "child_of", self.commercial_partner_id.ids), ("state", "!=", "rescheduled")],
            order="starts_at desc",
            limit=20,
        )
        states = dict(bookings._fields["state"]._description_selection(self.env))
        return [
            {
                "id": booking.id,
                "what": " · ".join(filter(None, (booking.model_name, booking.plate))) or booking.display_name,
                "where": booking.branch_id.name,
                "day": booking.day,
                "hours": booking.hours,
                "state": states.get(booking.state),
            }
            for booking in found
        ]

    def _consents(self):
        """Return ``[(purpose, whether the customer agrees)]``; nothing where no consents are kept (BR-3)."""
        if "crm.consent" not in self.env:
            return []
        purposes = self.env["crm.consent.purpose"].sudo().search([("company_id", "in", (False, self.env.company.id))])
        given = self.sudo()._valid_consents().purpose_id
        return [(purpose, purpose in given) for purpose in purposes]

    def _consent_online(self, shown, ticked):
        """Note which consents the customer gives and withdraws on their own page, by their own hand.

        :param set shown: ids of the purposes that the page showed: the others stay as they are
        :param set ticked: ids of those that they agree to
        """
        consents = self.sudo()._consents()
        give = [purpose for purpose, given in consents if purpose.id in shown & ticked and not given]
        withdraw = {purpose.id for purpose, given in consents if purpose.id in shown - ticked and given}
        if withdraw:
            valid = self.sudo()._valid_consents().filtered(lambda consent: consent.purpose_id.id in withdraw)
            names = ", ".join(valid.purpose_id.mapped("name"))
            valid.with_env(self.env)._withdraw("screen", self.env._("Withdrawn by the customer on the portal."))
            self._tell_consent(self.env._("Consent withdrawn on the portal: %s", names))
        if give:
            person = self.sudo()._consenting()
            branch = self._consent_branch()
            self.env["crm.consent"]._give(
                [
                    {
                        "partner_id": person.id,
                        "branch_id": branch.id,
                        "channel": "screen",
                        **purpose._prepare_snapshot(self.env.lang),
                    }
                    for purpose in give
                ]
            )
            names = ", ".join(purpose.name for purpose in give)
            self._tell_consent(self.env._("Consent given on the portal: %s", names))

    def _tell_consent(self, body):
        self.sudo().message_post(body=body, author_id=self.env.user.partner_id.id)

    @api.model
    def _consent_branch(self):
        branches = self.env["crm.branch"].sudo().search([("company_id", "=", self.env.company.id)])
        return branches.filtered(lambda branch: branch.kind == "headquarters")[:1] or branches[:1]
