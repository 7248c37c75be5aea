from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from .common import WhatsappCase


class TestQueue(WhatsappCase):
    def test_one_number_is_told_once(self):
        """H23-4.2.3: with one key a number gets one message, however often and for however many documents."""
        twin = self.env["res.partner"].create({"name": "Twin", "phone": "+62 812-3456-7890"})
        messages = self._queue(self.customer | twin, key="fu1")
        self.assertEqual(messages.mapped("state"), ["queued", "left_out"])
        self.assertEqual(messages[1].problem, "duplicate")
        self.assertFalse(self._queue(self.customer | twin, key="fu1"))
        self.assertEqual(self._queue(key="fu2").state, "queued")
        self._run()
        self.assertEqual(len(self.stub.calls), 2)

    def test_the_database_keeps_it(self):
        """H23-4.2.3: not even by SQL is a number told twice with one key."""
        message = self._queue(key="fu1")
        with self.assertRaisesRegex(Exception, "told_once"), self.cr.savepoint(), self.muted():
            self.cr.execute(
                """
                INSERT INTO crm_whatsapp_message (direction, kind, state, account_id, branch_id, phone, key)
                SELECT direction, kind, state, account_id, branch_id, phone, key
                  FROM crm_whatsapp_message WHERE id = %s
                """,
                message.ids,
            )

    @staticmethod
    def muted():
        from odoo.tools import mute_logger

        return mute_logger("odoo.sql_db")

    def test_who_cant_get_it(self):
        """H23-4.2.4: landlines, invalid numbers, opt-outs and gaps are left out, with the reason."""
        create = self.env["res.partner"].create
        cases = {
            "landline": create({"name": "L", "phone": "021 5270 7001"}),
            "invalid": create({"name": "I", "phone": "08123456789.0"}),
            "no_number": create({"name": "N"}),
            "opted_out": create({"name": "O", "phone": "+62 813 1111 2222"}),
        }
        cases["opted_out"].with_user(self.officer_a).action_whatsapp_opt_out()
        empty = self._create_template(
            name="empty", body="{{1}} of {{2}}", variable_ids=[Command.create({"number": 2, "field_path": "city"})]
        )
        for problem, partner in cases.items():
            self.assertEqual((self._queue(partner).state, self._queue(partner).problem), ("left_out", problem))
        self.assertEqual(self._queue(template=empty).problem, "empty_variable")
        self.assertEqual(self._run(), 0)
        self.assertFalse(self.stub.calls)

    def test_blocked_in_odoo(self):
        self.env["phone.blacklist"].create({"number": "+6281234567890"})
        self.assertEqual(self._queue().problem, "opted_out")

    def test_marketing(self):
        """Who stopped marketing still gets what concerns their order; marketing may need a yes."""
        marketing = self._create_template(name="promo", category="marketing")
        consents = self.env["crm.whatsapp.consent"]
        consents._note("+6281234567890", "out_marketing", "whatsapp")
        self.assertEqual(self._queue(template=marketing).problem, "opted_out")
        self.assertEqual(self._queue().state, "queued")
        consents._note("+6281234567890", "in", "officer", fields.Datetime.now() + timedelta(seconds=5))
        self.company.whatsapp_opt_in = True
        self.assertEqual(self._queue(template=marketing).state, "queued")
        other = self._create_customers(1)
        self.assertEqual(self._queue(other, template=marketing).problem, "no_opt_in")
        self.assertEqual(self._queue(other).state, "queued")

    def test_the_later_word_counts(self):
        now = fields.Datetime.now()
        consents = self.env["crm.whatsapp.consent"]
        for order in ((0, 1), (1, 0)):
            said = [("in", now - timedelta(days=2)), ("out", now - timedelta(days=1))]
            for place in order:
                consents._note(f"+6281000000{order[0]}", said[place][0], "customer", said[place][1])
        self.assertEqual(set(consents.search([("phone", "like", "+6281000000")]).mapped("value")), {"out"})

    def test_languages(self):
        """Each recipient gets the template in their language; without it, the one that was chosen."""
        indonesian = self._create_template(language="id", body="Halo {{1}}, sampai jumpa di {{2}}.")
        self.env["res.lang"]._activate_lang("id_ID")
        ani, budi = self._create_customers(2)
        ani.lang = "id_ID"
        messages = self._queue(ani | budi)
        self.assertEqual(messages.template_id, indonesian | self.template)
        self.assertEqual(
            dict(zip(messages.partner_id, messages.mapped("body"), strict=True)),
            {
                ani: "Halo Customer 0, sampai jumpa di the shop.",
                budi: "Hello Customer 1, see you at the shop.",
            },
        )

    def test_values(self):
        """What goes into a message is a short text: no line breaks, numbers and dates as people write them."""
        self.customer.write({"city": "Jakarta\n  Selatan", "country_id": self.env.ref("base.id").id, "color": 1234})
        template = self._create_template(
            name="values",
            body="{{1}} {{2}} {{3}} {{4}}",
            variable_ids=[
                Command.create({"number": 1, "field_path": "city"}),
                Command.create({"number": 2, "field_path": "country_id.code"}),
                Command.create({"number": 3, "field_path": "color"}),
                Command.create({"number": 4, "field_path": "function", "value": "customer"}),
            ],
        )
        self.assertEqual(self._queue(template=template).variables, ["Jakarta Selatan", "ID", "1,234", "customer"])

    def test_values_in_the_language_of_the_text(self):
        """Numbers and dates are as the readers of the text write them, whoever sends it."""
        self.env["res.lang"]._activate_lang("id_ID")
        self.customer.color = 1234
        number = [Command.create({"number": 1, "field_path": "color"})]
        template = self._create_template(name="number", language="id", body="{{1}}", variable_ids=number)
        self.assertEqual(self._queue(template=template).variables, ["1.234"])

    def test_fields_that_may_not_be_told(self):
        for path in ("no_such", "child_ids", "image_128", "name.x", "whatsapp_message_ids"):
            with self.subTest(path), self.assertRaises(UserError):
                self._create_template(
                    name="bad", body="{{1}}", variable_ids=[Command.create({"number": 1, "field_path": path})]
                )

    def test_template_must_be_approved(self):
        draft = self._create_template(approve=False, name="draft")
        with self.assertRaisesRegex(UserError, "isn’t approved"):
            self._queue(template=draft)
        with self.assertRaisesRegex(UserError, "another kind"):
            self._queue(self._create_interaction(), template=self.template)

    def test_approved_text_is_locked(self):
        template = self.template.with_user(self.manager_a)
        for values in ({"body": "Other {{1}} {{2}}"}, {"name": "x"}, {"language": "pl"}):
            with self.assertRaises(UserError):
                template.write(values)
        with self.assertRaises(UserError):
            template.variable_ids[0].field_path = "email"
        with self.assertRaises(UserError):
            template.variable_ids.unlink()
        with self.assertRaises(AccessError):
            self.template.with_user(self.officer_a).title = "x"
        template.action_redraft()
        template.body = "Bye {{1}}"
        self.assertEqual(template.variable_ids.mapped("number"), [1])

    def test_bad_templates(self):
        for values in ({"body": "{{1}} {{3}}"}, {"name": "Bad Name"}, {"language": "Indonesian"}, {"body": "x" * 1025}):
            with self.subTest(str(values)[:30]), self.assertRaises(UserError):
                self._create_template(approve=False, **{"name": "bad", "variable_ids": [], **values})

    def test_mixin_of_other_documents(self):
        """An interaction writes to its customer, in its branch."""
        template = self._create_template(
            name="contact",
            model_id=self.env["ir.model"]._get("crm.interaction").id,
            body="About {{1}}",
            variable_ids=[Command.create({"number": 1, "field_path": "partner_id.name"})],
        )
        interaction = self._create_interaction()
        message = interaction._whatsapp_send(template.with_user(self.officer_a), key="x").sudo()
        self.assertEqual((message.partner_id, message.branch_id), (self.customer, self.branch_a))
        self.assertEqual((message.res_model, message.res_id), ("crm.interaction", interaction.id))
        self.assertEqual(message.body, "About Budi Santoso")
        self.assertEqual(interaction.whatsapp_message_count, 1)

    def test_ten_thousand(self):
        """H23-4.2.3: queueing needs as many queries for 400 as for 40."""
        few, many = self._create_customers(40), self._create_customers(400)
        counts = []
        for customers in (few, many):
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self._queue(customers)
            counts.append(self.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 2, counts)

    def test_who_may_send(self):
        with self.assertRaises(AccessError):
            self._queue(user=self.internal)
        with self.assertRaises(AccessError):
            self._queue(user=self.portal)
