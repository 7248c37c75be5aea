from odoo import api, fields, models
from odoo.exceptions import UserError

from ..script_text import PLACEHOLDERS, fill


class CrmScriptVersion(models.Model):
    """A script as it was published. It never changes: who is talking by it goes on by it (CC-6a)."""

    _name = "crm.script.version"
    _description = "Published Script"
    _order = "id desc"

    script_id = fields.Many2one("crm.script", required=True, readonly=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="script_id.company_id", store=True, index=True)
    number = fields.Integer(required=True, readonly=True, aggregator=None)
    content = fields.Json(required=True, readonly=True)
    published_at = fields.Datetime("Published", required=True, readonly=True, default=fields.Datetime.now)
    published_by_id = fields.Many2one("res.users", "By", required=True, readonly=True, ondelete="restrict")

    _number_uniq = models.Constraint("UNIQUE(script_id, number)", "This script has a version of this number already.")

    # === COMPUTE METHODS === #

    @api.depends("script_id.name", "number")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for version in self:
            version.display_name = f"{version.script_id.name} {version.number}"

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):  # pylint: disable=method-required-super
        raise UserError(self.env._("A script is published by its button."))

    def write(self, vals):  # pylint: disable=method-required-super
        raise UserError(self.env._("A published script doesn't change: edit its steps and publish them."))

    # === BUSINESS METHODS === #

    def _publish(self, script, content):
        """Write the next version, below the guard of :meth:`create`."""
        last = self.sudo().search([("script_id", "=", script.id)], limit=1)
        return super(CrmScriptVersion, self.sudo()).create(
            {
                "script_id": script.id,
                "number": last.number + 1,
                "content": content,
                "published_by_id": self.env.uid,
            }
        )

    @api.model
    def _told(self, content, values, lang=None):
        """Return the steps with the data of a contact, or of an example, filled in.

        What is said to the customer is in their language, where it was translated; the rest is in the user's.

        :param values: placeholder → text
        :param lang: code of the customer's language
        :return: first (key of a step), steps: key → name, kind, text, answers (id, name, next)
        """
        own = self.env.lang or "en_US"
        values = PLACEHOLDERS if values is None else values

        def say(texts, *langs):
            told = (texts.get(code) for code in (*langs, own, "en_US", *texts))
            return next(filter(None, told), "")

        return {
            "first": content["first"],
            "steps": {
                key: {
                    "name": say(step["name"]),
                    "kind": step["kind"],
                    "text": fill(say(step["text"], lang), values),
                    "answers": [
                        {"id": answer["id"], "name": say(answer["name"]), "next": answer["next"]}
                        for answer in step["answers"]
                    ],
                }
                for key, step in content["steps"].items()
            },
        }

    def _texts(self):
        """Return all that the steps say, in every language, as one text: to see which placeholders are named."""
        return " ".join(text for step in self.content["steps"].values() for text in step["text"].values())

    def _find_answer(self, step, answer):
        """Return the answer (a dict) of a step, or None where there is none like that."""
        known = self.content["steps"].get(str(step), {}).get("answers", ())
        return next((one for one in known if one["id"] == answer), None)
