from odoo import api, models


class CrmFollowupLedMixin(models.AbstractModel):
    """What the leaders of a branch arrange for it, whether they are managers or officers in charge."""

    _name = "crm.followup.led.mixin"
    _description = "Arranged by the Branch's Leaders"

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: only for branches that the user leads."""
        records = super().create(vals_list)
        records._check_led()
        return records

    def write(self, vals):
        """Override: only for branches that the user leads."""
        self._check_led()
        result = super().write(vals)
        self._check_led()
        return result

    def unlink(self):
        """Override: only for branches that the user leads."""
        self._check_led()
        return super().unlink()

    def _check_led(self):
        self.branch_id._check_led()
