from odoo import models
from odoo.tools import SQL

from .res_partner_erase import ERASED, TEXTS

#: Kept by law, and the log that names nobody.
KEPT = frozenset({"crm.legal.identity", "crm.privacy.log"})
JSON = ("json", "properties", "properties_definition")


class ResPartner(models.Model):
    """After everything else: the person's name, numbers and addresses go from every row that is about them, whatever
    addon keeps it (BR-3).
    """

    _inherit = "res.partner"

    def _sweep(self, words, documents):
        """Replace what names these people in every text of every row that refers to them or to their documents.

        :param str words: regular expression of :func:`~odoo.addons.crm_branch.person_words.pattern`
        """
        if not words:
            return
        self.env.flush_all()
        referred = self._by_model({**documents, "": self})
        kept = {}
        for records, names in self._kept_signed():
            if any(records._fields[name].type in TEXTS for name in names):
                kept[records._name] = records.ids
        for model in self.env.values():
            if model._auto and not model._abstract and model._name not in KEPT:
                self._sweep_model(model, words, referred, kept.get(model._name, []))
        self.env.cr.execute("DELETE FROM bus_bus WHERE message ~* %s", [words])
        self.env.cr.execute("DELETE FROM mail_push WHERE payload ~* %s", [words])
        self.env.invalidate_all(flush=False)

    def _sweep_model(self, model, words, referred, kept):
        columns = self._text_columns(model)
        conditions = self._references(model, referred)
        if not columns or not conditions:
            return
        values = [(SQL.identifier(name), SQL("::text") if cast else SQL(), cast) for name, cast in columns]
        self.env.cr.execute(
            SQL(
                "UPDATE %(table)s SET %(changes)s WHERE (%(mine)s) AND (%(hits)s) AND id != ALL(%(kept)s)",
                kept=kept,
                table=SQL.identifier(model._table),
                changes=SQL(", ").join(
                    SQL(
                        "%s = regexp_replace(%s%s, %s, %s, 'gi')%s",
                        column,
                        column,
                        text,
                        words,
                        ERASED,
                        SQL("::jsonb") if cast else SQL(),
                    )
                    for column, text, cast in values
                ),
                mine=SQL(" OR ").join(conditions),
                hits=SQL(" OR ").join(SQL("%s%s ~* %s", column, text, words) for column, text, __ in values),
            )
        )

    def _text_columns(self, model):
        """Return (name, whether it is JSON) of the model's columns that hold text."""
        return [
            (name, field.type in JSON or bool(field.translate) or bool(field.company_dependent))
            for name, field in model._fields.items()
            if field.store and field.column_type and field.type in (*TEXTS, *JSON)
        ]

    def _references(self, model, referred):
        """Return the SQL conditions of the model's rows that are, or refer to, the records."""
        conditions = []
        if model._name in referred:
            conditions.append(SQL("id = ANY(%s)", referred[model._name].ids))
        for name, field in model._fields.items():
            if not field.store:
                continue
            if field.type == "many2one" and field.comodel_name in referred and not field.company_dependent:
                conditions.append(SQL("%s = ANY(%s)", SQL.identifier(name), referred[field.comodel_name].ids))
            elif field.type == "many2many" and field.comodel_name in referred:
                conditions.append(
                    SQL(
                        "id IN (SELECT %s FROM %s WHERE %s = ANY(%s))",
                        SQL.identifier(field.column1),
                        SQL.identifier(field.relation),
                        SQL.identifier(field.column2),
                        referred[field.comodel_name].ids,
                    )
                )
            elif field.type == "many2one_reference" and field.model_field and model._fields[field.model_field].store:
                conditions += [
                    SQL(
                        "(%s = %s AND %s = ANY(%s))",
                        SQL.identifier(field.model_field),
                        comodel,
                        SQL.identifier(name),
                        records.ids,
                    )
                    for comodel, records in referred.items()
                ]
        return conditions
