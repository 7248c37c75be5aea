import base64
import binascii

from odoo import api, models
from odoo.api import SUPERUSER_ID
from odoo.exceptions import UserError

from odoo.addons.base.models.ir_model import MODULE_UNINSTALL_FLAG

MODEL = "crm.material.version"


class IrAttachment(models.Model):
    """The files of a published version stay what they are, and nobody reads them by a link (BR-2).

    No superuser mode opens this guard: Odoo's own upload of a chatter's file uses it.
    """

    _inherit = "ir.attachment"

    @api.model_create_multi
    def create(self, vals_list):
        """Override: refuse a file for a version that isn't a draft."""
        said = {name: self.env.context.get(f"default_{name}") for name in ("res_model", "res_id")}
        meant = [{**said, **vals} for vals in vals_list]
        ours = [vals for vals in meant if vals["res_model"] == MODEL]
        self._check_material_files({vals["res_id"] for vals in ours})
        self._check_material_links(ours)
        return super().create(vals_list)

    def write(self, vals):
        """Override: likewise, on either side of the change. Repeating what is there is no change."""
        ours = self.sudo().filtered(lambda file: vals.get("res_model", file.res_model) == MODEL)
        if ours:
            self._check_material_links([vals])
        changing = (ours | self._of_materials()).filtered(lambda file: file._is_changed_by(vals))
        self._check_material_files({id_ for file in changing for id_ in (file.res_id, vals.get("res_id"))})
        return super().write(vals)

    def unlink(self):
        """Override: likewise."""
        if not (self.env.uid == SUPERUSER_ID and self.env.context.get(MODULE_UNINSTALL_FLAG)):
            self._check_material_files(set(self._of_materials().mapped("res_id")))
        return super().unlink()

    def _of_materials(self):
        return self.sudo().filtered(lambda file: file.res_model == MODEL)

    def _is_changed_by(self, vals):
        """Return whether the values would change this one file; Odoo writes the same content when it moves files."""
        content = vals.get("raw")
        if content is None and "datas" in vals:
            try:
                content = base64.b64decode(vals["datas"] or b"")
            except (binascii.Error, ValueError):
                return True
        if content is not None:
            content = content.encode() if isinstance(content, str) else content or b""
            if self._compute_checksum(content) != self.checksum:
                return True
        others = vals.keys() & self._fields.keys() - {"raw", "datas", "file_size", "checksum", "store_fname"}
        return any(
            self._fields[name].convert_to_cache(vals[name], self)
            != self._fields[name].convert_to_cache(self[name], self)
            for name in others
        )

    def _check_material_files(self, version_ids):
        """Check that the versions are drafts.

        :raise UserError: one is published, or was
        """
        versions = self.env[MODEL].sudo().browse([id_ for id_ in version_ids if id_]).exists()
        if published := versions.filtered(lambda version: version.state != "draft"):
            raise UserError(
                self.env._(
                    "%s is published: its files stay as they are. Make a new version with the new file.",
                    published[0].display_name,
                )
            )

    def _check_material_links(self, vals_list):
        if any(vals.get("public") or vals.get("access_token") for vals in vals_list):
            raise UserError(self.env._("A material is for the branches: its files aren't public and have no link."))
