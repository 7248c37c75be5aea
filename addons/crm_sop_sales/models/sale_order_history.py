from odoo import models
from odoo.exceptions import UserError


class SaleOrder(models.Model):
    """Which units an order held, and why it lost them, stays known (SOP-4b)."""

    _inherit = "sale.order"

    def unlink(self):
        """Override: an order that ever held units is cancelled, not deleted: its holds would go with it.

        Not by ``ondelete``, which a key in the context switches off.
        """
        self.check_access("unlink")
        self._check_never_held()
        return super().unlink()

    def _check_never_held(self):
        if held := self.sudo().filtered("hold_ids"):
            raise UserError(
                self.env._(
                    "%(orders)s held units, and that history is kept: cancel instead of deleting.",
                    orders=", ".join(held.mapped("display_name")),
                )
            )
