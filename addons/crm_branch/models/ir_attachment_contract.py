from odoo import api, models
from odoo.exceptions import UserError

#: Files of a contract that a step has taken a fingerprint of.
SIGNED = ("signature", "signed_scan")


class IrAttachment(models.Model):
    """A signature, a paper or a photo changes with its document, where the state of that is looked at and the content
    checked, and not behind its back (BR-4, BR-11, BR-14, BR-15).
    """

    _inherit = "ir.attachment"

    @api.model_create_multi
    def create(self, vals_list):
        """Override: refuse a file that would be read as one of these. Their fields write as superuser."""
        said = {name: self.env.context.get(f"default_{name}") for name in ("res_model", "res_field")}
        self._refuse_contract_files(
            ({**said, **vals}["res_model"], {**said, **vals}["res_field"]) for vals in vals_list
        )
        return super().create(vals_list)

    def write(self, vals):
        """Override: likewise, on either side of the change."""
        if not self.env.su:
            files = self.sudo()
            self._refuse_contract_files((file.res_model, file.res_field) for file in files)
            self._refuse_contract_files(
                (vals.get("res_model", file.res_model), vals.get("res_field", file.res_field)) for file in files
            )
        return super().write(vals)

    def unlink(self):
        """Override: likewise."""
        self._refuse_contract_files((file.res_model, file.res_field) for file in self.sudo())
        return super().unlink()

    def _refuse_contract_files(self, places):
        if self.env.su:
            return
        for model, name in places:
            if model == "contract.contract" and name in SIGNED:
                raise UserError(self.env._("The signature of a contract is taken on the contract itself."))
            if name and name in getattr(self.env.get(model), "_checked_files", ()):
                raise UserError(self.env._("This file is changed on its document itself, which checks it."))
