from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..followup_const import UNANSWERED
from .crm_followup import RESULT_FIELDS

#: States of a message that didn't reach the customer.
NOT_DELIVERED = ("failed", "left_out", "cancelled")


class CrmFollowup(models.Model):
    """FU-1 as a blast: it goes out, comes back with an answer or as undelivered, or waits until the next follow-up
    (H23-4.2.3, H23-4.2.4).
    """

    _inherit = "crm.followup"

    # === BLAST === #

    @api.model
    def _blast_domain(self, branch, day):
        """Return the domain of what goes out by WhatsApp at the branch on that day."""
        return [
            ("branch_id", "=", branch.id),
            ("state", "=", "todo"),
            ("channel", "=", "whatsapp"),
            ("due_date", "<=", day),
            ("replied_at", "=", False),
            ("result", "=", False),
        ]

    def _send_by(self, blast):
        """Queue these follow-ups' messages in the blast: they wait for an answer, or are undelivered at once.

        A number known to be wrong gets nothing. For our own code, which has checked who acts.
        """
        followups = self.sudo()
        wrong = followups.filtered(lambda f: f.owner_phone and f.owner_phone == f.vehicle_id.wrong_phone)
        sent = {"sent_at": SQL("%s", fields.Datetime.now())}
        followups._move_all("send", SQL("crm_followup.id = ANY(%s)", list(self.ids)), values=sent)
        house = followups._in_house_language()
        wrong._answer_all("not_delivered", house.env._("The number is known to be wrong."))
        followups -= wrong
        followups._ensure_partners()
        blast._begin(followups)
        followups._link_messages(blast)

    def _link_messages(self, blast):
        """Keep each follow-up's message with it; who was told by another one of the same number has been told."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                UPDATE crm_followup
                   SET message_id = message.id,
                       delivery_state = CASE WHEN message.problem = 'duplicate' THEN NULL ELSE message.state END
                  FROM crm_whatsapp_message message
                 WHERE message.blast_id = %s AND message.res_model = 'crm.followup'
                   AND message.res_id = crm_followup.id AND crm_followup.id = ANY(%s)
                """,
                blast.id,
                list(self.ids),
            )
        )
        self.invalidate_recordset()
        self._close_undelivered_of(SQL("crm_followup.id = ANY(%s)", list(self.ids)))

    # === WHAT BECOMES OF IT === #

    def _whatsapp_settled(self, messages):
        """Override: keep what became of the messages; who didn't get theirs is called at the next follow-up."""
        latest = {message.res_id: message for message in messages}
        followups = self.sudo()
        for followup in followups.filtered(lambda f: not f.message_id):
            followup._note({"message_id": latest[followup.id].id})
        followups = followups.filtered(lambda f: f.message_id in messages)
        for state, theirs in followups.grouped(lambda f: f.message_id.state).items():
            theirs._note({"delivery_state": state})
            if state in ("sent", "delivered", "read"):
                new = theirs.case_id.filtered(lambda case: not case.contacted_at)
                new._note({"contacted_at": fields.Datetime.now()})
            elif state == "failed":
                theirs._close_undelivered_of(SQL("crm_followup.id = ANY(%s)", list(theirs.ids)))

    def _whatsapp_answered(self, message):
        """Override: the answer comes onto the admin's list. Who opts out of WhatsApp is called at the next one."""
        open_ones = self.sudo().case_id.followup_ids.filtered(lambda followup: followup.state in ("todo", "waiting"))
        followup = open_ones[-1:] or self.sudo()
        case = followup.case_id
        if followup.state == "done" and followup.result not in UNANSWERED:
            return
        late = case.state == "unreachable" and case.expires_on >= case.branch_id._today()
        if not late and case.state != "open":
            return
        if self.env["crm.whatsapp.keyword"]._effect_of(message.body) == "out":
            if followup.state == "waiting":
                words = followup._in_house_language().env._("Opted out of WhatsApp: “%s”", message.body)
                followup._answer_all("not_delivered", words)
            return
        if late:  # the answer to FU-3 has come after all
            case._resume()
        followup._take_reply(message)

    def _take_reply(self, message):
        """Put the follow-up on the list again, with the customer's words."""
        self._lock_for_step()
        if self.state in ("waiting", "done"):
            self._workflow_do("reply")
        words = "\n".join(text for text in (self.reply, message.body) if text)
        self._note(
            {
                "reply": words,
                "replied_at": self.replied_at or message.received_at,
                "due_date": self.branch_id._today(),
                **dict.fromkeys(RESULT_FIELDS, False),
            }
        )
        now = fields.Datetime.now()
        case = self.case_id
        case._note({"responded_at": case.responded_at or now, "contacted_at": case.contacted_at or now})

    # === WITHOUT ANSWER === #

    @api.model
    def _close_undelivered(self, branches):
        """Close what waits for an answer to a message that didn't arrive, however we missed to hear of it."""
        theirs = SQL("crm_followup.branch_id = ANY(%s)", list(branches.ids))
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                UPDATE crm_followup SET delivery_state = message.state
                  FROM crm_whatsapp_message message
                 WHERE message.id = crm_followup.message_id AND crm_followup.state = 'waiting' AND %s
                   AND message.problem IS DISTINCT FROM 'duplicate' AND delivery_state IS DISTINCT FROM message.state
                """,
                theirs,
            )
        )
        self.invalidate_model(["delivery_state"])
        self._close_undelivered_of(theirs)

    def _close_undelivered_of(self, condition):
        """Close the waiting ones among those for which the condition holds whose message didn't arrive."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT message.problem, array_agg(crm_followup.id ORDER BY crm_followup.id)
                  FROM crm_followup JOIN crm_whatsapp_message message ON message.id = crm_followup.message_id
                 WHERE crm_followup.state = 'waiting' AND crm_followup.delivery_state = ANY(%s) AND %s
              GROUP BY message.problem
                """,
                list(NOT_DELIVERED),
                condition,
            )
        )
        problems = self.env["crm.whatsapp.message"]._fields["problem"]
        for problem, ids in rows:
            followups = self.browse(ids)
            house = followups._in_house_language().env
            why = dict(problems._description_selection(house)).get(problem) or house._("Not sent")
            followups._answer_all("not_delivered", house._("WhatsApp: %s", why))

    @api.model
    def _close_unanswered(self, branches, day):
        """Close what had no answer for as many days as the company waits, by the branch's calendar."""
        for company, theirs in branches.grouped("company_id").items():
            days = company.followup_answer_days
            rows = self.env.execute_query(
                SQL(
                    """
                    SELECT crm_followup.id
                      FROM crm_followup JOIN crm_branch branch ON branch.id = crm_followup.branch_id
                     WHERE crm_followup.state = 'waiting' AND branch.id = ANY(%s)
                       AND (crm_followup.sent_at AT TIME ZONE 'UTC' AT TIME ZONE branch.tz)::date <= %s
                    """,
                    list(theirs.ids),
                    day - timedelta(days=days),
                )
            )
            followups = self.browse(id_ for (id_,) in rows)
            words = followups._in_house_language().env._("No answer to WhatsApp within %s days", days)
            followups._answer_all("no_response", words)

    @api.model
    def _skip_replaced(self, due):
        """Skip what is still to be done where the next follow-up of the case comes: a customer has one at a time."""
        condition = SQL(
            "crm_followup.state = 'todo' AND crm_followup.replied_at IS NULL"
            " AND crm_followup.case_id IN (SELECT id FROM crm_followup_case WHERE %s)",
            due,
        )
        return self._move_all("skip", condition, values={"skipped_because": SQL("'late'")})

    def _in_house_language(self):
        """Return these in their company's language: what the system notes is read there, whoever's run noted it."""
        return self.with_context(lang=self.company_id[:1].partner_id.lang or self.env.lang)

    def _answer_all(self, result, feedback):
        """Finish many follow-ups that nobody spoke to, with the words that the system has for it.

        :param str result: one of :data:`~..followup_const.UNANSWERED`
        """
        if not self:
            return
        now = fields.Datetime.now()
        done = self._move_all(
            "answer",
            SQL("crm_followup.id = ANY(%s)", list(self.ids)),
            values={"result": SQL("%s", result), "feedback": SQL("%s", feedback), "done_at": SQL("%s", now)},
        )
        done._log_attempts()
        done.case_id._give_up_if_last()
