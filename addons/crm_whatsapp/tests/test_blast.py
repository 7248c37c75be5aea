from odoo.exceptions import AccessError, UserError

from .common import WhatsappCase


class TestBlast(WhatsappCase):
    def _create_blast(self, customers, **values):
        blasts = self.env["crm.whatsapp.blast"].with_user(self.manager_a)
        domain = str([("id", "in", customers.ids)])
        return blasts.create({"name": "Test", "template_id": self.template.id, "recipients": domain, **values})

    def _start(self, blast):
        wizards = self.env["crm.whatsapp.blast.start"].with_user(self.manager_a)
        wizard = wizards.create({"blast_id": blast.id})
        wizard.action_start()
        return wizard

    def test_a_blast_from_recipients_to_done(self):
        """H23-4.2.3: prepared, shown, confirmed with its number, sent once to each, and finished by itself."""
        customers = self._create_customers(5)
        customers[1].phone = customers[0].phone
        customers[2].phone = "021 5270 7001"
        blast = self._create_blast(customers)
        self.assertEqual(blast.matching, 5)
        blast.action_prepare()
        self.assertEqual((blast.recipient_count, blast.left_out_count, blast.progress), (5, 2, 0))
        self.assertEqual(blast.left_out_words.count("1 ×"), 2)
        self.assertEqual(self._run(), 0)
        wizard = self._start(blast)
        self.assertEqual((wizard.recipients, blast.state), (3, "running"))
        self.assertEqual(self._run(), 3)
        self.env["crm.whatsapp.blast"]._finish_done()
        self.env.invalidate_all()
        self.assertEqual((blast.state, blast.sent_count, blast.progress), ("done", 3, 100))
        self.assertEqual(self.stub.duplicates(), [])

    def test_pause_resume_stop(self):
        """H23-4.2.3: paused, nothing goes out; stopped, what waits is cancelled for good."""
        self.account.rate = 2
        customers = self._create_customers(6)
        blast = self._create_blast(customers)
        blast.action_prepare()
        self._start(blast)
        blast.action_pause()
        self.assertEqual(self._run(), 0)
        blast.action_resume()
        batch = self.account._claim(1)
        self.assertEqual(len(batch.letters), 2)
        with self.assertRaisesRegex(UserError, "reason"):
            blast._workflow_do("stop")
        blast._workflow_do("stop", "Wrong text")
        self.assertEqual(blast.state, "stopped")
        states = self.messages.search([("blast_id", "=", blast.id)]).mapped("state")
        self.assertEqual((states.count("cancelled"), states.count("sending")), (4, 2))
        with self.assertRaises(UserError):
            blast.action_resume()

    def test_change_before_start(self):
        customers = self._create_customers(3)
        blast = self._create_blast(customers)
        blast.action_prepare()
        with self.assertRaises(UserError):
            blast.recipients = "[]"
        blast.action_redraft()
        self.assertEqual(blast.recipient_count, 0)
        blast.recipients = str([("id", "in", customers[:1].ids)])
        blast.action_prepare()
        self.assertEqual(blast.recipient_count, 1)

    def test_nobody_and_nonsense(self):
        landline = self.env["res.partner"].create({"name": "L", "phone": "021 5270 7001"})
        blast = self._create_blast(landline)
        blast.action_prepare()
        with self.assertRaisesRegex(UserError, "Nobody would get it"):
            self._start(blast)
        for nonsense in ("[(", "__import__('os')", "[('no_such', '=', 1)]", "{}"):
            with self.subTest(nonsense), self.assertRaises(UserError):
                self._create_blast(landline, recipients=nonsense).action_prepare()

    def test_roles(self):
        """Officers watch; managers prepare, start, pause and stop those of their branches."""
        blast = self._create_blast(self._create_customers(1))
        officer = blast.with_user(self.officer_a)
        self.assertEqual(officer.name, "Test")
        for method in ("action_prepare", "action_pause", "action_resume", "action_redraft"):
            with self.assertRaises(AccessError):
                getattr(officer, method)()
        with self.assertRaises(AccessError):
            officer.create({"name": "x", "template_id": self.template.id})
        with self.assertRaises(AccessError):
            blast.with_user(self.officer_b).read(["name"])
        with self.assertRaises(UserError):
            blast.state = "running"
        blast.action_prepare()
        with self.assertRaises(AccessError):
            self.env["crm.whatsapp.blast.start"].with_user(self.officer_a).create({"blast_id": blast.id})

    def test_deleting(self):
        blast = self._create_blast(self._create_customers(1))
        blast.action_prepare()
        with self.assertRaises(UserError):
            blast.unlink()

    def test_addons_add_records_of_theirs(self):
        customers = self._create_customers(2)
        blast = self._create_blast(customers)
        self.assertEqual(len(blast._add(customers)), 2)
        self.assertFalse(blast._add(customers))
