from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..followup_const import ANSWERS, RESULTS
from ..script import filled

#: Results that an admin may choose; that a message wasn't delivered the system knows.
CHOICES = [choice for choice in RESULTS if choice[0] != "not_delivered"]
#: Close the screen, and let the list behind it say what is left.
RELOAD = {"type": "ir.actions.client", "tag": "soft_reload"}


class CrmFollowupCall(models.TransientModel):
    """The call screen: what to say, what came of it, what must be offered, what the customer said (H23-1.1).

    It only asks: :meth:`~odoo.addons.crm_h23_followup.models.crm_followup_answer.CrmFollowup._answer` decides.
    """

    _name = "crm.followup.call"
    _description = "Call a Customer"
    _rec_name = "followup_id"

    followup_id = fields.Many2one("crm.followup", required=True, readonly=True, ondelete="cascade")
    # Who and what, as far as the user may read the follow-up
    state = fields.Selection(related="followup_id.state", related_sudo=False)
    kpb = fields.Selection(related="followup_id.kpb", related_sudo=False)
    step = fields.Selection(related="followup_id.step", related_sudo=False)
    owner_name = fields.Char(related="followup_id.owner_name", related_sudo=False)
    owner_phone = fields.Char(related="followup_id.owner_phone", related_sudo=False)
    phone_is_wrong = fields.Boolean(compute="_compute_script")
    plate = fields.Char(related="followup_id.plate", related_sudo=False)
    model_name = fields.Char(related="followup_id.model_name", related_sudo=False)
    purchase_date = fields.Date(related="followup_id.purchase_date", related_sudo=False)
    expires_on = fields.Date(related="followup_id.expires_on", related_sudo=False)
    reply = fields.Text(related="followup_id.reply", related_sudo=False)
    former = fields.Text("So Far", compute="_compute_script")
    schedule_id = fields.Many2one("crm.followup.schedule", compute="_compute_script")
    script = fields.Text("Say This", compute="_compute_script")
    # What came of it
    result = fields.Selection(CHOICES)
    feedback = fields.Text("What Did the Customer Say?")
    reason_id = fields.Many2one("crm.followup.reason", "Why?", domain="[('schedule_id', '=', schedule_id)]")
    offer = fields.Selection(related="reason_id.offer", related_sudo=False, string="Offer This")
    offer_script = fields.Text(compute="_compute_offer_script", string="Say")
    asks_weekdays = fields.Boolean(related="reason_id.asks_weekdays", related_sudo=False)
    opens_complaint = fields.Boolean(related="reason_id.opens_complaint", related_sudo=False)
    weekdays_impossible = fields.Boolean("The customer really can’t come from Monday to Friday")
    offer_answer = fields.Selection(ANSWERS, "The Customer’s Answer")
    call_back_at = fields.Datetime()
    serviced_on = fields.Date(help="As the customer says.")

    # === COMPUTE METHODS === #

    @api.depends("followup_id")
    def _compute_script(self):
        for wizard in self:
            followup = wizard.followup_id
            followup.check_access("read")
            steps = followup.case_id.schedule_id.step_ids
            text = steps.filtered(lambda step, number=followup.step: step.step == number).script
            wizard.schedule_id = followup.case_id.schedule_id
            wizard.script = filled(text, wizard._words())
            wizard.phone_is_wrong = followup.vehicle_id.phone_is_wrong
            wizard.former = wizard._former_words()

    @api.depends("reason_id")
    def _compute_offer_script(self):
        for wizard in self:
            wizard.offer_script = filled(wizard.reason_id.offer_script, wizard._words())

    def _words(self):
        """Return what the names in the scripts stand for."""
        followup = self.followup_id
        followup.check_access("read")
        today = followup.branch_id._today() if followup else fields.Date.context_today(self)
        labels = dict(followup._fields["kpb"]._description_selection(self.env))
        bought = followup.purchase_date
        return {
            "customer": followup.owner_name or self.env._("the owner of %s", followup.plate or followup.model_name),
            "admin": self.env.user.name,
            "branch": followup.branch_id.name,
            "model": followup.model_name or followup.plate or "",
            "plate": followup.plate or "",
            "kpb": labels.get(followup.kpb, ""),
            "days": (today - bought).days if bought else "",
            "purchase_date": format_date(self.env, bought) if bought else "",
            "expires_on": format_date(self.env, followup.expires_on) if followup.expires_on else "",
        }

    def _former_words(self):
        """Return what came of the follow-ups of this free service so far, a line each."""
        steps = dict(self.followup_id._fields["step"]._description_selection(self.env))
        results = dict(self.followup_id._fields["result"]._description_selection(self.env))
        states = dict(self.followup_id._fields["state"]._description_selection(self.env))
        lines = []
        for former in self.followup_id.case_id.followup_ids.sorted("step"):
            if former != self.followup_id or former.result:
                what = results.get(former.result) or states.get(former.state)
                lines.append(f"{steps[former.step]}: {what}{' – ' + former.feedback if former.feedback else ''}")
        return "\n".join(lines)

    # === ACTION METHODS === #

    def action_save(self):
        """Finish the follow-up with what was entered."""
        self.ensure_one()
        self._save()
        return RELOAD

    def action_save_next(self):
        """Finish the follow-up, and open the next one of the same list."""
        self.ensure_one()
        self._save()
        return self._open_next() or RELOAD

    def action_whatsapp(self):
        """Write to the customer."""
        self.ensure_one()
        self.followup_id.check_access("write")
        self.followup_id._ensure_partners()
        return self.followup_id.action_whatsapp_compose()

    @api.model
    def action_open_next(self):
        """Open the call screen with the user's most urgent follow-up."""
        if action := self._open_next():
            return action
        raise UserError(self.env._("Nothing to do: no follow-up of yours is due."))

    # === BUSINESS METHODS === #

    @api.model
    def _open_for(self, followup):
        """Return the action that opens the screen for one follow-up."""
        followup.ensure_one().check_access("write")
        if followup.state not in ("todo", "waiting"):
            raise UserError(self.env._("%s is done already.", followup.display_name))
        return {
            "type": "ir.actions.act_window",
            "name": followup.display_name,
            "res_model": self._name,
            "views": [[False, "form"]],
            "target": "new",
            "context": {"default_followup_id": followup.id, "dialog_size": "extra-large"},
        }

    @api.model
    def _open_next(self):
        """Return the action for the user's most urgent follow-up that a call can settle, or None.

        Customers who wait for an answer come first.
        """
        today = fields.Date.context_today(self)
        mine = [("user_id", "=", self.env.uid), ("state", "=", "todo"), ("due_date", "<=", today)]
        followups = self.env["crm.followup"]
        now = fields.Datetime.now()
        ripe = ["|", ("call_back_at", "=", False), ("call_back_at", "<=", now)]
        found = followups.search([*mine, *ripe, ("replied_at", "!=", False)], limit=1)
        found = found or followups.search([*mine, *ripe, ("channel", "=", "call")], limit=1)
        return self._open_for(found) if found else None

    def _save(self):
        if not self.result:
            raise UserError(self.env._("Choose what came of it."))
        refused = self.result == "refused"
        offer = {"answer": self.offer_answer, "weekdays_impossible": self.weekdays_impossible} if refused else None
        self.followup_id._answer(
            self.result,
            self.feedback,
            reason=self.reason_id if refused else None,
            offer=offer,
            booking=self._booking(),
            call_back_at=self.call_back_at if self.result == "call_back" else None,
            serviced_on=self.serviced_on if self.result == "already_serviced" else None,
        )

    # === HOOKS === #

    def _booking(self):
        """Hook: return the booking that the customer agreed to, for addons that have bookings."""
        return False
