from odoo import api, fields, models
from odoo.exceptions import UserError


class CrmScriptTalk(models.Model):
    """A talk by a script: which version, and what was answered. Written by the agent's desk alone (CC-6a)."""

    _name = "crm.script.talk"
    _description = "Talk by a Script"
    _order = "id desc"
    _rec_name = "script_id"

    contact_id = fields.Many2one("crm.queue.contact", required=True, readonly=True, index=True, ondelete="restrict")
    version_id = fields.Many2one("crm.script.version", required=True, readonly=True, index=True, ondelete="restrict")
    script_id = fields.Many2one(related="version_id.script_id", store=True, index=True)
    user_id = fields.Many2one("res.users", "Agent", required=True, readonly=True, index=True, ondelete="restrict")
    branch_id = fields.Many2one(related="contact_id.branch_id", store=True, index=True)
    company_id = fields.Many2one(related="contact_id.company_id", store=True, index=True)
    began_at = fields.Datetime("Began", required=True, readonly=True, default=fields.Datetime.now)
    ended_at = fields.Datetime("Ended", readonly=True, help="When the last step was answered. Empty: left before.")
    is_chosen = fields.Boolean("Chosen by Hand", readonly=True, help="Not by the rules.")
    line_ids = fields.One2many("crm.script.talk.line", "talk_id", "Path", readonly=True)

    @api.model_create_multi
    def create(self, vals_list):  # pylint: disable=method-required-super
        raise UserError(self.env._("Talks are noted by the agents' desks."))

    def write(self, vals):  # pylint: disable=method-required-super
        raise UserError(self.env._("What was said isn't changed."))

    def unlink(self):  # pylint: disable=method-required-super
        # not @api.ondelete: Odoo skips that for a key of the context
        raise UserError(self.env._("What was said is kept."))  # pylint: disable=no-raise-unlink

    # === BUSINESS METHODS === #

    def _begin(self, contact, script, is_chosen):
        """Begin a talk of the user's contact by the published version."""
        vals = {"contact_id": contact.id, "version_id": script.version_id.id, "is_chosen": is_chosen}
        return super(CrmScriptTalk, self.sudo()).create({**vals, "user_id": self.env.uid})

    def _answer(self, step, answer):
        """Note an answer to the step where the talk is.

        :raise UserError: the talk is elsewhere, or the step has no such answer
        """
        self.ensure_one()
        found = self.version_id._find_answer(step, answer)
        if found is None or step != self._present_step():
            raise UserError(self.env._("The talk is at another step: reload the page."))
        self.env["crm.script.talk.line"]._note(self, step, found)
        if not found["next"]:
            self._set_end(fields.Datetime.now())

    def _back(self):
        """Take the last answer back; that it was given is kept."""
        last = self._path()[-1:]
        if last:
            last.sudo()._take_back()
            self._set_end(False)

    def _set_end(self, moment):
        """Write below the guard of :meth:`write`."""
        return super(CrmScriptTalk, self.sudo()).write({"ended_at": moment})

    def _path(self):
        """Return the answers that hold, in their order."""
        return self.sudo().line_ids.filtered(lambda line: not line.is_taken_back).sorted("id")

    def _present_step(self):
        """Return the key of the step where the talk is, False at the end."""
        path = self._path()
        return (path[-1].next_step if path else self.version_id.sudo().content["first"]) or False


class CrmScriptTalkLine(models.Model):
    """An answer that was given."""

    _name = "crm.script.talk.line"
    _description = "Answer Given"
    _order = "id"

    talk_id = fields.Many2one("crm.script.talk", required=True, readonly=True, index=True, ondelete="cascade")
    script_id = fields.Many2one(related="talk_id.script_id", store=True, index=True)
    user_id = fields.Many2one(related="talk_id.user_id", store=True, index=True)
    branch_id = fields.Many2one(related="talk_id.branch_id", store=True, index=True)
    company_id = fields.Many2one(related="talk_id.company_id", store=True, index=True)
    step = fields.Char("Key", required=True, readonly=True)
    step_name = fields.Char("Step", required=True, readonly=True)
    name = fields.Char("Answer", required=True, readonly=True)
    next_step = fields.Char(readonly=True)
    answered_at = fields.Datetime("Answered", required=True, readonly=True, default=fields.Datetime.now)
    is_taken_back = fields.Boolean("Taken Back", readonly=True)
    purpose_id = fields.Many2one("crm.interaction.purpose", "Reason for Contact", readonly=True, ondelete="restrict")
    outcome_id = fields.Many2one("crm.interaction.outcome", readonly=True, ondelete="restrict")

    @api.model_create_multi
    def create(self, vals_list):  # pylint: disable=method-required-super
        raise UserError(self.env._("Talks are noted by the agents' desks."))

    def write(self, vals):  # pylint: disable=method-required-super
        raise UserError(self.env._("What was said isn't changed."))

    def unlink(self):  # pylint: disable=method-required-super
        raise UserError(self.env._("What was said is kept."))  # pylint: disable=no-raise-unlink

    def _note(self, talk, step, answer):
        """Write an answer, below the guard of :meth:`create`, in the source's words: reports compare them."""
        name = talk.version_id.sudo().content["steps"][step]["name"]
        return super(CrmScriptTalkLine, self.sudo()).create(
            {
                "talk_id": talk.id,
                "step": step,
                "step_name": name.get("en_US") or next(iter(name.values())),
                "name": answer["name"].get("en_US") or next(iter(answer["name"].values())),
                "next_step": answer["next"],
                "purpose_id": self.env["crm.interaction.purpose"].browse(answer["purpose"] or ()).exists().id,
                "outcome_id": self.env["crm.interaction.outcome"].browse(answer["outcome"] or ()).exists().id,
            }
        )

    def _take_back(self):
        return super().write({"is_taken_back": True})
