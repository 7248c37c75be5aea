from odoo import api, models
from odoo.tools import SQL

from ..followup_const import COUNTED_SOURCES


class CrmFollowupCase(models.Model):
    """Services of many vehicles at once, as a report names them (H23-4.1.1)."""

    _inherit = "crm.followup.case"

    # === HOOKS === #

    @api.model
    def _serviced_rows(self, rows, source):
        """Settle the cases of many services. Those without a case need none: the schedule opens none for a service that
        is noted already.

        The same rows again change nothing. For our own code: access isn't asked.

        :param SQL rows: a query of ``(vehicle_id int, kpb text '1' … '4', day date)``, each vehicle and KPB once
        :param str source: one of :data:`~..followup_const.SOURCES`
        :return: how many cases were settled
        """
        self.env.flush_all()
        self.env.cr.execute("DROP TABLE IF EXISTS crm_followup_service_rows")
        self.env.cr.execute(
            SQL(
                "CREATE TEMPORARY TABLE crm_followup_service_rows"
                " ON COMMIT DROP AS SELECT vehicle_id::int4, kpb::varchar, day::date FROM (%s) AS given",
                rows,
            )
        )
        self.env.cr.execute("CREATE UNIQUE INDEX ON crm_followup_service_rows (vehicle_id, kpb)")
        self.env.cr.execute("ANALYZE crm_followup_service_rows")
        settled = self._settle_rows(source)
        self._confirm_rows(source)
        self.env.cr.execute("DROP TABLE crm_followup_service_rows")
        self.invalidate_model()
        return len(settled)

    # === BUSINESS METHODS === #

    def _settle_rows(self, source):
        """Settle the cases that aren't yet, and drop what was still to be done."""
        day = SQL(
            "(SELECT day FROM crm_followup_service_rows AS done"
            " WHERE (done.vehicle_id, done.kpb) = (crm_followup_case.vehicle_id, crm_followup_case.kpb))"
        )
        condition = SQL(
            "(crm_followup_case.vehicle_id, crm_followup_case.kpb) IN"
            " (SELECT vehicle_id, kpb FROM crm_followup_service_rows)"
        )
        facts = {
            "serviced_on": day,
            "service_source": SQL("%s", source),
            "is_success": SQL("%s AND %s <= crm_followup_case.expires_on", source in COUNTED_SOURCES, day),
        }
        settled = self._move_all("service", condition, values=facts)
        settled._skip_rest()
        return settled

    def _confirm_rows(self, source):
        """Replace a customer's word by what is known now, and a day by the corrected one."""
        self.env.cr.execute(
            SQL(
                """
                UPDATE crm_followup_case
                   SET serviced_on = done.day, service_source = %(source)s,
                       is_success = %(counted)s AND done.day <= expires_on
                  FROM crm_followup_service_rows done
                 WHERE done.vehicle_id = crm_followup_case.vehicle_id AND done.kpb = crm_followup_case.kpb
                   AND state = 'serviced' AND service_source IN ('customer', %(source)s)
                   AND (serviced_on, service_source) IS DISTINCT FROM (done.day, %(source)s)
                """,
                source=source,
                counted=source in COUNTED_SOURCES,
            )
        )
