from odoo import fields, models


class CrmCourierStop(models.Model):
    """CRM calls the customer after the delivery: received in good condition, thanks (SOP-14)."""

    _inherit = "crm.courier.stop"

    call_id = fields.Many2one(
        "crm.interaction", "Customer Call", readonly=True, copy=False, index="btree_not_null", ondelete="set null"
    )
    call_result = fields.Selection(
        [("to_call", "To call"), ("good", "In good condition"), ("bad", "Not in good condition")],
        "Customer Says",
        readonly=True,
        copy=False,
        index=True,
    )
    called_at = fields.Datetime("Called", readonly=True, copy=False)

    # === ACTION METHODS === #

    def action_open_call(self):
        """Open the planned call, to make it and say what came of it."""
        self.ensure_one()
        self.check_access("read")
        return self.call_id.get_formview_action()

    # === BUSINESS METHODS === #

    def _plan_call(self):
        """Plan a call to each customer, by who sold the order; one contact for each delivery."""
        purpose = self.env.ref("crm_courier.crm_interaction_purpose_received", raise_if_not_found=False)
        for stop in self.filtered("order_id"):
            call = (
                self.env["crm.interaction"]
                .sudo()
                .create({**stop._prepare_call_vals(), "purpose_id": purpose and purpose.id})
            )
            stop._write_facts({"call_id": call.id, "call_result": "to_call", "called_at": False})

    def _prepare_call_vals(self):
        order, branch = self.order_id, self.branch_id
        officer = order.user_id if order.user_id.active else branch.pic_id or branch.head_id or self.env.user
        return {
            "channel": "call",
            "direction": "outgoing",
            "partner_id": order.partner_id.id,
            "user_id": officer.id,
            "branch_id": officer.branch_id.id or branch.id,
            "began_at": self.company_id._courier_call_moment(branch),
            "res_model": "sale.order",
            "res_id": order.id,
        }

    def _note_call(self, call):
        """Note what the customer said in a call that is done; who couldn't be reached is called again."""
        result = call._received_result()
        if call.state == "open":
            self._write_facts({"call_result": "to_call", "called_at": False})
        elif result == "to_call":
            self._plan_call()
        else:
            self._write_facts({"call_result": result, "called_at": call.ended_at or fields.Datetime.now()})
        if result == "bad":
            self.order_id._courier_not_received_well(call)
