import json
from base64 import b64decode

from odoo.tests import tagged
from odoo.tools import SQL
from odoo.tools.safe_eval import safe_eval

from .report_common import ReportCase

MEASURES = ("due", "contacted", "responded", "booked", "serviced")


@tagged("post_install", "-at_install")
class TestSuccessRate(ReportCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.analysis = cls.env["crm.followup.analysis"]
        kinds = (("1", "1"), ("2", "1"), ("3", "2"), ("2", "2"), ("1", "4"))
        due = [cls._due(step, number=number, kpb=kpb) for number, (step, kpb) in enumerate(kinds, start=1)]
        first, second, third, *__ = (followup.sudo() for followup in due)
        cls._willing(first.with_user(cls.admin_1))
        first.case_id._serviced(cls.today, "booking")
        second.with_user(cls.admin_1)._answer("no_response", "Rang out")
        third.with_user(cls.admin_1)._answer("already_serviced", "Elsewhere", serviced_on=cls.today)
        cls.theirs = [("branch_id", "=", cls.branch_a.id)]

    def test_every_group_equals_counted_cases(self):
        """H23-1.3, H23-4.5.4: funnel and rate are the counted cases, by KPB, step, branch, admin, result and period."""
        rows = self.analysis.search(self.theirs)
        for name in ("kpb", "step", "branch_id", "user_id", "state", "result", "due_date:month"):
            groups = self.analysis._read_group(
                self.theirs, [name], [*(f"{measure}:sum" for measure in MEASURES), "success_rate:avg"]
            )
            with self.subTest(name=name):
                self.assertEqual(sum(group[1] for group in groups), len(rows))
                for key, due, *funnel, rate in groups:
                    if name == "due_date:month":
                        mine = rows.filtered(lambda row, key=key: row.due_date.replace(day=1) == key)
                    else:
                        mine = rows.filtered(lambda row, key=key, name=name: row[name] == key)
                    cases = mine.case_id
                    self.assertEqual(due, len(cases))
                    self.assertEqual(
                        funnel,
                        [
                            len(cases.filtered("contacted_at")),
                            len(cases.filtered("responded_at")),
                            len(cases.filtered("booked_at")),
                            len(cases.filtered("is_success")),
                        ],
                    )
                    self.assertAlmostEqual(rate, 100.0 * len(cases.filtered("is_success")) / len(cases))

    def test_the_last_result_costs_nothing_unless_asked_for(self):
        """H23-1.2: the join for the result is left out where nobody groups by it, and makes no row twice."""
        self.assertEqual(len(self.analysis.search(self.theirs)), self.cases.search_count(self.theirs))
        query = self.analysis._search(self.theirs).select()
        plan = "\n".join(row for (row,) in self.env.execute_query(self._explain(query)))
        self.assertNotIn("latest", plan)

    def _explain(self, query):
        return SQL("EXPLAIN %s", query)

    def test_the_definition_is_where_the_rate_is(self):
        """H23-1.3: the definition stands on the page, in the field's help, in the summary and on the dashboard."""
        definition = "serviced within the KPB’s window / due"
        action = self.env.ref("crm_h23_followup.crm_followup_analysis_action")
        self.assertIn(definition, action.name)
        self.assertIn(definition.removeprefix("s"), self.analysis._fields["success_rate"].help)
        self.assertIn(definition, self._summary().figures_html)
        self.assertIn(definition, self._dashboard())

    def _dashboard(self):
        dashboard = self.env.ref("crm_h23_followup.spreadsheet_dashboard_followup")
        return b64decode(dashboard.spreadsheet_binary_data).decode()

    def test_the_dashboard(self):
        """H23-4.5.4: every field and menu of the dashboard exists; it is filtered by period and branch."""
        data = json.loads(self._dashboard())
        filters = {item["id"]: item for item in data["globalFilters"]}
        self.assertEqual({item["type"] for item in filters.values()}, {"date", "relation"})
        sources = [(pivot["model"], pivot) for pivot in data["pivots"].values()]
        for sheet in data["sheets"]:
            for figure in sheet["figures"]:
                if "metaData" in figure["data"]:
                    meta = figure["data"]["metaData"]
                    sources.append((meta["resModel"], figure["data"]))
                    for name in [*meta["groupBy"], meta["measure"]]:
                        if name != "__count":
                            self.assertIn(name.split(":")[0], self.env[meta["resModel"]]._fields)
        for model, source in sources:
            self.assertEqual(set(source["fieldMatching"]), set(filters))
            names = [match["chain"] for match in source["fieldMatching"].values()]
            names += [
                measure["fieldName"] for measure in source.get("measures", []) if measure["fieldName"] != "__count"
            ]
            names += [row["fieldName"] for row in source.get("rows", [])]
            for name in names:
                with self.subTest(model=model, name=name):
                    self.assertIn(name, self.env[model]._fields)
        for xmlid in set(data["chartOdooMenusReferences"].values()):
            self.assertTrue(self.env.ref(xmlid))
        for user, there in ((self.pic, True), (self.head, True), (self.admin_1, False), (self.internal, False)):
            found = self.env["spreadsheet.dashboard"].with_user(user).search([("name", "=", "Service Follow-up")])
            self.assertEqual(bool(found), there, user.login)

    def test_rate_of_the_summary(self):
        """H23-1.3: the summary's rate is that of the free services whose window ended in the last 30 days."""
        self.cases.search(self.theirs)._note({"expires_on": self._days_ago(1), "due_date": self._days_ago(40)})
        summary = self._summary()
        done = self.cases.search_count([*self.theirs, ("is_success", "=", True)])
        total = self.cases.search_count(self.theirs)
        self.assertEqual(summary._success(), {"due": total, "serviced": done, "rate": round(100.0 * done / total, 1)})

    def test_filters_of_the_screens(self):
        """H23-1.2: each branch sees its own in the funnel, and periods and filters find what they say."""
        self.assertFalse(self.analysis.with_user(self.officer_b).search(self.theirs))
        view = self.env.ref("crm_h23_followup.crm_followup_analysis_view_search")
        self.assertIn("group_result", view.arch)
        context = safe_eval(self.env.ref("crm_h23_followup.crm_followup_action_report").context)
        self.assertIn("search_default_filter_done", context)
