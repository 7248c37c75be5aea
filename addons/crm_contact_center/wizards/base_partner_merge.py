from odoo import models


class MergePartnerAutomatic(models.TransientModel):
    """Two contacts become one: what both have answered counts for it (CC-5)."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _update_values(self, src_partners, dst_partner):
        """Override: the answers have come to the one contact; its scores follow."""
        result = super()._update_values(src_partners, dst_partner)
        dst_partner._refresh_satisfaction()
        return result
