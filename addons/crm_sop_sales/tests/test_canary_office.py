import base64
import logging

from odoo.fields import Command
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.crm_base.tests.common import CANARY
from odoo.addons.crm_base.tests.hostile import Attacker, Role

from .transfer_common import PDF, TransferCase, png

_logger = logging.getLogger(__name__)

QUIET = (
    "odoo.addons.base.models.ir_model",
    "odoo.addons.base.models.ir_rule",
    "odoo.models",
    "odoo.sql_db",
    "odoo.http",
)
#: What the office keeps about the other shop.
SECRETS = (
    "crm.cancellation",
    "crm.imei.hold",
    "crm.interaction",
    "crm.lead",
    "crm.lead.product",
    "crm.transfer.proof",
    "crm.workflow.log",
    "helpdesk.ticket",
    "ir.attachment",
    "mail.activity",
    "mail.message",
    "sale.order",
    "sale.order.line",
)
#: Models that say how Odoo itself is made: large, and nobody's data.
MACHINERY = ("ir.model", "ir.ui", "res.country", "res.currency", "res.lang", "res.groups", "uom.", "ir.module")
TEXTS = ("char", "text", "html")


@tagged("post_install", "-at_install")
class TestCanaryOffice(TransferCase, HttpCase):
    """SOP-E2, SOP-E3, SOP-G1: a word that only the other shop's office knows appears in no reply to this shop's."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.branch_a = cls._open("Shop A", "CA", cls.officer)
        cls.branch_b = cls._open("Shop B", "CB", cls.other_officer)
        cls.warehouse_b = cls.env["stock.warehouse"].create(
            {"name": "Warehouse B", "code": "WHB", "company_id": cls.company.id}
        )
        cls.branch_b.warehouse_id = cls.warehouse_b
        (cls.officer | cls.other_officer).password = "sop_officer_password"
        cls._create_units(cls.phone, 3, location=cls.warehouse_b.lot_stock_id)
        cls._write_down()
        cls.env.flush_all()

    @classmethod
    def _open(cls, name, code, users):
        values = {"name": name, "code": code, "company_id": cls.company.id, "tz": "Asia/Jakarta"}
        return cls.env["crm.branch"].create({**values, "user_ids": [Command.set(users.ids)]})

    @classmethod
    def _write_down(cls):
        """Have the office of shop B write the word wherever it can write."""
        cls.contact = cls._contact(caller_name=CANARY, partner_id=False)
        cls.cancelled = cls._contact()
        cls.cancelled._workflow_do("cancel", CANARY)
        cls.lead = (
            cls.env["crm.lead"]
            .with_user(cls.other_officer)
            .create(
                {
                    "name": CANARY,
                    "type": "opportunity",
                    "partner_id": cls.partner.id,
                    "user_id": cls.other_officer.id,
                    "description": f"<p>{CANARY}</p>",
                    "interest": CANARY,
                    "product_line_ids": [
                        Command.create({"product_id": cls.phone.id, "answer": "refused", "refusal_reason": CANARY})
                    ],
                }
            )
        )
        cls.branch_b.team_id = cls.env["crm.team"].create({"name": "Team B"})
        free = {"name": CANARY, "type": "opportunity", "user_id": False, "team_id": cls.branch_b.team_id.id}
        asked = [Command.create({"product_id": cls.phone.id, "answer": "refused", "refusal_reason": CANARY})]
        cls.env["crm.lead"].create({**free, "product_line_ids": asked})
        program = cls.env["loyalty.program"].create({"name": "Phone Week", "program_type": "promotion"})
        program.company_id = cls.company
        told = cls.env["crm.promotion.told"].with_user(cls.other_officer)
        told._tell(program, cls.partner, "crm.lead", cls.lead.id)
        told._tell(program, cls._create_customer("Dewi"), "crm.interaction", cls.contact.id)
        cls.complaint = cls._complain()
        cls.order = cls._sell()
        cls.proof = cls._create_proof(
            cls.order, user=cls.manager, content=PDF + CANARY.encode(), reference=CANARY, file_name=f"{CANARY}.pdf"
        )
        cls.form = cls._create_form(
            cls.order, user=cls.manager, note=CANARY, defect_note=CANARY, photo=base64.b64encode(png(3))
        )
        cls.form.message_post(body=CANARY)
        cls.form._workflow_do("request", CANARY)
        delivered = cls._create_order(user=cls.manager, user_id=False, warehouse_id=cls.warehouse_b.id)
        delivered.action_submit()
        delivered.with_user(cls.sales_manager).action_approve()
        delivered.action_confirm()
        cls._deliver(delivered)
        cls.call = delivered.sudo().delivery_call_ids
        cls.call.note = f"<p>{CANARY}</p>"

    @classmethod
    def _contact(cls, **values):
        values = {"partner_id": cls.partner.id, "note": f"<p>{CANARY}</p>", **values}
        return cls.env["crm.interaction"].with_user(cls.other_officer).create(values)

    @classmethod
    def _complain(cls):
        tickets = cls.env["helpdesk.ticket"].with_user(cls.other_officer).with_context(new_complaint=True)
        complaint = tickets.create(
            {
                "name": CANARY,
                "partner_id": cls.partner.id,
                "description": f"<p>{CANARY}</p>",
                **dict.fromkeys(("product_name", "purchase_period", "shop_name"), CANARY),
            }
        )
        complaint.action_register()
        decision = cls.env.ref("crm_sop_sales.crm_complaint_decision_warranty")
        complaint.write({"decision_id": decision.id, "decision_reason": CANARY, "solution": CANARY})
        complaint.message_post(body=CANARY, attachments=[(f"{CANARY}.txt", CANARY.encode())])
        complaint.activity_schedule("mail.mail_activity_data_todo", summary=CANARY, user_id=cls.other_officer.id)
        complaint.action_solve()
        return complaint

    @classmethod
    def _sell(cls):
        """Return an order of shop B that nobody has taken, submitted and approved."""
        order = cls._create_order(
            user=cls.manager,
            user_id=False,
            warehouse_id=cls.warehouse_b.id,
            payment_choice="transfer",
            transfer_account_id=cls.mandiri.bank_account_id.id,
            client_order_ref=CANARY,
            note=f"<p>{CANARY}</p>",
        )
        order.message_post(body=CANARY)
        order.action_submit()
        order.with_user(cls.sales_manager).action_approve()
        return order

    # === CALLS === #

    def _models(self, user):
        """Return the models that the user may read, but Odoo's own machinery."""
        found = []
        for name in self.env.registry:
            model = self.env[name].with_user(user)
            skipped = model._abstract or name.startswith(MACHINERY) or not (model._auto or model._table_query)
            if not skipped and model.has_access("read"):
                found.append(model)
        return found

    def _fields(self, model):
        """Return the fields that the user may read: no files, and no lists of what the user may read nothing of."""
        names = []
        for name, facts in model.fields_get(None, ["type", "relation"]).items():
            unreadable = facts["type"].endswith("2many") and not self.env[facts["relation"]].with_user(
                model.env.user
            ).has_access("read")
            if facts["type"] != "binary" and not unreadable:
                names.append(name)
        return names

    def _reading_calls(self, model):
        """Return calls that read all of the model: list, form's names, groups, searches by name."""
        names = self._fields(model)
        spec = {
            name: {"fields": {"display_name": {}}} if model._fields[name].relational else {}
            for name in names
            if name in model._fields
        }
        calls = [
            (model._name, "search_read", [[], names, 0, 200, "id desc"], {}),
            (model._name, "web_search_read", [[], spec, 0, 200, "id desc"], {}),
            (model._name, "name_search", [CANARY], {}),
            (model._name, "name_search", [""], {"limit": 200}),
        ]
        stored = [
            name for name in names if model._fields[name].store and model._fields[name].type in ("char", "many2one")
        ]
        calls += [(model._name, "formatted_read_group", [[], [name], ["__count"]], {}) for name in stored]
        return calls

    def _pointed_calls(self):
        """Return calls that name the other shop's records by their ids."""
        calls = []
        for records in self._secrets():
            model = records._name
            names = [name for name, field in records._fields.items() if field.type != "binary" or name == "file"]
            calls += [(model, "read", [records.ids, [name]], {}) for name in names]
            calls += [(model, "export_data", [records.ids, [name]], {}) for name in names]
            calls += [(model, "web_read", [records.ids, {name: {} for name in names}], {})]
            calls += [(model, "copy", [records.ids], {}), (model, "get_metadata", [records.ids], {})]
            calls += [(model, "web_name_search", [CANARY, {"display_name": {}}], {})]
            if "message_ids" in records:
                calls += [(model, "message_get_subscribed", [records.ids], {})]
        return calls

    def _secrets(self):
        attachments = self.env["ir.attachment"].sudo()
        messages = self.env["mail.message"].sudo()
        return (
            self.contact | self.cancelled | self.call.with_env(self.contact.env),
            self.lead,
            self.lead.product_line_ids,
            self.complaint,
            self.order,
            self.proof,
            self.form,
            self.complaint.sudo().activity_ids,
            self.cancelled.sudo().workflow_log_ids | self.form.sudo().workflow_log_ids,
            messages.search([("body", "ilike", CANARY)]),
            attachments.search([("name", "ilike", CANARY), ("res_model", "in", SECRETS)]),
        )

    def _listen(self, user, calls):
        attacker = Attacker(self.env, Role(user))
        with mute_logger(*QUIET):
            attacker.attack(calls)
        return attacker.replies

    # === TESTS === #

    def test_no_list_holds_the_word(self):
        """SOP-G1: whatever model shop A's officer may read, in no list, name or group of it is shop B's word."""
        calls = [call for model in self._models(self.officer) for call in self._reading_calls(model)]
        replies = self._listen(self.officer, calls)
        leaks = [call for call, reply in replies if CANARY in reply and CANARY not in str(call)]
        leaks += [call for call, reply in replies if CANARY in str(call) and CANARY in reply.replace(str(call), "")]
        _logger.info("%s: %s calls tried", self.id(), len(replies))
        self.assertFalse(leaks, f"{len(leaks)} leaks: {sorted({(call[0], call[1]) for call in leaks})}")
        self.assertGreater(len(replies), 1000)

    def test_no_record_is_read(self):
        """SOP-G1: who knows the ids of shop B's records gets nothing of them either, nor does logistics of shop A."""
        for user in (self.officer, self.env.ref("base.public_user")):
            replies = self._listen(user, self._pointed_calls())
            leaks = [call for call, reply in replies if CANARY in reply and CANARY not in str(call)]
            self.assertFalse(leaks, f"{user.login}: {leaks[:5]}")
            self.assertGreater(len(replies), 500)

    def test_no_question_is_answered(self):
        """SOP-G1: to search for shop B's word finds nothing, in any text that a search can name."""
        for records in self._secrets():
            model = records.with_user(self.officer).with_context(active_test=False)
            for name, field in model._fields.items():
                if field.type in TEXTS and field.store and (name in model.fields_get([name])):
                    with self.subTest(model=model._name, name=name):
                        self.assertFalse(model.search_count([(name, "ilike", CANARY)]))

    def test_counts_tell_nothing(self):
        """SOP-T2: the customer whom both shops know has no contacts, complaints or forms for shop A."""
        partner = self.partner.with_user(self.officer)
        self.assertEqual(partner.complaint_count + partner.interaction_count, 0)
        self.assertFalse(partner.child_ids.interaction_ids + partner.interaction_ids)
        theirs = self.partner.with_user(self.other_officer)
        self.assertEqual(theirs.complaint_count, 1)
        self.assertGreater(theirs.interaction_count, 1)

    def test_no_address_answers(self):
        """SOP-G1: files, pictures, printed documents and portal pages of shop B are nobody's of shop A."""
        replies = self._visit(self.officer)
        self.assertFalse([address for address, text in replies.items() if CANARY in text])
        self.assertGreater(len(replies), 15)

    def test_shop_b_hears_the_word(self):
        """SOP-E2, SOP-E3: the calls are good for something: to shop B the word is told, in lists and files."""
        models = [self.env[name].with_user(self.other_officer) for name in SECRETS]
        replies = self._listen(self.other_officer, [call for model in models for call in self._reading_calls(model)])
        told = {call[0] for call, reply in replies if CANARY in reply}
        self.assertLessEqual({"crm.interaction", "helpdesk.ticket", "crm.lead", "crm.transfer.proof"}, told)
        self.assertLessEqual({"crm.cancellation", "sale.order", "mail.message", "crm.workflow.log"}, told)
        heard = {address for address, text in self._visit(self.other_officer).items() if CANARY in text}
        self.assertGreaterEqual(len(heard), 4, heard)

    def test_rules_are_needed(self):
        """SOP-G1: without its rule, what nobody has taken of shop B is everybody's: the word is well hidden by it."""
        found = {
            "sale_order": self.order,
            "sale_order_line": self.order.order_line,
            "crm_imei_hold": self.order.sudo().hold_ids,
            "crm_transfer_proof": self.proof,
            "crm_cancellation": self.form,
            "helpdesk_ticket_sla": self.complaint.sudo().ticket_sla_ids,
        }
        for name, records in found.items():
            theirs = records.with_user(self.officer)
            with self.subTest(name=name):
                self.assertTrue(records)
                self.assertFalse(theirs.search_count([("id", "in", records.ids)]))
                self.env.ref(f"crm_sop_sales.{name}_rule_branch").active = False
                self.env.flush_all()
                self.assertTrue(theirs.search_count([("id", "in", records.ids)]))

    def _visit(self, user):
        """Return address → what is answered there, as the user."""
        self.authenticate(user.login, "sop_officer_password")
        files = (
            self.env["ir.attachment"]
            .sudo()
            .search(
                [
                    "|",
                    ("name", "ilike", CANARY),
                    "&",
                    ("res_model", "=", "crm.transfer.proof"),
                    ("res_field", "=", "file"),
                ]
            )
        )
        addresses = [
            *(f"/web/content/{file.id}" for file in files),
            *(f"/web/content/{file.id}?download=true" for file in files),
            f"/web/content/crm.transfer.proof/{self.proof.id}/file",
            f"/web/content?model=crm.transfer.proof&id={self.proof.id}&field=file",
            f"/web/image/crm.cancellation/{self.form.id}/photo",
            f"/report/html/crm_sop_sales.crm_cancellation_document/{self.form.id}",
            f"/report/html/crm_sop_sales.helpdesk_ticket_complaint_document/{self.complaint.id}",
            f"/report/html/sale.report_saleorder/{self.order.id}",
            f"/my/orders/{self.order.id}",
            f"/my/orders/{self.order.id}?access_token=x",
            f"/my/orders/{self.order.id}?report_type=html",
            f"/my/ticket/{self.complaint.id}",
            f"/my/tickets?search={CANARY[:4]}",
            f"/mail/view?model=helpdesk.ticket&res_id={self.complaint.id}",
            f"/mail/view?model=crm.cancellation&res_id={self.form.id}",
        ]
        with mute_logger(*QUIET):
            replies = {address: self.url_open(address).text for address in addresses}
            for model, record in (
                ("helpdesk.ticket", self.complaint),
                ("crm.cancellation", self.form),
                ("crm.transfer.proof", self.proof),
                ("sale.order", self.order),
            ):
                for route in ("/mail/thread/messages", "/mail/thread/data", "/mail/data"):
                    params = {"thread_model": model, "thread_id": record.id}
                    if route.endswith("data"):
                        params["request_list"] = ["activities", "attachments", "followers", "messages"]
                    if route == "/mail/data":
                        params = {"fetch_params": [["mail.thread", {**params, "access_params": {}}]]}
                    reply = self.url_open(route, json=self.build_rpc_payload(params))
                    replies[f"{route} {model}"] = reply.text
        return replies
