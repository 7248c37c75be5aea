from odoo import api, fields, models
from odoo.tools import SQL

from ..const import COUNTED_SOURCES


class CrmFollowupCase(models.Model):
    """Services of many vehicles at once, as a report names them (H23-4.1.1)."""

    _inherit = "crm.followup.case"

    # === HOOKS === #

    @api.model
    def _serviced_rows(self, rows, source):
        """Settle the cases of many services, and remember services that came before their first follow-up.

        The same rows again change nothing. For our own code: access isn't asked.

        :param SQL rows: a query of ``(vehicle_id int, kpb text '1' … '4', day date)``, each vehicle and KPB once
        :param str source: one of :data:`~..const.SOURCES`
        :return: how many services were new
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
        opened = self._open_serviced_rows(source)
        self.env.cr.execute("DROP TABLE crm_followup_service_rows")
        self.invalidate_model()
        return len(settled) + opened

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
        """Replace a customer's word by what is known now."""
        if source == "customer":
            return
        self.env.cr.execute(
            SQL(
                """
                UPDATE crm_followup_case
                   SET serviced_on = done.day, service_source = %(source)s,
                       is_success = %(counted)s AND done.day <= expires_on
                  FROM crm_followup_service_rows done
                 WHERE done.vehicle_id = crm_followup_case.vehicle_id AND done.kpb = crm_followup_case.kpb
                   AND state = 'serviced' AND service_source = 'customer'
                """,
                source=source,
                counted=source in COUNTED_SOURCES,
            )
        )

    def _open_serviced_rows(self, source):
        """Make settled cases of services that came before their first follow-up: none will come.

        Not of free services that have expired by now: the schedule would open no case of them either, and a success
        rate of services alone would say nothing.
        """
        companies = self.env["res.company"].sudo().search([])
        today = fields.Date.context_today(self)
        schedules = [
            (company.id, self.env["crm.followup.schedule"]._in_force(company, today).id) for company in companies
        ]
        known = [(company, schedule) for company, schedule in schedules if schedule]
        if not known:
            return 0
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO crm_followup_case (
                    vehicle_id, kpb, branch_id, company_id, schedule_id, due_date, expires_on, state, serviced_on,
                    service_source, is_success, create_uid, create_date, write_uid, write_date)
                SELECT vehicle.id, done.kpb, vehicle.branch_id, vehicle.company_id, line.schedule_id,
                       vehicle.purchase_date + line.base_days,
                       vehicle.purchase_date + line.base_days + line.window_days,
                       'serviced', done.day, %(source)s,
                       %(counted)s AND done.day <= vehicle.purchase_date + line.base_days + line.window_days,
                       %(user)s, %(now)s, %(user)s, %(now)s
                  FROM crm_followup_service_rows done
                  JOIN crm_vehicle vehicle ON vehicle.id = done.vehicle_id
                  JOIN (VALUES %(known)s) AS force (company_id, schedule_id) ON force.company_id = vehicle.company_id
                  JOIN crm_followup_schedule_line line ON line.schedule_id = force.schedule_id AND line.kpb = done.kpb
                 WHERE vehicle.purchase_date + line.base_days + line.window_days >= %(today)s
           ON CONFLICT (vehicle_id, kpb) DO NOTHING
                """,
                known=SQL(", ").join(SQL("(%s, %s)", *pair) for pair in known),
                source=source,
                counted=source in COUNTED_SOURCES,
                today=today,
                user=self.env.uid,
                now=fields.Datetime.now(),
            )
        )
        return self.env.cr.rowcount
