from odoo import api, fields, models
from odoo.exceptions import UserError

#: Said in the context by our own code alone; JSON can't make this object.
STEP = object()


class CrmPrivacyLog(models.Model):
    """That a person's data were handed out or erased: who did it, when, why, how much. It names nobody (BR-3)."""

    _name = "crm.privacy.log"
    _description = "Export or Erasure of a Person"
    _order = "date desc, id desc"
    _rec_name = "kind"

    kind = fields.Selection([("export", "Export"), ("erasure", "Erasure")], required=True, readonly=True)
    date = fields.Datetime("On", required=True, readonly=True)
    user_id = fields.Many2one("res.users", "By", required=True, readonly=True, ondelete="restrict", index=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    person = fields.Integer("Contact ID", required=True, readonly=True, aggregator=None)
    reason = fields.Text(readonly=True)
    counts = fields.Json(readonly=True)
    summary = fields.Text("What", compute="_compute_summary")

    # === COMPUTE METHODS === #

    @api.depends("counts")
    def _compute_summary(self):
        for log in self:
            log.summary = "\n".join(f"{section}: {count}" for section, count in (log.counts or {}).items())

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: the log is written by what it logs."""
        self._check_step()
        return super().create(vals_list)

    def write(self, vals):
        """Override: nobody changes it."""
        self._check_step()
        return super().write(vals)

    def unlink(self):
        """Override: nobody deletes it. Uninstalling drops the table and doesn't come here."""
        self._check_step()
        return super().unlink()

    def _check_step(self):
        if self.env.context.get("crm_branch_privacy") is not STEP:
            raise UserError(self.env._("The log of exports and erasures writes itself, and stays as it is."))

    # === BUSINESS METHODS === #

    @api.model
    def _record(self, kind, person, counts, reason=False):
        """Log what has been done. For our own code, which has checked who acts."""
        return (
            self.sudo()
            .with_context(crm_branch_privacy=STEP)
            .create(
                {
                    "kind": kind,
                    "date": fields.Datetime.now(),
                    "user_id": self.env.uid,
                    "company_id": self.env.company.id,
                    "person": person.id,
                    "reason": reason,
                    "counts": dict(counts),
                }
            )
        )
