from odoo import models
from odoo.exceptions import UserError


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def action_suggestions(self):
        """Show what goes with the quotation's products, and note that it was shown (CC-3c).

        For whoever may change the quotation.
        """
        self.ensure_one()
        self.check_access("write")
        if self.state not in ("draft", "sent"):
            raise UserError(self.env._("%s isn't a quotation any more.", self.name))
        branch = self._suggestion_branch()
        self.env["crm.suggestion"]._show(self.partner_id, self.company_id, branch, order=self)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Goes Well With It"),
            "res_model": "crm.suggestion",
            "views": [(self.env.ref("crm_contact_center.crm_suggestion_view_list_order").id, "list")],
            "target": "new",
            "domain": [
                ("order_id", "=", self.id),
                ("from_order", "=", True),
                ("answer", "=", False),
                ("product_id", "not in", self.order_line.product_id.product_tmpl_id.ids),
            ],
            "context": {"create": False, "edit": False},
        }

    def _suggestion_branch(self):
        """Return the branch of the order, else of the user, else the company's first."""
        order = self.sudo()
        own = order.branch_id if "branch_id" in order._fields else self.env["crm.branch"].sudo()
        user = self.env.user.sudo().branch_id
        if not own and user.company_id == order.company_id:
            own = user
        return own or order.company_id._sales_branch()
