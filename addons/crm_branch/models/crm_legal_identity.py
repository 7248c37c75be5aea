from datetime import date

from odoo import api, fields, models
from odoo.exceptions import UserError

#: Said in the context by our own code alone; JSON can't make this object.
STEP = object()
DELETED_AT_ONCE = 1000


class CrmLegalIdentity(models.Model):
    """Name and address that the law wants on a posted invoice, kept, and only here, once the customer is erased (BR-3).

    Accountants read it. When the law's time is over it is deleted by itself.
    """

    _name = "crm.legal.identity"
    _description = "Buyer of a Posted Invoice"
    _order = "keep_until, id"

    move_id = fields.Many2one("account.move", "Invoice", required=True, readonly=True, ondelete="restrict", index=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    name = fields.Char(required=True, readonly=True)
    address = fields.Text(readonly=True)
    vat = fields.Char("Tax ID", readonly=True)
    keep_until = fields.Date(required=True, readonly=True, index=True)

    _once = models.Constraint("UNIQUE(move_id)", "The buyer of this invoice is kept already.")

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: the erasure of a person makes these."""
        self._check_step()
        return super().create(vals_list)

    def write(self, vals):
        """Override: nobody changes them."""
        self._check_step()
        return super().write(vals)

    def unlink(self):
        """Override: only time deletes them. Uninstalling drops the table and doesn't come here."""
        self._check_step()
        return super().unlink()

    def _check_step(self):
        if self.env.context.get("crm_branch_legal_identity") is not STEP:
            raise UserError(self.env._("The buyer of a posted invoice is kept as the law wants it, and not changed."))

    # === BUSINESS METHODS === #

    def _as_step(self):
        return self.sudo().with_context(crm_branch_legal_identity=STEP)

    @api.model
    def _keep(self, moves):
        """Keep the buyers of posted invoices that aren't kept yet. For our own code, which has checked who acts."""
        known = self.sudo().search([("move_id", "in", moves.ids)]).move_id
        return self._as_step().create([self._prepare_vals(move) for move in moves - known])

    @api.model
    def _prepare_vals(self, move):
        buyer = move.partner_id
        years = move.company_id.legal_retention_years
        return {
            "move_id": move.id,
            "company_id": move.company_id.id,
            "name": buyer.commercial_partner_id.name or buyer.name,
            "address": buyer._display_address(without_company=True).strip(),
            "vat": buyer.vat or buyer.commercial_partner_id.vat,
            "keep_until": date((move.invoice_date or move.date).year + years, 12, 31),
        }

    @api.model
    def _cron_delete(self):
        """Delete what the law doesn't want kept any more, and the printed invoices and signatures with it."""
        domain = [("keep_until", "<", fields.Date.today())]
        due = self.search(domain, limit=DELETED_AT_ONCE)
        due._delete()
        self.env["res.partner"].sudo()._forget_signed()
        self.env["ir.cron"]._commit_progress(len(due), remaining=self.search_count(domain))

    def _delete(self):
        files = self.env["ir.attachment"].sudo()
        files.search([*files._of_documents("account.move", self.move_id.ids)])._erase_files()
        self._as_step().unlink()
