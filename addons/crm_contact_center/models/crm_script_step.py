from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..script_text import LONGEST, PLACEHOLDERS, unknown

KINDS = [("say", "Say"), ("ask", "Ask"), ("do", "Do"), ("offer", "Offer")]


class CrmScriptStep(models.Model):
    """Something to say, to ask, to do or to offer, and where each answer leads (CC-6a)."""

    _name = "crm.script.step"
    _description = "Step of a Script"
    _order = "script_id, sequence, id"
    _rec_name = "name"

    script_id = fields.Many2one("crm.script", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="script_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10, help="The lowest is the first step.")
    name = fields.Char("Title", required=True, translate=True)
    kind = fields.Selection(KINDS, required=True, default="say")
    text = fields.Text(required=True, translate=True, help="May name ${customer.name}, ${amount_due} and so on.")
    answer_ids = fields.One2many("crm.script.answer", "step_id", "Answers", copy=True)

    # === CONSTRAINS METHODS === #

    @api.constrains("text")
    def _check_text(self):
        """Check the placeholders in every language, and the length."""
        for step in self:
            texts = step._texts("text").values()
            wrong = sorted({name for text in texts for name in unknown(text)})
            if wrong:
                raise ValidationError(
                    self.env._(
                        "%(step)s names %(wrong)s, which there isn't. There are: %(known)s.",
                        step=step.name,
                        wrong=", ".join(wrong)[:200],
                        known=", ".join(f"${{{name}}}" for name in PLACEHOLDERS),
                    )
                )
            if any(len(text) > LONGEST for text in texts):
                raise ValidationError(self.env._("%s is too long to be said: at most 4,000 characters.", step.name))

    # === BUSINESS METHODS === #

    def _texts(self, name):
        """Return language → text of a translated field."""
        self.ensure_one()
        self.flush_recordset([name])
        return self._fields[name]._get_stored_translations(self) or {}

    def _ends(self):
        """Return whether the talk may end after this step."""
        return not self.answer_ids or any(not answer.next_step_id for answer in self.answer_ids)

    def _content(self):
        return {
            "name": self._texts("name"),
            "kind": self.kind,
            "text": self._texts("text"),
            "answers": [answer._content() for answer in self.answer_ids],
        }


class CrmScriptAnswer(models.Model):
    """What the customer may answer: the button that the agent presses, and what follows from it."""

    _name = "crm.script.answer"
    _description = "Answer in a Script"
    _order = "step_id, sequence, id"

    step_id = fields.Many2one("crm.script.step", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="step_id.company_id", store=True, index=True)
    script_id = fields.Many2one(related="step_id.script_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    name = fields.Char("Answer", required=True, translate=True)
    next_step_id = fields.Many2one(
        "crm.script.step",
        "Goes On With",
        index="btree_not_null",
        ondelete="set null",
        copy=False,
        domain="[('script_id', '=', script_id)]",
        help="Empty: the talk ends here.",
    )
    purpose_id = fields.Many2one(
        "crm.interaction.purpose",
        "Reason for Contact",
        index="btree_not_null",
        ondelete="restrict",
        help="Then it is known.",
    )
    outcome_id = fields.Many2one("crm.interaction.outcome", index="btree_not_null", ondelete="restrict")

    @api.constrains("next_step_id", "step_id")
    def _check_next_step(self):
        for answer in self:
            if answer.next_step_id and answer.next_step_id.script_id != answer.step_id.script_id:
                raise ValidationError(self.env._("“%s” leads into another script.", answer.name))

    def _content(self):
        self.flush_recordset(["name"])
        return {
            "id": self.id,
            "name": self._fields["name"]._get_stored_translations(self) or {},
            "next": str(self.next_step_id.id) if self.next_step_id else False,
            "purpose": self.purpose_id.id,
            "outcome": self.outcome_id.id,
        }
