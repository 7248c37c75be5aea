from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL


class CrmCounterMixin(models.AbstractModel):
    """Count what the smart buttons of a form lead to: all of them, from all addons, in one query.

    A model says what is counted in :meth:`_counters`; each is an Integer field, computed by ``_compute_counters``.
    """

    _name = "crm.counter.mixin"
    _description = "Counts for Smart Buttons"

    @api.model
    def _counters(self):
        """Hook: return field → :class:`~odoo.addons.crm_base.counter.Counter`."""
        return {}

    @api.depends(lambda self: {path for counter in self._counters().values() for path in counter.depends})
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_counters(self):
        counters = self._counters()
        counts = self._origin._count(counters)
        for record in self:
            for name in counters:
                record[name] = counts.get((name, record._origin.id), 0)

    def _count(self, counters):
        """Return (field, id) → how many, where there are any. Nothing is counted that the user may not read."""
        queries = [self._count_query(name, counter) for name, counter in counters.items() if self.ids]
        rows = self.env.execute_query(SQL(" UNION ALL ").join(filter(None, queries))) if any(queries) else []
        return {(name, id_): count for name, id_, count in rows}

    def _count_query(self, name, counter):
        """Return the SQL of (field, id, how many), or None."""
        model = self.env[counter.model]
        if counter.sudo:
            model = model.sudo()
        if not model.has_access("read"):
            return None
        query = model._search(Domain(counter.domain) & Domain(counter.field, "in", self.ids))
        query.groupby = model._field_to_sql(query.table, counter.field, query)
        return query.select(SQL("%s", name), query.groupby, SQL("COUNT(*)"))
