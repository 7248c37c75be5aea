from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

#: Said in the context by our own code when it notes what happened; JSON can't make this object.
STEP = object()


class CrmFollowupMixin(models.AbstractModel):
    """What the schedule and the call screen keep: nobody creates it or writes its facts by way of the API, and a
    thousand of them change state by one statement, by the same table of transitions and with the same history.
    """

    _name = "crm.followup.mixin"
    _description = "Kept by the Follow-up Schedule"
    _inherit = ["crm.workflow.mixin"]

    #: Names of the fields that a user may write; all others are facts.
    _open_fields = frozenset()

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: only our own code makes such a record, with all its facts."""
        self._check_own_step()
        return super().create(vals_list)

    def write(self, vals):
        """Override: facts are noted by our own code alone."""
        own = self._own_fields()
        if any(name in own and self._is_changed(name, vals[name]) for name in vals):
            self._check_own_step()
        return super().write(vals)

    def _own_fields(self):
        """Return the names of the fields that hold facts: all that are kept, but for what users may write."""
        return {
            name
            for name, field in self._fields.items()
            if field.store and name not in self._open_fields | {self._workflow_field}
        }

    def _is_changed(self, name, value):
        return any(record._would_change(name, value) for record in self)

    def _check_own_step(self):
        if self.env.context.get("followup_step") is not STEP:
            raise UserError(
                self.env._(
                    "A %(model)s is kept by the schedule and the call screen: use its buttons.",
                    model=self._workflow_document(),
                )
            )

    # === BUSINESS METHODS === #

    def _note(self, vals):
        """Write facts. For our own code, which has checked who acts."""
        return self.sudo().with_context(followup_step=STEP).write(vals)

    @api.model
    def _make(self, vals_list):
        """Create records. For our own code, which has checked who acts."""
        return self.sudo().with_context(followup_step=STEP).create(vals_list).with_context(followup_step=None)

    @api.model
    def _move_all(self, name, condition, reason=None, values=None):
        """Do the transition ``name`` on all records for which the condition holds, by one statement.

        For our own code: access isn't asked, and hooks aren't called. The transition's table and the history are as in
        :meth:`_workflow_do`.

        :param SQL condition: looks at the model's table by its own name
        :param dict values: column → SQL of facts that come with it
        :return: the records that changed
        """
        transition = self._workflow.find(name)
        if transition.groups or transition.requires or transition.other_than:
            raise ValueError(f"{self._name}: {name} is no step of the system")
        self.env.flush_all()
        table = SQL.identifier(self._table)
        facts = {"write_uid": SQL("%s", self.env.uid), "write_date": SQL("%s", fields.Datetime.now()), **(values or {})}
        rows = self.env.execute_query(
            SQL(
                """
                WITH found AS (
                    SELECT id, %(column)s AS source FROM %(table)s
                     WHERE %(column)s = ANY(%(sources)s) AND %(condition)s
                     ORDER BY id FOR NO KEY UPDATE
                ), moved AS (
                    UPDATE %(table)s SET %(column)s = %(target)s, %(facts)s FROM found WHERE found.id = %(table)s.id
                ), logged AS (
                    INSERT INTO crm_workflow_log (res_model, res_id, transition, source, target, user_id, date, reason,
                                                  create_uid, create_date, write_uid, write_date)
                    SELECT %(model)s, id, %(name)s, source, %(target)s, %(user)s, %(now)s, %(reason)s,
                           %(user)s, %(now)s, %(user)s, %(now)s
                      FROM found
                )
                SELECT id FROM found
                """,
                table=table,
                column=SQL.identifier(self._workflow_field),
                sources=list(transition.source),
                condition=condition,
                target=transition.target,
                facts=SQL(", ").join(SQL("%s = %s", SQL.identifier(key), value) for key, value in facts.items()),
                model=self._name,
                name=name,
                user=self.env.uid,
                now=fields.Datetime.now(),
                reason=reason,
            )
        )
        self.invalidate_model()
        return self.browse(id_ for (id_,) in rows)
