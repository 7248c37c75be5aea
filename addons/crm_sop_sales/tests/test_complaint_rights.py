from odoo import Command, http
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .complaint_common import ANSWER, ComplaintCase


@tagged("post_install", "-at_install")
class TestComplaintRights(ComplaintCase):
    """Who sees and does what with complaints, on every path (SOP-G1, SOP-G3, SOP-G4)."""

    def test_branches(self):
        """SOP-G3: officers see the complaints of their branches, headquarters all, and no plain tickets."""
        complaint = self._create_registered()
        plain = self.env["helpdesk.ticket"].create({"name": "Printer", "description": "<p>x</p>"})
        self.assertIn(complaint, self.tickets.search([]))
        self.assertIn(complaint, self.tickets.with_user(self.manager).search([]))
        self.assertNotIn(complaint, self.tickets.with_user(self.other_officer).search([]))
        self.assertNotIn(plain, self.tickets.search([]))
        for user in (self.other_officer, self.logistics, self.accountant):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                complaint.with_user(user).read(["name"])
        with self.assertRaises(AccessError):
            complaint.write({"branch_id": self.other_shop.id, "user_id": self.other_officer.id})

    def test_helpdesk_roles(self):
        """SOP-G1: helpdesk's own roles see no other branch's complaints, and move none."""
        complaint = self._create_registered()
        helpdesk = self._create_user("helpdesk", "helpdesk_mgmt.group_helpdesk_manager")
        self.assertNotIn(complaint, self.env["helpdesk.ticket"].with_user(helpdesk).search([]))
        self.shop.user_ids += helpdesk
        theirs = complaint.with_user(helpdesk)
        self.assertTrue(theirs.name)
        with self.assertRaises(AccessError):
            theirs.action_solve()
        with self.assertRaises(UserError):
            theirs.stage_id = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done")
        with self.assertRaises(UserError):
            theirs.unlink()

    def test_server_fields(self):
        """SOP-G1, SOP-G4: what follows from the steps is typed by nobody, at any time, whatever the context says."""
        complaint = self._create_registered()
        attacks = {
            "is_complaint": False,
            "complaint_state": "closed",
            "stage_id": self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done").id,
            "answered_at": "2026-01-01",
            "answered_by_id": self.officer.id,
            "days_to_solve": 0.1,
            "warranty_end": "2099-01-01",
            "under_warranty": True,
            "lot_id": self._create_units(self.imei_phone, 1).id,
            "team_id": False,
            "number": "HT1",
            "active": False,
            "company_id": False,
        }
        contexts = ({}, {"complaint_step": True, "workflow_permit": True, "install_mode": True})
        for user in (self.officer, self.manager):
            for context in contexts:
                theirs = complaint.with_user(user).with_context(**context)
                for name, value in attacks.items():
                    with self.subTest(user=user.login, name=name), self.assertRaises(UserError):
                        theirs.write({name: value})

    def test_create_with_server_fields(self):
        """SOP-G1: what follows from the steps isn't taken from creation or its defaults either."""
        values = {"answered_at": "2026-01-01", "days_to_solve": 9, "is_complaint": False, "under_warranty": True}
        defaults = {f"default_{name}": value for name, value in values.items()}
        for complaint in (
            self._create_complaint(**values),
            self._create_complaint(
                user=self.officer,
            ).copy(),
            self.tickets.with_context(**defaults).create({"name": "x", "description": "<p>y</p>"}),
        ):
            self.assertTrue(complaint.is_complaint)
            self.assertEqual(
                (complaint.answered_at, complaint.days_to_solve, complaint.under_warranty), (False, 0, False)
            )
        with self.assertRaises(AccessError):
            self._create_complaint(deadline="2030-01-01")

    def test_plain_first(self):
        """SOP-G1: what a complaint can't be given isn't slipped in while the ticket is no complaint yet."""
        helpdesk = self._create_user("helpdesk", "helpdesk_mgmt.group_helpdesk_manager")
        plain = self.env["helpdesk.ticket"].create({"name": "x", "description": "<p>y</p>"}).with_user(helpdesk)
        for values in ({"answered_at": "2026-01-01"}, {"deadline": "2036-01-01"}, {"days_to_solve": 1}):
            with self.subTest(values=values), self.assertRaises(UserError):
                plain.write(values)
        done = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done")
        self.shop.user_ids += helpdesk
        plain.write({"team_id": self.team.id, "stage_id": done.id})
        self.assertEqual((plain.stage_id.complaint_state, plain.closed_date), ("new", False))
        self.team.user_ids += self.officer
        ticket = self.env["helpdesk.ticket"].create(
            {"name": "x", "description": "<p>y</p>", "user_id": self.officer.id, "stage_id": done.id}
        )
        self.assertEqual((ticket.is_complaint, ticket.stage_id.complaint_state), (True, "new"))

    def test_leaves_the_complaints(self):
        """SOP-G3: an officer doesn't get rid of a complaint by giving it to another team; a manager may."""
        complaint = self._create_complaint()
        team = self.env["helpdesk.ticket.team"].create({"name": "IT"})
        with self.assertRaises(AccessError):
            complaint.team_id = team
        complaint.with_user(self.manager).sudo().team_id = team
        self.assertFalse(complaint.sudo().is_complaint)
        self.assertFalse(complaint.sudo().stage_id.complaint_state)

    def test_steps_of_others(self):
        """SOP-G1: who isn't an officer of the branch does no step."""
        complaint = self._create_registered()
        for user in (self.other_officer, self.logistics, self.accountant, self._create_portal_user(self.partner)):
            theirs = complaint.with_user(user)
            for step in (theirs.action_start, theirs.action_solve, theirs.action_close, theirs.assign_to_me):
                with self.subTest(user=user.login), self.assertRaises(AccessError):
                    step()
            with self.assertRaises(AccessError):
                theirs.write({"decision_reason": "x"})
            with self.assertRaises(AccessError):
                theirs.set_sla()

    def test_measure(self):
        """SOP-G4: the measure of the deadline is no officer's to write."""
        complaint = self._create_registered()
        measure = complaint.ticket_sla_ids
        self.assertEqual(measure.sudo().state, "in_progress")
        with self.assertRaises(AccessError):
            measure.write({"deadline": "2099-01-01"})
        with self.assertRaises(AccessError):
            measure.unlink()
        complaint.write({"decision_id": self.decision.id, **ANSWER})
        complaint.action_solve()
        self.assertEqual(measure.sudo().state, "accomplished")

    def test_team(self):
        """SOP-E2: a complaint team with tickets neither goes away nor changes its kind under them."""
        self._create_registered()
        with self.assertRaises(UserError):
            self.team.is_complaint = False
        with self.assertRaises(UserError):
            self.team.unlink()

    def test_unlink(self):
        """SOP-G3: a registered complaint can't be deleted, not even by a manager; a new one by a manager only."""
        complaint = self._create_registered()
        with self.assertRaises(UserError):
            complaint.with_user(self.manager).unlink()
        new = self._create_complaint()
        with self.assertRaises(AccessError):
            new.unlink()
        new.with_user(self.manager).unlink()

    def test_company(self):
        """SOP-G3: a complaint is its branch's company's; another company's people don't see it."""
        company = self.env["res.company"].create({"name": "Other Company"})
        abroad = self._create_branch("Abroad", "ABR", self.manager, company_id=company.id)
        self.manager.company_ids += company
        complaint = self._create_complaint(user=self.manager, branch_id=abroad.id, user_id=self.manager.id)
        self.assertEqual(complaint.company_id, company)
        self.assertFalse(self.tickets.search([("id", "=", complaint.id)]))

    def test_query_counts(self):
        """SOP-T2: counting complaints takes no more queries for many customers than for one."""
        partners = self.env["res.partner"].create([{"name": f"Customer {number}"} for number in range(10)])
        for partner in partners[:3]:
            self._create_complaint(partner_id=partner.id)
        self.env.flush_all()
        counts = []
        for some in (partners[:1].with_user(self.officer), partners.with_user(self.officer)):
            self.env.invalidate_all()
            some.env.user.has_group("crm_base.group_officer")
            before = self.cr.sql_log_count
            some.mapped("complaint_count")
            counts.append(self.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])


@tagged("post_install", "-at_install")
class TestComplaintPortal(HttpCase, ComplaintCase):
    """Customers on the portal see their own complaints, and close none (SOP-G1)."""

    def test_portal(self):
        """SOP-G1: a customer sees their own complaint; neither a guessed token nor helpdesk's address closes one."""
        complaint, other = (
            self._create_solved(),
            self._create_complaint(partner_id=self._create_customer("Somebody Else").id),
        )
        plain = self.env["helpdesk.ticket"].create({"name": "Printer of others", "description": "<p>x</p>"})
        self.env["res.users"].create(
            {
                "login": "sop_complaint_portal",
                "password": "sop_complaint_portal",
                "partner_id": self.partner.id,
                "group_ids": [Command.set(self.env.ref("base.group_portal").ids)],
            }
        )
        self.authenticate("sop_complaint_portal", "sop_complaint_portal")
        self.assertIn("Screen stays black", self.url_open(f"/my/ticket/{complaint.id}").text)
        self.assertNotIn("Screen stays black", self.url_open(f"/my/ticket/{other.id}").text)
        self.assertNotIn("Screen stays black", self.url_open(f"/my/ticket/{other.id}/0123456789abcdef").text)
        closed = self.env.ref("crm_sop_sales.helpdesk_stage_complaint_closed")
        done = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done")
        for ticket in (complaint, other, plain):
            for stage in (closed, done):
                page = self.url_open(f"/ticket/close?ticket_id={ticket.id}&stage_id={stage.id}")
                self.assertEqual("isn't closed here" in page.text.replace("&#39;", "'"), ticket == complaint)
                self._press_close(ticket, stage)
        self.url_open("/ticket/close?ticket_id=nonsense")
        self.env.invalidate_all()
        self.assertEqual(complaint.complaint_state, "solved")
        self.assertFalse(plain.closed)
        plain.partner_id = self.partner
        self.env.flush_all()
        self.url_open(f"/ticket/close?ticket_id={plain.id}&stage_id={done.id}")
        self._press_close(plain, done, csrf_token="forged")
        plain.invalidate_recordset()
        self.assertFalse(plain.closed, "a link that somebody sends, or a page of another site, closes nothing")
        self.assertNotIn("/ticket/close", self.url_open(f"/my/ticket/{complaint.id}").text)
        self._press_close(plain, done, ticket_id="nonsense")
        self._press_close(plain, done)
        plain.invalidate_recordset()
        self.assertTrue(plain.closed)

    def _press_close(self, ticket, stage, **values):
        form = {"ticket_id": ticket.id, "stage_id": stage.id, "csrf_token": http.Request.csrf_token(self), **values}
        with mute_logger("odoo.http"):
            self.url_open("/ticket/close", data=form)
