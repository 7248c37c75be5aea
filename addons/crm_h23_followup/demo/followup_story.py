"""Demo: six weeks of follow-ups, and a day's work in progress at both branches.

The same every time, with days counted back from today. What the customers do agrees with the services that Rina
imported: who came was willing before.
"""

import random
import uuid
from datetime import datetime, time, timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.crm_whatsapp.const import FINAL
from odoo.addons.crm_whatsapp.models.crm_whatsapp_message_report import Report
from odoo.addons.crm_whatsapp.providers import Outcome
from odoo.addons.crm_whatsapp.providers.base import ACCEPTED

DAYS = 45
#: Days for which an answer to the blast may still come.
WAITING = 6
BRANCHES = ("crm_h23_followup.crm_branch_bandung", "crm_h23_followup.crm_branch_cimahi")
WILLING = ("Ya, Sabtu pagi ya", "Besok jam 10 bisa", "Boleh, minggu depan hari Senin", "Oke, jam 1 siang")
SILENT = ("Telepon tidak diangkat", "Nomor tidak aktif", "Tidak ada jawaban", "Dialihkan ke kotak suara")
REFUSED = {
    "time": "Kerja setiap hari, tidak sempat",
    "distance": "Rumahnya jauh, di luar kota",
    "disappointed": "Servis terakhir menunggu tiga jam",
    "other_dealer": "Sudah langganan di bengkel dekat rumah",
}


class CrmDemoFollowup(models.AbstractModel):
    _name = "crm.demo.followup"
    _description = "Follow-up Demo"

    @api.model
    def _load(self):
        """Live through the days, then do part of today's work."""
        self = self.with_context(tracking_disable=True)  # noqa: PLW0642
        rina = self.env.ref("crm_h23_followup.user_rina")
        for language in ("id", "en", "pl"):
            template = self.env.ref(f"crm_h23_followup.crm_whatsapp_template_kpb_{language}")
            template.with_user(rina).action_approve()
        self.env.company.followup_template_id = self.env.ref("crm_h23_followup.crm_whatsapp_template_kpb_id")
        branches = self.env["crm.branch"].union(*(self.env.ref(name) for name in BRANCHES))
        chance = random.Random(26)  # noqa: S311
        today = branches[0]._today()
        for ago in range(DAYS, 0, -1):
            self._live(chance, branches, today - timedelta(days=ago), ago)
        self.env["crm.followup.run"]._generate(branches)
        self._work(chance, branches, today)

    # === THE DAYS BEFORE === #

    def _live(self, chance, branches, day, ago):
        """Let one day pass: what came due, who came, what the admins did."""
        self.env["crm.followup.run"]._generate(branches, today=day)
        rows = SQL(
            "SELECT vehicle_id, kpb, day FROM crm_vehicle_service WHERE day = %s AND branch_id = ANY(%s)",
            day,
            list(branches.ids),
        )
        self.env["crm.followup.case"]._serviced_rows(rows, "a2")
        before = self._latest_ids()
        due = self.env["crm.followup"].search([("branch_id", "in", branches.ids), ("state", "=", "todo")])
        by_blast = due.filtered(lambda followup: followup.channel == "whatsapp")
        if ago <= WAITING:
            self._send(chance, by_blast, day)
            due -= by_blast
        for followup in due:
            if chance.random() < (0.93 if ago > 3 else 0.25):  # some are missed, and lately some are late
                self._settle(chance, followup, day)
        self._date_back(before, datetime.combine(day, time(3, 30)))

    def _settle(self, chance, followup, day):
        """Let the customer answer as somebody does who comes, or doesn't come, afterwards."""
        service = self.env["crm.vehicle.service"].search(
            [("vehicle_id", "=", followup.vehicle_id.id), ("kpb", "=", int(followup.kpb)), ("day", ">", day)], limit=1
        )
        likely = {"1": 0.5, "2": 0.6, "3": 0.8}[followup.step]
        followup = followup.with_user(followup.user_id or self.env.user)
        if service and chance.random() < likely:
            self._say_willing(followup, chance.choice(WILLING))
        elif not service and chance.random() < 0.15:
            self._say_no(chance, followup)
        elif not service and chance.random() < 0.04:
            followup._answer("wrong_number", "Salah sambung")
        elif not service and chance.random() < 0.02:
            followup._answer("opted_out", "Tidak mau dihubungi lagi")
        else:
            words = chance.choice(SILENT)
            followup._answer("no_response", words if followup.channel == "call" else "WA tidak dibalas")

    def _say_willing(self, followup, words):
        followup._answer("willing", words, booking=self._book(followup))

    def _say_no(self, chance, followup):
        reasons = followup.sudo().case_id.schedule_id.reason_ids
        reason = chance.choice(reasons)
        offer = {"answer": "refused", "weekdays_impossible": reason.asks_weekdays}
        followup._answer("refused", REFUSED[reason.code], reason=reason, offer=offer)

    def _book(self, followup, kind="workshop", weekend=False):
        """Hook: return what a willing customer books."""
        raise NotImplementedError

    # === BLASTS === #

    def _send(self, chance, followups, day):
        """Send the day's blast of each branch, and let WhatsApp tell what became of it."""
        for branch, theirs in followups.grouped("branch_id").items():
            run = self.env["crm.followup.run"].search([("branch_id", "=", branch.id), ("day", "=", day)])
            theirs._send_by(run._create_blast())
            moment = datetime.combine(day, time(2, 5))
            for message in theirs.message_id.filtered(lambda message: message.state == "queued"):
                self._deliver(chance, message, moment)
            self.env.flush_all()
            waiting = theirs.filtered(lambda followup: followup.state == "waiting")
            self.env.cr.execute(
                SQL("UPDATE crm_followup SET sent_at = %s WHERE id = ANY(%s)", moment, list(waiting.ids))
            )
            self.env.cr.execute(
                SQL(
                    "UPDATE crm_whatsapp_message SET create_date = %s WHERE id = ANY(%s)", moment, theirs.message_id.ids
                )
            )
            self.env.invalidate_all()
        self.env["crm.whatsapp.blast"]._finish_done()

    def _deliver(self, chance, message, moment):
        message._start_sending(1, moment)
        if chance.random() < 0.08:
            message._apply_outcome(Outcome(FINAL, problem="undeliverable", code=131026))
            return
        wamid = f"wamid.demo.{uuid.uuid4().hex}"
        message._apply_outcome(Outcome(ACCEPTED, wamid=wamid))
        message._apply_report(Report(wamid, "delivered", moment + timedelta(seconds=8)))
        if chance.random() < 0.6:
            message._apply_report(Report(wamid, "read", moment + timedelta(minutes=chance.randrange(2, 90))))

    def _reply(self, followup, text, minutes):
        """Let the customer of a waiting follow-up write so many minutes ago."""
        moment = fields.Datetime.now() - timedelta(minutes=minutes)
        item = {
            "id": f"wamid.demo.{uuid.uuid4().hex}",
            "from": followup.message_id.phone.lstrip("+"),
            "timestamp": str(int((moment - datetime(1970, 1, 1)).total_seconds())),
            "type": "text",
            "text": {"body": text},
            "context": {"id": followup.message_id.wamid},
        }
        account = followup.message_id.account_id
        self.env["crm.whatsapp.message"]._receive(account, item, followup.owner_name)

    # === TODAY === #

    def _work(self, chance, branches, today):
        """Do part of today's work: answers came, some were called, one refuses for time and takes Saturday."""
        followups = self.env["crm.followup"]
        for branch in branches:
            waiting = followups.search(
                [
                    ("branch_id", "=", branch.id),
                    ("state", "=", "waiting"),
                    ("delivery_state", "in", ("delivered", "read")),
                ]
            )
            for followup, (text, minutes) in zip(
                waiting, (("Sabtu bisa? Jam berapa buka?", 55), ("Ya, mau", 20)), strict=False
            ):
                self._reply(followup, text, minutes)
            calls = followups.search(
                [
                    ("branch_id", "=", branch.id),
                    ("state", "=", "todo"),
                    ("channel", "=", "call"),
                    ("user_id", "!=", False),
                ]
            )
            done = calls[-(len(calls) // 2) :]
            for place, followup in enumerate(done):
                self._call(chance, place, followup.with_user(followup.user_id))

    def _call(self, chance, place, followup):
        reasons = {reason.code: reason for reason in followup.sudo().case_id.schedule_id.reason_ids}
        if place == 0:
            offer = {"answer": "accepted", "weekdays_impossible": True}
            words = "Senin–Jumat kerja sif, Sabtu jam 9 bisa"
            booking = self._book(followup, weekend=True)
            followup._answer("refused", words, reason=reasons["time"], offer=offer, booking=booking)
        elif place == 1:
            offer = {"answer": "refused"}
            followup._answer("refused", REFUSED["disappointed"], reason=reasons["disappointed"], offer=offer)
        elif place == 2 and followup.case_id.next_date != fields.Date.add(followup.branch_id._today(), days=1):
            moment = fields.Datetime.now() + timedelta(hours=3)
            followup._answer("call_back", "Sedang rapat, telepon lagi nanti", call_back_at=moment)
        else:
            followup._answer("no_response", chance.choice(SILENT))

    # === DATES === #

    def _latest_ids(self):
        self.env.flush_all()
        names = ("crm_interaction", "crm_workflow_log", "helpdesk_ticket")
        return {
            name: self.env.execute_query(SQL("SELECT COALESCE(max(id), 0) FROM %s", SQL.identifier(name)))[0][0]
            for name in names
        }

    def _date_back(self, before, moment):
        """Let what was written since then have been written at that moment (naive UTC)."""
        self.env.flush_all()
        statements = (
            SQL(
                "UPDATE crm_interaction SET began_at = %(moment)s, answered_at = NULL, ended_at = %(moment)s,"
                " create_date = %(moment)s, wait_seconds = 0, duration_seconds = 0 WHERE id > %(last)s",
                moment=moment,
                last=before["crm_interaction"],
            ),
            SQL(
                "UPDATE crm_workflow_log SET date = %s, create_date = %s WHERE id > %s",
                moment,
                moment,
                before["crm_workflow_log"],
            ),
            SQL("UPDATE helpdesk_ticket SET create_date = %s WHERE id > %s", moment, before["helpdesk_ticket"]),
            SQL("UPDATE crm_followup SET done_at = %s WHERE done_at >= now() - interval '1 day'", moment),
        )
        for statement in statements:
            self.env.cr.execute(statement)
        for name in ("contacted_at", "responded_at", "booked_at"):
            column = SQL.identifier(name)
            self.env.cr.execute(
                SQL("UPDATE crm_followup_case SET %s = %s WHERE %s >= now() - interval '1 day'", column, moment, column)
            )
        self.env.invalidate_all()
