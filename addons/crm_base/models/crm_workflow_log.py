from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain


class CrmWorkflowLog(models.Model):
    """One change of state: who, when, why. Written by the workflow mixin alone; nobody edits or deletes it.

    Whoever may read the record that changed may read its history.
    """

    _name = "crm.workflow.log"
    _description = "Change of State"
    _order = "id desc"
    _rec_name = "transition"

    res_model = fields.Char("Document Model", required=True, readonly=True)
    res_id = fields.Many2oneReference("Document", model_field="res_model", required=True, readonly=True)
    res_name = fields.Char("Document Name", compute="_compute_res_name")
    transition = fields.Char(required=True, readonly=True)
    source = fields.Char("Technical Old State", required=True, readonly=True)
    target = fields.Char("Technical New State", required=True, readonly=True)
    source_label = fields.Char("From", compute="_compute_labels")
    target_label = fields.Char("To", compute="_compute_labels")
    user_id = fields.Many2one("res.users", "By", required=True, readonly=True, ondelete="restrict", index=True)
    date = fields.Datetime("On", required=True, readonly=True, default=fields.Datetime.now)
    reason = fields.Text(readonly=True)

    _document_idx = models.Index("(res_model, res_id, transition, id)")

    # === COMPUTE METHODS === #

    @api.depends("res_model", "res_id")
    def _compute_res_name(self):
        for model, logs in self.grouped("res_model").items():
            known = self.env[model].browse(logs.mapped("res_id")).exists() if model in self.env else logs.browse()
            names = {record.id: record.display_name for record in known}
            for log in logs:
                log.res_name = names.get(log.res_id, False)

    @api.depends("res_model", "source", "target")
    @api.depends_context("lang")
    def _compute_labels(self):
        for model, logs in self.grouped("res_model").items():
            labels = self._state_labels(model)
            for log in logs:
                log.source_label = labels.get(log.source, log.source)
                log.target_label = labels.get(log.target, log.target)

    @api.model
    def _state_labels(self, model):
        """Return state → label in the user's language."""
        if model not in self.env or not hasattr(self.env[model], "_workflow_field"):
            return {}
        name = self.env[model]._workflow_field
        return dict(self.env[model].fields_get([name], ["selection"])[name]["selection"])

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):  # pylint: disable=method-required-super
        raise UserError(self.env._("The history of a document is written by its workflow alone."))

    def write(self, vals):  # pylint: disable=method-required-super
        raise UserError(self.env._("The history of a document can't be changed."))

    def unlink(self):  # pylint: disable=method-required-super
        # not @api.ondelete: Odoo skips that for a key of the context
        raise UserError(self.env._("The history of a document can't be deleted."))  # pylint: disable=no-raise-unlink

    def _record(self, vals_list):
        """Write lines of history, below the guard of :meth:`create`. For the workflow mixin."""
        return super(CrmWorkflowLog, self.sudo()).create(vals_list)

    # === ACCESS === #

    @api.model
    def _search(self, domain, offset=0, limit=None, order=None, *, bypass_access=False, **kwargs):
        """Override: find only the history of documents that the user may read."""
        if not (self.env.su or bypass_access):
            domain = Domain(domain) & self._readable_domain()
        return super()._search(domain, offset, limit, order, bypass_access=bypass_access, **kwargs)

    def _readable_domain(self):
        """Return the domain of the history of documents that the user may read: one subquery for each kind."""
        mixin = self.env.registry["crm.workflow.mixin"]
        return Domain.OR(
            Domain("res_model", "=", documents._name)
            & Domain("res_id", "in", documents.with_context(active_test=False)._search(Domain.TRUE))
            for documents in self.env.values()
            if isinstance(documents, mixin) and not documents._abstract and documents.has_access("read")
        )

    def _check_access(self, operation):
        """Override: reading a line of history takes the right to read its document."""
        result = super()._check_access(operation)
        if result or self.env.su or not self:
            return result
        rows = [(log.id, log.res_model, log.res_id) for log in self.sudo().exists()]
        if forbidden := self - self.browse(self._readable(rows)):
            message = self.env._("You may not read the history of documents that you may not read.")
            return forbidden, lambda: AccessError(message)
        return None

    def _readable(self, rows):
        """Return the ids of those ``(id, res_model, res_id)`` rows whose document the user may read."""
        documents = defaultdict(set)
        for __, model, document in rows:
            documents[model].add(document)
        readable = {
            model: set(self.env[model].browse(ids).exists()._filtered_access("read")._ids)
            for model, ids in documents.items()
            if model in self.env
        }
        return [log for log, model, document in rows if document in readable.get(model, ())]
