from odoo import api, models
from odoo.exceptions import UserError

#: Files that somebody has looked at: model, field.
EVIDENCE = {("crm.transfer.proof", "file"), ("crm.cancellation", "photo")}


class IrAttachment(models.Model):
    """The file of a proof changes with the proof, where it is looked into, and not behind its back (SOP-11b).

    So does the photo of a defect, which somebody confirms (SOP-10).
    """

    _inherit = "ir.attachment"

    @api.model_create_multi
    def create(self, vals_list):
        """Override: refuse a file that would be read as evidence. Its field writes as superuser."""
        said = {name: self.env.context.get(f"default_{name}") for name in ("res_model", "res_field")}
        meant = [{**said, **vals} for vals in vals_list]
        if not self.env.su and any(self._is_evidence(vals["res_model"], vals["res_field"]) for vals in meant):
            self._refuse_evidence()
        return super().create(vals_list)

    def write(self, vals):
        """Override: likewise, on either side of the change."""
        if not self.env.su:
            for attachment in self.sudo():
                model = vals.get("res_model", attachment.res_model)
                name = vals.get("res_field", attachment.res_field)
                if self._is_evidence(attachment.res_model, attachment.res_field) or self._is_evidence(model, name):
                    self._refuse_evidence()
        return super().write(vals)

    def unlink(self):
        """Override: likewise."""
        if not self.env.su and any(self._is_evidence(file.res_model, file.res_field) for file in self.sudo()):
            self._refuse_evidence()
        return super().unlink()

    def _is_evidence(self, model, name):
        return (model, name) in EVIDENCE

    def _refuse_evidence(self):
        raise UserError(
            self.env._("The file of a proof of transfer, or the photo of a defect, is changed on its document itself.")
        )
