from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.crm_base.counter import Counter
from odoo.addons.crm_sop_sales.models.sale_order import APPROVERS
from odoo.addons.crm_sop_sales.models.sale_order_cancellation import CANCELLATION

from .stock_picking_batch import OFFICER


class SaleOrder(models.Model):
    """What of the order was damaged at the door, and what became of it (SOP-8b … SOP-10)."""

    _inherit = "sale.order"

    replacement_ids = fields.One2many(
        "crm.courier.replacement",
        "order_id",
        "Replacements",
        readonly=True,
        groups="crm_base.group_officer,crm_courier.group_courier,account.group_account_invoice,stock.group_stock_user",
    )
    replacement_count = fields.Integer(compute="_compute_counters")

    def _counters(self):
        """Override: what was damaged on the way, on a run of whichever branch."""
        damaged = Counter("crm.courier.replacement", "order_id", sudo=True)
        return super()._counters() | {"replacement_count": damaged}

    def action_view_replacements(self):
        """Open what was damaged, and what replaces it."""
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_courier.crm_courier_replacement_action")
        one = self.replacement_ids if len(self.replacement_ids) == 1 else self.replacement_ids.browse()
        form = {"res_id": one.id, "views": [(False, "form")]} if one else {}
        return {**action, "domain": [("order_id", "in", self.ids)], "context": {}, **form}

    def _action_cancel(self):
        """Override: a cancelled order is owed no replacement."""
        result = super()._action_cancel()
        self.sudo().replacement_ids.with_env(self.env)._settle()
        return result

    def _timeline_events(self):
        """Override: with the questions from the door, the answers and the exchanges."""
        events = super()._timeline_events()
        for question in self.sudo().replacement_ids:
            asked = self.env._("A replacement is asked for at the door")
            events.append(self._event(question.asked_at, asked, question.asked_by_id, question.note))
            if question.answered_at:
                said = question.answered_by_id
                events.append(self._event(question.answered_at, self.env._("CRM answers"), said, question.answer_text))
            if question.exchanged_at:
                who = question.exchanged_by_id
                events.append(self._event(question.exchanged_at, self.env._("Exchanged at headquarters"), who))
        return events


class CrmCourierReplacement(models.Model):
    """Where nothing replaces it, what is damaged costs the customer nothing (SOP-10)."""

    _inherit = "crm.courier.replacement"

    can_take_off = fields.Boolean(compute="_compute_can_give_up", compute_sudo=True)
    can_cancel = fields.Boolean(compute="_compute_can_give_up", compute_sudo=True)

    def _compute_can_give_up(self):
        """Take off the order where something of it stays; cancel it where nothing of it is delivered."""
        for replacement in self:
            waits = replacement.run_state not in ("loaded", "on_road") and replacement.state != "closed"
            waits = waits and bool(replacement._lines_to_give_up())
            delivered = any(line.qty_delivered > 0 for line in replacement.order_id.order_line._sold_goods())
            replacement.can_take_off = waits and replacement._leaves_something()
            replacement.can_cancel = waits and not delivered

    # === ACTION METHODS === #

    def action_cancel_order(self):
        """Open the order's cancellation form, filled in with what the courier found (SOP-10)."""
        self.ensure_one()
        self._check_may_give_up()
        order = self.order_id
        form = order.cancellation_ids.filtered(lambda form: form.state in ("draft", "waiting"))
        form = form or self.env["crm.cancellation"].create(self._prepare_cancellation())
        return {**order._open_cancellation(), "res_id": form.id}

    def action_give_up(self):
        """Take the damaged units off the order, without a fee: the rest of it stays (SOP-10)."""
        for replacement in self:
            replacement._check_may_give_up()
            if not replacement.sudo()._leaves_something():
                raise UserError(self.env._("Nothing else is on the order: cancel it."))
            replacement.sudo()._lock_for_step()
            lines = replacement.sudo()._lines_to_give_up()
            lines._give_up()
            replacement.sudo()._settle()

    # === BUSINESS METHODS === #

    def _lines_to_give_up(self):
        return self.sudo().line_ids.filtered(
            lambda line: line.answer == "none" and not line.is_given_up and line.sale_line_id
        )

    def _leaves_something(self):
        """Return whether the order sells other goods than those that are given up."""
        sold = self.order_id.order_line._sold_goods()
        return sum(sold.mapped("product_uom_qty")) > sum(self._lines_to_give_up().mapped("quantity"))

    def _check_may_give_up(self):
        """Check that the user may give up what is damaged now.

        :raise AccessError: they may not change the order
        :raise UserError: there is nothing to give up, or the courier still has the goods
        """
        self.check_access("read")
        self.order_id.check_access("write")
        if not self.env.user.has_group(OFFICER):
            raise UserError(self.env._("CRM gives it up: an officer."))
        if not self._lines_to_give_up():
            raise UserError(self.env._("%s: everything damaged is replaced or given up.", self.display_name))
        if self.run_state in ("loaded", "on_road"):
            raise UserError(
                self.env._("%(run)s is still on the road: wait until it is back.", run=self.run_id.display_name)
            )

    def _prepare_cancellation(self):
        lines = self.sudo()._lines_to_give_up()
        reason = self.env.ref("crm_sop_sales.crm_cancellation_reason_defective", raise_if_not_found=False)
        notes = "\n".join(filter(None, lines.mapped("condition_note")))
        return {
            "order_id": self.order_id.id,
            "reason_id": reason and reason.id,
            "note": self.env._("Damaged at the door, and nothing replaces it: %s", notes),
            "defective_lot_ids": [fields.Command.set(lines.lot_id.ids)],
            "defect_note": notes,
            "photo": next((photo for line in lines if (photo := line.photo)), False),
        }


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _sold_goods(self):
        """Return the lines of goods that the customer pays for: no gift, no delivery charge."""
        return self.filtered(lambda line: line.product_id.type == "consu" and line._counts_for_cancellation())


class CrmCourierReplacementLine(models.Model):
    _inherit = "crm.courier.replacement.line"

    def _give_up(self):
        """Let the order sell as many fewer; what its delivery would still bring of them goes too.

        :raise UserError: it isn't a fact that nothing replaces one of them: then a manager does it
        """
        manager = any(self.env.user.has_group(group) for group in APPROVERS)
        for line in self:
            if not line._is_none_by_facts() and not manager:
                raise UserError(
                    self.env._(
                        "The system found a replacement for %s when CRM said that there is none: a manager takes it "
                        "off the order.",
                        line.imei_text,
                    )
                )
            sold = line.sale_line_id
            quantity = line.product_id.uom_id._compute_quantity(line.quantity, sold.product_uom_id)
            step = sold.with_context(crm_sop_sales_cancellation=CANCELLATION)
            step._write_below_lock({"product_uom_qty": sold.product_uom_qty - quantity})
            line.is_given_up = True
            sold.order_id.message_post(
                body=self.env._(
                    "%(product)s %(imei)s was damaged and can't be replaced: taken off the order, without a fee.",
                    product=line.product_id.display_name,
                    imei=line.imei_text,
                ),
                message_type="notification",
            )
            if sold.qty_invoiced > sold.product_uom_qty:
                sold.order_id.activity_schedule(
                    "mail.mail_activity_data_todo",
                    user_id=(sold.order_id.user_id or self.env.user).id,
                    summary=self.env._("Have finance write a credit note: a damaged unit was taken off the order"),
                )


class CrmCancellation(models.Model):
    """What a courier found in front of the customer, and CRM's answer to it, are facts for the form (SOP-10)."""

    _inherit = "crm.cancellation"

    def _damaged_lines(self):
        """Return what of the order was damaged at the door and isn't replaced."""
        lines = self.order_id.sudo().replacement_ids.line_ids
        return lines.filtered(lambda line: line.answer == "none" and line.lot_id and not line.is_given_up)

    def _compute_order_lot_ids(self):
        """Override: a unit that came back damaged isn't held any more, and still is what the form is about."""
        result = super()._compute_order_lot_ids()
        for form in self.filtered(lambda form: form.state != "confirmed"):
            form.order_lot_ids |= form._damaged_lines().lot_id.sudo(False)
        return result

    def _proven_defects(self):
        """Override: what somebody else than the form's writer found at the door is proven."""
        proven = self._damaged_lines().filtered(lambda line: line._proves_defect_to(self.create_uid))
        return super()._proven_defects() | (proven.lot_id.sudo(False) & self.defective_lot_ids)

    def _find_replacement(self):
        """Override: where CRM said “none”, and the system found none or a manager said it, there is none."""
        none = self._damaged_lines().filtered(lambda line: line._is_none_by_facts()).lot_id
        if self.defective_lot_ids and not self.sudo().defective_lot_ids - none:
            return "none", False
        return super()._find_replacement()
