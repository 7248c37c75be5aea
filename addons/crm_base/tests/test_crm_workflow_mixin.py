from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form

from odoo.addons.base.models.ir_model import MODULE_UNINSTALL_FLAG
from odoo.addons.crm_base.models.crm_workflow_mixin import _Permit
from odoo.addons.crm_base.workflow import Workflow

from .fake_document import MODEL, WORKFLOW, FakeDocumentCase

FILE = "aGVsbG8gd29ybGQ="


class TestWorkflowMixin(FakeDocumentCase):
    """The guard of states, on a document that has tracking and overrides of its own."""

    # === THE TABLE === #

    def test_each_transition_starts_from_its_sources_only(self):
        """Every state × every transition: what the table doesn't have is refused and leaves no trace."""
        paths = {
            "draft": (),
            "submitted": ("submit",),
            "approved": ("submit", "approve"),
            "rejected": ("submit", "reject"),
        }
        legal = set()
        for state, path in paths.items():
            for transition in self.env[MODEL]._workflow.transitions:
                document = self._create_document()
                for step in path:
                    document.with_user(self.officer_a if step == "submit" else self.manager_a)._workflow_do(
                        step, "test"
                    )
                before = self._history(document)
                try:
                    document.with_user(self.manager_a)._workflow_do(transition.name, "test")
                    legal.add((state, transition.name))
                    self.assertEqual(document.stage, transition.target)
                except UserError:
                    self.assertEqual(document.stage, state)
                    self.assertEqual(self._history(document), before)
        table = {(state, step.name) for step in self.env[MODEL]._workflow.transitions for state in step.source}
        self.assertEqual(legal, table)

    def test_unknown_step_is_refused(self):
        document = self._create_document()
        for name in ("nonsense", "", None, "_workflow_do", "Submit"):
            with self.subTest(name), self.assertRaisesRegex(UserError, "Fake Document has no step"):
                document._workflow_do(name)

    def test_step_is_for_its_groups(self):
        document = self._create_document()
        document._workflow_do("submit")
        with self.assertRaisesRegex(AccessError, "Manager"):
            document.with_user(self.officer_b)._workflow_do("approve")

    def test_superuser_mode_does_not_make_an_officer_a_manager(self):
        document = self._create_document()
        document._workflow_do("submit")
        with self.assertRaises(AccessError):
            document.with_user(self.officer_b).sudo()._workflow_do("approve")

    def test_the_system_itself_is_in_no_group(self):
        """A step that needs a person's group isn't done by a scheduled job, though OdooBot is in every group."""
        document = self._create_document()
        document._workflow_do("submit")
        with self.assertRaises(AccessError):
            document.with_user(self.env.ref("base.user_root"))._workflow_do("approve")

    def test_step_takes_the_right_to_write(self):
        document = self._create_document()
        with self.assertRaises(AccessError):
            document.with_user(self.portal)._workflow_do("submit")

    def test_nobody_approves_what_they_submitted(self):
        document = self._create_document(user=self.manager_a)
        document._workflow_do("submit")
        with self.assertRaisesRegex(AccessError, "somebody else"):
            document._workflow_do("approve")
        with self.assertRaisesRegex(AccessError, "somebody else"):
            document.sudo()._workflow_do("approve")
        self.assertTrue(document.with_user(self.manager_hq)._workflow_do("approve"))

    def test_the_latest_submitter_counts(self):
        """Returned and submitted by another one: the first submitter may approve, the second may not."""
        document = self._create_document(user=self.manager_a)
        document._workflow_do("submit")
        document._workflow_do("return", "typo")
        document.with_user(self.manager_hq)._workflow_do("submit")
        with self.assertRaises(AccessError):
            document.with_user(self.manager_hq)._workflow_do("approve")
        document.with_user(self.manager_a)._workflow_do("approve")
        self.assertEqual(document.stage, "approved")

    def test_one_own_document_among_others_stops_all(self):
        own, other = self._create_document(user=self.manager_a), self._create_document()
        for document in (own, other):
            document._workflow_do("submit")
        with self.assertRaises(AccessError):
            (own + other).with_user(self.manager_a)._workflow_do("approve")
        self.assertEqual((own + other).mapped("stage"), ["submitted", "submitted"])

    def test_required_fields_are_named_by_label(self):
        document = self._create_document(amount=0)
        with self.assertRaisesRegex(UserError, "fill in Amount first"):
            document._workflow_do("submit")

    def test_reason_is_required_and_more_than_blanks(self):
        document = self._create_document()
        document._workflow_do("submit")
        for reason in (None, "", " \n\t"):
            with self.subTest(repr(reason)), self.assertRaisesRegex(UserError, "reason"):
                document._workflow_do("return", reason)

    def test_a_document_named_twice_takes_one_step(self):
        document = self._create_document()
        document.browse([document.id, document.id])._workflow_do("submit")
        self.assertEqual(len(self._history(document)), 1)

    def test_a_deleted_document_takes_no_step(self):
        document = self._create_document()
        document.unlink()
        with self.assertRaises(UserError):
            document._workflow_do("submit")

    def test_step_in_the_transaction_that_created_the_document(self):
        document = self._create_document()
        document.write({"remark": "not flushed yet"})
        document._workflow_do("submit")
        self.assertEqual(document.stage, "submitted")

    def test_hooks_run_in_order_around_the_change(self):
        seen = []
        for name in ("_before_transition", "_check_transition", "_after_transition"):
            self.patch(
                self.registry[MODEL],
                name,
                lambda document, transition, name=name: seen.append((name, transition.name, document.stage)),
            )
        self._create_document()._workflow_do("submit")
        self.assertEqual(
            seen,
            [
                ("_before_transition", "submit", "draft"),
                ("_check_transition", "submit", "draft"),
                ("_after_transition", "submit", "submitted"),
            ],
        )

    def test_steps_of_many_take_no_more_queries_than_of_one(self):
        few, many = (self.env[MODEL].create([{"amount": 1}] * count) for count in (10, 100))
        counts = []
        for documents in (few, many):
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            documents.with_user(self.officer_a)._workflow_do("submit")
            self.env.flush_all()
            counts.append(self.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0], f"10 and 100 documents took {counts} queries")

    # === THE STATE === #

    def test_state_is_not_written(self):
        document = self._create_document()
        for state in ("submitted", "approved", "rejected"):
            for record in (document, document.sudo(), document.with_user(self.admin)):
                with self.subTest(state), self.assertRaisesRegex(UserError, "by its buttons only"):
                    record.write({"stage": state})
        with self.assertRaisesRegex(UserError, "by its buttons only"):
            document.stage = "approved"

    def test_false_and_nonsense_are_no_states(self):
        document = self._create_document()
        for state in (False, None, "nonsense", 1):
            with self.subTest(repr(state)), self.assertRaises(UserError):
                document.write({"stage": state})

    def test_the_present_state_may_be_written(self):
        document = self._create_document()
        document.write({"stage": "draft", "remark": "saved"})
        self.assertEqual(document.remark, "saved")

    def test_batch_with_one_other_state_is_refused(self):
        submitted, draft = self._create_document(), self._create_document()
        submitted._workflow_do("submit")
        with self.assertRaises(UserError):
            (submitted + draft).write({"stage": "submitted"})

    def test_no_context_opens_the_guard(self):
        """A permit is an object: what looks like one in JSON is none."""
        document = self._create_document()
        permit = {"model": MODEL, "ids": document.ids, "state": "approved"}
        for context in (
            {"workflow_permit": True},
            {"workflow_permit": permit},
            {"workflow_permit": list(permit.values())},
            {"tracking_disable": True, "mail_notrack": True, "install_mode": True, "import_file": True},
            {MODULE_UNINSTALL_FLAG: True, "su": True, "uid": 1},
        ):
            with self.subTest(context), self.assertRaises(UserError):
                document.with_context(**context).write({"stage": "approved"})

    def test_a_permit_is_for_its_records_and_its_state(self):
        document, other = self._create_document(), self._create_document()
        permit = _Permit(MODEL, frozenset(document.ids), "submitted")
        permitted = (document + other).with_context(workflow_permit=permit)
        with self.assertRaises(UserError):
            permitted.write({"stage": "submitted"})
        with self.assertRaises(UserError):
            permitted[0].write({"stage": "approved"})
        permitted[0].write({"stage": "submitted"})
        self.assertEqual((document + other).mapped("stage"), ["submitted", "draft"])

    def test_an_override_that_writes_the_state_meets_the_guard(self):
        document = self._create_document()
        with self.assertRaisesRegex(UserError, "by its buttons only"):
            document.write({"remark": "approve it behind the guard"})

    def test_the_change_of_state_runs_through_the_overrides(self):
        """The mixin stands behind the model's own ``write`` and mail's: both must see the change."""
        document = self._create_document()
        self.env.flush_all()
        self.cr.precommit.run()
        document._workflow_do("submit")
        document.with_user(self.manager_a)._workflow_do("approve")
        self.assertTrue(document.approved_on)
        self.env.flush_all()
        self.cr.precommit.run()
        tracked = self.env["mail.tracking.value"].search([("mail_message_id.res_id", "=", document.id)])
        self.assertEqual(tracked.filtered(lambda value: value.field_id.name == "stage")[:1].new_value_char, "Approved")

    def test_every_document_begins_in_the_initial_state(self):
        documents = self.env[MODEL].with_user(self.officer_a)
        for state in ("submitted", "approved", "nonsense", False):
            with self.subTest(state), self.assertRaisesRegex(UserError, "begins as “Draft”"):
                documents.create({"stage": state})
        self.assertEqual(documents.create({"stage": "draft"}).stage, "draft")
        self.assertEqual(documents.with_context(default_stage="approved").create({}).stage, "draft")

    def test_a_default_of_the_user_sets_no_state(self):
        self.env["ir.default"].set(MODEL, "stage", "approved", user_id=self.officer_a.id)
        self.assertEqual(self._create_document().stage, "draft")

    def test_a_copy_begins_anew(self):
        document = self._create_approved()
        copy = document.copy()
        self.assertEqual((copy.stage, copy.workflow_log_ids.ids), ("draft", []))
        with self.assertRaises(UserError):
            document.copy({"stage": "approved"})

    def test_an_import_sets_no_state(self):
        documents = self.env[MODEL].with_user(self.officer_a)
        result = documents.load(["name", "stage"], [["Imported", "Approved"]])
        self.assertFalse(result["ids"])
        self.assertIn("begins as", result["messages"][0]["message"])
        document = self._create_document()
        result = documents.load([".id", "stage"], [[str(document.id), "Approved"]])
        self.assertFalse(result["ids"])
        self.assertEqual(document.stage, "draft")

    def test_an_export_can_be_imported_again(self):
        """What an import says that is there already is no change, even where the state locks everything."""
        tag = self.env["res.partner.category"].create({"name": "Test tag"})
        document = self._create_approved(
            ratio=1.5, day="2026-11-22", partner_id=self.customer.id, tag_ids=[Command.link(tag.id)], html="<p>ä</p>"
        )
        names = ["name", "stage", "amount", "ratio", "day", "flag", "html", "partner_id/.id", "tag_ids"]
        rows = document.sudo().export_data(names)["datas"]
        rows = [[str(document.id), *(str(value) for value in row)] for row in rows]
        result = self.env[MODEL].with_user(self.officer_a).load([".id", *names], rows)
        self.assertEqual(result["ids"], document.ids, result["messages"])

    def test_web_save_sets_no_state(self):
        documents = self.env[MODEL].with_user(self.officer_a)
        with self.assertRaises(UserError):
            documents.web_save({"name": "x", "stage": "approved"}, {"stage": {}})
        with self.assertRaises(UserError):
            self._create_document().web_save({"stage": "approved"}, {"stage": {}})

    def test_an_onchange_saves_nothing(self):
        document = self._create_document()
        document.onchange({"stage": "approved"}, ["stage"], {"stage": {}})
        document.invalidate_recordset()
        self.assertEqual(document.stage, "draft")

    def test_a_new_record_in_memory_can_show_any_state(self):
        """The guard is for what is stored: forms and onchange may fill in a record that isn't."""
        self.assertEqual(self.env[MODEL].new({"stage": "approved"}).stage, "approved")

    def test_server_actions_set_no_state(self):
        document = self._create_document()
        model = self.env["ir.model"]._get(MODEL)
        write = {"state": "object_write", "update_path": "stage", "value": "approved", "evaluation_type": "value"}
        code = {"state": "code", "code": "records.sudo().write({'stage': 'approved'})"}
        for values in (write, code):
            action = self.env["ir.actions.server"].create({"name": "attack", "model_id": model.id, **values})
            with self.subTest(values["state"]), self.assertRaisesRegex(UserError, "by its buttons only"):
                action.with_context(active_model=MODEL, active_ids=document.ids, active_id=document.id).run()
        self.assertEqual(document.stage, "draft")

    # === LOCKED FIELDS === #

    def test_locked_fields_of_every_type(self):
        """For each type of field: another value is refused, the same value in another form is no change."""
        tag, other_tag = self.env["res.partner.category"].create([{"name": "Test tag"}, {"name": "Other tag"}])
        cases = {
            "name": ("Fake", ["Other", False, ""], ["Fake"]),
            "text": ("a\nb", ["a"], ["a\nb"]),
            "html": ("<p>a</p>", ["<p>b</p>"], ["<p>a</p>"]),
            "integer": (5, [6, False, "7"], [5, "5", 5.0]),
            "ratio": (1.25, [1.26, 0, "1.3"], [1.25, "1.25", 1.2501]),
            "amount": (100.0, [101, False, "101"], [100, "100.0"]),
            "flag": (True, [False, None], [True, 1]),
            "day": ("2026-11-22", ["2026-11-23", False], ["2026-11-22", "2026-11-22 10:00:00"]),
            "moment": ("2026-11-22 10:00:00", ["2026-11-22 10:00:01", False], ["2026-11-22 10:00:00"]),
            "partner_id": (self.customer.id, [self.company.partner_id.id, False], [self.customer.id]),
            "reference": (f"res.partner,{self.customer.id}", [False], [f"res.partner,{self.customer.id}"]),
            "json": ({"a": [1]}, [{"a": [2]}, {}, False], [{"a": [1]}]),
            "file": (FILE, ["Ynll", False, "16.00 bytes", "11.00 bytes"], [FILE]),
            "translated": ("word", ["other", False], ["word"]),
            "double": (10, [11, False], [10]),
            "tag_ids": (
                [Command.link(tag.id)],
                [
                    False,
                    None,
                    [Command.clear()],
                    [Command.unlink(tag.id)],
                    [Command.delete(tag.id)],
                    [Command.link(other_tag.id)],
                    [Command.set([])],
                    [Command.set([tag.id, other_tag.id])],
                    [Command.create({"name": "new"})],
                    [Command.update(tag.id, {"name": "renamed"})],
                    [other_tag.id],
                ],
                [[], [Command.link(tag.id)], [Command.set([tag.id])], [[6, False, [tag.id]]]],
            ),
        }
        values = {name: value for name, (value, *_) in cases.items() if name != "double"}
        document = self._create_approved(**values)
        tried = 0
        for name, (__, changes, same) in cases.items():
            for value in changes:
                for context in ({}, {"bin_size": True}, {"active_test": False, "edit_translations": True}):
                    tried += 1
                    with (
                        self.subTest(f"{name} = {value}"),
                        self.assertRaisesRegex(UserError, "can't be changed any more"),
                    ):
                        document.with_context(**context).sudo().write({name: value})
            for value in same:
                with self.subTest(f"{name} = {value}, the same"):
                    document.write({name: value})
        self.assertGreater(tried, 100)

    def test_lines_of_a_locked_document_stay(self):
        document = self._create_document()
        line = self._create_document(parent_id=document.id)
        document._workflow_do("submit")
        document.with_user(self.manager_a)._workflow_do("approve")
        for commands in (
            False,
            None,
            (),
            [Command.clear()],
            [Command.delete(line.id)],
            [Command.unlink(line.id)],
            [Command.update(line.id, {"amount": 1})],
            [Command.create({"amount": 1})],
            [Command.set([])],
        ):
            with self.subTest(commands), self.assertRaises(UserError):
                document.write({"child_ids": commands})
        document.write({"child_ids": []})
        self.assertEqual(document.child_ids, line)

    def test_what_the_state_leaves_open_can_be_changed(self):
        document = self._create_approved()
        document.write({"remark": "still open"})
        self.assertEqual(document.remark, "still open")

    def test_named_fields_lock_by_name(self):
        document = self._create_document()
        document._workflow_do("submit")
        document.write({"name": "Other"})
        with self.assertRaisesRegex(UserError, "Amount can't be changed"):
            document.write({"amount": 1})

    def test_translating_a_locked_field_is_a_change(self):
        document = self._create_approved(translated="word")
        for translate in (
            lambda: document.update_field_translations("translated", {"id_ID": "kata"}),
            lambda: document.update_field_translations("translated", {"en_US": "other"}),
            lambda: document.web_override_translations({"translated": "other"}),
            lambda: document.with_context(lang="id_ID").write({"translated": "kata"}),
        ):
            with self.assertRaisesRegex(UserError, "can't be changed any more|tidak dapat diubah lagi"):
                translate()

    def test_a_translation_in_an_open_state_is_free(self):
        document = self._create_document(translated="word")
        document.update_field_translations("translated", {"id_ID": "kata"})
        self.assertEqual(document.with_context(lang="id_ID").translated, "kata")

    def test_refusal_names_the_document_to_nobody_else(self):
        """Access is checked before locks: otherwise a write by a stranger would tell name and state."""
        done = self._create_done()
        for attack in (
            lambda record: record.write({"note": "x"}),
            lambda record: record.write({"state": "open"}),
            lambda record: record.update_field_translations("note", {"en_US": "x"}),
            lambda record: record.unlink(),
            lambda record: record.action_close(),
        ):
            with self.assertRaises(AccessError) as refusal:
                attack(done.with_user(self.officer_b))
            self.assertNotIn("Budi Santoso", str(refusal.exception))

    def test_unknown_fields_are_refused_by_odoo(self):
        with self.assertRaises(ValueError):
            self._create_approved().write({"nonsense": 1})

    def test_checking_locks_takes_no_query_per_record(self):
        counts = []
        for count in (10, 100):
            documents = self.env[MODEL].create([{"amount": 5, "partner_id": self.customer.id}] * count)
            documents._workflow_do("submit")
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            documents.with_user(self.officer_a).write({"amount": 5, "tag_ids": [], "remark": "x"})
            self.env.flush_all()
            counts.append(self.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0], f"10 and 100 documents took {counts} queries")

    # === DELETION === #

    def test_deleted_only_in_a_deletable_state(self):
        document = self._create_document()
        document._workflow_do("submit")
        for record in (document, document.sudo(), document.with_user(self.admin)):
            with self.assertRaisesRegex(UserError, "can't be deleted"):
                record.unlink()
        document._workflow_do("return", "test")
        self.assertTrue(document.unlink())

    def test_a_client_does_not_pretend_to_uninstall(self):
        """Odoo skips its checks of deletion for a key of the context, which any client can set."""
        document = self._create_approved()
        for record in (document, document.sudo(), document.with_user(self.admin)):
            with self.assertRaisesRegex(UserError, "can't be deleted"):
                record.with_context(**{MODULE_UNINSTALL_FLAG: True}).unlink()

    def test_an_addon_can_be_uninstalled(self):
        document = self._create_approved()
        self.assertTrue(document.with_user(1).with_context(**{MODULE_UNINSTALL_FLAG: True}).unlink())

    # === DECLARATION === #

    def test_a_table_with_a_misspelt_field_does_not_load(self):
        table = Workflow(states=WORKFLOW.states, transitions=(), locked={"draft": ("prize",)})
        self.patch(self.registry[MODEL], "_workflow", table)
        with self.assertRaisesRegex(ValueError, "prize"):
            self.env[MODEL]._register_hook()

    def test_a_state_field_with_other_states_does_not_load(self):
        self.patch(self.registry[MODEL], "_workflow", Workflow(states={"draft": "Draft"}, transitions=()))
        with self.assertRaisesRegex(ValueError, "isn't built from"):
            self.env[MODEL]._register_hook()

    def test_labels_come_in_the_language_of_the_user(self):
        field = self.env["ir.model.fields"]._get(MODEL, "stage")
        approved = field.selection_ids.filtered(lambda selection: selection.value == "approved")
        approved.with_context(lang="id_ID").name = "Disetujui"
        document = self._create_approved().with_context(lang="id_ID")
        with self.assertRaisesRegex(UserError, "“Disetujui”"):
            document.unlink()
        self.assertEqual(document.workflow_log_ids[0].target_label, "Disetujui")

    def test_form_shows_the_state_and_saves_the_rest(self):
        view = "<form><field name='stage'/><field name='name'/></form>"
        self.env["ir.ui.view"].create({"name": "fake", "model": MODEL, "arch": view})
        with Form(self.env[MODEL].with_user(self.officer_a)) as form:
            form.name = "From a form"
        self.assertEqual(form.record.stage, "draft")
