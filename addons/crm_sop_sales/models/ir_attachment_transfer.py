from odoo import api, models
from odoo.exceptions import UserError


class IrAttachment(models.Model):
    """The file of a proof changes with the proof, where it is looked into, and not behind its back (SOP-11b)."""

    _inherit = "ir.attachment"

    @api.model_create_multi
    def create(self, vals_list):
        """Override: refuse a file that would be read as a proof's. Its field writes as superuser."""
        if not self.env.su and any(
            self._is_of_proof(vals.get("res_model"), vals.get("res_field")) for vals in vals_list
        ):
            self._refuse_proof_file()
        return super().create(vals_list)

    def write(self, vals):
        """Override: likewise, on either side of the change."""
        if not self.env.su:
            for attachment in self.sudo():
                model = vals.get("res_model", attachment.res_model)
                name = vals.get("res_field", attachment.res_field)
                if self._is_of_proof(attachment.res_model, attachment.res_field) or self._is_of_proof(model, name):
                    self._refuse_proof_file()
        return super().write(vals)

    def unlink(self):
        """Override: likewise."""
        if not self.env.su and any(self._is_of_proof(file.res_model, file.res_field) for file in self.sudo()):
            self._refuse_proof_file()
        return super().unlink()

    def _is_of_proof(self, model, name):
        return model == "crm.transfer.proof" and name == "file"

    def _refuse_proof_file(self):
        raise UserError(self.env._("The file of a proof of transfer is changed on the proof itself."))
