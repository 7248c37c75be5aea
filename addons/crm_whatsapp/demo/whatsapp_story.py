"""Demo: a blast that is done, one half-way, answers, somebody who opted out, and messages to send by hand."""

import uuid
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools import SQL

from ..const import FINAL, UNKNOWN
from ..models.crm_whatsapp_message_report import Report
from ..providers import Outcome
from ..providers.base import ACCEPTED

DEWI, AGUS = "crm_base.user_dewi", "crm_base.user_agus"
FIRST = (
    ("Ayu Lestari", "+62 812 5550 1001", "id_ID"),
    ("Bayu Saputra", "+62 812 5550 1002", "id_ID"),
    ("Citra Dewanti", "+62 813 5550 1003", "id_ID"),
    ("Dimas Prakoso", "+62 813 5550 1004", "id_ID"),
    ("Ewa Nowak", "+48 601 555 105", "pl_PL"),
    ("Farhan Akbar", "+62 857 5550 1006", "id_ID"),
    ("Grace Tan", "+62 811 5550 1007", "en_US"),
    ("Toko Jaya (office)", "+62 21 5270 7801", "id_ID"),
)
SECOND = (
    ("Indah Permata", "+62 812 5550 2001", "id_ID"),
    ("Joko Santoso", "+62 812 5550 2002", "id_ID"),
    ("Kartika Sari", "+62 813 5550 2003", "id_ID"),
    ("Lukman Hakim", "+62 813 5550 2004", "id_ID"),
    ("Mega Puspita", "+62 857 5550 2005", "id_ID"),
    ("Nanda Wijaya", "+62 857 5550 2006", "id_ID"),
    ("Oki Firmansyah", "+62 878 5550 2007", "id_ID"),
    ("Putri Handayani", "+62 878 5550 2008", "id_ID"),
    ("Putri H. (work)", "+62 878-5550-2008", "id_ID"),
    ("Rudi Hartono", "08123456789.0", "id_ID"),
)
#: What became of the first messages of each blast, in order.
ENDS = ("read", "read", "delivered", "read", "delivered", "failed", "unknown")


class CrmDemoWhatsapp(models.AbstractModel):
    _name = "crm.demo.whatsapp"
    _description = "WhatsApp Demo"

    @api.model
    def _load(self):
        """Tell the story; times are relative to now."""
        for name in ("reminder_id", "reminder_pl", "reminder_en", "promo", "survey", "hand"):
            template = self._of(f"crm_whatsapp.crm_whatsapp_template_{name}")
            template.with_user(self._of(DEWI)).action_approve()
        first = self._customers("WhatsApp demo: first round", FIRST)
        second = self._customers("WhatsApp demo: second round", SECOND)
        done = self._blast("crm_whatsapp_blast_done", 6 * 24 * 60, len(first))
        half = self._blast("crm_whatsapp_blast_half", 90, 5)
        self.env["crm.whatsapp.blast"]._finish_done()
        half.with_user(self._of(DEWI)).action_pause()
        self._answer(first[0], "Ya, Sabtu jam 10 bisa?", 5 * 24 * 60)
        self._answer(first[3], "Yes please, how long does it take?", 5 * 24 * 60 - 40)
        self._answer(second[0], "YA", 60)
        self._answer(second[1], "BERHENTI", 45)
        self._picture(first[4])
        self._paused_template()
        self._to_send_by_hand()
        return done

    def _of(self, xmlid):
        return self.env.ref(xmlid)

    def _customers(self, tag, people):
        category = self.env["res.partner.category"].create({"name": tag})
        languages = set(self.env["res.lang"].search([]).mapped("code"))
        return self.env["res.partner"].create(
            [
                {
                    "name": name,
                    "phone": phone,
                    "lang": lang if lang in languages else False,
                    "tz": "Europe/Warsaw" if lang == "pl_PL" else "Asia/Jakarta",
                    "country_id": self._of("base.pl" if lang == "pl_PL" else "base.id").id,
                    "category_id": [Command.link(category.id)],
                }
                for name, phone, lang in people
            ]
        )

    def _blast(self, name, minutes, count):
        """Prepare and start a blast as Dewi did so many minutes ago, and send its first messages."""
        blast = self._of(f"crm_whatsapp.{name}")
        blast.with_user(self._of(DEWI)).action_prepare()
        blast.with_user(self._of(DEWI))._workflow_do("start")
        moment = fields.Datetime.now() - timedelta(minutes=minutes)
        messages = self.env["crm.whatsapp.message"].search([("blast_id", "=", blast.id)], order="id")
        messages._write_fact({"due_at": moment})
        queued = messages.filtered(lambda message: message.state == "queued")[:count]
        for place, (message, end) in enumerate(zip(queued, ENDS, strict=False)):
            self._send(message, end, moment + timedelta(seconds=place))
        self._begin(messages, moment)
        return blast

    def _send(self, message, end, moment):
        message._start_sending(0, moment)
        wamid = f"wamid.demo.{uuid.uuid4().hex}"
        if end == "unknown":
            message._apply_outcome(Outcome(UNKNOWN, problem="no_answer"))
            return
        message._apply_outcome(Outcome(ACCEPTED, wamid=wamid))
        refusal = Outcome(FINAL, code=131026, problem="undeliverable", detail="Message undeliverable")
        for place, status in enumerate(("sent", "failed") if end == "failed" else ("sent", "delivered", "read")):
            then = moment + timedelta(seconds=2 + 300 * place)
            message._apply_report(Report(wamid, status, then, outcome=refusal))
            if status == end:
                break

    def _begin(self, messages, moment):
        self.env.flush_all()
        self.env.cr.execute(
            SQL("UPDATE crm_whatsapp_message SET create_date = %s WHERE id = ANY(%s)", moment, list(messages.ids))
        )
        messages.invalidate_recordset(["create_date"], flush=False)

    def _answer(self, partner, text, minutes):
        moment = fields.Datetime.now() - timedelta(minutes=minutes)
        item = {
            "id": f"wamid.demo.{uuid.uuid4().hex}",
            "from": partner.whatsapp_phone.lstrip("+"),
            "timestamp": str(int((moment - fields.Datetime.to_datetime("1970-01-01 00:00:00")).total_seconds())),
            "type": "text",
            "text": {"body": text},
        }
        account = self._of("crm_whatsapp.crm_whatsapp_account_shops")
        self._begin(self.env["crm.whatsapp.message"]._receive(account, item, partner.name), moment)

    def _picture(self, partner):
        """Let a customer have sent a picture, which is here already."""
        moment = fields.Datetime.now() - timedelta(hours=3)
        item = {
            "id": f"wamid.demo.{uuid.uuid4().hex}",
            "from": partner.whatsapp_phone.lstrip("+"),
            "timestamp": str(int((moment - fields.Datetime.to_datetime("1970-01-01 00:00:00")).total_seconds())),
            "type": "image",
            "image": {"id": "demo", "mime_type": "image/png", "caption": "To mój telefon"},
        }
        account = self._of("crm_whatsapp.crm_whatsapp_account_shops")
        message = self.env["crm.whatsapp.message"]._receive(account, item, partner.name)
        message.media_ids._keep(account._get_provider().file(None, "demo", 2**20))
        self._begin(message, moment)

    def _paused_template(self):
        """Let WhatsApp have paused a template."""
        template = self._of("crm_whatsapp.crm_whatsapp_template_survey")
        template._note_facts({"whatsapp_status": "paused", "whatsapp_reason": "Low quality"})

    def _to_send_by_hand(self):
        agus = self._of(AGUS)
        names = ("crm_base.partner_hendra", "crm_base.partner_yusuf", "crm_base.partner_maya")
        customers = self.env["res.partner"].union(*(self._of(name) for name in names)).with_user(agus)
        template = self._of("crm_whatsapp.crm_whatsapp_template_hand").with_user(agus)
        customers._whatsapp_send(template, key="demo-pickup")
