from odoo import api, models
from odoo.exceptions import AccessError, UserError

from .helpdesk_ticket import MANAGERS, OFFICERS, STEP

#: What the server alone writes on a complaint.
KEPT = frozenset(
    {
        "is_complaint",
        "stage_id",
        "closed_date",
        "lot_id",
        "warranty_end",
        "under_warranty",
        "answered_at",
        "answered_by_id",
        "days_to_solve",
    }
)
#: Of these, what helpdesk's users write on tickets that are no complaints.
STAGED = frozenset({"stage_id", "closed_date"})
#: What only a manager changes on a complaint once it is there: nobody gives themself more time (SOP-G4).
PROMISED = ("deadline", "priority")


class HelpdeskTicket(models.Model):
    """What nobody types on a complaint: it follows from its steps, or was promised (SOP-G1, SOP-G3, SOP-G4)."""

    _inherit = "helpdesk.ticket"

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: what only the server writes comes from no client, neither as value nor as default."""
        if any(vals.get("deadline") for vals in vals_list):
            self._check_manager_writes()
        hidden = {f"default_{name}" for name in KEPT | {"deadline"}}
        context = {key: value for key, value in self.env.context.items() if key not in hidden}
        model = self.with_context(context)  # pylint: disable=context-overridden
        tickets = super(HelpdeskTicket, model).create([model._prepare_ticket_vals(vals) for vals in vals_list])
        tickets._become_complaints()
        return tickets

    def write(self, vals):
        """Override: a complaint moves by its table alone; its deadline is the manager's (SOP-G3, SOP-G4)."""
        if self.env.context.get("complaint_step") is not STEP:
            self._check_complaint_write(vals)
        if vals.get("branch_id") and any(self.mapped("is_complaint")):
            vals = {**vals, "company_id": self.env["crm.branch"].browse(vals["branch_id"]).sudo().company_id.id}
        result = super().write(vals)
        if vals.get("branch_id"):
            self.branch_id.check_access("read")
        if vals.get("team_id"):
            self._become_complaints()
        return result

    # === BUSINESS METHODS === #

    def _prepare_ticket_vals(self, vals):
        """Return the values of a new ticket; a complaint's without what the server writes, in its first stage."""
        team_id = vals["team_id"] if "team_id" in vals else self.default_get(["team_id"]).get("team_id")
        team = self.env["helpdesk.ticket.team"].browse(team_id or [])
        if not team.is_complaint:
            return {name: value for name, value in vals.items() if name not in KEPT - STAGED}
        vals = {name: value for name, value in vals.items() if name not in KEPT and name != "active"}
        vals |= {"team_id": team.id, "stage_id": team._complaint_stage("new").id}
        company = team.company_id or self.env["res.company"].browse(vals.get("company_id")) or self.env.company
        branch = self.env["crm.branch"].browse(vals.get("branch_id")) or self._find_branch(company)
        partner = self.env["res.partner"].browse(vals.get("partner_id"))
        return {
            "name": self.env._("Complaint of %s", partner.name) if partner else self.env._("Complaint"),
            "partner_name": partner.name,
            "partner_email": partner.email,
            "user_id": not self.env.su and self.env.user.has_group(OFFICERS[0]) and self.env.uid,
            **vals,
            "description": vals.get("description") or "",
            "branch_id": branch.id,
            "company_id": branch.sudo().company_id.id or company.id,
        }

    # === CHECKS === #

    def _check_complaint_write(self, vals):
        named = {name for name in vals if name in KEPT or name in PROMISED or name == "team_id"}
        if not vals.get("active", True):
            named.add("active")
        for ticket in self.sudo() if named else ():
            changed = {name for name in named if ticket._would_change(name, vals[name])}
            if changed & KEPT - STAGED:
                raise UserError(self._kept_text(changed & KEPT - STAGED))
            if "deadline" in changed:
                self._check_manager_writes()
            if ticket.is_complaint:
                ticket.sudo(self.env.su)._check_complaint_change(changed)

    def _check_complaint_change(self, changed):
        """Check that these fields of this one complaint may be changed by the user at all."""
        if changed & STAGED:
            raise UserError(
                self.env._(
                    "%s is a complaint: its stage follows its buttons (Register, Start, Solve …). Open it and use "
                    "those.",
                    self.sudo().display_name,
                )
            )
        if "priority" in changed and self.sudo().complaint_state != "new":
            self._check_manager_writes()
        if "active" in changed:
            raise UserError(self.env._("%s is a complaint: cancel it, with a reason.", self.sudo().display_name))
        if "team_id" in changed and not self.env.user.has_group(MANAGERS[0]):
            raise AccessError(self.env._("Only a manager takes a ticket out of the complaints."))

    def _kept_text(self, names):
        labels = self.fields_get(list(names), ["string"])
        return self.env._(
            "%s follows from what happens to the complaint: it can't be typed.",
            ", ".join(labels[name]["string"] for name in names if name in labels),
        )

    def _check_manager_writes(self):
        if not self.env.user.has_group(MANAGERS[0]):
            raise AccessError(
                self.env._("A complaint's deadline and urgency are what was promised: only a manager changes them.")
            )
