"""The agent's page shows what the other addons know of the customer (CC-3a)."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged
from odoo.tools import SQL

from odoo.addons.crm_contact_center.tests.common import ContactCenterCase


@tagged("post_install", "-at_install")
class TestDeskNeighbours(ContactCenterCase):
    """CC-3a: open complaints and contracts that end, of branches that the agent sees."""

    def _contract(self, branch, days):
        """A customer's contract that ends in so many days; how it came about isn't what is tested."""
        contract = self.env["contract.contract"].create(
            {"name": f"Contract {branch.code}", "partner_id": self.customer.id, "contract_type": "purchase"}
        )
        today = self.branch_a._today()
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "UPDATE contract_contract SET contract_type = 'sale', branch_id = %s, date_start = %s, date_end = %s"
                " WHERE id = %s",
                branch.id,
                today - timedelta(days=300),
                today + timedelta(days=days),
                contract.id,
            )
        )
        self.env.invalidate_all()

    def test_sections(self):
        """CC-3a: within the page's 40 queries."""
        ticket = {"description": "<p>Since this morning.</p>", "partner_id": self.customer.id}
        if "branch_id" in self.env["helpdesk.ticket"]._fields:
            ticket["branch_id"] = self.branch_a.id
        self.env["helpdesk.ticket"].create({"name": "Screen black", **ticket})
        self._contract(self.branch_a, 20)
        self._contract(self.branch_a, 200)
        self._contract(self.branch_b, 20)
        self.env["crm.skill"].search([]).active = False  # the demo's languages: our agent has none
        self._come(self.agent_1)
        contact = self._enter()
        self._route()
        mine = contact.with_user(self.agent_1.user_id)
        mine.desk_pop()
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(40):
            sections = {section["key"]: section["lines"] for section in mine.desk_pop()["sections"]}
        self.assertIn("Screen black", sections["complaints"][0]["detail"])
        self.assertEqual([line["text"] for line in sections["contracts"]], ["Contract TA"])

    def test_greeting(self):
        """CC-2f, SOP-2a: scripts greet as the phone shops' procedure does: by the agent's clock."""
        self.agent_1.user_id.tz = "Asia/Jakarta"
        contact = self._enter().with_user(self.agent_1.user_id)
        for utc, greeting in ((1, "Good morning"), (5, "Good day"), (9, "Good afternoon"), (13, "Good evening")):
            now = fields.Datetime.to_datetime(f"2026-03-04 {utc:02}:00:00")
            with self.subTest(greeting), patch.object(fields.Datetime, "now", lambda now=now: now):
                self.assertEqual(contact._script_greeting("en_US"), greeting)
