from datetime import timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from .cash_common import CashCase
from .common import BranchCase
from .contract_common import PNG, ContractCase
from .duties import DUTIES, EVERYBODY
from .papers_common import PapersCase
from .shop_common import ShopCase
from .test_complaint_report import PDF, SENTENCES, picture


class DutiesMixin:
    """Run acts of the table as everybody in turn, each on the same state, taken back afterwards.

    An act prepares what it needs and returns a function that does it as a user, and whatever it acts on.
    """

    def _person(self, role):
        return self.clerk if role == "headquarters" else getattr(self, f"{role}_a")

    def _run(self, acts):
        tried = set()
        for duty in DUTIES:
            if act := acts.get(duty.title):
                tried.add(duty.title)
                self._run_duty(duty, act)
        self.assertEqual(tried, acts.keys())

    def _run_duty(self, duty, act):
        with self._taken_back():
            do = act()
            self.env.flush_all()
            for role in EVERYBODY:
                with self.subTest(task=duty.task, act=duty.title, role=role), self._taken_back():
                    user = self._person(role)
                    if role in duty.roles:
                        before = self._told(duty.informed)
                        do(user)
                        after = self._told(duty.informed)
                        unaware = [who for who in duty.informed if after[who] <= before[who]]
                        self.assertFalse(unaware, "not informed")
                    else:
                        with self.assertRaises(UserError):
                            do(user)
                            self.env.flush_all()

    def _taken_back(self):
        return _TakenBack(self.env)

    def _told(self, roles):
        """Return role → how many activities, notifications and appointments that person has."""
        self.env.flush_all()
        counts = {}
        for role in roles:
            user = self._person(role)
            counts[role] = (
                self.env["mail.activity"].search_count([("user_id", "=", user.id)])
                + self.env["mail.notification"].search_count([("res_partner_id", "=", user.partner_id.id)])
                + self.env["mail.mail"].sudo().search_count([("recipient_ids", "in", user.partner_id.ids)])
            )
        return counts


class _TakenBack:
    """What happens inside is taken back, in the database and in the cache."""

    def __init__(self, env):
        self.env = env

    def __enter__(self):
        self.env.flush_all()
        self.savepoint = self.env.cr.savepoint(flush=False)

    def __exit__(self, *error):
        self.env.transaction.clear()
        self.savepoint.rollback()
        self.savepoint.close(rollback=False)
        self.env.invalidate_all()


@tagged("post_install", "-at_install")
class TestTable(BranchCase):
    def test_whole_document(self):
        """BR-17: the table has every task of the document, and who performs it is who the document says."""
        performers = {}
        for duty in DUTIES:
            if duty.roles != ("headquarters",):
                performers.setdefault(duty.task, duty.roles[:1])
        expected = {
            **dict.fromkeys(("6", "13"), ("branch_manager",)),
            **dict.fromkeys(("2", "3", "4", "5", "7", "10", "14", "15"), ("service_officer",)),
            **dict.fromkeys(("8", "9", "11"), ("retention_officer",)),
            "1": ("branch_manager",),
            "12": ("cashier",),
        }
        self.assertEqual(performers, expected)
        acts = {act for tests in CASES for act in tests.ACTS}
        self.assertEqual(acts, {duty.title for duty in DUTIES})


@tagged("post_install", "-at_install")
class TestPapersDuties(DutiesMixin, PapersCase):
    ACTS = ("present the offer", "publish a price list", "take the customer's consent")

    def test_duties(self):
        """BR-17, BR-18: tasks 2 and 3, each by its role and nobody else; who must know is told."""
        self._run(dict(zip(self.ACTS, (self._present, self._publish_list, self._take_consent), strict=True)))

    def _present(self):
        version = self._publish()
        lead = self._create_lead(type="opportunity")
        vals = {"lead_id": lead.id, "version_id": version.id}

        def do(user):
            lead.user_id = user  # everybody's own opportunity
            self.env["crm.offer.presented"].with_user(user).create(vals)

        return do

    def _publish_list(self):
        version = self._create_version()
        return lambda user: version.with_user(user).action_publish()

    def _take_consent(self):
        return lambda user: self.customer.with_user(user)._give_consent(self.contract.with_user(user), "paper")


@tagged("post_install", "-at_install")
class TestContractDuties(DutiesMixin, ContractCase):
    ACTS = (
        "prepare a contract",
        "take the signature",
        "hand the signed contracts in",
        "approve a contract",
        "return a contract",
        "send contracts to headquarters",
        "finalise a contract",
        "note the contact about the end",
    )

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.branch_a.head_id = cls.branch_manager_a
        cls.headquarters.head_id = cls.clerk
        cls.env["crm.branch"].search(
            [("kind", "=", "headquarters"), ("company_id", "=", cls.company.id), ("id", "!=", cls.headquarters.id)]
        ).head_id = cls.clerk

    def test_duties(self):
        """BR-17, BR-18: tasks 4 to 9, each by its role and nobody else; who must know is told."""
        acts = (
            self._prepare,
            self._take_signature,
            self._hand_in,
            self._approve_one,
            self._return_one,
            self._send_package,
            self._finalise,
            self._contact,
        )
        self._run(dict(zip(self.ACTS, acts, strict=True)))

    def _prepare(self):
        return self._prepare_contract

    def _take_signature(self):
        contract = self._prepare_contract()
        contract.check_ids.is_present = True
        contract.signature = PNG
        return lambda user: contract.with_user(user).action_sign()

    def _hand_in(self):
        bundle = self._signed().bundle_id
        return lambda user: bundle.with_user(user).action_submit()

    def _approve_one(self):
        contract = self._submitted()
        contract.with_user(self.branch_manager_a).check_ids.is_checked = True
        return lambda user: contract.with_user(user).action_approve()

    def _return_one(self):
        contract = self._submitted()
        return lambda user: contract.with_user(user)._workflow_do("return", "The address is missing")

    def _send_package(self):
        contract = self._approved()

        def do(user):
            contract.with_user(user).action_pack()
            contract.with_user(user).package_id.action_send()

        return do

    def _finalise(self):
        contract = self._sent()
        return lambda user: contract.with_user(user).action_accept()

    def _ending(self):
        return self._active(date_start=self._day(days=30, years=-1), date_end=self._day(days=30))

    def _contact(self):
        contract = self._ending()
        reason = self.env.ref("crm_branch.crm_contract_lost_reason_price")
        vals = {"contract_id": contract.id, "outcome": "not_extend", "lost_reason_id": reason.id}
        return lambda user: self.env["crm.contract.contact"].with_user(user).create(vals).action_confirm()


@tagged("post_install", "-at_install")
class TestNoticeDuty(HttpCase, DutiesMixin, ContractCase):
    ACTS = ("be told of ending contracts",)

    def test_duties(self):
        """BR-17: task 8: who opens the client is told of ending contracts if they are a retention officer, else not."""
        self._active(date_start=self._day(days=30, years=-1), date_end=self._day(days=30))
        self._run({self.ACTS[0]: lambda: self._open_client})

    def _open_client(self, user):
        self.authenticate(user.login, user.login)
        info = self.make_jsonrpc_request("/web/session/get_session_info", {})
        if "crm_branch_ending" not in info:
            raise AccessError(user.login)
        self.assertEqual(info["crm_branch_ending"]["count"], 1)


@tagged("post_install", "-at_install")
class TestShopDuties(DutiesMixin, ShopCase):
    ACTS = (
        "hold the sales meeting",
        "set the sales plan",
        "sell from the branch's stock",
        "report a complaint",
        "answer a complaint",
        "order what is missing",
        "have leaflets printed",
        "hand leaflets out",
        "do the window display",
        "check the window display",
    )

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.branch_a.head_id = cls.branch_manager_a
        cls.headquarters.head_id = cls.clerk
        cls.terms = (
            cls.env["crm.complaint.terms"]
            .with_user(cls.clerk)
            .create({"body": "<p>Answered within 14 days.</p>", "valid_from": "2020-01-01"})
        )
        cls.company.campaign_product_id = cls.env["product.product"].create(
            {"name": "Leaflets", "type": "service", "supplier_taxes_id": False}
        )
        cls.printer = cls.env["res.partner"].create({"name": "Printing house", "email": "print@example.com"})

    def test_duties(self):
        """BR-17, BR-18: tasks 1, 10, 11, 13 to 15, each by its role and nobody else; who must know is told."""
        acts = (
            self._hold_meeting,
            self._set_plan,
            self._sell,
            self._report_complaint,
            self._answer_complaint,
            self._order_missing,
            self._print_leaflets,
            self._hand_out,
            self._do_display,
            self._check_display,
        )
        self._run(dict(zip(self.ACTS, acts, strict=True)))

    def _hold_meeting(self):
        self.env["crm.sales.meeting"]._cron_meetings()
        meeting = self.env["crm.sales.meeting"].search([("branch_id", "=", self.branch_a.id)], limit=1)

        def do(user):
            mine = meeting.with_user(user)
            with freeze_time(meeting.start + timedelta(hours=1)):
                mine.action_everybody_came()
                mine.action_hold()
                mine.decisions = "<p>More windows</p>"
                mine.action_close()

        return do

    def _set_plan(self):
        vals = {"branch_id": self.branch_a.id, "month": "2026-10-01", "target": 5}
        return lambda user: self.env["crm.sales.plan"].with_user(user).create(vals)

    def _sell(self):
        self._stock(self.router, self.warehouse_a, 1)
        line = {"product_id": self.router.id, "product_uom_qty": 1}

        def do(user):
            vals = {"partner_id": self.customer.id, "order_line": [Command.create(line)]}
            order = self.env["sale.order"].with_user(user).create(vals)
            order.action_confirm()

        return do

    def _prepare_report(self):
        return {
            "partner_id": self.customer.id,
            "product_id": self.router.id,
            "warranty_card": PDF,
            **SENTENCES,
            "proof_of_purchase_missing": "Lost",
        }

    def _report_complaint(self):
        def do(user):
            report = self.env["crm.complaint.report"].with_user(user).create(self._prepare_report())
            report.action_acknowledge_terms()
            report.action_send()
            return report

        return do

    def _answer_complaint(self):
        report = self._report_complaint()(self.retention_officer_a)

        def do(user):
            mine = report.with_user(user)
            mine.write({"decision": "accepted", "answer": "<p>The unit is replaced.</p>"})
            mine.action_answer()

        return do

    def _order_missing(self):
        self._stock(self.router, self.depot, 100)
        norm = self._create_norm(self.router, self.warehouse_a, 10)
        self.env.flush_all()
        return lambda user: self.env["crm.stock.level"].with_user(user).browse(norm.id).action_order()

    def _create_campaign(self, user=None):
        vals = {
            "name": "Fibre",
            "vendor_id": self.printer.id,
            "artwork": PDF,
            "artwork_name": "fibre.pdf",
            "quantity": 1000,
            "price": 0.35,
        }
        return self.env["crm.campaign"].with_user(user or self.service_officer_a).create(vals)

    def _print_leaflets(self):
        return lambda user: self._create_campaign(user).action_request()

    def _hand_out(self):
        campaign = self._create_campaign()
        campaign.action_request()
        campaign.with_user(self.branch_manager_a).action_order()
        campaign.received_quantity = 1000
        campaign.action_receive()
        vals = {"campaign_id": campaign.id, "quantity": 10, "place": "Counter"}
        return lambda user: self.env["crm.campaign.handout"].with_user(user).create(vals)

    def _create_display(self):
        vals = {"name": "Spring window", "date_due": "2026-03-20", "user_id": self.service_officer_a.id}
        return self.env["crm.display.task"].with_user(self.branch_manager_a).create(vals)

    def _finish_display(self, task, user):
        task.with_user(user).write({"photo_before": picture(), "photo_after": picture("JPEG")})
        task.with_user(user).action_finish()

    def _do_display(self):
        task = self._create_display()
        return lambda user: self._finish_display(task, user)

    def _check_display(self):
        task = self._create_display()
        self._finish_display(task, self.service_officer_a)
        return lambda user: task.with_user(user).action_approve()


@tagged("post_install", "-at_install")
class TestCashDuties(DutiesMixin, CashCase):
    ACTS = ("open the cash desk", "take a payment", "count and close the desk")

    def test_duties(self):
        """BR-17, BR-18: task 12, by the cashier and nobody else; of a difference the manager is told."""
        acts = (self._open, self._take_payment, self._count_and_close)
        self._run(dict(zip(self.ACTS, acts, strict=True)))

    def _open(self):
        return lambda user: self.desk_a.with_user(user).action_open({"total": 0.0}, False)

    def _take_payment(self):
        invoice = self._create_invoice(100.0)
        session = self._open_desk()
        return lambda user: self._pay(session.with_user(user), invoice)

    def _count_and_close(self):
        session = self._open_desk()
        return lambda user: self._close(session.with_user(user), 5.0, "Found under the drawer")


CASES = (TestPapersDuties, TestContractDuties, TestNoticeDuty, TestShopDuties, TestCashDuties)
