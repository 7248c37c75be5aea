from odoo import models


class IrHttp(models.AbstractModel):
    """The chat on the portal speaks the visitor's language."""

    _inherit = "ir.http"

    @classmethod
    def _get_translation_frontend_modules_name(cls):
        return [*super()._get_translation_frontend_modules_name(), "mail", "im_livechat", "crm_contact_center"]
