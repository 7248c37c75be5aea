from datetime import UTC, timedelta

from pytz import timezone

from odoo import api, fields, models
from odoo.exceptions import UserError

from .crm_interaction_delivery_call import DELIVERY_CALL

#: How far ahead working hours are looked for: it is soon as a rule, and nobody's holidays are longer.
HORIZONS = (timedelta(days=4), timedelta(days=31))
CALL_STATES = [("to_call", "To Call"), ("bad", "Not in Good Condition"), ("closed", "Received in Good Condition")]


class SaleOrder(models.Model):
    """After the delivery CRM calls the customer: what they say about the goods closes the order (SOP-14)."""

    _inherit = "sale.order"

    delivery_call_ids = fields.One2many(
        "crm.interaction",
        "delivered_order_id",
        "Calls after Delivery",
        readonly=True,
        copy=False,
        groups="crm_base.group_officer",
    )
    delivery_call_state = fields.Selection(
        CALL_STATES, "Call after Delivery", compute="_compute_delivery_call_state", store=True, index="btree_not_null"
    )

    # === COMPUTE METHODS === #

    @api.depends("delivery_call_ids.state", "delivery_call_ids.outcome_id", "complaint_ids.complaint_state")
    def _compute_delivery_call_state(self):
        """What the latest call came to; a planned one is still to be made. Bad goods are made good by the complaint
        whose customer said so (SOP-T7).
        """
        for order in self:
            calls = order.sudo().delivery_call_ids
            latest = calls._latest_delivery_call()
            state = latest._delivery_call_state() if latest else False
            order.delivery_call_state = "closed" if state == "bad" and order._is_made_good(latest) else state

    # === ACTION METHODS === #

    def action_call_after_delivery(self):
        """Open the planned call, or plan another one after goods weren't in good condition."""
        self.ensure_one()
        self.check_access("write")
        if not self._is_delivered_to_customer():
            raise UserError(self.env._("%s isn't delivered yet: the customer is called afterwards.", self.display_name))
        planned = self.sudo().delivery_call_ids.filtered(lambda call: call.state == "open")
        call = planned[:1] or self._plan_delivery_calls(delay=timedelta())
        return call.with_env(self.env).get_formview_action()

    # === BUSINESS METHODS === #

    def _is_made_good(self, call):
        """Whether complaints were answered since that call, and all of them are closed by content customers."""
        complaints = self.sudo().complaint_ids.filtered(
            lambda complaint: complaint.is_complaint and complaint.complaint_state != "cancelled"
        )
        answered = complaints.filtered(
            lambda complaint: complaint.answered_at and complaint.answered_at >= call.ended_at
        )
        return bool(answered) and all(complaint.complaint_state == "closed" for complaint in complaints)

    def _is_delivered_to_customer(self):
        return any(picking.state == "done" and picking._hands_over_to_customer() for picking in self.sudo().picking_ids)

    def _plan_delivery_calls(self, delay=None):
        """Plan a call to each customer whom nobody is to call yet, by who sold the order; return the new calls.

        :param timedelta delay: from now; the company's hours by default. No time at all: now, working hours or not
        """
        orders = self.sudo().filtered(lambda order: "open" not in order.delivery_call_ids.mapped("state"))
        branches = {order: order.branch_id or order.company_id._main_branch() for order in orders}
        moments = {branch: branch._delivery_call_moment(delay) for branch in set(branches.values())}
        calls = self.env["crm.interaction"].sudo().with_context(crm_sop_sales_delivery_call=DELIVERY_CALL)
        return calls.create(
            [order._prepare_delivery_call_vals(branches[order], moments[branches[order]]) for order in orders]
        )

    def _find_caller(self, branch):
        """Return who calls: the officer who sold, else somebody of the branch, where they can see the call."""
        people = self.user_id | branch.pic_id | branch.head_id | branch.user_ids.sorted("id")
        officers = (
            user
            for user in people
            if user.active and branch in user.visible_branch_ids and user.has_group("crm_base.group_officer")
        )
        return next(officers, None) or (people.filtered("active") | self.env.user)[0]

    def _prepare_delivery_call_vals(self, branch, moment):
        known = self.env["ir.model.data"]
        purpose = known._xmlid_to_res_id("crm_sop_sales.crm_interaction_purpose_delivered", raise_if_not_found=False)
        return {
            "delivered_order_id": self.id,
            "res_model": self._name,
            "res_id": self.id,
            "channel": "call",
            "direction": "outgoing",
            "partner_id": self.partner_id.id,
            "branch_id": branch.id,
            "user_id": self._find_caller(branch).id,
            "purpose_id": purpose,
            "began_at": moment,
        }

    def _timeline_events(self):
        """Override: what the customer said closes the timeline."""
        calls = self.sudo().delivery_call_ids.filtered(lambda call: call.state == "done")
        return super()._timeline_events() + [
            self._event(
                call.ended_at, self.env._("Called after delivery: %s", call.outcome_id.name), call.user_id, note=None
            )
            for call in calls
        ]


class CrmBranch(models.Model):
    _inherit = "crm.branch"

    def _delivery_call_moment(self, delay=None):
        """Return when customers of this branch are called, as naive UTC (SOP-14).

        After the delay, or else the company's hours, and then within its working hours by the branch's clock; what has
        no delay is to be done at this moment.
        """
        now = fields.Datetime.now()
        if delay is None:
            delay = timedelta(hours=self.company_id.delivery_call_hours)
        elif not delay:
            return now
        start, calendar = self._local(now + delay), self.company_id.sudo().resource_calendar_id
        if not calendar:
            return now + delay
        zone = timezone(self.tz)
        hours = (calendar._work_intervals_batch(start, start + ahead, tz=zone)[False] for ahead in HORIZONS)
        moment = next((begin for intervals in hours for begin, __, __ in intervals), start)
        return moment.astimezone(UTC).replace(tzinfo=None, microsecond=0)
