from datetime import datetime

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form
from odoo.tools import mute_logger

from .common import CrmBaseCase

NOON = "2026-11-22 12:00:00"


class TestCrmInteraction(CrmBaseCase):
    # === WHO === #

    def test_somebody_is_required(self):
        """The database itself wants a customer, a number or a name; only who calls may still be unknown."""
        for values in ({"channel": "visit"}, {"direction": "outgoing"}):
            with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.cr.savepoint():
                self._create_interaction(partner_id=False, **values)
        self.assertEqual(self._create_interaction(partner_id=False).display_name, "Call · Unknown caller")
        for who in ({"partner_id": self.customer.id}, {"phone": "081234567890"}, {"caller_name": "Somebody"}):
            self.assertTrue(self._create_interaction(**{"partner_id": False, **who}))

    def test_name_says_channel_and_who(self):
        self.assertEqual(self._create_interaction().display_name, "Call · Budi Santoso")
        visit = self._create_interaction(partner_id=False, caller_name="Ibu Tini", channel="visit")
        self.assertEqual(visit.display_name, "Visit · Ibu Tini")

    def test_found_by_customer_name_or_number(self):
        known = self._create_interaction()
        unknown = self._create_interaction(partner_id=False, caller_name="Ibu Tini", phone="081399998888")
        interactions = self.env["crm.interaction"].with_user(self.officer_a)
        for word, found in {"Budi San": known, "Ibu Tini": unknown, "99998888": unknown}.items():
            self.assertEqual([id_ for id_, __ in interactions.name_search(word)], found.ids, word)

    def test_name_is_read_by_who_may_not_read_the_customer(self):
        """As with every many-to-one, the name goes with the record: otherwise the whole list couldn't be read."""
        interaction = self._create_interaction()
        self.customer.company_id = self.env["res.company"].create({"name": "Test company"})
        self.env.invalidate_all()
        self.assertEqual(interaction.with_user(self.officer_a).display_name, "Call · Budi Santoso")

    def test_customer_of_another_company_is_refused(self):
        other = self.env["res.company"].create({"name": "Test company"})
        stranger = self.env["res.partner"].create({"name": "Stranger", "company_id": other.id})
        with self.assertRaises(UserError):
            self._create_interaction(partner_id=stranger.id)
        with self.assertRaises(UserError):
            self._create_interaction().write({"partner_id": stranger.id})

    def test_customer_with_contacts_is_kept(self):
        """Otherwise deleting a customer would change what is done, below every lock."""
        self._create_done()
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.cr.savepoint():
            self.customer.unlink()

    # === PHONE NUMBERS === #

    def test_phone_is_stored_with_the_country_code_of_the_branch(self):
        interaction = self._create_interaction(phone="0812-3456-7890")
        self.assertEqual(interaction.phone, "+6281234567890")
        interaction.phone = "0813 4567 8901"
        self.assertEqual(interaction.phone, "+6281345678901")

    def test_each_branch_reads_numbers_by_its_own_country(self):
        poland = self.env["res.partner"].create({"name": "x", "country_id": self.env.ref("base.pl").id})
        self.branch_b.partner_id = poland
        chosen = self._create_interaction(user=self.manager_hq, branch_id=self.branch_b.id, phone="601 234 567")
        default = (
            self.env["crm.interaction"].with_user(self.manager_hq).with_context(default_branch_id=self.branch_b.id)
        )
        default = default.create({"phone": "601 234 567"})
        moved = self._create_interaction(user=self.manager_hq, branch_id=self.branch_a.id)
        moved.write({"branch_id": self.branch_b.id, "phone": "601 234 567"})
        self.assertEqual((chosen + default + moved).mapped("phone"), ["+48601234567"] * 3)

    def test_one_number_for_records_of_two_countries(self):
        self.branch_b.partner_id = self.env["res.partner"].create(
            {"name": "x", "country_id": self.env.ref("base.pl").id}
        )
        both = self._create_interaction() + self._create_interaction(user=self.officer_b)
        both.with_user(self.manager_hq).phone = "22 555 0123"  # of Bandung or of Warsaw
        self.assertEqual(both.sudo().mapped("phone"), ["+62225550123", "+48225550123"])

    def test_bad_number_is_refused_with_a_message(self):
        for number in ("08123456789.0", "8.1E+09", "abc", "123"):
            with self.subTest(number), self.assertRaisesRegex(UserError, number[:3]):
                self._create_interaction(phone=number)
        interaction = self._create_interaction()
        with self.assertRaises(UserError):
            interaction.phone = "12"
        result = interaction.load(["caller_name", "phone"], [["x", "08123456789.0"]])
        self.assertIn("08123456789.0", result["messages"][0]["message"])

    def test_values_of_the_caller_are_left_as_they_are(self):
        values = {"phone": "081234567890"}
        self.env["crm.interaction"].with_user(self.officer_a).create(values)
        self.assertEqual(values, {"phone": "081234567890"})

    def test_form_fills_in_the_number_of_the_customer(self):
        form = Form(self.env["crm.interaction"].with_user(self.officer_a))
        form.partner_id = self.customer
        self.assertEqual(form.phone, "+6281234567890")
        self.assertEqual(form.save().phone, "+6281234567890")

    # === TIMES === #

    def test_order_of_times_is_kept_by_the_database(self):
        for times in (
            {"answered_at": "2026-11-22 11:59:59"},
            {"ended_at": "2026-11-22 11:59:59"},
            {"answered_at": "2026-11-22 12:01:00", "ended_at": "2026-11-22 12:00:30"},
        ):
            with (
                self.subTest(times),
                mute_logger("odoo.sql_db"),
                self.assertRaises(IntegrityError),
                self.cr.savepoint(),
            ):
                self._create_interaction(began_at=NOON, **times).flush_recordset()

    def test_seconds_of_waiting_and_talking(self):
        interaction = self._create_interaction(
            began_at=NOON, answered_at="2026-11-22 12:00:45", ended_at="2026-11-22 12:05:00"
        )
        self.assertEqual((interaction.wait_seconds, interaction.duration_seconds), (45, 255))
        unanswered = self._create_interaction(began_at=NOON, ended_at="2026-11-22 12:00:30")
        self.assertEqual((unanswered.wait_seconds, unanswered.duration_seconds), (0, 30))

    @freeze_time(NOON)
    def test_answering_and_closing_note_the_time_once(self):
        interaction = self._create_interaction(outcome_id=self.outcome.id)
        interaction.action_answer()
        with freeze_time("2026-11-22 12:03:00"):
            interaction.action_answer()
            interaction.action_close()
        self.assertEqual(interaction.answered_at, datetime(2026, 11, 22, 12))
        self.assertEqual(interaction.ended_at, datetime(2026, 11, 22, 12, 3))

    @freeze_time(NOON)
    def test_planned_contact_that_happens_early_begins_then(self):
        """A call planned for three o'clock is made, answered and closed at noon."""
        for steps in (("action_answer", "action_close"), ("action_close",)):
            interaction = self._create_interaction(outcome_id=self.outcome.id, began_at="2026-11-22 15:00:00")
            for step in steps:
                getattr(interaction, step)()
            interaction.flush_recordset()
            self.assertEqual((interaction.began_at, interaction.ended_at), (datetime(2026, 11, 22, 12),) * 2)

    @freeze_time(NOON)
    def test_overdue_is_what_should_have_begun_and_is_open(self):
        late = self._create_interaction(began_at="2026-11-22 11:00:00")
        planned = self._create_interaction(began_at="2026-11-22 13:00:00")
        done = self._create_done(began_at="2026-11-22 11:00:00")
        self.assertEqual((late + planned + done).mapped("is_overdue"), [True, False, False])
        ours = [("id", "in", (late + planned + done).ids)]
        search = self.env["crm.interaction"].search
        self.assertEqual(search([("is_overdue", "=", True), *ours]), late)
        self.assertEqual(search([("is_overdue", "=", False), *ours]), planned + done)

    # === THE STEPS === #

    def test_open_interactions_are_what_has_no_outcome_yet(self):
        """SOP-G2: no contact stays without an outcome, and the open ones are listed."""
        interaction = self._create_interaction()
        with self.assertRaisesRegex(UserError, "fill in Outcome first"):
            interaction.action_close()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_base.crm_interaction_action_mine")
        self.assertIn("search_default_filter_open", action["context"])
        self.assertIn(interaction, interaction.search([("state", "=", "open"), ("user_id", "=", self.officer_a.id)]))
        interaction.outcome_id = self.outcome
        interaction.action_close()
        self.assertEqual(interaction.state, "done")
        self.assertNotIn(interaction, interaction.search([("state", "=", "open")]))

    def test_many_close_together_or_not_at_all(self):
        ready, unready = self._create_interaction(outcome_id=self.outcome.id), self._create_interaction()
        with self.assertRaises(UserError):
            (ready + unready).action_close()
        self.assertEqual((ready + unready).mapped("state"), ["open", "open"])

    def test_done_is_a_record(self):
        """Every field of a contact that is done or cancelled is locked, for everybody."""
        values = {
            "note": "x",
            "channel": "visit",
            "direction": "outgoing",
            "partner_id": self.company.partner_id.id,
            "phone": "081399999999",
            "outcome_id": self.env["crm.interaction.outcome"].search([("id", "!=", self.outcome.id)], limit=1).id,
            "user_id": self.officer_b.id,
            "began_at": "2020-01-01",
            "answered_at": "2030-01-01",
            "ended_at": "2030-01-01",
            "branch_id": self.branch_b.id,
            "company_id": False,
            "wait_seconds": 1,
            "res_model": "crm.lead",
            "res_id": 1,
            "caller_name": "x",
            "purpose_id": self.purpose.id,
        }
        self.assertFalse(set(values) - set(self.env["crm.interaction"]._fields))
        for interaction in (self._create_done(), self._create_cancelled()):
            for name, value in values.items():
                for record in (interaction, interaction.with_user(self.manager_hq), interaction.sudo()):
                    with self.subTest(name), self.assertRaisesRegex(UserError, "can't be changed any more"):
                        record.write({name: value})

    def test_the_same_number_written_otherwise_is_no_change(self):
        interaction = self._create_done(phone="081234567890")
        interaction.write({"phone": "0812 3456 7890"})
        self.assertEqual(interaction.phone, "+6281234567890")

    def test_answering_what_is_done_is_refused(self):
        with self.assertRaises(UserError):
            self._create_done().action_answer()

    def test_cancelling_needs_a_reason_and_nobody_who_answered(self):
        interaction = self._create_interaction()
        with self.assertRaisesRegex(UserError, "reason"):
            interaction._workflow_do("cancel")
        interaction.action_answer()
        with self.assertRaisesRegex(UserError, "was answered"):
            interaction._workflow_do("cancel", "wrong number")

    def test_reopening_is_for_a_manager_with_a_reason(self):
        for interaction in (self._create_done(), self._create_cancelled()):
            with self.assertRaisesRegex(AccessError, "Manager"):
                interaction._workflow_do("reopen", "please")
            with self.assertRaises(AccessError):
                interaction.sudo()._workflow_do("reopen", "please")
            with self.assertRaisesRegex(UserError, "reason"):
                interaction.with_user(self.manager_a)._workflow_do("reopen")
            interaction.with_user(self.manager_a)._workflow_do("reopen", "wrong outcome")
            self.assertEqual(interaction.state, "open")
            self.assertEqual(self._history(interaction)[-1][3:], (self.manager_a, "wrong outcome"))
            interaction.note = "changed"

    def test_deleted_only_while_open_and_by_a_manager(self):
        interaction, done = self._create_interaction(), self._create_done()
        with self.assertRaises(AccessError):
            interaction.unlink()
        with self.assertRaisesRegex(UserError, "“Done” and can't be deleted"):
            done.with_user(self.manager_a).unlink()
        interaction.with_user(self.manager_a).unlink()
        self.assertFalse(interaction.exists())

    def test_copy_is_a_new_contact(self):
        copy = self._create_done(answered_at=self._later(seconds=5), ended_at=self._later(seconds=9)).copy()
        self.assertEqual((copy.state, copy.partner_id), ("open", self.customer))
        self.assertFalse(copy.outcome_id or copy.answered_at or copy.ended_at or copy.workflow_log_ids)

    def test_plain_users_and_customers_have_no_interactions(self):
        for user in (self.internal, self.portal):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.env["crm.interaction"].with_user(user).search([])

    # === THE DOCUMENT === #

    def test_document_is_one_that_has_interactions(self):
        for model in ("res.users", "res.partner", "no.such.model", "crm.interaction.mixin", False):
            with self.subTest(model), self.assertRaises(ValidationError):
                self._create_interaction(res_model=model, res_id=1)

    def test_document_exists(self):
        with self.assertRaisesRegex(ValidationError, "doesn't exist"):
            self._create_interaction(user=self.manager_hq, res_model="crm.lead", res_id=2**31 - 1)

    def test_document_is_one_that_the_user_may_read(self):
        lead = self._create_lead(user_id=self.officer_b.id)
        for attack in (
            lambda: self._create_interaction(res_model="crm.lead", res_id=lead.id),
            lambda: self._create_interaction().write({"res_model": "crm.lead", "res_id": lead.id}),
            lambda: self._create_interaction().write({"about": f"crm.lead,{lead.id}"}),
            lambda: self._create_interaction(about=f"crm.lead,{lead.id}"),
        ):
            with self.assertRaises(AccessError):
                attack()

    def test_the_system_may_log_about_any_document(self):
        """A webhook or a page of the website acts for the public user, with raised rights."""
        lead = self._create_lead(user_id=self.officer_b.id)
        interactions = self.env["crm.interaction"].with_user(self.env.ref("base.public_user")).sudo()
        values = {"caller_name": "x", "branch_id": self.branch_a.id, "res_model": "crm.lead", "res_id": lead.id}
        self.assertEqual(interactions.create(values).res_id, lead.id)

    def test_about_and_document_are_one(self):
        lead = self._create_lead(user_id=self.officer_a.id)
        interaction = self._create_interaction(about=f"crm.lead,{lead.id}")
        self.assertEqual((interaction.res_model, interaction.res_id, interaction.about), ("crm.lead", lead.id, lead))
        interaction.about = False
        self.assertEqual((interaction.res_model, interaction.res_id), (False, 0))

    def test_about_shows_only_what_the_reader_may_read(self):
        lead = self._create_lead(user_id=self.officer_b.id)
        self.branch_a.user_ids += self.officer_b
        interaction = self._create_interaction(
            user=self.officer_b, branch_id=self.branch_a.id, about=f"crm.lead,{lead.id}"
        )
        self.assertEqual(interaction.about, lead)
        self.assertFalse(interaction.with_user(self.officer_a).about)
        self.assertEqual(interaction.with_user(self.manager_a).about, lead)

    def test_deleted_document_leaves_the_interaction(self):
        lead = self._create_lead(user_id=self.officer_a.id)
        interaction = self._create_interaction(about=f"crm.lead,{lead.id}")
        lead.unlink()
        interaction.invalidate_recordset()
        self.assertFalse(interaction.about)

    # === MANY === #

    def _count_queries(self, function, *arguments):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        function(*arguments)
        self.env.flush_all()
        return self.cr.sql_log_count - before

    def test_many_take_no_more_queries_than_few(self):
        """Creating (but for its INSERT), reading, answering, closing 100 costs what 10 cost."""
        lead = self._create_lead(user_id=self.officer_a.id)
        interactions = self.env["crm.interaction"].with_user(self.officer_a)
        values = {
            "partner_id": self.customer.id,
            "phone": "081234567890",
            "outcome_id": self.outcome.id,
            "res_model": "crm.lead",
            "res_id": lead.id,
        }
        made = {}

        def create(count):
            made[count] = interactions.create([values] * count)

        steps = {
            "create": create,
            "read": lambda count: made[count].web_read({"display_name": {}, "about": {"fields": {"display_name": {}}}}),
            "write": lambda count: made[count].write({"note": "x", "phone": "081234567891"}),
            "answer": lambda count: made[count].action_answer(),
            "close": lambda count: made[count].action_close(),
            "write again": lambda count: made[count].write({"note": "x", "state": "done"}),
        }
        self._count_queries(create, 2)  # warms the caches
        for name, step in steps.items():
            few, many = self._count_queries(step, 10), self._count_queries(step, 100)
            with self.subTest(name):
                self.assertLessEqual(many, few, f"{name}: 10 took {few} queries, 100 took {many}")
