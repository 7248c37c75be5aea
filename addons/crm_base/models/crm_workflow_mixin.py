from dataclasses import dataclass

from odoo import api, fields, models
from odoo.api import SUPERUSER_ID
from odoo.exceptions import AccessError, LockError, UserError
from odoo.fields import Command

from odoo.addons.base.models.ir_model import MODULE_UNINSTALL_FLAG


@dataclass(frozen=True)
class _Permit:
    """Leave to write one state on certain records. It travels in the context under the key ``workflow_permit``, where a
    client can put anything but this: JSON and XML make no objects of this class.
    """

    model: str
    ids: frozenset
    state: str

    def covers(self, records, state):
        return records._name == self.model and state == self.state and self.ids.issuperset(records._ids)


class CrmWorkflowMixin(models.AbstractModel):
    """Let a model's state change by its table of transitions only, on every path.

    A model declares ``_workflow`` (see :mod:`odoo.addons.crm_base.workflow`) and a Selection field, built from it, that
    ``_workflow_field`` names, with ``copy=False`` and ``readonly=True``. It offers ``action_…`` methods that call
    :meth:`_workflow_do`, checks what must hold in :meth:`_check_transition` and acts in :meth:`_after_transition`.

    No superuser mode opens the guard, nor what a client can put into the context: only :meth:`_workflow_do` does.

    The mixin may extend a model that is there already (``_inherit = ["sale.order", "crm.workflow.mixin"]``): its guard
    then stands behind the overrides that the model has, and the change of state runs through all of them. What a state
    locks is locked against writing; a stored field that Odoo computes anew isn't written and isn't stopped.
    """

    _name = "crm.workflow.mixin"
    _description = "Workflow"

    _workflow = None
    _workflow_field = "state"

    workflow_log_ids = fields.One2many(
        "crm.workflow.log",
        "res_id",
        "History",
        domain=lambda self: [("res_model", "=", self._name)],
        readonly=True,
        copy=False,
        bypass_search_access=True,
        groups="base.group_user",
    )

    def _register_hook(self):
        """Override: a misspelt name in the table would guard nothing, so the server doesn't start with one."""
        super()._register_hook()
        if self._workflow:
            if unknown := self._workflow.fields - set(self._fields):
                raise ValueError(f"{self._name}: the workflow speaks of unknown fields: {sorted(unknown)}")
            if set(self._workflow.states) != set(self._fields[self._workflow_field].get_values(self.env)):
                raise ValueError(f"{self._name}: {self._workflow_field} isn't built from the workflow's states")

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: every record begins in the initial state, whatever the values or the context's defaults say."""
        name, initial = self._workflow_field, self._workflow.initial
        if any(vals.get(name, initial) != initial for vals in vals_list):
            raise UserError(
                self.env._(
                    "A new %(model)s begins as “%(state)s”; create it without a state and use its buttons.",
                    model=self._workflow_document(),
                    state=self._workflow_label(initial),
                )
            )
        return super().create([{**vals, name: initial} for vals in vals_list])

    def write(self, vals):
        """Override: refuse a change of state, and of the fields that the present state locks.

        Access first: the refusal names the record. What only repeats a locked value isn't written: Odoo would compute
        anew what depends on it.
        """
        self.check_access("write")
        self._check_state_write(vals)
        self._check_locked_write(vals)
        for locked, records in self.grouped(lambda record: record._locked_among(vals)).items():
            super(CrmWorkflowMixin, records).write({name: vals[name] for name in vals if name not in locked})
        return True

    @api.ondelete(at_uninstall=True)
    def _unlink_only_deletable(self):
        """Check that the state lets the records be deleted. ``at_uninstall=False`` would be no guard: Odoo believes the
        context, and so any client, that an addon is being uninstalled. Only the superuser uninstalls.
        """
        if self.env.uid == SUPERUSER_ID and self.env.context.get(MODULE_UNINSTALL_FLAG):
            return
        for record in self:
            if record[self._workflow_field] not in self._workflow.deletable:
                raise UserError(
                    self.env._(
                        "%(record)s is “%(state)s” and can't be deleted.",
                        record=record.display_name,
                        state=self._workflow_label(record[self._workflow_field]),
                    )
                )

    def _update_field_translations(self, field_name, translations, digest=None, source_lang=""):
        """Override: a translation changes the field too, and doesn't come by way of :meth:`write`."""
        self.check_access("write")
        self._check_unlocked([field_name])
        return super()._update_field_translations(field_name, translations, digest=digest, source_lang=source_lang)

    def _check_state_write(self, vals):
        name = self._workflow_field
        if name not in vals:
            return
        permit = self.env.context.get("workflow_permit")
        if isinstance(permit, _Permit) and permit.covers(self, vals[name]):
            return
        if any(record[name] != vals[name] for record in self):
            raise UserError(
                self.env._("The state of a %(model)s changes by its buttons only.", model=self._workflow_document())
            )

    def _locked_among(self, names):
        """Return those of the fields that the present state of this one record locks."""
        state = self.sudo()[self._workflow_field]
        known = self._fields.keys() - {self._workflow_field}
        return frozenset(name for name in names if name in known and self._workflow.locks(state, name))

    def _check_locked_write(self, vals):
        # Of the context only what says which value is meant: with bin_size, say, a file would be compared by its size.
        meant = {"lang", "tz", "allowed_company_ids"} & self.env.context.keys()
        context = {key: self.env.context[key] for key in meant}
        for record in self.sudo().with_context(context, active_test=False):
            locked = [name for name in vals if self._workflow.locks(record[self._workflow_field], name)]
            record._check_unlocked([name for name in locked if record._would_change(name, vals[name])])

    def _check_unlocked(self, names):
        """Check that the state of this one record lets the fields change."""
        state = self.sudo()[self._workflow_field]
        if locked := [name for name in names if self._workflow.locks(state, name)]:
            labels = self.fields_get(locked, ["string"])
            raise UserError(
                self.env._(
                    "%(record)s is “%(state)s”: %(fields)s can't be changed any more.",
                    record=self.display_name,
                    state=self._workflow_label(state),
                    fields=", ".join(labels[name]["string"] for name in locked if name in labels),
                )
            )

    def _would_change(self, name, value):
        """Return whether writing the value would change the record: an import may say what is there already."""
        field = self._fields.get(name)
        if field is None or name == self._workflow_field:
            return False
        if field.type == "many2many":
            return self._would_change_links(name, value)
        if field.type in ("one2many", "properties", "properties_definition"):
            return value != []
        return field.convert_to_cache(value, self) != field.convert_to_cache(self[name], self)

    def _would_change_links(self, name, commands):
        """Return whether the commands would link other records; anything but plain links counts as a change."""
        linked = set(self[name]._ids)

        def known(command):
            match command:
                case [Command.LINK, id_, *_]:
                    return id_ in linked
                case [Command.SET, _, ids]:
                    return set(ids) == linked
            return False

        return not (isinstance(commands, list) and all(map(known, commands)))

    # === BUSINESS METHODS === #

    def _workflow_do(self, name, reason=None):
        """Do the transition ``name`` on all records, or on none.

        :param str name: a transition of the model's table
        :param str reason: why; kept in the history
        :raise UserError: the state, a required field or reason, or a condition of the model doesn't allow it
        :raise AccessError: the user may not write the records, isn't in the transition's groups, or did the transition
            that must be somebody else's
        :raise LockError: somebody else is changing a record at this moment
        """
        transition = self._workflow.find(name)
        if transition is None:
            raise UserError(
                self.env._("A %(model)s has no step “%(step)s”.", model=self._workflow_document(), step=name)
            )
        documents = self.union()  # a client may name one of them twice
        documents.check_access("write")
        documents._lock_for_step()
        documents._check_actor(transition)
        documents._check_source(transition)
        documents._before_transition(transition)
        documents._check_requirements(transition, reason)
        documents._check_transition(transition)
        documents._record_transition(transition, reason)
        documents._write_state(transition.target)
        documents._after_transition(transition)
        return True

    def _lock_for_step(self):
        """Keep others from changing the records until this transaction ends, and read their state as it is now.

        The lock is the strong one: it also holds off whoever is adding a line that refers to such a record.
        """
        if busy := self - self.try_lock_for_update():
            raise LockError(
                self.env._(
                    "Somebody else is changing %(records)s at this moment. Try again.",
                    records=", ".join(busy.mapped("display_name")),
                )
            )
        self.invalidate_recordset([self._workflow_field])

    def _write_state(self, state):
        """Write the state through every override of :meth:`write`, with leave to pass the guard."""
        permit = _Permit(self._name, frozenset(self._ids), state)
        return self.with_context(workflow_permit=permit).write({self._workflow_field: state})

    def _record_transition(self, transition, reason):
        self.env["crm.workflow.log"]._record(
            [
                {
                    "res_model": self._name,
                    "res_id": record.id,
                    "transition": transition.name,
                    "source": record[self._workflow_field],
                    "target": transition.target,
                    "user_id": self.env.uid,
                    "reason": reason,
                }
                for record in self
            ]
        )

    # === CHECKS === #

    def _check_transition(self, transition):
        """Hook: raise UserError where the model's own conditions don't hold."""

    def _before_transition(self, transition):
        """Hook: note facts that belong to this step, while its fields aren't locked yet."""

    def _after_transition(self, transition):
        """Hook: act on what has just become true."""

    def _check_actor(self, transition):
        """Check who acts: superuser mode doesn't help, it is the user who counts."""
        if transition.groups:
            user = self.env.user
            if self.env.uid == SUPERUSER_ID or not any(user.has_group(group) for group in transition.groups):
                raise AccessError(self._refused_to(transition))
        if transition.other_than and (own := self._actors(transition.other_than).get(self.env.uid)):
            raise AccessError(
                self.env._(
                    "This step is for somebody else than who did the one before it: %(records)s.",
                    records=", ".join(own.mapped("display_name")),
                )
            )

    def _refused_to(self, transition):
        groups = self.env["res.groups"].sudo()
        for xmlid in transition.groups:
            groups |= self.env.ref(xmlid).sudo()
        return self.env._("Only these may do this step: %(groups)s.", groups=", ".join(groups.mapped("full_name")))

    def _actors(self, name):
        """Return user id → the records on which that user was the latest to do the transition ``name``."""
        logs = (
            self.env["crm.workflow.log"]
            .sudo()
            .search_fetch(
                [("res_model", "=", self._name), ("res_id", "in", self.ids), ("transition", "=", name)],
                ["res_id", "user_id"],
                order="id",
            )
        )
        latest = {log.res_id: log.user_id.id for log in logs}
        return self.browse(latest).grouped(lambda record: latest[record.id])

    def _check_source(self, transition):
        for record in self:
            if record[self._workflow_field] not in transition.source:
                raise UserError(
                    self.env._(
                        "%(record)s is “%(state)s”; this step starts from: %(sources)s.",
                        record=record.display_name,
                        state=self._workflow_label(record[self._workflow_field]),
                        sources=", ".join(map(self._workflow_label, transition.source)),
                    )
                )

    def _check_requirements(self, transition, reason):
        if transition.reason and not (reason or "").strip():
            raise UserError(self.env._("Say why: this step needs a reason."))
        for record in self:
            missing = [name for name in transition.requires if not record[name]]
            if missing:
                labels = self.fields_get(missing, ["string"])
                raise UserError(
                    self.env._(
                        "%(record)s: fill in %(fields)s first.",
                        record=record.display_name,
                        fields=", ".join(labels[name]["string"] for name in missing),
                    )
                )

    @api.model
    def _workflow_document(self):
        """Return what such a record is called in the user's language."""
        return self.env["ir.model"]._get(self._name).name

    @api.model
    def _workflow_label(self, state):
        """Return the state's label in the user's language."""
        return self.env["crm.workflow.log"]._state_labels(self._name).get(state, state)
