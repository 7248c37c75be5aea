from datetime import date, timedelta

from freezegun import freeze_time
from psycopg2.errors import CheckViolation

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .complaint_common import FACTS, ComplaintCase


@tagged("post_install", "-at_install")
class TestComplaintRegister(ComplaintCase):
    """A registered complaint has all that the document asks, an owner and a deadline (SOP-2d, SOP-G3)."""

    def test_register(self):
        """SOP-2d, SOP-G3: with all four facts a complaint is registered, and has an owner and a deadline at once."""
        complaint = self._create_complaint()
        self.assertEqual((complaint.complaint_state, complaint.is_complaint), ("new", True))
        self.assertEqual((complaint.branch_id, complaint.user_id), (self.shop, self.officer))
        complaint.action_register()
        self.assertEqual(complaint.complaint_state, "registered")
        self.assertEqual(complaint.stage_id, self.env.ref("crm_sop_sales.helpdesk_stage_complaint_registered"))
        self.assertGreater(complaint.deadline, fields.Datetime.now())
        self.assertTrue(complaint.number.startswith("HT"))

    def test_each_fact_is_required(self):
        """SOP-2d: without any one of the four facts, or the customer, a complaint isn't registered."""
        for fact in [*FACTS, "description", "partner_id"]:
            with self.subTest(fact=fact):
                complaint = self._create_complaint(**{fact: False})
                with self.assertRaises(UserError):
                    complaint.action_register()
                self.assertEqual(complaint.complaint_state, "new")

    def test_blank_is_nothing(self):
        """SOP-2d: blanks, and a problem without a word, are no facts."""
        for fact, blank in [*((name, "  ") for name in FACTS), ("description", "<p><br></p>")]:
            with self.subTest(fact=fact), self.assertRaises(UserError):
                self._create_complaint(**{fact: blank}).action_register()

    def test_facts_stay(self):
        """SOP-2d: what a registered complaint says can be corrected, not taken away: the database refuses it."""
        complaint = self._create_registered()
        complaint.product_name = "Nokia 3311"
        for fact in [*FACTS, "description"]:
            with (
                self.subTest(fact=fact),
                mute_logger("odoo.sql_db"),
                self.assertRaises(CheckViolation),
                self.cr.savepoint(),
            ):
                complaint.write({fact: "" if fact == "description" else False})
                self.env.flush_all()

    def test_no_complaint_is_born_registered(self):
        """SOP-2d: neither creation nor import nor the context's defaults make a registered one."""
        with self.assertRaises(UserError):
            self._create_complaint(complaint_state="registered")
        tickets = self.tickets.with_context(default_complaint_state="registered", default_deadline="2030-01-01")
        complaint = tickets.create({"name": "x", "description": "<p>y</p>"})
        self.assertEqual((complaint.complaint_state, complaint.deadline), ("new", False))
        rows = [["x", "<p>y</p>", "Registered"]]
        result = self.tickets.load(["name", "description", "complaint_state"], rows)
        self.assertFalse(result["ids"])

    def test_form(self):
        """SOP-2d: the officer's form fills in from the IMEI; the draft may be saved without a word of the problem."""
        unit, order = self._sell()
        view = "crm_sop_sales.helpdesk_ticket_view_form_complaint"
        with Form(self.tickets, view) as form:
            form.name = "Stays black"
            form.imei = f" {unit.name[:8]}-{unit.name[8:]} "
            self.assertEqual((form.product_id, form.order_id), (self.imei_phone, order))
            self.assertEqual(form.partner_id, self.partner)
        self.assertEqual(form.record.imei, unit.name)
        self.assertEqual(form.record.shop_id, self.warehouse)

    # === IMEI === #

    def test_imei_fills(self):
        """SOP-2d: an IMEI fills product, day, shop, order and customer from its sale, and the warranty's end."""
        unit, order = self._sell()
        self.imei_phone.warranty_months = 6
        complaint = self._create_complaint(
            imei=unit.name,
            **dict.fromkeys(FACTS, False),
            partner_id=False,
        )
        self.assertEqual((complaint.lot_id, complaint.product_id), (unit, self.imei_phone))
        self.assertEqual((complaint.order_id, complaint.partner_id), (order, self.partner))
        self.assertEqual(complaint.shop_id, self.warehouse)
        self.assertEqual(complaint.purchase_date, complaint._local_date(order.date_order))
        self.assertTrue(complaint.under_warranty)
        self.assertFalse(complaint.imei_hint)
        complaint.action_register()
        self.assertEqual(complaint.complaint_state, "registered")

    def test_second_imei(self):
        """SOP-2d: the second number of a dual-SIM handset finds it too."""
        second = self._imeis(1)[0]
        unit, order = self._sell(imei2=second)
        complaint = self._create_complaint(imei=second)
        self.assertEqual((complaint.lot_id, complaint.order_id), (unit, order))

    def test_unknown_imei(self):
        """SOP-2d: an IMEI that we don't know is said, and is no obstacle; what is no IMEI is refused."""
        number = self._imeis(1)[0]
        complaint = self._create_complaint(imei=number)
        self.assertIn("don't know", complaint.imei_hint)
        complaint.action_register()
        for wrong in (number[:-1], number + "0", "4111111111111111", "abc"):
            with self.subTest(wrong=wrong), self.assertRaises(ValidationError):
                self._create_complaint(imei=wrong)

    def test_warranty(self):
        """SOP-2d: the warranty counts from the purchase; without a day of purchase or months there is none."""
        self.imei_phone.warranty_months = 12
        facts = {"product_id": self.imei_phone.id}
        new = self._create_complaint(purchase_date=date.today() - timedelta(days=30), **facts)
        old = self._create_complaint(purchase_date=date.today() - timedelta(days=400), **facts)
        untold = self._create_complaint(**facts)
        self.assertEqual([c.under_warranty for c in (new, old, untold)], [True, False, False])
        self.assertFalse(untold.warranty_end)
        with self.assertRaises(ValidationError):
            self._create_complaint(purchase_date=date.today() + timedelta(days=2))

    def test_same_imei(self):
        """SOP-2d: a second complaint about a handset is shown the first one, and can't be registered beside it."""
        second = self._imeis(1)[0]
        unit, _order = self._sell(imei2=second)
        first = self._create_registered(imei=unit.name)
        again = self._create_complaint(imei=second)
        self.assertEqual(again.same_imei_id, first)
        with self.assertRaises(UserError):
            again.action_register()
        first._workflow_do("cancel", "Withdrawn")
        again.invalidate_recordset(["same_imei_id"])
        self.assertFalse(again.same_imei_id)
        again.action_register()

    def test_same_imei_elsewhere(self):
        """SOP-2d: another branch's complaint about the handset stops a second one without being shown."""
        number = self._imeis(1)[0]
        self._create_registered(imei=number, user=self.other_officer, user_id=self.other_officer.id)
        again = self._create_complaint(imei=number)
        self.assertFalse(again.same_imei_id)
        with self.assertRaises(UserError):
            again.action_register()

    # === OWNER AND DEADLINE === #

    def test_owner(self):
        """SOP-G3: who registers an unassigned complaint owns it; the owner is an officer of its branch."""
        complaint = self._create_complaint(user_id=False)
        self.assertFalse(complaint.user_id)
        complaint.action_register()
        self.assertEqual(complaint.user_id, self.officer)
        for stranger in (self.other_officer, self.logistics):
            with self.subTest(stranger=stranger.login), self.assertRaises(ValidationError):
                complaint.user_id = stranger
        with self.assertRaises(ValidationError):
            complaint.user_id = False
        complaint.user_id = self.manager

    def test_take(self):
        """SOP-G3: any officer of the branch takes a complaint; helpdesk's teams don't stand in the way."""
        complaint = self._create_complaint(user_id=False)
        complaint.assign_to_me()
        self.assertEqual(complaint.user_id, self.officer)

    def test_deadline(self):
        """SOP-G3: the deadline follows from the urgency, in working hours; who isn't a manager can't move either."""
        self.team.resource_calendar_id = calendar = self.env["resource.calendar"].create({"name": "Shop", "tz": "UTC"})

        def due(complaint, hours):
            return calendar.plan_hours(hours, complaint.create_date).replace(microsecond=0)

        urgent, usual = self._create_registered(priority="3"), self._create_registered()
        self.assertEqual(urgent.deadline, due(urgent, 4))
        self.assertEqual(usual.deadline, due(usual, 2 * calendar.hours_per_day))
        for values in ({"deadline": "2026-12-01"}, {"priority": "0"}):
            with self.subTest(values=values), self.assertRaises(AccessError):
                usual.write(values)
        usual.with_user(self.manager).priority = "3"
        self.assertEqual(usual.deadline, due(usual, 4))
        usual.with_user(self.manager).deadline = "2036-06-05 08:00:00"
        self.assertEqual(usual.deadline, fields.Datetime.to_datetime("2036-06-05 08:00:00"))

    def test_no_policy(self):
        """SOP-G3: without a policy a complaint isn't registered without deadline: a manager sets one."""
        self.env["helpdesk.sla"].search([]).active = False
        complaint = self._create_complaint()
        with self.assertRaises(UserError):
            complaint.action_register()
        with self.assertRaises(AccessError):
            complaint.deadline = "2030-01-01"
        complaint.with_user(self.manager).deadline = "2030-01-01"
        complaint.action_register()

    def test_late(self):
        """SOP-G4: a complaint past its deadline is late until it is answered, and is found; its age is counted."""
        complaint, other = self._create_registered(), self._create_registered()
        complaint.with_user(self.manager).deadline = fields.Datetime.now() - timedelta(hours=1)
        self.assertEqual((complaint.is_late, other.is_late), (True, False))
        late = self.tickets.search([("is_late", "=", True)])
        self.assertIn(complaint, late)
        self.assertNotIn(other, late)
        with freeze_time(fields.Datetime.now() + timedelta(days=3, hours=1)):
            complaint.invalidate_recordset(["age_days"])
            self.assertEqual(complaint.age_days, 3)

    # === HELPDESK === #

    def test_plain_ticket(self):
        """SOP-E2: tickets of other teams keep helpdesk's stages, dragging and closing, and need nothing of all this."""
        helpdesk = self._create_user("helpdesk", "helpdesk_mgmt.group_helpdesk_manager")
        team = self.env["helpdesk.ticket.team"].create({"name": "IT", "user_ids": helpdesk.ids})
        tickets = self.env["helpdesk.ticket"].with_user(helpdesk)
        ticket = tickets.create({"name": "Printer", "description": "<p>Jammed</p>", "team_id": team.id})
        done = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done")
        self.assertNotIn(done, self.team._get_applicable_stages())
        self.assertFalse(team._get_applicable_stages().filtered("complaint_state"))
        ticket.stage_id = done
        self.assertTrue(ticket.closed)
        ticket.assign_to_me()
        ticket.priority = "3"
        self.assertFalse(ticket.branch_id)
        with self.assertRaises(UserError):
            ticket.sudo().with_user(self.manager)._workflow_do("register")
        ticket.unlink()

    def test_becomes_complaint(self):
        """SOP-2d: a ticket that comes by mail or portal is new and has a branch, and never is registered by itself."""
        portal = self._create_portal_user(self.partner)
        ticket = (
            self.env["helpdesk.ticket"]
            .with_user(portal)
            .sudo()
            .create({"name": "My phone", "description": "<p>Broken</p>", "team_id": self.team.id, "user_id": False})
        )
        self.assertEqual((ticket.complaint_state, ticket.branch_id), ("new", self.headquarters))
        ticket = self.env["helpdesk.ticket"].message_new(
            {"subject": "Broken", "body": "", "from": "a@example.com", "to": "", "cc": ""}, {"team_id": self.team.id}
        )
        self.assertEqual((ticket.complaint_state, ticket.user_id.id), ("new", False))
        plain = self.env["helpdesk.ticket"].create({"name": "x", "description": "<p>y</p>"})
        plain.team_id = self.team
        self.assertTrue(plain.is_complaint)
        self.assertEqual(plain.stage_id.complaint_state, "new")
        self.assertTrue(plain.branch_id)

    def test_search(self):
        """SOP-E2: complaints are found by customer, IMEI, product, shop and date."""
        unit, _order = self._sell()
        complaint = self._create_registered(imei=unit.name, product_name=False, shop_name=False)
        for domain in (
            [("partner_id", "ilike", "Rina Kartika")],
            [("imei", "=", unit.name)],
            [("lot_id", "ilike", unit.name)],
            [("product_id", "ilike", "Phone Two")],
            [("shop_id", "=", self.warehouse.id)],
            [("create_date", ">=", "today")],
            [("purchase_date", ">=", "today -1d")],
        ):
            with self.subTest(domain=domain):
                self.assertIn(complaint, self.tickets.search(domain))

    def test_counts(self):
        """SOP-T2, SOP-E2: customer, order and handset count their complaints in a query each, and open them."""
        unit, order = self._sell()
        complaint = self._create_registered(imei=unit.name)
        for record in (each.with_user(self.officer) for each in (self.partner, order, unit)):
            with self.subTest(record=record):
                self.assertEqual(record.complaint_count, 1)
                action = record.action_view_complaints()
                self.assertEqual(self.tickets.search(action["domain"]), complaint)
        defaults = order.with_user(self.officer).action_view_complaints()["context"]
        new = self.tickets.with_context(**defaults).create({"name": "Again", "description": "<p>x</p>"})
        self.assertEqual((new.lot_id, new.order_id, new.partner_id), (unit, order, self.partner))

    def test_print(self):
        """SOP-2d: the printed form has all facts, whose company it is, and the owner."""
        complaint = self._create_registered(imei=self._imeis(1)[0])
        html = (
            self.env["ir.actions.report"]
            .with_user(self.officer)
            ._render_qweb_html("crm_sop_sales.helpdesk_ticket_complaint_document", complaint.ids)[0]
            .decode()
        )
        for shown in (
            *FACTS.values(),
            complaint.imei,
            "Screen stays black",
            complaint.company_id.name,
            complaint.number,
        ):
            self.assertIn(shown, html)
