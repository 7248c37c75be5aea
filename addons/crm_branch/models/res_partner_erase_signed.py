from datetime import date

from odoo import fields, models

from .res_partner_erase import ERASED, TEXTS


class ResPartner(models.Model):
    """What a customer has signed is kept as long as the law wants invoices, and goes then by itself (BR-3)."""

    _inherit = "res.partner"

    def _kept_signed(self):
        """Return (records, names of the fields that stay) of what the law still wants."""
        return self._signed(over=False)

    def _erase_signed(self):
        """Empty what has been signed and isn't wanted by law any more."""
        for records, names in self._signed(over=True):
            texts = [name for name in names if records._fields[name].type in TEXTS]
            if said := records.filtered(
                lambda record, texts=texts: any(record[n] not in (False, ERASED) for n in texts)
            ):
                self._blank(said, texts)
        self._signed_files(self._signed(over=True))._erase_files()

    def _signed(self, over):
        found = []
        for records, name, names in self._signed_person_documents().values():
            matching = records.filtered(lambda record, name=name: self._is_over(record, record[name]) == over)
            if matching:
                found.append((matching, names))
        return found

    def _is_over(self, record, day):
        """Return whether the law wants no longer what was signed then: it counts from the end of the year."""
        years = (record.company_id or self.env.company).legal_retention_years
        return date(day.year + years, 12, 31) < fields.Date.today()

    def _signed_files(self, signed):
        files = self.env["ir.attachment"].sudo()
        for records, names in signed:
            domain = files._of_documents(records._name, records.ids)
            files |= files.search([*domain, ("res_field", "in", names)])
        return files

    def _forget_signed(self):
        """Empty what erased people have signed once the law doesn't want it any more. Called by the scheduler."""
        erased = self.env["crm.privacy.log"].sudo().search([("kind", "=", "erasure")]).mapped("person")
        self.browse(erased).exists()._person()._erase_signed()
