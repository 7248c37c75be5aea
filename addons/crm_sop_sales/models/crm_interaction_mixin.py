from odoo import models


class CrmInteractionMixin(models.AbstractModel):
    _inherit = "crm.interaction.mixin"

    def _get_call_memo(self):
        """Hook: return what the document says about the purpose of a call, as HTML or text."""
        return False
