from odoo import api, models
from odoo.exceptions import UserError

from ..scan_file import recognise


class CrmFileMixin(models.AbstractModel):
    """A document with files whose content is checked on every path: papers (PDF, JPEG, PNG) and photos (JPEG, PNG)."""

    _name = "crm.file.mixin"
    _description = "Has Checked Files"

    #: Names of the binary fields that hold papers, and of those that hold photos.
    _papers = ()
    _photos = ()

    @property
    def _checked_files(self):
        """Return the names of all fields whose content is checked."""
        return (*self._papers, *self._photos)

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: check the files, those that a client gives as defaults too."""
        defaults = self.default_get([*self._checked_files])
        for vals in vals_list:
            self._check_files({**defaults, **vals})
        return super().create(vals_list)

    def write(self, vals):
        """Override: likewise."""
        self._check_files(vals)
        return super().write(vals)

    def _check_files(self, vals):
        for name in self._checked_files:
            if vals.get(name):
                photo = name in self._photos
                file = recognise(vals[name])
                if not file or (photo and file.extension == "pdf"):
                    label = self.fields_get([name], ["string"])[name]["string"]
                    raise UserError(
                        self.env._("%s: only a JPEG or PNG picture of up to 10 MB is taken.", label)
                        if photo
                        else self.env._("%s: only a PDF, JPEG or PNG file of up to 10 MB is taken.", label)
                    )
