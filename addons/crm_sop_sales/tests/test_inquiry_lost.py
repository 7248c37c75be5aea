from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .inquiry_common import InquiryCase

ASKED = {"anything_else_asked": True, "anything_else_answer": "No, thank you"}


@tagged("post_install", "-at_install")
class TestInquiryLost(InquiryCase):
    """An opportunity is given up with its reason, after an alternative and the last question (SOP-3b1, SOP-3b2)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_units(cls.other_phone, 1)
        cls._create_promotion(cls.other_phone)

    def _refuse_all(self):
        self._refuse(self.phone)
        return self._refuse(self.other_phone, "Wants another colour", kind="offered")

    def _ready(self):
        self._refuse_all()
        self.lead.write(ASKED)

    def _assert_open(self, *said):
        """Check that all ways to give the opportunity up are refused, saying what is missing."""
        reason = {"lost_reason_id": self.reason.id}
        wizard = self.env["crm.lead.lost"].with_user(self.officer).create({"lead_ids": self.lead.ids, **reason})
        ways = {
            "button": lambda: self.lead.action_set_lost(**reason),
            "dialog": wizard.action_lost_reason_apply,
            "archive": self.lead.action_archive,
            "write": lambda: self.lead.write({"active": False, "probability": 0, **reason}),
            "archive by write": lambda: self.lead.write({"active": False, **reason}),
            "import": lambda: self._import({"active": "False", "lost_reason_id/.id": str(self.reason.id)}),
            "status": lambda: self.lead.write({"won_status": "lost", **reason}),
        }
        for name, way in ways.items():
            with self.subTest(name), self.assertRaises(UserError) as refusal, self.env.cr.savepoint():
                way()
            self.env.invalidate_all()
            self.assertTrue(self.lead.active, name)
            self.assertEqual(self.lead.won_status, "pending", name)
            if name not in ("status", "archive"):
                for text in said:
                    self.assertIn(text, str(refusal.exception), name)

    def _import(self, values):
        result = self.lead.load([".id", *values], [[str(self.lead.id), *values.values()]])
        if not result["ids"]:
            raise UserError(result["messages"][0]["message"])

    # === WHAT IS NEEDED === #

    def test_nothing_done(self):
        """SOP-3b1, SOP-3b2: neither offered nor asked: it stays open on every path."""
        self._assert_open("Offer something else", "Phone Two", "anything else")

    def test_not_offered(self):
        """SOP-3b1: asked, but nothing else offered; that the first product was refused isn't enough."""
        self._refuse(self.phone)
        self.lead.write(ASKED)
        self._assert_open("Offer something else")

    def test_offered_without_answer(self):
        """SOP-3b1: an offer without an answer isn't one."""
        self._add(self.other_phone, kind="offered")
        self.lead.write(ASKED)
        self._assert_open("Phone Two")

    def test_not_asked(self):
        """SOP-3b2: it can't be closed before the question is ticked, and its answer noted."""
        self._refuse_all()
        self._assert_open("anything else")
        self.lead.write({"anything_else_asked": True, "anything_else_answer": " "})
        self._assert_open("anything else")

    def test_no_reason(self):
        """SOP-3b2: without a reason it isn't lost, by nobody."""
        self._ready()
        for user in (self.officer, self.manager):
            with self.assertRaises(ValidationError):
                self.lead.with_user(user).action_set_lost()

    def test_whose_lead_it_is(self):
        """SOP-3b2: who may not write it isn't told what is missing, nor anything else of it."""
        with self.assertRaises(AccessError):
            self.lead.with_user(self.logistics).action_set_lost()

    def test_all_done(self):
        """SOP-3b2: with reason, offer and question it is lost; the reason is on its products too."""
        self._ready()
        self.lead.action_set_lost(lost_reason_id=self.reason.id)
        self.assertEqual((self.lead.won_status, self.lead.active), ("lost", False))
        self.assertEqual(self.lead.product_line_ids.lost_reason_id, self.reason)

    def test_nothing_to_offer(self):
        """SOP-3b1: where nothing can be offered, nothing need be."""
        self._create_order(product=self.other_phone).action_submit()
        self.lead.write(ASKED)
        self.lead.action_set_lost(lost_reason_id=self.reason.id)
        self.assertEqual(self.lead.won_status, "lost")

    def test_dialog(self):
        """SOP-3b2: the dialog asks the question, says that nothing was offered, and closes what may be closed."""
        wizards = self.env["crm.lead.lost"].with_user(self.officer)
        self.assertTrue(wizards.create({"lead_ids": self.lead.ids}).offers_missing)
        self._refuse_all()
        with Form(wizards.with_context(default_lead_ids=self.lead.ids)) as form:
            self.assertFalse(form.offers_missing)
            form.lost_reason_id = self.reason
            form.anything_else_asked = True
            form.anything_else_answer = "No"
        form.record.action_lost_reason_apply()
        self.assertEqual((self.lead.won_status, self.lead.anything_else_answer), ("lost", "No"))

    def test_many_at_once(self):
        """SOP-3b2: of several none is lost where one may not be; the refusal says which."""
        self._ready()
        other = self._create_opportunity(name="Another wish")
        with self.assertRaisesRegex(ValidationError, "Another wish"):
            (self.lead + other).action_set_lost(lost_reason_id=self.reason.id)

    # === WHO ELSE === #

    def test_spam(self):
        """SOP-3b2: a lead that was never qualified goes with a reason alone."""
        lead = self._create_opportunity(type="lead")
        with self.assertRaises(ValidationError):
            lead.action_archive()
        lead.action_set_lost(lost_reason_id=self.reason.id)
        self.assertEqual(lead.won_status, "lost")

    def test_not_by_way_of_a_lead(self):
        """SOP-3b2: an opportunity can't be called a lead to get rid of it, nor a lost lead an opportunity."""
        with self.assertRaises(UserError):
            self.lead.type = "lead"
        lead = self._create_opportunity(type="lead")
        lead.action_set_lost(lost_reason_id=self.reason.id)
        with self.assertRaises(ValidationError):
            lead.type = "opportunity"

    def test_not_created_lost(self):
        """SOP-3b2: nothing begins as lost: neither by values nor by the context's defaults."""
        leads = self.env["crm.lead"].with_user(self.officer)
        begun = {"name": "Wish", "type": "opportunity", "lost_reason_id": self.reason.id}
        for values in ({"active": False}, {"active": False, "probability": 0}):
            with self.assertRaises(ValidationError), self.env.cr.savepoint():
                leads.create({**begun, **values})
            defaults = {f"default_{name}": value for name, value in values.items()}
            with self.assertRaises(ValidationError), self.env.cr.savepoint():
                leads.with_context(**defaults).create(begun)
        said = leads.create({**begun, "won_status": "lost"}) + leads.with_context(default_won_status="lost").create(
            begun
        )
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(said.mapped("won_status"), ["pending", "pending"])

    def test_manager(self):
        """SOP-3b2: a manager gives up, with a reason, whom nobody can ask; the chatter says what was left out."""
        self.lead.with_user(self.manager).action_set_lost(lost_reason_id=self.reason.id)
        self.assertEqual(self.lead.won_status, "lost")
        self.assertIn("Offer something else", "".join(self.lead.message_ids.mapped("body")))

    def test_uninvolved(self):
        """SOP-3b2: an officer doesn't give up another officer's opportunity."""
        self._ready()
        with self.assertRaises(UserError):
            self.lead.with_user(self.other_officer).action_set_lost(lost_reason_id=self.reason.id)

    # === AFTERWARDS === #

    def test_record_stays(self):
        """SOP-3b2: on a lost opportunity nothing is added, changed or taken back."""
        self._ready()
        self.lead.action_set_lost(lost_reason_id=self.reason.id)
        line = self.lead.product_line_ids[:1]
        attacks = (
            lambda: line.write({"answer": "interested"}),
            line.unlink,
            line.with_context(_force_unlink=True).unlink,
            lambda: self._add(self._create_phone("Phone Three", 1)),
            lambda: self.lead.write({"anything_else_asked": False}),
            lambda: self.lead.write({"lost_reason_id": False}),
        )
        for attack in attacks:
            with self.assertRaises(UserError), self.env.cr.savepoint():
                attack()

    def test_restored(self):
        """SOP-3b2: who is back is asked again when they leave."""
        self._ready()
        self.lead.action_set_lost(lost_reason_id=self.reason.id)
        self.lead.action_restore()
        self.assertEqual((self.lead.won_status, self.lead.active), ("pending", True))
        self.assertFalse(self.lead.anything_else_asked)
        with self.assertRaises(ValidationError):
            self.lead.action_set_lost(lost_reason_id=self.reason.id)

    def test_won(self):
        """FL-8: winning, reopening what was lost by winning it, and archiving what is won go as before."""
        self._ready()
        self.lead.action_set_lost(lost_reason_id=self.reason.id)
        self.lead.action_set_won()
        self.assertEqual((self.lead.won_status, self.lead.active), ("won", True))
        self.lead.action_archive()
        self.assertEqual((self.lead.won_status, self.lead.active), ("won", False))

    def test_stages_and_zero(self):
        """SOP-3b2: moving on the kanban and a probability of 0 don't close it."""
        self.lead.write({"probability": 0})
        self.lead.stage_id = self.env["crm.stage"].search([("is_won", "=", False)], limit=1, order="sequence desc")
        self.assertEqual((self.lead.won_status, self.lead.active), ("pending", True))

    def test_merging(self):
        """FL-3: merging opportunities that are open, and duplicates that are lost, goes as before."""
        self._ready()
        self.lead.action_set_lost(lost_reason_id=self.reason.id)
        other = self._create_opportunity()
        merged = (self.lead + other).with_user(self.manager).merge_opportunity()
        self.assertEqual((merged, merged.active), (other, True))
