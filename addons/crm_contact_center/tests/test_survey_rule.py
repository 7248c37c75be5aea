from psycopg2.errors import UniqueViolation

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .survey_common import SurveyCase


@tagged("post_install", "-at_install")
class TestSurveyRule(SurveyCase):
    """CC-5: whom a rule asks, and whom it doesn't."""

    def test_asks_once(self):
        """CC-5: each document once, however often the scheduler looks."""
        contact = self._done()
        self.assertEqual(self.requests._make(self.rule), 1)
        for _again in range(3):
            self.assertEqual(self.requests._make(self.rule), 0)
        request = self.requests.search([("rule_id", "=", self.rule.id)])
        self.assertEqual(
            (request.res_model, request.res_id, request.partner_id, request.branch_id, request.state),
            (contact._name, contact.id, self.customer, self.branch_a, "due"),
        )
        self.assertEqual((request.queue_id, request.agent_id), (self.queue, self.agent_1))

    def test_unique_in_the_database(self):
        """CC-5: the database keeps no second request for a document."""
        request = self._request()
        with self.assertRaises(UniqueViolation), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            request.copy({"user_input_id": False, "res_id": request.res_id})

    def test_other_steps_and_branches(self):
        """CC-5: not what is still talked about, not at another branch, nobody whom we don't know."""
        self.rule.branch_id = self.branch_b
        self._done()
        self.assertFalse(self.requests._make(self.rule))
        talk = self._talk()
        self.rule.branch_id = self.branch_a
        talk._end()
        self.assertFalse(self.requests._make(self.rule))
        talk._wrap_up(self.purpose, self.outcome)
        self.assertEqual(self.requests._make(self.rule), 1)
        self._done(partner_id=False, phone=False)
        self.assertFalse(self.requests._make(self.rule))

    def test_from_now_on(self):
        """CC-5: a new rule, or one that is switched on again, doesn't ask about what was before."""
        self._done()
        self.env.cr.execute("UPDATE crm_workflow_log SET date = date - INTERVAL '1 day'")
        self.env.invalidate_all()
        rule = self._create_rule()
        self.assertFalse(self.requests._make(rule))
        rule.active = False
        rule.active = True
        self.assertFalse(self.requests._make(rule))

    def test_late_commits(self):
        """CC-5: a step whose number is smaller than one that was seen already isn't lost; after an hour none comes."""
        self._done()
        self.requests._make(self.rule)
        self.rule._advance()
        newest = self.env["crm.workflow.log"].search([], limit=1)
        self.assertLess(self.rule.seen_log_id, newest.id)
        self.env.cr.execute("UPDATE crm_workflow_log SET date = date - INTERVAL '2 hours'")
        self.env.invalidate_all()
        self.rule._advance()
        self.assertEqual(self.rule.seen_log_id, newest.id)

    def test_own_marks(self):
        """CC-5: how far a rule has looked isn't written by a client."""
        since, seen = self.rule.since, self.rule.seen_log_id
        rule = self.rule.with_user(self._manager())
        rule.write({"since": self._ago(days=300), "seen_log_id": -1, "name": "Renamed"})
        self.assertEqual((rule.name, rule.since, rule.seen_log_id), ("Renamed", since, seen))

    def _manager(self):
        return self._create_user("test_supervisor_hq", "crm_contact_center.group_supervisor", self.headquarters)

    def test_delivery(self):
        """CC-5: after a delivery, without any other addon."""
        rule = self._create_rule(step="stock.picking:done")
        warehouse = self.env["stock.warehouse"].search([("company_id", "=", self.env.company.id)], limit=1)
        self.branch_b.warehouse_id = warehouse
        product = self.env["product.product"].create({"name": "Cable", "is_storable": False})
        values = {"picking_type_id": warehouse.out_type_id.id, "partner_id": self.customer.id}
        move = {"product_id": product.id, "product_uom_qty": 1, "location_id": warehouse.lot_stock_id.id}
        out = self.env.ref("stock.stock_location_customers")
        picking = self.env["stock.picking"].create(
            {
                **values,
                "location_id": warehouse.lot_stock_id.id,
                "location_dest_id": out.id,
                "move_ids": [(0, 0, {**move, "location_dest_id": out.id})],
            }
        )
        picking.action_confirm()
        self.assertFalse(self.requests._make(rule))
        picking.move_ids.write({"quantity": 1, "picked": True})
        picking.button_validate()
        self.assertEqual((self.requests._make(rule), self.requests._make(rule)), (1, 0))
        request = self.requests.search([("rule_id", "=", rule.id)])
        self.assertEqual((request.res_id, request.partner_id), (picking.id, self.customer))
        self.assertEqual(request.branch_id.warehouse_id, warehouse)

    def test_steps_that_there_are(self):
        """CC-5: steps of installed documents that have a customer are chosen from; others are refused."""
        steps = dict(self.env["crm.survey.rule"]._selection_step())
        self.assertIn("crm.queue.contact:done", steps)
        self.assertIn("crm.interaction:done", steps)
        self.assertNotIn("crm.queue.contact:waiting", steps)
        for step in ("res.partner:done", "crm.queue.contact:nothing"):
            with self.assertRaises(ValidationError):
                self.rule.step = step

    def test_questions(self):
        """CC-5: the score comes from a scale of the survey itself, which needs no login."""
        other = self.env["survey.survey"].create({"title": "Other", "access_mode": "token"})
        text = self.env.ref("crm_contact_center.survey_contact_words")
        self.assertEqual(self.rule.score_question_id, self.env.ref("crm_contact_center.survey_contact_score"))
        self.assertEqual(self.rule.nps_question_id, self.env.ref("crm_contact_center.survey_contact_nps"))
        with self.assertRaises(ValidationError):
            self.rule.score_question_id = text
        with self.assertRaises(ValidationError):
            self.rule.write({"survey_id": other.id, "score_question_id": self.rule.score_question_id.id})
        with self.assertRaises(ValidationError):
            self.survey.copy({"access_mode": "public"})
            self.rule.survey_id = self.env["survey.survey"].create({"title": "Public", "access_mode": "public"})

    def test_rights(self):
        """CC-5: supervisors keep the rules of their branches; those of all branches the headquarters keeps."""
        own = self.rule.with_user(self.supervisor)
        with self.assertRaises(AccessError):
            own.name = "Mine"
        with self.assertRaises(AccessError):
            own.create({"name": "All", "survey_id": self.survey.id})
        mine = own.create({"name": "Shop A", "survey_id": self.survey.id, "branch_id": self.branch_a.id})
        with self.assertRaises(AccessError):
            mine.branch_id = self.branch_b
        with self.assertRaises(AccessError):
            self.rule.with_user(self.agent_1.user_id).name = "Mine"
        with self.assertRaises(AccessError):
            self.rule.with_user(self.portal).read(["name"])
