"""Demo: what was said by a script in the contacts of the last weeks, and what customers were offered in them."""

import random
from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL

#: What customers answer to an offer, as often as they do.
OFFERED = ("accepted", "accepted", "refused", "refused", "refused", "not_now", False)


class CrmDemoTalks(models.AbstractModel):
    _name = "crm.demo.talks"
    _description = "Talks Demo"

    @api.model
    def _load(self):
        """Let every other contact have been talked through, and every third customer of the sales line offered more."""
        sales = self.env.ref("crm_contact_center.queue_sales")
        done = self.env["crm.queue.contact"].sudo().search([("state", "=", "done")], order="id")
        script = self.env.ref("crm_contact_center.crm_script_greeting")
        # the hook that publishes it in each language comes after the demo
        script.action_publish()
        dice = random.Random("talks")  # noqa: S311
        for contact in done[::2]:
            self._talk(contact, script, dice)
        self._offer(done.filtered(lambda contact: contact.queue_id == sales)[::3], dice)

    def _talk(self, contact, script, dice):
        """Answer the script's steps, each by chance, at the time of the contact."""
        talk = self.env["crm.script.talk"].sudo()._begin(contact, script, is_chosen=False)
        while step := talk._present_step():
            answers = talk.version_id.content["steps"][step]["answers"]
            talk._answer(step, dice.choice(answers)["id"])
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "UPDATE crm_script_talk SET user_id = %s, began_at = %s, ended_at = %s WHERE id = %s",
                contact.agent_id.user_id.id,
                contact.answered_at,
                contact.ended_at,
                talk.id,
            )
        )
        self.env.cr.execute(
            SQL(
                "UPDATE crm_script_talk_line SET user_id = %s, answered_at = %s WHERE talk_id = %s",
                contact.agent_id.user_id.id,
                contact.ended_at,
                talk.id,
            )
        )
        self.env.invalidate_all()

    def _offer(self, contacts, dice):
        pairs = self.env["crm.product.pair"].sudo().search([("company_id", "=", contacts.company_id.id)])
        self.env["crm.suggestion"].sudo().create(
            [self._offered(contact, dice.choice(pairs), dice.choice(OFFERED)) for contact in contacts]
        )

    def _offered(self, contact, pair, answer):
        user, shown = contact.agent_id.user_id, contact.answered_at + timedelta(seconds=20)
        answered = {"answer": answer, "answered_at": contact.ended_at, "answered_by_id": user.id} if answer else {}
        return {
            "branch_id": contact.branch_id.id,
            "contact_id": contact.id,
            "partner_id": contact.partner_id.id,
            "product_id": pair.other_id.id,
            "because_id": pair.product_id.id,
            "pair_id": pair.id,
            "source": "hand" if pair.note else "counted",
            "reason": pair.reason,
            "points": pair.strength,
            "user_id": user.id,
            "shown_at": shown,
            **answered,
        }
