from odoo import api, models
from odoo.exceptions import UserError


class SaleOrder(models.Model):
    """An order makes its opportunity won, at the moment that the company chose (FL-8); and orders have interactions."""

    _name = "sale.order"
    _inherit = ["sale.order", "crm.interaction.mixin"]

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: a new quotation may be the moment at which its opportunity is won."""
        orders = super().create(vals_list)
        orders._check_opportunity_access()
        orders._win_opportunities()
        return orders

    def write(self, vals):
        """Override: likewise where an opportunity is put on an order that is there already; see
        :meth:`_check_not_detached`.
        """
        if "opportunity_id" in vals and not vals["opportunity_id"]:
            self._check_not_detached()
        result = super().write(vals)
        if vals.get("opportunity_id"):
            self._check_opportunity_access()
            self._win_opportunities()
        return result

    def copy_data(self, default=None):
        """Override: an opportunity that was handed to somebody else isn't the copy's."""
        readable = self.opportunity_id._filtered_access("read")
        vals_list = super().copy_data(default)
        for order, vals in zip(self, vals_list, strict=True):
            if order.opportunity_id - readable and "opportunity_id" not in (default or {}):
                vals.pop("opportunity_id", None)
        return vals_list

    # === BUSINESS METHODS === #

    def _action_confirm(self):
        """Override, through which all ways to confirm come: a confirmed order wins, whatever the setting."""
        result = super()._action_confirm()
        self._win_opportunities()
        return result

    def _win_opportunities(self):
        """Mark the opportunities of these orders won, where the moment for it has come.

        What is won stays as it is, what is lost stays lost, and what the user may not change is left alone.
        """
        leads = self.filtered(lambda order: order._is_moment_to_win()).opportunity_id
        pending = leads._filtered_access("write").filtered(
            lambda lead: lead.type == "opportunity" and lead.won_status == "pending" and lead.active
        )
        pending.action_set_won()

    def _check_opportunity_access(self):
        """Check that the user may read the opportunities: their names are read with all rights."""
        if self.opportunity_id:
            self.opportunity_id.check_access("read")

    def _check_not_detached(self):
        """Check that nobody but a manager takes an order that is under way off its opportunity, which could then be
        given up (SOP-3b2).
        """
        self.check_access("write")
        if self.env.su or self.env.user.has_group("crm_base.group_manager"):
            return
        for order in self.sudo().filtered("opportunity_id")._under_way():
            raise UserError(
                self.env._(
                    "%(order)s is under way and stays with its opportunity. Choose another one, or ask a manager.",
                    order=order.name,
                )
            )

    def _is_moment_to_win(self):
        if self.state in ("draft", "sent"):
            return self.company_id.opportunity_won_on == "quotation"
        return self.state == "sale"

    # === CALLS === #

    def _get_call_memo(self):
        """Override: an order's memo is that of its opportunity."""
        return self.opportunity_id._filtered_access("read").description
