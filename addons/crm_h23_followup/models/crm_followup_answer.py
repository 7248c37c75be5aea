from markupsafe import Markup

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from odoo.addons.crm_whatsapp.models.crm_whatsapp_message_incoming import ACTIVITY

from ..followup_const import RESPONDED, RESULTS, UNANSWERED

#: What each result is called among the outcomes of contacts: names in ``crm_base``'s and our data.
OUTCOMES = {
    "no_response": "crm_base.crm_interaction_outcome_no_answer",
    "not_delivered": "crm_h23_followup.crm_interaction_outcome_not_delivered",
    "willing": "crm_base.crm_interaction_outcome_interested",
    "refused": "crm_base.crm_interaction_outcome_not_interested",
    "call_back": "crm_base.crm_interaction_outcome_call_back",
    "wrong_number": "crm_base.crm_interaction_outcome_wrong_number",
    "opted_out": "crm_h23_followup.crm_interaction_outcome_opted_out",
    "already_serviced": "crm_h23_followup.crm_interaction_outcome_already_serviced",
}


class CrmFollowup(models.Model):
    """The answer to a follow-up: one implementation for FU-1, FU-2 and FU-3 (H23-4.2.5 … 4.4.5)."""

    _inherit = "crm.followup"

    # === BUSINESS METHODS === #

    def _answer(self, result, feedback, reason=None, offer=None, booking=None, call_back_at=None, serviced_on=None):
        """Finish the follow-up with its result and the customer's feedback, and do what follows from it.

        A customer who refuses and accepts the offer is willing: the offer is kept with it.

        :param str result: one of :data:`~..followup_const.RESULTS`
        :param str feedback: what the customer said, never blank (H23-4.5.1)
        :param reason: for ``refused``: the ``crm.followup.reason``
        :param dict offer: for ``refused``: ``answer`` (``accepted`` or ``refused``), and ``weekdays_impossible`` where
            the reason asks to make sure of weekdays
        :param booking: for who comes: the booking, where an addon has bookings
        :param datetime call_back_at: for ``call_back``: when (naive UTC); before the next follow-up comes
        :param date serviced_on: for ``already_serviced``: when, as the customer says
        :raise UserError: something of it is missing, or the follow-up isn't open
        :raise AccessError: the user may not write it
        """
        self.ensure_one()
        self.check_access("write")
        followup = self.sudo()
        followup._lock_for_step()
        followup._check_source(self._workflow.find("answer"))
        feedback = (feedback or "").strip()
        followup._check_answer(result, feedback, reason, offer, call_back_at, serviced_on)
        if result == "refused":
            offer = followup._make_offer(reason, offer)
            if offer.answer == "accepted":
                result = "willing"
        else:
            offer = self.env["crm.followup.offer"]
        if result == "willing" and followup._needs_booking() and not booking:
            raise UserError(self.env._("Book the date and time that the customer agrees to first."))
        followup._note(followup._prepare_answer_vals(result, feedback, reason, offer, call_back_at))
        followup._log_attempts()
        if result == "call_back":
            if followup.state == "waiting":  # from now on it waits for us
                followup._workflow_do("reply")
        else:
            followup._workflow_do("answer")
            followup.activity_feedback([ACTIVITY], only_automated=False)
        if reason and reason.opens_complaint:
            followup._open_complaint()
        followup._after_answer(result, booking=booking, serviced_on=serviced_on)
        return True

    def _prepare_answer_vals(self, result, feedback, reason, offer, call_back_at):
        vals = {
            "result": result,
            "feedback": feedback,
            "reason_id": reason.id if reason else False,
            "offer_id": offer.id,
            "call_back_at": call_back_at or False,
            "done_by_id": self.env.uid,
            "done_at": fields.Datetime.now(),
            "user_id": self.user_id.id or self.env.uid,
        }
        if result == "call_back":
            vals |= {"done_at": False, "due_date": self.branch_id._local(call_back_at).date()}
        return vals

    # === CHECKS === #

    def _check_answer(self, result, feedback, reason, offer, call_back_at, serviced_on):
        if result not in dict(RESULTS):
            raise UserError(self.env._("Choose what came of it."))
        if not feedback:
            raise UserError(self.env._("Write down what the customer said: no follow-up is done without feedback."))
        if result == "refused":
            self._check_refusal(reason, offer)
        elif reason or offer:
            raise UserError(self.env._("Only a refusal has a reason and an offer."))
        if result == "call_back":
            self._check_call_back(call_back_at)
        if result == "already_serviced":
            self._check_serviced_on(serviced_on)

    def _check_refusal(self, reason, offer):
        """Check that what must be offered was offered, and answered (H23-4.2.6, H23-4.2.7)."""
        if not reason or reason.sudo().schedule_id != self.case_id.schedule_id:
            raise UserError(self.env._("Say why the customer refuses."))
        words = dict(reason._fields["offer"]._description_selection(self.env))[reason.sudo().offer]
        if not offer or offer.get("answer") not in ("accepted", "refused"):
            raise UserError(
                self.env._("Offer “%s” to the customer and note the answer: a refusal can't be saved without.", words)
            )
        if reason.sudo().asks_weekdays and not offer.get("weekdays_impossible"):
            raise UserError(
                self.env._("Make sure that the customer really can't come from Monday to Friday, and tick it.")
            )

    def _check_call_back(self, moment):
        now = fields.Datetime.now()
        if not moment or moment < now:
            raise UserError(self.env._("Say when to call back: a moment that is still to come."))
        day = self.branch_id._local(moment).date()
        case = self.case_id
        # to who has answered no next follow-up comes
        if case.next_date and not self.replied_at and day >= case.next_date:
            raise UserError(
                self.env._(
                    "Call back before %s: on that day the next follow-up comes anyway.",
                    format_date(self.env, case.next_date),
                )
            )
        if day > case.expires_on:
            raise UserError(
                self.env._("The free service expires on %s: call back by then.", format_date(self.env, case.expires_on))
            )

    def _check_serviced_on(self, day):
        if not day or not self.purchase_date <= day <= self.branch_id._today():
            raise UserError(
                self.env._("Say on which day the service was done, after the purchase and not in the future.")
            )

    # === WHAT FOLLOWS === #

    def _make_offer(self, reason, offer):
        reason = reason.sudo()
        return self.env["crm.followup.offer"]._note_offer(
            {
                "followup_id": self.id,
                "branch_id": self.branch_id.id,
                "reason_id": reason.id,
                "offer": reason.offer,
                "asks_weekdays": reason.asks_weekdays,
                "weekdays_impossible": bool(offer.get("weekdays_impossible")),
                "answer": offer["answer"],
                "user_id": self.env.uid,
            }
        )

    def _after_answer(self, result, booking=None, serviced_on=None):
        """Do to the case what the result means for it."""
        case = self.case_id
        if result in RESPONDED:
            keep = {"next_step": case.next_step, "next_date": case.next_date} if result == "call_back" else {}
            case._note_response(keep)
        if result == "no_response" and not case.contacted_at:
            case._note({"contacted_at": fields.Datetime.now()})
        if result in UNANSWERED:
            case._give_up_if_last()
        elif result == "wrong_number":
            self._wrong_number()
        elif result == "refused":
            case._workflow_do("refuse")
        elif result == "opted_out":
            self.vehicle_id._of_same_owner()._stop_follow_up("opt_out")
        elif result == "already_serviced":
            case._serviced(serviced_on, "customer")
        elif result == "willing" and booking:
            case._booked(booking)

    def _wrong_number(self):
        """Close the case, and remember the number: no blast goes to it again."""
        self.vehicle_id._of_same_owner().wrong_phone = self.owner_phone
        self.case_id._note({"next_step": False, "next_date": False})
        self.case_id._give_up_if_last()

    def _open_complaint(self):
        """Open a ticket for the customer's disappointment (H23-4.2.7)."""
        self._ensure_partners()
        partner = self.partner_id
        team = self.env.ref("crm_h23_followup.helpdesk_ticket_team_service", raise_if_not_found=False)
        ticket = (
            self.env["helpdesk.ticket"]
            .sudo()
            .create(
                {
                    "name": self.env._("Disappointed: %s", self.vehicle_id.display_name),
                    "description": Markup("<p>%s</p>") % self.feedback,
                    "partner_id": partner.id,
                    "partner_name": partner.name,
                    "team_id": team.id if team else False,
                    "branch_id": self.branch_id.id,
                    "company_id": self.company_id.id,
                    "user_id": False,
                }
            )
        )
        self._note({"ticket_id": ticket.id})

    def _log_attempts(self):
        """Keep each attempt as an interaction: close those with the customer that are open, or log one."""
        interactions = self.env["crm.interaction"].sudo()
        open_ones = interactions.search(
            [("res_model", "=", self._name), ("res_id", "in", self.ids), ("state", "=", "open")]
        ).grouped("res_id")
        fresh = self.filtered(lambda followup: followup.id not in open_ones)
        made = interactions.create([followup._prepare_interaction_vals() for followup in fresh])
        for followup in self - fresh:
            open_ones[followup.id].write(
                {"outcome_id": followup._outcome().id, "purpose_id": self._purpose().id or False}
            )
        logged = made.union(*open_ones.values())
        logged._workflow_do("close")
        return logged

    def _prepare_interaction_vals(self):
        """Return the contact that this follow-up's result tells of."""
        began = self.sent_at if self.channel == "whatsapp" and self.sent_at else fields.Datetime.now()
        return {
            "branch_id": self.branch_id.id,
            "channel": self.channel,
            "direction": "outgoing",
            "partner_id": self.partner_id.id,
            "caller_name": False if self.partner_id else self.owner_name or self.vehicle_id.display_name,
            "phone": self.owner_phone,
            "user_id": (self.done_by_id or self.user_id).id or self.env.uid,
            "purpose_id": self._purpose().id or False,
            "outcome_id": self._outcome().id,
            "began_at": began,
            "note": self.feedback,
            "res_model": self._name,
            "res_id": self.id,
        }

    def _purpose(self):
        return self.env["crm.interaction.purpose"].browse(
            self.env["ir.model.data"]._xmlid_to_res_id("crm_base.crm_interaction_purpose_follow_up")
        )

    def _outcome(self):
        """Return the outcome that says the same as the result; where a manager has deleted it, that of no answer."""
        for xmlid in (OUTCOMES[self.result], "crm_base.crm_interaction_outcome_answered"):
            if outcome := self.env.ref(xmlid, raise_if_not_found=False):
                return outcome
        return self.env["crm.interaction.outcome"].sudo().search([], limit=1)

    # === HOOKS === #

    def _needs_booking(self):
        """Hook: return whether a willing customer's follow-up is done with a booking only. Addons with bookings say
        so.
        """
        return False
