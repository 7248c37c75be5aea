from odoo import api, models
from odoo.exceptions import UserError


class CrmKeptMixin(models.AbstractModel):
    """A document with facts that follow from its steps and that nobody types: who sent it, when, what was attached."""

    _name = "crm.kept.mixin"
    _description = "Keeps Facts"
    _inherit = ["crm.workflow.mixin"]

    #: Names of the fields that our own code alone writes, with all rights, after it has checked who acts.
    _kept = frozenset()

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: facts come from no client, neither as value nor as default."""
        if not self.env.su:
            for vals in vals_list:
                self._refuse_kept({name for name in self._kept & vals.keys() if vals[name]})
            hidden = {f"default_{name}" for name in self._kept}
            context = {key: value for key, value in self.env.context.items() if key not in hidden}
            self = self.with_context(context)  # noqa: PLW0642  # pylint: disable=context-overridden
        return super().create(vals_list)

    def write(self, vals):
        """Override: likewise; what is there already may be said again, by an import."""
        if not self.env.su:
            self.check_access("write")
            self._refuse_kept(
                {
                    name
                    for name in self._kept & vals.keys()
                    if any(record._would_change(name, vals[name]) for record in self.sudo())
                }
            )
        return super().write(vals)

    def _refuse_kept(self, names):
        if names:
            labels = self.fields_get(list(names), ["string"])
            raise UserError(
                self.env._(
                    "%s: this follows from the steps of the document and isn't typed.",
                    ", ".join(labels[name]["string"] for name in sorted(names) if name in labels),
                )
            )
