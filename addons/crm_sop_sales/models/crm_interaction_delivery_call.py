from datetime import timedelta

from odoo import api, fields, models
from odoo.api import SUPERUSER_ID
from odoo.exceptions import UserError

from odoo.addons.base.models.ir_model import MODULE_UNINSTALL_FLAG

#: Said in the context by the order when it plans a call; JSON can't make this object.
DELIVERY_CALL = object()
#: When a customer who couldn't be reached is called again.
AGAIN = timedelta(days=1)
#: The activity of who has to register the complaint.
BAD_GOODS = "crm_sop_sales.mail_activity_type_bad_goods"


class CrmInteraction(models.Model):
    """The call after a delivery: it is planned by the delivery itself, and its outcome closes the order (SOP-14)."""

    _name = "crm.interaction"
    _inherit = ["crm.interaction", "crm.about.mixin"]
    _about = ("delivered_order_id",)

    delivered_order_id = fields.Many2one(
        "sale.order", readonly=True, copy=False, index="btree_not_null", ondelete="restrict"
    )
    delivery_call_state = fields.Selection(related="delivered_order_id.delivery_call_state")
    complaint_due = fields.Boolean(related="delivered_order_id.complaint_due")

    _one_delivery_call = models.UniqueIndex(
        "(delivered_order_id) WHERE state = 'open'", "The customer of this order is to be called already."
    )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: only the delivery plans its call."""
        self._check_delivered_order(vals_list)
        return super().create(vals_list)

    def write(self, vals):
        """Override: a planned call stays about its order, and with its customer."""
        self._check_delivered_order([vals])
        kept = [name for name in ("res_model", "res_id", "partner_id", "direction") if name in vals]
        for call in self.sudo().filtered("delivered_order_id") if kept else ():
            if any(call._would_change(name, vals[name]) for name in kept):
                raise UserError(
                    self.env._("This call asks the customer of %s: log another one.", call.delivered_order_id.name)
                )
        return super().write(vals)

    @api.ondelete(at_uninstall=True)
    def _unlink_except_delivery_call(self):
        """Check that nobody deletes the question. Only the superuser uninstalls: see ``_unlink_only_deletable``."""
        if self.env.uid == SUPERUSER_ID and self.env.context.get(MODULE_UNINSTALL_FLAG):
            return
        if calls := self.sudo().filtered("delivered_order_id"):
            raise UserError(
                self.env._(
                    "The customer of %s is to be called: close the call with its outcome.",
                    calls[0].delivered_order_id.name,
                )
            )

    def _check_delivered_order(self, vals_list):
        if self.env.context.get("crm_sop_sales_delivery_call") is DELIVERY_CALL:
            return
        if any(vals.get("delivered_order_id") for vals in vals_list) or self.env.context.get(
            "default_delivered_order_id"
        ):
            raise UserError(self.env._("The call after a delivery is planned by the delivery, not by hand."))
        if self and any("delivered_order_id" in vals for vals in vals_list) and self.sudo().delivered_order_id:
            raise UserError(self.env._("The call after a delivery stays with its order."))

    # === ACTION METHODS === #

    def action_goods_good(self):
        """Close the call: the goods are in good condition. One click while the customer is on the phone (SOP-14)."""
        self._close_with("received", "satisfied")

    def action_goods_bad(self):
        """Close the call, and open the complaint about the goods (SOP-14)."""
        self._close_with("bad_goods", "dissatisfied")
        return self.action_complaint()

    # === BUSINESS METHODS === #

    def _close_with(self, name, satisfaction):
        """Close the call with our own outcome of that name; where a manager has deleted it, with another like it."""
        self.ensure_one()
        if not self.delivered_order_id:
            raise UserError(self.env._("%s asks about no delivery: close it with its outcome.", self.display_name))
        outcome = self.env.ref(f"crm_sop_sales.crm_interaction_outcome_{name}", raise_if_not_found=False)
        alike = [("satisfaction", "=", satisfaction)]
        self.outcome_id = outcome or self.env["crm.interaction.outcome"].search(alike, limit=1)
        self.action_answer()
        self.action_close()

    def _outgoing_words(self, words):
        """Override: after a delivery the officer asks about the goods, and says thanks."""
        order = self.sudo().delivered_order_id
        if not order:
            return super()._outgoing_words(words)
        return self.env._(
            "%(greeting)s! This is %(officer)s of %(company)s. Have you received the goods of %(order)s, and are they "
            "in good condition? Thank you for buying from us.",
            order=order.name,
            **words,
        )

    def _latest_delivery_call(self):
        """Return the call that counts: the one to be made, else the last one with the customer's word."""
        planned = self.filtered(lambda call: call.state == "open")
        answered = self.filtered(lambda call: call.state == "done" and call.outcome_id.satisfaction)
        return (planned or answered or self).sorted("id")[-1:]

    def _delivery_call_state(self):
        if self.state == "done" and self.outcome_id.satisfaction:
            return "closed" if self.outcome_id.satisfaction == "satisfied" else "bad"
        return "to_call"

    def _after_transition(self, transition):
        """Override: who couldn't be reached is called again; goods in bad condition are the officer's to take up."""
        result = super()._after_transition(transition)
        if transition.name in ("close", "cancel"):
            calls = self.sudo().filtered("delivered_order_id")
            unheard = calls.filtered(lambda call: call._delivery_call_state() == "to_call")
            unheard.delivered_order_id._plan_delivery_calls(delay=AGAIN)
            (calls - unheard).filtered(lambda call: call._delivery_call_state() == "bad")._take_up_bad_goods()
        return result

    def _take_up_bad_goods(self):
        """Have the officer register the complaint, today."""
        for call in self:
            call.delivered_order_id.activity_schedule(
                BAD_GOODS,
                user_id=call.user_id.id,
                date_deadline=call.branch_id._today(),
                summary=self.env._("Goods not in good condition: register the complaint"),
            )
