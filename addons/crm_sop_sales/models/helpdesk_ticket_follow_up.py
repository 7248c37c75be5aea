from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError


class HelpdeskTicket(models.Model):
    """A solved complaint is closed by a customer who says that they are satisfied, and by nothing else (SOP-T7)."""

    _inherit = "helpdesk.ticket"

    follow_up_id = fields.Many2one("crm.interaction", "Planned Contact", compute="_compute_follow_up_id")
    follow_up_at = fields.Datetime("Ask Again On", related="follow_up_id.began_at")

    # === COMPUTE METHODS === #

    @api.depends("complaint_state", "interaction_ids.state")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_follow_up_id(self):
        planned = self._find_planned() if self.env["crm.interaction"].has_access("read") else {}
        for ticket in self:
            ticket.follow_up_id = ticket.complaint_state == "solved" and planned.get(ticket.id)

    # === ACTION METHODS === #

    def action_ask_satisfaction(self):
        """Open the contact in which the customer says whether they are satisfied."""
        self.ensure_one()
        if self.complaint_state != "solved":
            raise UserError(self.env._("The customer is asked after the complaint is solved."))
        self.check_access("write")
        self._plan_follow_up()
        return self._find_planned()[self.id].get_formview_action()

    # === BUSINESS METHODS === #

    def _check_transition(self, transition):
        result = super()._check_transition(transition)
        if transition.name == "close" and (unasked := self - self._filtered_satisfied()):
            raise UserError(
                self.env._(
                    "%s closes when the customer has said that they are satisfied: record that contact first.",
                    ", ".join(unasked.mapped("display_name")),
                )
            )
        return result

    def _after_transition(self, transition):
        result = super()._after_transition(transition)
        if transition.name == "register":
            self._tell_outcome()
        elif transition.name == "solve":
            self._plan_follow_up()
        return result

    def _tell_outcome(self):
        """Give the contacts that brought the complaint their outcome, where nobody said another."""
        outcome = self.env.ref("crm_base.crm_interaction_outcome_complaint_registered", raise_if_not_found=False)
        if outcome:
            about = [("res_model", "=", self._name), ("res_id", "in", self.ids)]
            mine = [("state", "=", "open"), ("outcome_id", "=", False), ("user_id", "=", self.env.uid)]
            self.env["crm.interaction"].search([*about, *mine]).outcome_id = outcome

    def _plan_follow_up(self):
        """Plan the question for those that nobody is to ask yet."""
        planned = self._find_planned()
        missing = self.filtered(lambda ticket: ticket.id not in planned)
        self.env["crm.interaction"].create([ticket._prepare_follow_up_vals() for ticket in missing])

    def _prepare_follow_up_vals(self):
        purpose = self.env.ref("crm_base.crm_interaction_purpose_follow_up", raise_if_not_found=False)
        days = self.company_id.sudo().complaint_follow_up_days
        return {
            **self._interaction_defaults(),
            "branch_id": self.branch_id.id,
            "user_id": self.user_id.id,
            "direction": "outgoing",
            "channel": "call",
            "purpose_id": purpose and purpose.id,
            "began_at": fields.Datetime.now() + timedelta(days=days),
            "note": self.env._("Is the customer still satisfied with the solution of %s?", self.display_name),
        }

    def _find_planned(self):
        """Return ticket id → the open contact that is planned to ask."""
        contacts = self.env["crm.interaction"].search(
            [
                ("res_model", "=", self._name),
                ("res_id", "in", self.ids),
                ("state", "=", "open"),
                ("direction", "=", "outgoing"),
            ],
            order="began_at desc, id desc",
        )
        return {contact.res_id: contact for contact in contacts}

    def _filtered_satisfied(self):
        """Return those whose customer said after the solution that they are satisfied.

        The history says what came after what: the times of a contact can be typed.
        """
        contacts = (
            self.env["crm.interaction"]
            .sudo()
            .search(
                [
                    ("res_model", "=", self._name),
                    ("res_id", "in", self.ids),
                    ("state", "=", "done"),
                    ("outcome_id.satisfaction", "=", "satisfied"),
                ]
            )
        )
        told, solved = self._latest(contacts, "close"), self._latest(self, "solve")
        said = {contact.res_id for contact in contacts if told[contact.id] > solved.get(contact.res_id, 0)}
        return self.filtered(lambda ticket: ticket.id in said)

    @api.model
    def _latest(self, records, name):
        """Return record id → the id of the latest entry of history for that step."""
        done = [("res_model", "=", records._name), ("res_id", "in", records.ids), ("transition", "=", name)]
        return dict(self.env["crm.workflow.log"].sudo()._read_group(done, ["res_id"], ["id:max"]))
