from odoo import api, fields, models
from odoo.api import SUPERUSER_ID
from odoo.exceptions import AccessError, UserError


class CrmWorkflowMixin(models.AbstractModel):
    """Let a model's state change by its table of transitions only, on every path.

    A model declares ``_workflow`` (see :mod:`odoo.addons.crm_base.workflow`) and a Selection field, built from it, that
    ``_workflow_field`` names, with ``copy=False`` and ``readonly=True``. It offers ``action_…`` methods that call
    :meth:`_workflow_do`, checks what must hold in :meth:`_check_transition` and acts in :meth:`_after_transition`.

    There is no key in the context and no superuser mode that opens the guard: only :meth:`_workflow_do` writes below it.
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
    )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: every record begins in the initial state, whatever the values or the context's defaults say."""
        name, initial = self._workflow_field, self._workflow.initial
        if any(vals.get(name, initial) != initial for vals in vals_list):
            raise UserError(
                self.env._(
                    "A new %(model)s begins as “%(state)s”; create it without a state and use its buttons.",
                    model=self._description,
                    state=self._workflow_label(initial),
                )
            )
        return super().create([{**vals, name: initial} for vals in vals_list])

    def write(self, vals):
        """Override: refuse a change of state, and of the fields that the present state locks."""
        self._check_state_write(vals)
        self._check_locked_write(vals)
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_deletable(self):
        for record in self:
            if record[self._workflow_field] not in self._workflow.deletable:
                raise UserError(
                    self.env._(
                        "%(record)s is “%(state)s” and can't be deleted.",
                        record=record.display_name,
                        state=self._workflow_label(record[self._workflow_field]),
                    )
                )

    def _check_state_write(self, vals):
        name = self._workflow_field
        if name in vals and any(record[name] != vals[name] for record in self):
            raise UserError(
                self.env._("The state of a %(model)s changes by its buttons only.", model=self._description)
            )

    def _check_locked_write(self, vals):
        for record in self.sudo():
            state = record[self._workflow_field]
            locked = [name for name in vals if self._workflow.locks(state, name) and record._would_change(name, vals)]
            if locked:
                labels = self.fields_get(locked, ["string"])
                raise UserError(
                    self.env._(
                        "%(record)s is “%(state)s”: %(fields)s can't be changed any more.",
                        record=record.display_name,
                        state=self._workflow_label(state),
                        fields=", ".join(labels[name]["string"] for name in locked if name in labels),
                    )
                )

    def _would_change(self, name, vals):
        """Return whether writing ``vals[name]`` would change the record: an import may say what is there already."""
        field = self._fields.get(name)
        if field is None or name == self._workflow_field:
            return False
        if field.type in ("one2many", "many2many"):
            return bool(vals[name])
        return field.convert_to_cache(vals[name], self) != field.convert_to_cache(self[name], self)

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
            raise UserError(self.env._("A %(model)s has no step “%(step)s”.", model=self._description, step=name))
        self.check_access("write")
        self.lock_for_update()
        self.invalidate_recordset([self._workflow_field])
        self._check_actor(transition)
        self._check_source(transition)
        self._before_transition(transition)
        self._check_requirements(transition, reason)
        self._check_transition(transition)
        self._record_transition(transition, reason)
        self._write_state(transition.target)
        self._after_transition(transition)
        return True

    def _write_state(self, state):
        """Write the state below the guard of :meth:`write`."""
        return super().write({self._workflow_field: state})

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
        if transition.other_than and self._actors(transition.other_than).get(self.env.uid):
            raise AccessError(
                self.env._(
                    "This step is for somebody else than who did the one before it: %(records)s.",
                    records=self._actors(transition.other_than)[self.env.uid].mapped("display_name"),
                )
            )

    def _refused_to(self, transition):
        groups = self.env["res.groups"].sudo()
        for xmlid in transition.groups:
            groups |= self.env.ref(xmlid).sudo()
        return self.env._(
            "Only these may do this step: %(groups)s.", groups=", ".join(groups.mapped("full_name"))
        )

    def _actors(self, name):
        """Return user id → the records on which that user was the latest to do the transition ``name``."""
        logs = self.env["crm.workflow.log"].sudo().search(
            [("res_model", "=", self._name), ("res_id", "in", self.ids), ("transition", "=", name)], order="id"
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
    def _workflow_label(self, state):
        """Return the state's label in the user's language."""
        return self.env["crm.workflow.log"]._state_labels(self._name).get(state, state)
