from odoo import api, models
from odoo.exceptions import UserError

#: Said in the context by our own code when a step of a run writes; JSON can't make this object.
STEP = object()


class CrmCourierFacts(models.AbstractModel):
    """Keep what the steps of a run note from being written by anything else.

    A model names such fields in ``_facts``; its own code writes them by :meth:`_write_facts`.
    """

    _name = "crm.courier.facts"
    _description = "Facts Noted by Steps"

    _facts = frozenset()

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: a new record has no such facts, nor by a default of the context."""
        if self._in_step():
            return super().create(vals_list)
        self._refuse_facts({name for vals in vals_list for name in vals.keys() & self._facts if vals[name]})
        kept = self.env.context.keys() - {f"default_{name}" for name in self._facts}
        plain = self.with_env(self.env(context={key: self.env.context[key] for key in kept}))
        return super(CrmCourierFacts, plain).create(vals_list).with_env(self.env)

    def write(self, vals):
        """Override: only a step writes them; repeating what is there is no change."""
        if not self._in_step():
            self._refuse_facts({name for name in vals.keys() & self._facts if self._fact_changes(name, vals[name])})
        return super().write(vals)

    # === BUSINESS METHODS === #

    def _in_step(self):
        return self.env.context.get("crm_courier_step") is STEP

    def _as_step(self):
        """Return these records with all rights and leave to write facts: check first."""
        return self.sudo().with_context(crm_courier_step=STEP)

    def _write_facts(self, vals):
        return self._as_step().write(vals)

    def _fact_changes(self, name, value):
        field = self._fields[name]
        if field.type in ("one2many", "many2many"):
            return bool(value)
        return any(
            field.convert_to_cache(value, record) != field.convert_to_cache(record[name], record) for record in self
        )

    def _refuse_facts(self, names):
        if names:
            labels = self.fields_get(list(names), ["string"])
            raise UserError(
                self.env._(
                    "%s is noted by the steps of the delivery run and can't be written.",
                    ", ".join(sorted(label["string"] for label in labels.values())),
                )
            )
