from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .inquiry_common import InquiryCase


@tagged("post_install", "-at_install")
class TestPromotionTold(InquiryCase):
    """Customers are told of promotions: nobody twice, nobody never (SOP-T6, SOP-E1)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.program = cls._create_promotion()
        cls.told = cls.env["crm.promotion.told"]

    def _shown(self, user=None, lead=None, **context):
        """Return the programme as the opportunity's screen shows it."""
        lead = lead or self.lead
        context = {"offer_partner_id": self.partner.id, "offer_model": "crm.lead", "offer_id": lead.id, **context}
        return self.program.with_user(user or self.officer).with_context(**context)

    def _records(self):
        return self.told.search([("program_id", "=", self.program.id)])

    def test_told(self):
        """SOP-T6: one click records to whom, when, by whom and on which occasion; the screen says it from then on."""
        self.assertFalse(self._shown().told_text)
        self._shown().action_told()
        record = self._records()
        self.assertEqual((record.partner_id, record.user_id, record.occasion), (self.partner, self.officer, self.lead))
        self.env.invalidate_all()
        self.assertIn(self.officer.name, self._shown().told_text)
        self.assertEqual(self._shown().told_count, 1)

    def test_screen_knows_its_customer(self):
        """SOP-T6, SOP-E1: the screen says it as it is loaded, and anew where the customer is changed."""
        self._shown().action_told()
        lists = {"running_program_ids": {"fields": {"told_text": {}}}}
        [values] = self.lead.web_read(lists)
        self.assertIn(self.officer.name, values["running_program_ids"][0]["told_text"])
        other = self._create_customer("Hendra")
        changed = self.lead.onchange({"partner_id": other.id}, ["partner_id"], {**lists, "partner_id": {}})["value"]
        told = [command[2]["told_text"] for command in changed["running_program_ids"] if command[2]]
        self.assertEqual(told, [False])

    def test_read_before_a_call(self):
        """SOP-T6, FL-5: who prepares a call reads whether the customer knows it."""
        self._shown().action_told()
        preparation = self.env["mail.activity"].with_user(self.officer)._render_call_preparation(self.lead)
        self.assertIn(self.officer.name, preparation)

    def test_on_a_call(self):
        """SOP-T6: likewise on a call."""
        call = self.env["crm.interaction"].with_user(self.officer).create({"partner_id": self.partner.id})
        self._shown(offer_model="crm.interaction", offer_id=call.id).action_told()
        self.assertEqual(self._records().occasion, call)

    def test_nobody_is_told_twice(self):
        """SOP-T6: pressing again, also by another officer, says that it was told, when and by whom."""
        self._shown().action_told()
        again = self._shown(self.other_officer).action_told()
        self.assertEqual(again["tag"], "display_notification")
        self.assertIn(self.officer.name, again["params"]["message"])
        self.assertEqual(len(self._records()), 1)

    def test_unique_in_the_database(self):
        """SOP-T6: two officers at the same moment make one record."""
        self._shown().action_told()
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.env.cr.savepoint():
            self.told.create({"partner_id": self.partner.id, "program_id": self.program.id})

    def test_nobody_to_tell(self):
        """SOP-T6: without a customer there is nobody to record."""
        with self.assertRaises(UserError):
            self._shown(offer_partner_id=False).action_told()

    def test_no_client_says_who_and_when(self):
        """SOP-T6: time and officer are the server's, and nobody changes or deletes the record but a manager."""
        values = {"partner_id": self.partner.id, "program_id": self.program.id}
        record = self.told.with_user(self.officer).create(
            {**values, "user_id": self.manager.id, "told_at": "2020-01-01 00:00:00"}
        )
        self.assertEqual(record.user_id, self.officer)
        self.assertGreater(record.told_at.year, 2020)
        for attack in (lambda: record.write({"told_at": False}), record.unlink):
            with self.assertRaises(AccessError):
                attack()
        with self.assertRaises(AccessError):
            record.with_user(self.manager).write({"user_id": self.manager.id})
        with self.assertRaises(AccessError):
            self.told.with_user(self.logistics).create(values)

    def test_not_on_somebody_elses_opportunity(self):
        """SOP-T6: the occasion is one that the officer may read."""
        with self.assertRaises(AccessError):
            self._shown(self.other_officer).action_told()

    def test_no_news(self):
        """SOP-T6: gift cards and personal coupons aren't told of."""
        card = self.env["loyalty.program"].create({"name": "Card", "program_type": "gift_card"})
        with self.assertRaises(ValidationError):
            self.told.create({"partner_id": self.partner.id, "program_id": card.id})

    def test_who_was_never_told(self):
        """SOP-T6: a manager finds the customers of open opportunities whom nobody told of what runs."""
        told, untold = self.partner, self._create_customer("Hendra")
        self._create_opportunity(partner_id=untold.id)
        self._shown().action_told()
        partners = self.env["res.partner"].with_user(self.manager)
        domain = [("untold_program_ids", "!=", False), ("opportunity_ids.won_status", "=", "pending")]
        self.assertIn(untold, partners.search(domain))
        self.assertNotIn(told, partners.search(domain))
        both = partners.browse((told + untold).ids)
        self.assertEqual(both.mapped("untold_program_ids"), self.program)
        self.assertFalse(both[0].untold_program_ids)
        action = self.program.with_user(self.manager).action_view_untold()
        self.assertNotIn(told, partners.search(action["domain"]))
        self.assertIn(untold, partners.search(action["domain"]))

    def test_untold_of_their_price_list(self):
        """SOP-T6: who has another price list needn't be told of a programme for dealers."""
        dealers = self.env["product.pricelist"].create({"name": "Dealers"})
        self.program.pricelist_ids = dealers
        domain = [("untold_program_ids", "!=", False)]
        self.assertNotIn(self.partner, self.env["res.partner"].search(domain))
        self.partner.specific_property_product_pricelist = dealers
        self.assertIn(self.partner, self.env["res.partner"].search(domain))
        self.assertEqual(self.partner.untold_program_ids, self.program)

    def test_nothing_runs(self):
        """SOP-T6: where nothing runs nobody is left out."""
        self.program.active = False
        self.assertFalse(self.env["res.partner"].search([("untold_program_ids", "!=", False)]))

    def test_merged_opportunities(self):
        """SOP-T6, FL-3: merging opportunities keeps what was told on them."""
        other = self._create_opportunity()
        self._shown(lead=other).action_told()
        merged = (self.lead + other).with_user(self.manager).merge_opportunity()
        self.assertEqual(self._records().occasion, merged)

    def test_many_cost_no_more_queries(self):
        """SOP-T6: a list of customers costs the same number of queries however long it is."""

        def count(number):
            partners = self.env["res.partner"].create([{"name": f"{number}-{n}"} for n in range(number)])
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            partners.mapped("untold_program_ids")
            return self.env.cr.sql_log_count - before

        count(1)
        self.assertEqual(count(20), count(2))
