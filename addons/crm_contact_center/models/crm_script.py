from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class CrmScript(models.Model):
    """What an agent says and asks, step by step, with a branch for each answer (CC-6a).

    Steps are edited at any time; agents read the version that was published last, which doesn't change under them.
    """

    _name = "crm.script"
    _description = "Call Script"
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", index=True, ondelete="cascade", default=lambda self: self.env.company, help="Empty: all."
    )
    description = fields.Text("When to Use It", translate=True)
    step_ids = fields.One2many("crm.script.step", "script_id", "Steps", copy=True)
    step_count = fields.Integer("Number of Steps", compute="_compute_step_count")
    rule_ids = fields.One2many("crm.script.rule", "script_id", "Chosen When")
    version_ids = fields.One2many("crm.script.version", "script_id", "Versions", readonly=True)
    version_id = fields.Many2one(
        "crm.script.version",
        "Published Version",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    is_changed = fields.Boolean("Changed Since", compute="_compute_is_changed")

    _name_uniq = models.UniqueIndex(
        "((name->>'en_US'), COALESCE(company_id, 0)) WHERE active", "There is a script of this name already."
    )

    # === COMPUTE METHODS === #

    @api.depends("step_ids")
    def _compute_step_count(self):
        for script in self:
            script.step_count = len(script.step_ids)

    @api.depends("version_id", "step_ids.text", "step_ids.answer_ids.next_step_id")
    def _compute_is_changed(self):
        for script in self:
            script.is_changed = bool(script.version_id) and script._content() != script.version_id.sudo().content

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: a version is published by its action only."""
        self._check_not_published_by_hand({name for vals in vals_list for name in vals})
        return super().create(vals_list)

    def write(self, vals):
        """Override: a version is published by its action only."""
        self._check_not_published_by_hand(vals)
        return super().write(vals)

    def _check_not_published_by_hand(self, names):
        if "version_id" in names and not self.env.su:
            raise UserError(self.env._("Publish or withdraw the script: nobody types which version agents read."))

    def copy_data(self, default=None):
        """Override: a copy has a name of its own."""
        vals_list = super().copy_data(default=default)
        if not (default or {}).get("name"):
            for script, vals in zip(self, vals_list, strict=True):
                vals["name"] = self.env._("%s (copy)", script.name)
        return vals_list

    def copy(self, default=None):
        """Override: answers lead to the copied steps, not to the original's."""
        copies = super().copy(default)
        for script, copy in zip(self, copies, strict=True):
            place = dict(zip(script.step_ids, copy.step_ids, strict=True))
            for step, twin in place.items():
                for answer, twins in zip(step.answer_ids, twin.answer_ids, strict=True):
                    twins.next_step_id = place.get(answer.next_step_id, answer.next_step_id.browse())
        return copies

    # === ACTION METHODS === #

    def action_publish(self):
        """Give the agents the steps as they are now, once they were found whole."""
        self.check_access("write")
        for script in self:
            script._check_whole()
            content = script._content()
            if script.version_id and script.version_id.sudo().content == content:
                raise UserError(self.env._("Nothing has changed since it was published."))
            script.sudo().version_id = self.env["crm.script.version"]._publish(script, content)
        return True

    def action_withdraw(self):
        """Let agents not be offered the script any more; talks that have begun go on."""
        self.check_access("write")
        self.sudo().version_id = False
        return True

    def action_play(self):
        """Let the supervisor go through the steps as they are now, with an example's data."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.client",
            "tag": "crm_contact_center.script_play",
            "name": self.name,
            "target": "new",
            "params": {"script_id": self.id},
        }

    def action_play_content(self):
        """Return the steps as they are now, in the user's language, with an example's data."""
        self.ensure_one()
        self.check_access("read")
        return {"name": self.name, **self.env["crm.script.version"]._told(self._content(), None)}

    # === BUSINESS METHODS === #

    def _first_step(self):
        return self.step_ids.sorted(lambda step: (step.sequence, step.id))[:1]

    def _check_whole(self):
        """Check that every step is reached, that each way ends, and that answers stay within the script."""
        self.ensure_one()
        if not self.step_ids:
            raise ValidationError(self.env._("%s has no steps yet.", self.name))
        reached, ways = self.env["crm.script.step"], self._first_step()
        while ways:
            reached |= ways
            ways = ways.answer_ids.next_step_id - reached
        if lost := self.step_ids - reached:
            raise ValidationError(self.env._("No answer leads to: %s.", ", ".join(lost.mapped("display_name"))))
        if circling := self.step_ids - self._find_ending():
            raise ValidationError(
                self.env._("From here the talk never ends: %s.", ", ".join(circling.mapped("display_name")))
            )

    def _find_ending(self):
        """Return the steps from which some way leads to an end."""
        ending = self.step_ids.filtered(lambda step: step._ends())
        before = ending
        while before:
            before = self.step_ids.answer_ids.filtered_domain([("next_step_id", "in", before.ids)]).step_id - ending
            ending |= before
        return ending

    def _content(self):
        """Return the steps as what a version keeps: JSON, texts by language, ids as keys."""
        self.ensure_one()
        steps = self.step_ids.sudo().with_context(prefetch_langs=True)
        return {
            "first": str(self._first_step().id),
            "steps": {str(step.id): step._content() for step in steps},
        }
