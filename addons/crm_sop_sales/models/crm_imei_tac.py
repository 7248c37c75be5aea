from odoo import api, fields, models
from odoo.tools import SQL

from .. import imei

#: Between the models of one code: some makers used a code for several.
SEPARATOR = ", "


class CrmImeiTac(models.Model):
    """Which model a type allocation code (TAC), the first eight digits of an IMEI, stands for.

    The table is optional: what it doesn't know isn't refused.
    """

    _name = "crm.imei.tac"
    _description = "IMEI Type Allocation Code"
    _order = "tac"
    _rec_name = "tac"
    _rec_names_search = ["tac", "model"]

    tac = fields.Char("TAC", required=True, help="The first eight digits of the model's IMEIs.")
    model = fields.Char(
        required=True, index=True, help="The maker's model, e.g. SM-G991B; several are separated by commas."
    )

    _tac_uniq = models.Constraint("UNIQUE(tac)", "This TAC is in the table already.")
    _eight_digits = models.Constraint("CHECK(tac ~ '^[0-9]{8}$')", "A TAC has eight digits.")

    @api.model
    def _models_of(self, numbers):
        """Return TAC → the models that these IMEIs can be, for the codes that the table knows."""
        codes = {number[: imei.TAC_LENGTH] for number in numbers}
        rows = self.sudo().search_fetch([("tac", "in", list(codes))], ["tac", "model"])
        return {row.tac: [model.strip() for model in row.model.split(",")] for row in rows}

    @api.model
    def _load_models(self, table):
        """Write a table of codes in one statement, new ones and changed ones alike.

        :param dict table: TAC → its models
        :return: how many codes were new, and how many have changed
        """
        self.check_access("create")
        self.check_access("write")
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO crm_imei_tac AS known (tac, model, create_uid, create_date, write_uid, write_date)
                SELECT tac, model, %(user)s, %(now)s, %(user)s, %(now)s
                  FROM unnest(%(codes)s::text[], %(models)s::text[]) AS given(tac, model)
                    ON CONFLICT (tac) DO UPDATE
                   SET model = EXCLUDED.model, write_uid = EXCLUDED.write_uid, write_date = EXCLUDED.write_date
                 WHERE known.model IS DISTINCT FROM EXCLUDED.model
             RETURNING xmax = 0
                """,
                user=self.env.uid,
                now=fields.Datetime.now(),
                codes=list(table),
                models=[SEPARATOR.join(models_) for models_ in table.values()],
            )
        )
        self.invalidate_model()
        new = sum(inserted for (inserted,) in rows)
        return new, len(rows) - new
