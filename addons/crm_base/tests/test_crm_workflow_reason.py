from odoo.exceptions import AccessError, UserError

from .fake_document import MODEL, FakeDocumentCase


class TestWorkflowReason(FakeDocumentCase):
    """The wizard asks why, and the document's workflow decides."""

    def _create_wizard(self, records, transition, user=None, reason="because", **values):
        wizards = self.env["crm.workflow.reason"].with_user(user or self.officer_a)
        wizards = wizards.with_context(active_model=records._name, active_ids=records.ids)
        return wizards.create({"transition": transition, "reason": reason, **values})

    def test_it_takes_the_documents_from_the_button_and_does_the_step(self):
        interactions = self._create_interaction() + self._create_interaction()
        self._create_wizard(interactions, "cancel").action_confirm()
        self.assertEqual(interactions.mapped("state"), ["cancelled", "cancelled"])
        self.assertEqual(self._history(interactions[0]), [("cancel", "open", "cancelled", self.officer_a, "because")])

    def test_reason_is_more_than_blanks(self):
        interaction = self._create_interaction()
        with self.assertRaisesRegex(UserError, "reason"):
            self._create_wizard(interaction, "cancel", reason="  ").action_confirm()
        self.assertEqual(interaction.state, "open")

    def test_it_gives_no_right_that_the_user_has_not(self):
        done, foreign = self._create_done(), self._create_interaction(user=self.officer_b)
        with self.assertRaises(AccessError):
            self._create_wizard(done, "reopen").action_confirm()
        with self.assertRaises(AccessError):
            self._create_wizard(foreign, "cancel").action_confirm()
        self.assertEqual((done.state, foreign.sudo().state), ("done", "open"))

    def test_it_does_only_steps_that_need_a_reason(self):
        """A step without a reason has its own button, and may be one that only the system takes."""
        interaction = self._create_interaction(outcome_id=self.outcome.id)
        document = self._create_document()
        for record, transition in (
            (interaction, "close"),
            (document, "submit"),
            (document, "nonsense"),
            (document, ""),
        ):
            with self.subTest(transition), self.assertRaises(UserError):
                self._create_wizard(record, transition or " ").action_confirm()
        self.assertEqual((interaction.state, document.stage), ("open", "draft"))

    def test_other_models_have_no_steps(self):
        for model in ("res.users", "crm.lead", "no.such.model", "crm.workflow.mixin", "base", "crm.workflow.log"):
            with self.subTest(model), self.assertRaisesRegex(UserError, "no such step"):
                self._create_wizard(self.customer, "cancel", res_model=model, res_ids=[1]).action_confirm()

    def test_documents_are_a_list_of_numbers(self):
        for ids in ("abc", [[1]], ["1"], {"1": 2}, [True], [1.5], 7, [None]):
            with self.subTest(ids), self.assertRaisesRegex(UserError, "Choose the documents"):
                self._create_wizard(self._create_interaction(), "cancel", res_ids=ids).action_confirm()

    def test_missing_documents_are_an_error(self):
        with self.assertRaises(UserError):
            self._create_wizard(self.env["crm.interaction"], "cancel", res_ids=[2**31 - 1]).action_confirm()

    def test_what_is_typed_is_for_the_typist(self):
        """Odoo 19 gives transient records no owner's rule of its own."""
        wizard = self._create_wizard(self._create_interaction(), "cancel")
        foreign = wizard.with_user(self.officer_b)
        self.assertFalse(foreign.search([("id", "=", wizard.id)]))
        self.env.invalidate_all()
        for attack in (
            lambda: foreign.read(["reason"]),
            lambda: foreign.write({"reason": "x"}),
            foreign.action_confirm,
        ):
            with self.assertRaises(AccessError):
                attack()

    def test_not_the_same_person_holds_through_the_wizard(self):
        document = self._create_document(user=self.manager_a)
        document._workflow_do("submit")
        with self.assertRaises(UserError):
            self._create_wizard(document, "approve", user=self.manager_a).action_confirm()
        self.assertEqual(document.stage, "submitted")
        self._create_wizard(document, "reject", user=self.manager_a).action_confirm()
        self.assertEqual((document.stage, document._name), ("rejected", MODEL))

    def test_it_says_which_step_it_is(self):
        """The dialog names the documents and where they go; of nonsense it says nothing."""
        interaction = self._create_interaction()
        wizard = self._create_wizard(interaction, "cancel")
        self.assertIn(interaction.display_name, wizard.step)
        self.assertIn("Cancelled", wizard.step)
        self.assertFalse(self._create_wizard(interaction, "nonsense").step)
