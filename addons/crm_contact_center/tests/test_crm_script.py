from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from ..script_text import fill, unknown
from .common import ContactCenterCase


@tagged("post_install", "-at_install")
class TestScript(ContactCenterCase):
    """CC-6: scripts that lead step by step, with the customer's data, and branch on answers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["crm.script.rule"].search([]).active = False
        cls.script = cls._create_script("Test script")
        cls.rule = cls._create_rule(cls.script)

    @classmethod
    def _create_script(cls, name):
        """Create and publish: hello → (yes → close, no → close), close → end."""
        script = cls.env["crm.script"].create({"name": name})
        hello, close = cls.env["crm.script.step"].create(
            [
                {"script_id": script.id, "name": "Hello", "text": "Good day, ${customer.name}!", "sequence": 1},
                {"script_id": script.id, "name": "Close", "text": "You owe ${amount_due}.", "sequence": 2},
            ]
        )
        cls.env["crm.script.answer"].create(
            [
                {
                    "step_id": hello.id,
                    "name": "Yes",
                    "next_step_id": close.id,
                    "purpose_id": cls.purpose.id,
                    "outcome_id": cls.outcome.id,
                },
                {"step_id": hello.id, "name": "No", "next_step_id": close.id},
                {"step_id": close.id, "name": "Bye"},
            ]
        )
        script.action_publish()
        return script

    @classmethod
    def _create_rule(cls, script, **values):
        return cls.env["crm.script.rule"].create({"script_id": script.id, "sequence": 1, **values})

    def _as_agent(self, contact, agent=None):
        return contact.with_user((agent or self.agent_1).user_id)

    def _press(self, contact, name):
        """Press the answer of that name at the present step."""
        mine = self._as_agent(contact)
        told = mine.desk_script()
        key = told["talk"]["step"] if told["talk"] else told["first"]
        (answer,) = (one["id"] for one in told["steps"][key]["answers"] if one["name"] == name)
        return mine.desk_script_answer(key, answer)

    # === TALKING === #

    def test_talk(self):
        """CC-6a: step by step, data filled in, the path kept; reason and outcome follow from the answers."""
        contact = self._talk()
        told = self._as_agent(contact).desk_script()
        self.assertEqual(told["steps"][told["first"]]["text"], f"Good day, {self.customer.name}!")
        self.assertEqual(told["script_id"], self.script.id)
        self.assertIs(told["talk"], False, "an empty recordset is true in JavaScript")
        told = self._press(contact, "Yes")
        self.assertEqual(told["talk"]["path"], [{"step": "Hello", "answer": "Yes"}])
        self.assertEqual((told["purpose_id"], told["outcome_id"]), (self.purpose.id, self.outcome.id))
        told = self._press(contact, "Bye")
        self.assertTrue(told["talk"]["ended"])
        self.assertEqual(contact.talk_ids.line_ids.mapped("name"), ["Yes", "Bye"])

    def test_back(self):
        """CC-6a: one step back; that it was said stays."""
        contact = self._talk()
        self._press(contact, "Yes")
        told = self._as_agent(contact).desk_script_back()
        self.assertEqual((told["talk"]["path"], told["purpose_id"]), ([], False))
        self._press(contact, "No")
        self.assertEqual(contact.talk_ids.line_ids.mapped("is_taken_back"), [True, False])

    def test_wrong_answers(self):
        """CC-6a: an answer of another step, or of none, isn't noted; nor twice the same."""
        contact = self._talk()
        mine = self._as_agent(contact)
        told = mine.desk_script()
        for step, answer in ((told["first"], 0), ("x", 1), (False, False), ([], {})):
            with self.assertRaises(UserError):
                mine.desk_script_answer(step, answer)
        first = told["steps"][told["first"]]["answers"][0]["id"]
        mine.desk_script_answer(told["first"], first)
        with self.assertRaises(UserError):
            mine.desk_script_answer(told["first"], first)

    def test_ready_scripts(self):
        """CC-6a: two scripts are ready: whole, published as they are, in each language that the database has."""
        languages = {code for code, _name in self.env["res.lang"].get_installed()}
        for name in ("greeting", "callback"):
            with self.subTest(name):
                script = self.env.ref(f"crm_contact_center.crm_script_{name}")
                script._check_whole()
                self.assertTrue(script.version_id)
                self.assertFalse(script.is_changed)
                content = script.version_id.sudo().content
                self.assertLessEqual(languages, set(content["steps"][content["first"]]["text"]))

    def test_customers_language(self):
        """CC-2f, CC-6a: what is said is in the customer's language, where it is translated; the rest in the agent's."""
        self.env["res.lang"]._activate_lang("pl_PL")
        hello = self.script.step_ids[0].with_context(lang="pl_PL")
        hello.write({"name": "Powitanie", "text": "Dzień dobry!"})
        self.script.action_publish()
        self.customer.lang = "pl_PL"
        told = self._as_agent(self._talk()).desk_script()
        steps = list(told["steps"].values())
        self.assertEqual([step["name"] for step in steps], ["Hello", "Close"])
        self.assertEqual(steps[0]["text"], "Dzień dobry!")
        self.assertIn("You owe", steps[1]["text"])

    def test_greeting(self):
        """CC-2f: the greeting is in the customer's language."""
        self.env["res.lang"]._activate_lang("pl_PL")
        self.script.step_ids[0].text = "${greeting}, ${customer.name}!"
        self.script.action_publish()
        self.customer.lang = "pl_PL"
        told = self._as_agent(self._talk()).desk_script()
        self.assertEqual(told["steps"][told["first"]]["text"], f"Dzień dobry, {self.customer.name}!")

    def test_version_stays(self):
        """CC-6a: who is talking goes on by the version they began with."""
        contact = self._talk()
        self._press(contact, "Yes")
        self.script.step_ids[1].text = "Something else"
        self.script.action_publish()
        told = self._as_agent(contact).desk_script()
        self.assertIn("You owe", told["steps"][told["talk"]["step"]]["text"])
        other = self._talk(self.agent_2)
        told = self._as_agent(other, self.agent_2).desk_script()
        self.assertIn("Something else", [step["text"] for step in told["steps"].values()])

    def test_immutable(self):
        """CC-6a: nobody changes or deletes what was said, nor a published version."""
        contact = self._talk()
        self._press(contact, "Yes")
        talk = contact.talk_ids
        for records in (talk, talk.line_ids, talk.version_id):
            for attack in (
                lambda records=records: records.sudo().write({"user_id": 1, "number": 7, "name": "x"}),
                lambda records=records: records.sudo().create({}),
            ):
                with self.assertRaises(UserError):
                    attack()
        for records in (talk, talk.line_ids):
            with self.assertRaises(UserError):
                records.sudo().unlink()
        with self.assertRaises(UserError):
            talk.with_user(self.supervisor).write({"user_id": 1})

    def test_somebody_elses(self):
        """CC-6a: a colleague doesn't answer in my talk; another branch's supervisor doesn't see it."""
        contact = self._talk()
        with self.assertRaises(AccessError):
            self._as_agent(contact, self.agent_2).desk_script_begin(self.script.id)
        self._press(contact, "Yes")
        self.assertFalse(self.env["crm.script.talk"].with_user(self.agent_b.user_id).search([]))

    def test_over(self):
        """CC-6a: nothing is noted any more when the contact is done."""
        contact = self._finish(self._talk())
        with self.assertRaises(UserError):
            self._as_agent(contact).desk_script_begin(self.script.id)

    def test_queries(self):
        """CC-6a: a script of fifty steps costs as many queries as one of two."""
        contact = self._talk()
        mine = self._as_agent(contact)
        mine.desk_script()
        self.env.invalidate_all()
        with self.assertQueryCount(__system__=35, test_agent_1=35):
            mine.desk_script()
        steps = self.env["crm.script.step"].create(
            [
                {"script_id": self.script.id, "name": f"Step {n}", "text": "x ${customer.name}", "sequence": 10 + n}
                for n in range(50)
            ]
        )
        last = self.script.step_ids[1]
        for step in steps:
            self.env["crm.script.answer"].create({"step_id": last.id, "name": "On", "next_step_id": step.id})
            last = step
        self.script.action_publish()
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(__system__=35, test_agent_1=35):
            mine.desk_script()

    # === CHOOSING === #

    def test_first_rule_that_fits(self):
        """CC-6b: the rules are asked in their order, and the first that fits is taken."""
        due, chats = self._create_script("Due"), self._create_script("Chats")
        self._create_rule(due, sequence=0, due_from=1)
        self._create_rule(chats, sequence=0, channel="chat")
        call, chat = self._enter(), self._enter(channel="chat")
        self.assertEqual((call._script_chosen(), chat._script_chosen()), (self.script, chats))
        self.rule.queue_ids = self.queue_b
        self.assertFalse(call._script_chosen())

    def test_facts(self):
        """CC-6b: reason, value, language, queue and segment of the customer are conditions."""
        contact = self._enter(purpose_id=self.purpose.id)
        facts = contact._script_facts()
        for condition, fits, facts_change in (
            ({"purpose_ids": [Command.set(self.purpose.ids)]}, True, {}),
            ({"value_from": 10}, False, {}),
            ({"value_from": 10}, True, {"value": 10}),
            ({"due_from": 5}, False, {"due": 4.99}),
            ({"due_from": 5}, True, {"due": 5}),
            ({"only_promotion": True}, False, {"promotion": ""}),
            ({"only_promotion": True}, True, {"promotion": "Free case"}),
            ({"direction": "outgoing"}, False, {}),
            ({"lang_id": self.env.ref("base.lang_pl").id}, False, {}),
        ):
            with self.subTest(condition, **facts_change):
                rule = self._create_rule(self.script, **condition)
                self.assertEqual(not rule._against(facts | facts_change), fits)

    def test_unpublished(self):
        """CC-6b: a script that isn't published, or was withdrawn, isn't chosen."""
        self.script.action_withdraw()
        self.assertFalse(self._enter()._script_chosen())

    # === WRITING === #

    def test_placeholders(self):
        """CC-6a: only known placeholders; nothing is evaluated; values aren't filled in again."""
        step = self.script.step_ids[0]
        for text in ("${__class__}", "${customer.password}", "${7*7}", "${}", "${customer.name} ${env}"):
            with self.subTest(text), self.assertRaisesRegex(ValidationError, "which there isn't"):
                step.text = text
        with self.assertRaises(ValidationError):
            step.text = "x" * 4001
        self.assertEqual(fill("${customer.name}", {"customer.name": "${agent.name}<b>"}), "${agent.name}<b>")
        self.assertEqual(fill("${customer.name}!", {}), "…!")
        self.assertEqual(unknown("{customer.name} $ { x } ${ customer.name }"), [])

    def test_whole(self):
        """CC-6a: a step that nothing leads to, and a talk without an end, aren't published."""
        lost = self.env["crm.script.step"].create({"script_id": self.script.id, "name": "Lost", "text": "x"})
        lost.sequence = 99
        with self.assertRaisesRegex(ValidationError, "No answer leads to: Lost"):
            self.script.action_publish()
        lost.unlink()
        self.script.step_ids[1].answer_ids.next_step_id = self.script.step_ids[0]
        with self.assertRaisesRegex(ValidationError, "never ends"):
            self.script.action_publish()
        empty = self.env["crm.script"].create({"name": "Empty"})
        with self.assertRaisesRegex(ValidationError, "no steps"):
            empty.action_publish()

    def test_another_scripts_step(self):
        """CC-6a: an answer leads to a step of its own script."""
        other = self._create_script("Other")
        with self.assertRaises(ValidationError):
            self.script.step_ids[0].answer_ids[0].next_step_id = other.step_ids[0]

    def test_copy(self):
        """CC-6a: a copy's answers lead to the copy's steps."""
        copy = self.script.copy()
        self.assertEqual(copy.step_ids[0].answer_ids.next_step_id, copy.step_ids[1])
        self.assertFalse(copy.version_id)

    def test_rights(self):
        """CC-6b: supervisors write scripts; agents read what is published, through their desks."""
        agent = self.script.with_user(self.agent_1.user_id)
        for attack in (agent.action_publish, agent.action_withdraw, lambda: agent.write({"name": "x"})):
            with self.assertRaises(AccessError):
                attack()
        self.script.with_user(self.supervisor).step_ids[0].text = "Hello, ${customer.name}."
        self.assertTrue(self.script.is_changed)
        self.script.with_user(self.supervisor).action_publish()

    def test_published_by_its_action_only(self):
        """CC-6a: no supervisor types which version agents read, another script's least of all."""
        scripts = self.env["crm.script"].with_user(self.supervisor)
        script = self.script.with_user(self.supervisor)
        for attack in (
            lambda: script.write({"version_id": False}),
            lambda: script.write({"version_id": script.version_id.id}),
            lambda: scripts.create({"name": "Mine", "version_id": script.version_id.id}),
        ):
            with self.assertRaises(UserError):
                attack()
        script.action_withdraw()
        self.assertFalse(script.version_id)

    def test_play(self):
        """CC-6a: a supervisor goes through a script that isn't published, with an example's data."""
        told = self.script.with_user(self.supervisor).action_play_content()
        self.assertIn("Nadia", told["steps"][told["first"]]["text"])
