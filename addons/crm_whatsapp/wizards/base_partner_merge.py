from odoo import models
from odoo.tools import SQL


class MergePartnerAutomatic(models.TransientModel):
    """Two contacts become one: the messages about both are about that one, and it isn't told twice."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _update_reference_fields(self, src_partners, dst_partner):
        """Override: Odoo moves what refers to a contact by a key, not what names it as a document."""
        result = super()._update_reference_fields(src_partners, dst_partner)
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                UPDATE crm_whatsapp_message message
                   SET res_id = %(one)s,
                       key = CASE WHEN EXISTS (
                           SELECT FROM crm_whatsapp_message other
                            WHERE other.key = message.key AND other.res_model = 'res.partner' AND other.id != message.id
                              AND (other.res_id = %(one)s OR other.res_id = ANY(%(many)s) AND other.id < message.id)
                       ) THEN NULL ELSE key END
                 WHERE res_model = 'res.partner' AND res_id = ANY(%(many)s)
                """,
                one=dst_partner.id,
                many=list(src_partners.ids),
            )
        )
        self.env["crm.whatsapp.message"].invalidate_model(["res_id", "key"])
        return result
