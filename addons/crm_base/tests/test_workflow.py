from odoo.tests import BaseCase, tagged

from odoo.addons.crm_base.workflow import ALL_BUT, Transition, Workflow


@tagged("post_install", "-at_install")
class TestWorkflow(BaseCase):
    """The table of states and transitions: plain Python, no database."""

    def _create_workflow(self, *transitions, **values):
        return Workflow(states={"draft": "Draft", "done": "Done"}, transitions=transitions, **values)

    def test_first_state_is_the_initial_one(self):
        self.assertEqual(self._create_workflow().initial, "draft")

    def test_selection_is_built_from_the_states(self):
        self.assertEqual(self._create_workflow().selection, [("draft", "Draft"), ("done", "Done")])

    def test_transition_is_found_by_name(self):
        finish = Transition("finish", ("draft",), "done")
        self.assertIs(self._create_workflow(finish).find("finish"), finish)

    def test_unknown_transition_is_none(self):
        self.assertIsNone(self._create_workflow(Transition("finish", ("draft",), "done")).find("finnish"))

    def test_state_locks_the_fields_that_it_names(self):
        workflow = self._create_workflow(locked={"done": ("price",)})
        self.assertTrue(workflow.locks("done", "price"))
        self.assertFalse(workflow.locks("done", "note"))
        self.assertFalse(workflow.locks("draft", "price"))

    def test_all_but_locks_every_other_field(self):
        workflow = self._create_workflow(locked={"done": (ALL_BUT, "note")})
        self.assertTrue(workflow.locks("done", "price"))
        self.assertFalse(workflow.locks("done", "note"))

    def test_all_but_alone_locks_everything(self):
        self.assertTrue(self._create_workflow(locked={"done": (ALL_BUT,)}).locks("done", "note"))

    def test_all_but_comes_first(self):
        with self.assertRaisesRegex(ValueError, "ALL_BUT"):
            self._create_workflow(locked={"done": ("note", ALL_BUT)})

    def test_transition_is_declared_once(self):
        with self.assertRaisesRegex(ValueError, "twice"):
            self._create_workflow(Transition("finish", ("draft",), "done"), Transition("finish", ("done",), "draft"))

    def test_unknown_states_are_refused_wherever_they_stand(self):
        for name, make in {
            "source": lambda: self._create_workflow(Transition("finish", ("drafft",), "done")),
            "target": lambda: self._create_workflow(Transition("finish", ("draft",), "don")),
            "locked": lambda: self._create_workflow(locked={"don": ("price",)}),
            "deletable": lambda: self._create_workflow(deletable=("drafft",)),
            "a source that is no tuple": lambda: self._create_workflow(Transition("finish", "draft", "done")),
        }.items():
            with self.subTest(name), self.assertRaisesRegex(ValueError, "Unknown states"):
                make()

    def test_other_than_names_a_transition_of_the_table(self):
        with self.assertRaisesRegex(ValueError, "isn't in the table"):
            self._create_workflow(Transition("approve", ("draft",), "done", other_than="submit"))

    def test_fields_are_those_locked_or_required(self):
        workflow = self._create_workflow(
            Transition("finish", ("draft",), "done", requires=("outcome",)), locked={"done": (ALL_BUT, "note")}
        )
        self.assertEqual(workflow.fields, {"outcome", "note"})

    def test_table_and_transition_cannot_be_changed(self):
        finish = Transition("finish", ("draft",), "done", groups=("base.group_system",))
        with self.assertRaises(AttributeError):
            finish.groups = ()
        with self.assertRaises(AttributeError):
            self._create_workflow(finish).transitions = ()
