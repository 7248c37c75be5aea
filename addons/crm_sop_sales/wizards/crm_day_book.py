from odoo import api, fields, models
from odoo.tools import html2plaintext


class CrmDayBook(models.TransientModel):
    """Print a branch's book of one day: date, name, kind, solution (SOP-E3)."""

    _name = "crm.day.book"
    _description = "Day's Book"

    branch_id = fields.Many2one("crm.branch", required=True, default=lambda self: self.env.user.branch_id)
    day = fields.Date(compute="_compute_day", store=True, readonly=False, required=True, precompute=True)

    # === COMPUTE METHODS === #

    @api.depends("branch_id")
    def _compute_day(self):
        """Begin with the day that it is at the branch."""
        for book in self:
            book.day = book.day or (book.branch_id and book.branch_id._today()) or fields.Date.context_today(book)

    @api.depends("branch_id", "day")
    def _compute_display_name(self):
        for book in self:
            book.display_name = self.env._(
                "Day's Book %(branch)s %(day)s", branch=book.branch_id.code or "", day=book.day or ""
            )

    # === ACTION METHODS === #

    def action_print(self):
        """Print the book as PDF, and close the dialog."""
        self.ensure_one()
        report = self.env.ref("crm_sop_sales.crm_day_book_report").report_action(self)
        return {**report, "close_on_report_download": True}

    # === BUSINESS METHODS === #

    def _find_contacts(self):
        """Return what the user may see of the branch's contacts of that day, in the order in which they came."""
        self.ensure_one()
        domain = [("branch_id", "=", self.branch_id.id), ("day", "=", self.day)]
        return self.env["crm.interaction"].search(domain, order="began_at, id")

    def _time(self, moment):
        """Return a moment as the branch's clock showed it."""
        return self.branch_id._local(moment).strftime("%H:%M") if moment else ""

    def _plain(self, note):
        return html2plaintext(note, include_references=False) if note else ""
