from odoo import models
from odoo.fields import Domain


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    def _of_documents(self, model, ids):
        """Return the domain of all files of these documents, those of binary fields too."""
        return (
            Domain("res_model", "=", model)
            & Domain("res_id", "in", ids)
            & (Domain("res_field", "=", False) | Domain("res_field", "!=", False))
        )

    def _erase_files(self):
        """Delete these files below every guard, and have them removed from the disk as soon as this is committed.

        For our own code, which has checked who acts: an erased person's files don't stay because they are evidence.
        """
        if not self:
            return
        self.env.flush_all()
        names = {file.store_fname for file in self if file.store_fname}
        self.env.cr.execute("DELETE FROM ir_attachment WHERE id = ANY(%s)", [self.ids])
        self.env.invalidate_all(flush=False)
        for name in names:
            self._file_delete(name)
        self.env.ref("crm_branch.ir_cron_remove_files")._trigger()

    def _cron_remove_files(self):
        """Remove the files of what was erased from the disk; Odoo would do it once a day."""
        self.sudo()._gc_file_store()
