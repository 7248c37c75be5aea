from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

#: A customer asks for something on the portal once within so many minutes.
PAUSE_MINUTES = 15


class ResPartner(models.Model):
    """What a customer does for themself on the portal (CC-4). The controller has checked that it is they."""

    _inherit = "res.partner"

    asked_online_at = fields.Datetime("Asked on the Portal", readonly=True, copy=False, groups="base.group_system")

    # === HOW OFTEN === #

    def _take_turn(self):
        """Note that the customer asks for something now.

        One statement on one row: of two requests at the same moment the second is told that the first is noted.

        :raise UserError: they did so a moment ago
        """
        self.ensure_one()
        self.env.flush_all()
        now = fields.Datetime.now()
        taken = self.env.execute_query(
            SQL(
                """UPDATE res_partner SET asked_online_at = %(now)s
                    WHERE id = %(id)s AND (asked_online_at IS NULL OR asked_online_at < %(before)s) RETURNING id""",
                now=now,
                id=self.id,
                before=fields.Datetime.subtract(now, minutes=PAUSE_MINUTES),
            )
        )
        self.invalidate_recordset(["asked_online_at"], flush=False)
        if not taken:
            raise UserError(
                self.env._("You have just asked us: it is noted. You can ask again in %s minutes.", PAUSE_MINUTES)
            )

    # === ASK TO BE CALLED === #

    def _awaited_calls(self):
        """Return the calls that this customer, or a colleague, has asked for and not got yet."""
        return (
            self.env["crm.queue.contact"]
            .sudo()
            .search(
                [
                    ("partner_id", "child_of", self.commercial_partner_id.ids),
                    ("res_model", "=", "res.partner"),
                    ("state", "in", ("callback", "waiting", "offered")),
                ]
            )
        )

    def _ask_for_call(self, phone, moment=None, words=None):
        """Have somebody call this customer: in the queue that the company chose, when it is open.

        :param str phone: as they typed it
        :param moment: not before (naive UTC)
        :raise UserError: nobody calls back here, it is no number, or they asked already
        """
        self.ensure_one()
        queue = self.env.company.sudo().callback_queue_id
        if not queue.active:
            raise UserError(self.env._("Please call us: we can't be asked to call here."))
        if self._awaited_calls():
            raise UserError(self.env._("You have asked us already: we will call you."))
        if not (phone or "").strip():
            raise UserError(self.env._("Write the number at which we call you."))
        self._take_turn()
        contact = self.env["crm.queue.contact"]._enter(
            [
                {
                    "queue_id": queue.id,
                    "channel": "call",
                    "partner_id": self.id,
                    "phone": phone,
                    "words": words,
                    "res_model": "res.partner",
                    "res_id": self.id,
                }
            ]
        )
        contact.callback_at = queue._opens_at(max(moment or fields.Datetime.now(), fields.Datetime.now()))
        if contact.state == "waiting":
            contact._workflow_do("postpone")
        return contact

    # === WISH FOR A SERVICE === #

    def _wish_service(self, words, day=None):
        """Note that this customer would like an appointment: a lead of the sales team.

        :param str words: what is to be done
        :param date day: when they would like to come
        """
        self.ensure_one()
        words = (words or "").strip()[:2000]
        if not words:
            raise UserError(self.env._("Write what is to be done."))
        if day and day < fields.Date.context_today(self):
            raise UserError(self.env._("Choose a day to come."))
        self._take_turn()
        wished = self.env._("Wished for: %s", fields.Date.to_string(day)) if day else ""
        return (
            self.env["crm.lead"]
            .sudo()
            .create(
                {
                    "name": self.env._("Service appointment: %s", self.name),
                    "type": "lead",
                    "partner_id": self.id,
                    "user_id": False,
                    "company_id": self.env.company.id,
                    "description": self.env["ir.qweb"]._render(
                        "crm_contact_center.service_wish", {"words": words, "wished": wished}
                    ),
                }
            )
        )

    # === PREFERENCES === #

    def _prefer(self, channel, lang, asks):
        """Note how the customer likes to be spoken to; what changed is told in the chatter.

        :param str channel: one of the channels, or nothing
        :param str lang: code of an installed language
        :param bool asks: whether we may ask how satisfied they are
        """
        self.ensure_one()
        channels = dict(self._fields["channel_choice"]._description_selection(self.env))
        langs = dict(self.env["res.lang"].get_installed())
        if channel and channel not in channels:
            raise UserError(self.env._("Choose one of the channels."))
        if lang not in langs:
            raise UserError(self.env._("Choose one of the languages."))
        wanted = {"channel_choice": channel or False, "lang": lang, "survey_opt_out": not asks}
        changed = {name: value for name, value in wanted.items() if self[name] != value}
        if not changed:
            return
        partner = self.sudo()
        partner.write(changed)
        if "lang" in changed:
            partner.message_post(
                body=self.env._("Changed on the portal: the language is %s now.", langs[lang]),
                author_id=self.env.user.partner_id.id,
            )
