from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .common import PhoneShopCase


@tagged("post_install", "-at_install")
class TestPipeline(PhoneShopCase):
    """A manager sees what has been left alone (FL-6)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.opportunity_idle_days = 7
        cls.branch = cls.env["crm.branch"].create(
            {"name": "Test Shop", "code": "TST", "user_ids": [(6, 0, (cls.officer + cls.manager).ids)]}
        )

    def _opportunity(self, days, **values):
        """Create an opportunity whose stage last changed so many days ago."""
        values = {"name": "Phone", "type": "opportunity", "user_id": self.officer.id, **values}
        lead = self.env["crm.lead"].create(values)
        lead.date_last_stage_update = fields.Datetime.now() - timedelta(days=days, minutes=1)
        lead.flush_recordset()
        return lead.with_user(self.manager)

    def _contact(self, lead, days, **values):
        return self.env["crm.interaction"].create(
            {
                "res_model": "crm.lead",
                "res_id": lead.id,
                "partner_id": self.partner.id,
                "branch_id": self.branch.id,
                "began_at": fields.Datetime.now() - timedelta(days=days),
                **values,
            }
        )

    def _is_idle(self, lead):
        """Return whether it is idle, by the field and by the filter, which must agree."""
        lead.invalidate_recordset()
        found = lead.search([("id", "=", lead.id), ("is_idle", "=", True)])
        self.assertEqual(bool(found), lead.is_idle)
        self.assertEqual(bool(lead.search([("id", "=", lead.id), ("is_idle", "=", False)])), not lead.is_idle)
        return lead.is_idle

    def test_idle_from_the_limit_on(self):
        """FL-6: on the seventh day without progress an opportunity is idle."""
        self.assertFalse(self._is_idle(self._opportunity(6)))
        lead = self._opportunity(7)
        self.assertTrue(self._is_idle(lead))
        self.assertEqual(lead.idle_days, 7)

    def test_contact_ends_idleness(self):
        """FL-6: a contact about the opportunity counts as progress; a cancelled or a planned one doesn't."""
        lead = self._opportunity(30)
        self._contact(lead, -2)
        cancelled = self._contact(lead, 1)
        cancelled._workflow_do("cancel", "wrong customer")
        self.assertTrue(self._is_idle(lead))
        self._contact(lead, 3)
        self.assertFalse(self._is_idle(lead))
        self.assertEqual(lead.idle_days, 3)

    def test_contact_of_another_branch_counts(self):
        """FL-6: it isn't idle where a branch that the manager doesn't see is in contact."""
        lead = self._opportunity(30)
        other = self.env["crm.branch"].create({"name": "Far", "code": "FAR"})
        contact = self._contact(lead, 2, branch_id=other.id)
        self.assertFalse(contact.with_user(self.manager).has_access("read"))
        self.assertFalse(self._is_idle(lead))

    def test_only_open_opportunities_are_idle(self):
        """FL-6: leads, and what is won or lost, are never idle."""
        lost, won = self._opportunity(30), self._opportunity(30)
        lead = self._opportunity(30, type="lead")
        lost.action_set_lost(lost_reason_id=self.env.ref("crm.lost_reason_1").id)
        won.action_set_won()
        for closed in (lost, won):
            closed.date_last_stage_update = fields.Datetime.now() - timedelta(days=30)
        for record in (lost, won, lead):
            self.assertFalse(self._is_idle(record.with_context(active_test=False)))

    def test_limit_is_a_setting_of_the_company(self):
        """FL-6: the limit is the company's; 0 means never."""
        lead = self._opportunity(5)
        self.env.company.opportunity_idle_days = 5
        self.assertTrue(self._is_idle(lead))
        self.env.company.opportunity_idle_days = 0
        self.assertFalse(self._is_idle(lead))

    def test_each_company_has_its_own_limit(self):
        """FL-6: opportunities of two companies, seen together, follow each its own limit."""
        other = self.env["res.company"].create({"name": "Other", "opportunity_idle_days": 60})
        self.manager.company_ids += other
        ours, theirs = self._opportunity(30), self._opportunity(30, company_id=other.id, user_id=False, team_id=False)
        both = (ours + theirs).with_context(allowed_company_ids=(self.env.company + other).ids)
        self.assertEqual(both.mapped("is_idle"), [True, False])
        self.assertEqual(both.search([("id", "in", both.ids), ("is_idle", "=", True)]), ours)

    def test_cost_doesnt_grow(self):
        """FL-6: a pipeline of many costs no more queries than one of few."""
        leads = [self._opportunity(days) for days in range(12)]
        self._queries(leads)  # fills the caches that outlive a request
        self.assertEqual(self._queries(leads[:2]), self._queries(leads))

    def _queries(self, leads):
        leads = self.env["crm.lead"].with_user(self.manager).browse([lead.id for lead in leads])
        leads.invalidate_model()
        leads.mapped("type")
        before = self.env.cr.sql_log_count
        leads.mapped("idle_days")
        return self.env.cr.sql_log_count - before

    def test_manager_sees_the_teams_pipeline(self):
        """FL-6: the manager's kanban has everybody's opportunities, with revenue and activities; officers theirs."""
        lead = self._opportunity(1, user_id=self.other_officer.id, expected_revenue=5_000_000)
        lead.activity_schedule("mail.mail_activity_data_call", user_id=self.other_officer.id)
        action = self.env["ir.actions.act_window"]._for_xml_id("crm.crm_lead_action_pipeline")
        view = lead.get_views([(False, "kanban")], {"action_id": action["id"]})["views"]["kanban"]["arch"]
        for name in ("is_idle", "idle_days", "probability", "activity_ids", "expected_revenue"):
            self.assertIn(f'name="{name}"', view)
        groups = lead.web_read_group([("id", "=", lead.id)], ["stage_id"], ["expected_revenue:sum"])["groups"]
        self.assertIn(5_000_000, [group["expected_revenue:sum"] for group in groups])
        self.assertEqual(lead.activity_state, "today")
        self.assertFalse(lead.with_user(self.officer).has_access("read"))
