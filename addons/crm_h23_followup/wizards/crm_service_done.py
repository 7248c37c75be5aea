from odoo import api, fields, models
from odoo.exceptions import UserError


class CrmServiceDone(models.TransientModel):
    """Note by hand that a free service was done: the case is settled, and with it what is booked (H23-4.5.4)."""

    _name = "crm.service.done"
    _description = "Service Done"
    _rec_name = "case_id"

    case_id = fields.Many2one("crm.followup.case", "Free Service", required=True, readonly=True, ondelete="cascade")
    day = fields.Date(
        "Done On",
        required=True,
        compute="_compute_day",
        store=True,
        precompute=True,
        compute_sudo=False,
        readonly=False,
    )
    dealer = fields.Char("Done At", compute="_compute_dealer", store=True, compute_sudo=False, readonly=False)
    owner_name = fields.Char(related="case_id.owner_name", related_sudo=False)
    warning = fields.Text(compute="_compute_warning")

    # === COMPUTE METHODS === #

    @api.depends("case_id")
    def _compute_day(self):
        for wizard in self:
            wizard.case_id.check_access("read")
            branch = wizard.case_id.branch_id
            wizard.day = branch._today() if branch else False

    @api.depends("case_id")
    def _compute_dealer(self):
        for wizard in self:
            wizard.case_id.check_access("read")
            wizard.dealer = wizard.case_id.branch_id.name

    @api.depends("case_id", "day")
    def _compute_warning(self):
        for wizard in self:
            wizard.case_id.check_access("read")
            booking = wizard.case_id.booking_id
            closes = self.env._("The booking is closed with it: %s.", booking.display_name) if booking else False
            wizard.warning = closes

    # === ACTION METHODS === #

    def action_confirm(self):
        """Note the service.

        :raise UserError: the day is before the purchase or in the future, or the service is noted already
        """
        self.ensure_one()
        self.case_id.check_access("write")
        case = self.case_id.sudo()
        vehicle = case.vehicle_id
        if case.state == "serviced" and case.service_source != "customer":
            raise UserError(self.env._("%s is done already.", case.display_name))
        if not vehicle.purchase_date <= self.day <= case.branch_id._today():
            raise UserError(
                self.env._("Say on which day the service was done, after the purchase and not in the future.")
            )
        services = self.env["crm.vehicle.service"].sudo()
        if services.search_count([("vehicle_id", "=", vehicle.id), ("kpb", "=", int(case.kpb))], limit=1):
            raise UserError(self.env._("This service of the vehicle is noted already."))
        services.create({"vehicle_id": vehicle.id, "kpb": int(case.kpb), "day": self.day, "dealer": self.dealer})
        case.message_post(
            body=self.env._("Service done, noted by hand by %s.", self.env.user.name),
            author_id=self.env.user.partner_id.id,
        )
        return {"type": "ir.actions.act_window_close"}
