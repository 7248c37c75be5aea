from odoo import api, fields, models


class CrmConsentPurpose(models.Model):
    """What a customer's data are used for, and the words in which they are asked (BR-3). Headquarters words it."""

    _name = "crm.consent.purpose"
    _description = "Purpose of Consent"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    wording = fields.Text(
        required=True, translate=True, help="Read to the customer, and kept with each consent as it was then."
    )
    version = fields.Integer(
        default=1, required=True, readonly=True, copy=False, help="Counts up with each change of the wording."
    )
    company_id = fields.Many2one("res.company", index="btree_not_null", help="Empty: for all companies.")

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: a purpose begins with version 1."""
        return super().create([{**vals, "version": 1} for vals in vals_list])

    def write(self, vals):
        """Override: another wording is another version; nobody sets that by hand."""
        vals = {name: value for name, value in vals.items() if name != "version"}
        reworded = self.browse()
        if "wording" in vals:
            reworded = self.filtered(lambda purpose: purpose.wording != vals["wording"])
        result = super().write(vals) if vals else True
        for purpose in reworded:
            super(CrmConsentPurpose, purpose).write({"version": purpose.version + 1})
        return result

    def _update_field_translations(self, field_name, translations, digest=None, source_lang=""):
        """Override: likewise for another wording in one language."""
        result = super()._update_field_translations(field_name, translations, digest=digest, source_lang=source_lang)
        if field_name == "wording":
            for purpose in self:
                super(CrmConsentPurpose, purpose).write({"version": purpose.version + 1})
        return result

    # === BUSINESS METHODS === #

    def _prepare_snapshot(self, lang):
        """Return the values of a consent that keep the wording as it is read now, in an installed language."""
        installed = dict(self.env["res.lang"].get_installed())
        lang = lang if lang in installed else "en_US"
        return {
            "purpose_id": self.id,
            "wording": self.sudo().with_context(lang=lang).wording,
            "wording_version": self.sudo().version,
            "lang": lang,
        }
