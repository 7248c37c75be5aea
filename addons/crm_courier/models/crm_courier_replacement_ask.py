from odoo import api, fields, models

from .stock_picking_batch import OFFICER


class CrmCourierReplacement(models.Model):
    """The question: CRM is told at once that a courier waits at a door (SOP-8c)."""

    _inherit = "crm.courier.replacement"

    # === BUSINESS METHODS === #

    @api.model
    def _ask(self, stop, units, note):
        """Ask CRM for a replacement of damaged units, and tell CRM at once.

        :return: the question, with all rights
        """
        question = self.sudo().create(
            {
                "stop_id": stop.id,
                "note": note or False,
                "asked_at": stop._door_moment(),
                "asked_by_id": self.env.uid,
                "line_ids": [fields.Command.create(unit._prepare_replacement_line()) for unit in units],
            }
        )
        question._tell_crm()
        return question

    def _tell_crm(self):
        """Have who sold the order, and the branch's people in charge, see that a courier waits at a door."""
        for question in self.sudo():
            responsible = question._responsible()
            first = question.with_context(lang=responsible[:1].lang)
            first.activity_schedule(
                "crm_courier.mail_activity_type_answer", user_id=responsible[:1].id, summary=first.display_name
            )
            for user in responsible:
                question.with_context(lang=user.lang)._tell_answerer(user.partner_id)

    def _tell_answerer(self, partner):
        """Tell one of them, in the words of their language, on the screen and in the inbox."""
        title = self.env._("A courier waits for an answer")
        partner._bus_send(
            "simple_notification", {"type": "warning", "title": title, "message": self.display_name, "sticky": True}
        )
        self.message_notify(
            partner_ids=partner.ids,
            subject=title,
            body=self.note or self.display_name,
            model=self._name,
            res_id=self.id,
            email_layout_xmlid="mail.mail_notification_light",
        )

    def _responsible(self):
        """Return who is to answer, first who sold the order."""
        branch = self.branch_id
        people = self.order_id.user_id | branch.pic_id | branch.head_id
        people = people.filtered(lambda user: user.active and user.has_group(OFFICER)) - self.courier_id
        return (
            people or branch.user_ids.filtered(lambda user: user.has_group(OFFICER)) or self.env.ref("base.user_admin")
        )

    def _follow_damage(self, damaged):
        """Keep an open question about what is damaged: the courier looks again while CRM thinks."""
        gone = self.line_ids.filtered(lambda line: line.unit_id not in damaged)
        new = damaged - self.line_ids.unit_id
        self.env["crm.courier.replacement.line"].sudo().create(
            [{"replacement_id": self.id, **unit._prepare_replacement_line()} for unit in new]
        )
        gone.sudo().unlink()
        if not damaged:
            self._workflow_do("withdraw")

    def _after_transition(self, transition):
        if transition.target != "asked":
            self.activity_unlink(["crm_courier.mail_activity_type_answer"])
        return super()._after_transition(transition)
