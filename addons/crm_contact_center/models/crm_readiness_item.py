from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError


class CrmReadinessItem(models.Model):
    """A line of the check list of a successful customer service, and whether the company is ready there (CC-11).

    What the system knows, it checks; what only people know, a supervisor confirms, again after some time.
    """

    _name = "crm.readiness.item"
    _description = "Readiness"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    area = fields.Selection(
        [
            ("technology", "Technology"),
            ("staff", "Staff"),
            ("process", "Processes"),
            ("measure", "Measures"),
            ("training", "Training"),
            ("sharing", "Sharing Lessons"),
        ],
        required=True,
        default="process",
        group_expand=True,
    )
    description = fields.Text("What Counts", translate=True)
    check = fields.Selection("_selection_check", "Checked by the System", help="Empty: a supervisor confirms it.")
    review_days = fields.Integer(
        "Confirm Again After (days)", required=True, default=90, help="0: what the system checks is enough."
    )
    confirmation_ids = fields.One2many("crm.readiness.confirmation", "item_id", "Confirmations")
    state = fields.Selection(
        [("open", "To Do"), ("review", "To Confirm"), ("ready", "Ready")], "Status", compute="_compute_state"
    )
    facts = fields.Text(compute="_compute_state", help="What the system has found.")
    confirmed_on = fields.Date(compute="_compute_state")
    confirmed_by_id = fields.Many2one("res.users", compute="_compute_state")
    note = fields.Text("Remark", compute="_compute_state")

    _review_days_positive = models.Constraint("CHECK(review_days >= 0)", "Days can't be negative.")
    _somehow_known = models.Constraint(
        'CHECK("check" IS NOT NULL OR review_days > 0)', "Somebody has to confirm what the system can't check."
    )

    # === COMPUTE METHODS === #

    @api.model
    def _selection_check(self):
        """Return the checks that there are: key, what it looks at. Each is a method ``_check_<key>``."""
        return []

    @api.depends("check", "review_days", "confirmation_ids")
    @api.depends_context("company")
    def _compute_state(self):
        """Judge for the current company: what the system found, and the last confirmation."""
        last, today = self._last_confirmations(), fields.Date.context_today(self)
        checked = {check: getattr(self.sudo(), f"_check_{check}")() for check in {*self.mapped("check")} if check}
        for item in self:
            holds, item.facts = checked.get(item.check, (True, False))
            confirmation = last.get(item.id, self.env["crm.readiness.confirmation"])
            item.confirmed_on, item.confirmed_by_id = confirmation.date, confirmation.user_id
            item.note = confirmation.note
            item.state = "open" if not holds else "ready" if item._is_fresh(confirmation, today) else "review"

    def _is_fresh(self, confirmation, today):
        if not self.review_days:
            return True
        return bool(confirmation) and confirmation.date > today - timedelta(days=self.review_days)

    def _last_confirmations(self):
        """Return item id → its last confirmation of the current company."""
        confirmations = self.env["crm.readiness.confirmation"].search(
            [("item_id", "in", self.ids), ("company_id", "=", self.env.company.id)], order="id"
        )
        return {confirmation.item_id.id: confirmation for confirmation in confirmations}

    # === ACTION METHODS === #

    def action_confirm(self):
        """Ask the supervisor what they have seen."""
        self.ensure_one()
        if not self.env.user.has_group("crm_contact_center.group_supervisor"):
            raise AccessError(self.env._("Supervisors confirm that the company is ready."))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Confirm: %s", self.name),
            "res_model": "crm.readiness.confirmation",
            "view_mode": "form",
            "target": "new",
            "context": {"default_item_id": self.id},
        }


class CrmReadinessConfirmation(models.Model):
    """What a supervisor has seen, on which day. It stays as it was said."""

    _name = "crm.readiness.confirmation"
    _description = "Confirmation of Readiness"
    _order = "id desc"
    _rec_name = "item_id"

    item_id = fields.Many2one("crm.readiness.item", "Check List", required=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, default=lambda self: self.env.company
    )
    user_id = fields.Many2one("res.users", "By", required=True, readonly=True, default=lambda self: self.env.user)
    date = fields.Date(required=True, readonly=True, default=fields.Date.context_today)
    note = fields.Text("What Was Seen", required=True)

    @api.model_create_multi
    def create(self, vals_list):
        """Override: who confirms, when and for which company isn't typed, nor said by the context's defaults."""
        facts = {
            "user_id": self.env.uid,
            "company_id": self.env.company.id,
            "date": fields.Date.context_today(self.with_context(tz=False)),
        }
        return super().create([{"item_id": v.get("item_id"), "note": v.get("note"), **facts} for v in vals_list])
