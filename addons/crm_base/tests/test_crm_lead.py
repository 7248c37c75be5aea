from odoo.exceptions import AccessError

from .common import CrmBaseCase


class TestCrmLead(CrmBaseCase):
    """Leads that nobody has taken are those of their team's branch."""

    def test_leads_that_nobody_has_taken(self):
        """SOP-G1: members of a branch see no other branch's team's; those of no branch's team, or none, are free."""
        teams = self.env["crm.team"].create([{"name": "Team A"}, {"name": "Team B"}, {"name": "Web"}])
        self.branch_a.team_id, self.branch_b.team_id = teams[:2]
        leads = [self._create_lead(user_id=False, team_id=team.id) for team in (*teams, teams.browse())]
        own, others, web, free = leads
        seen = self.env["crm.lead"].union(*leads)
        self.assertEqual(seen.with_user(self.officer_a)._filtered_access("read"), own + web + free)
        self.assertEqual(seen.with_user(self.officer_b)._filtered_access("read"), others + web + free)
        self.assertEqual(seen.with_user(self.manager_hq)._filtered_access("read"), seen)
        with self.assertRaises(AccessError):
            others.with_user(self.officer_a).user_id = self.officer_a
        own.with_user(self.officer_a).user_id = self.officer_a
        handed = self.env["crm.lead"].with_user(self.officer_a)
        handed = handed.create({"name": "For shop B", "user_id": False, "team_id": teams[1].id})
        self.assertFalse(handed._filtered_access("read"))
