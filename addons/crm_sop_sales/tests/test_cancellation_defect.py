import base64
from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .test_cancellation import CancellationCase

PHOTO = base64.b64encode(
    base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
)


@tagged("post_install", "-at_install")
class TestDefect(CancellationCase):
    """SOP-10: no fee for a defective product which nothing replaces; both are checked."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rare = cls._create_phone("Rare Phone", 4_000_000)
        cls._create_units(cls.rare, 1)
        cls.order = cls._confirmed(1, product=cls.rare)
        cls.unit = cls.order.hold_ids.lot_id
        cls.form = cls._create_form(cls.order)

    def _claim(self, form=None, units=None, photo=PHOTO, note="A line across the screen"):
        form = form or self.form
        units = [Command.set((units or form.order_lot_ids).ids)]
        form.write({"defective_lot_ids": units, "photo": photo, "defect_note": note})

    def test_waived_by_the_facts(self):
        """SOP-10: defective, confirmed by logistics, and no other unit: no fee, and no manager is needed."""
        self._claim()
        self.form.with_user(self.logistics).action_confirm_defect()
        self.assertIn("without a fee", self.form.outcome)
        self.form.action_confirm()
        self.assertEqual((self.form.waiver, self.form.replacement, self.form.fee_amount), ("facts", "none", 0))
        self.assertEqual((self.order.state, self.form.invoice_id.id), ("cancel", False))
        self.assertEqual(self.form.fee_base, 4_000_000)

    def test_a_claim_is_not_enough(self):
        """SOP-10: what only the officer says waives nothing, and isn't charged by mistake either."""
        self._claim()
        with self.assertRaisesRegex(UserError, f"confirmed the defect of {self.unit.name}"):
            self.form.action_confirm()
        for user in (self.officer, self.accountant, self.other_officer):
            with self.assertRaises(AccessError):
                self.form.with_user(user).action_confirm_defect()
        own = self._create_form(self._confirmed(1), self.manager)
        self._claim(own)
        with self.assertRaisesRegex(AccessError, "Somebody else"):
            own.action_confirm_defect()

    def test_evidence(self):
        """SOP-10: without unit, photo and note there is nothing to confirm; changed evidence is confirmed anew."""
        with self.assertRaisesRegex(UserError, "needs the defective units"):
            self.form.with_user(self.logistics).action_confirm_defect()
        self._claim(photo=False)
        with self.assertRaisesRegex(UserError, "a photo"):
            self.form.with_user(self.logistics).action_confirm_defect()
        self._claim()
        self.form.with_user(self.logistics).action_confirm_defect()
        self.form.note = "He says more."
        self.assertTrue(self.form.defect_checked_by_id)
        self.form.defect_note = "Something else"
        self.assertFalse(self.form.defect_checked_by_id)

    def test_only_the_orders_units(self):
        """SOP-10: another unit's defect is nothing to this order."""
        other = self._create_units(self.rare, 1)
        with self.assertRaisesRegex(ValidationError, "doesn't hold"):
            self._claim(units=other)

    def _checked_outcome(self):
        self._claim()
        self.form.with_user(self.manager).action_confirm_defect()
        self.form.action_confirm()
        return self.form.replacement, self.form.waiver, self.form.fee_amount

    def test_a_replacement_in_stock(self):
        """SOP-10: one free unit, in any warehouse of the company, replaces it: the customer who cancels pays."""
        elsewhere = self.env["stock.warehouse"].create({"name": "Depok", "code": "DPK"})
        self._create_units(self.rare, 1, elsewhere.lot_stock_id)
        self.assertEqual(self._checked_outcome(), ("stock", False, 400_000))

    def test_a_unit_that_is_held_replaces_nothing(self):
        """SOP-10: another customer's unit is no replacement."""
        self._create_units(self.rare, 1)
        self._create_order(1, product=self.rare).action_submit()
        self.assertEqual(self._checked_outcome(), ("none", "facts", 0))

    def test_a_receipt_with_a_date(self):
        """SOP-10: a receipt that is planned is a clear time."""
        receipt = self._create_receipt((self.rare, 1))
        receipt.move_ids.date = fields.Datetime.now() + timedelta(days=2)
        self.assertEqual(self._checked_outcome(), ("incoming", False, 400_000))
        self.assertGreater(self.form.replacement_date, fields.Date.today())

    def test_a_receipt_that_is_late(self):
        """SOP-10: one whose date has passed is none."""
        receipt = self._create_receipt((self.rare, 1))
        receipt.move_ids.date = fields.Datetime.now() - timedelta(days=2)
        self.assertEqual(self._checked_outcome(), ("none", "facts", 0))

    def test_facts_of_the_moment(self):
        """SOP-10: what counts is the stock when the order is cancelled, not when the form was written."""
        self._claim()
        self.form.with_user(self.logistics).action_confirm_defect()
        self._create_units(self.rare, 1)
        self.form.action_confirm()
        self.assertEqual(self.form.fee_amount, 400_000)

    def test_the_photo_stays(self):
        """SOP-10: nobody changes the photo behind the form, before or after somebody has confirmed what it shows."""
        self._claim()
        self.form.with_user(self.logistics).action_confirm_defect()
        own = [("res_model", "=", self.form._name), ("res_id", "=", self.form.id), ("res_field", "=", "photo")]
        photo = self.env["ir.attachment"].sudo().search(own).with_user(self.officer)
        other = {"name": "photo", "datas": base64.b64encode(b"another"), "res_id": self.form.id}
        for attack in (
            lambda: photo.write({"datas": other["datas"]}),
            lambda: photo.write({"public": True}),
            photo.unlink,
            lambda: photo.create({**other, "res_model": self.form._name, "res_field": "photo"}),
            lambda: photo.with_context(default_res_model=self.form._name, default_res_field="photo").create(other),
        ):
            with self.assertRaisesRegex(UserError, "on its document itself"):
                attack()
        self.assertEqual(self.form.photo, PHOTO)

    def test_a_unit_that_was_swapped_since(self):
        """SOP-10: who has got another unit cancels no defective one, whatever was confirmed before."""
        self._claim()
        self.form.with_user(self.logistics).action_confirm_defect()
        other = self._create_units(self.rare, 1)
        hold = self.order.hold_ids.filtered(lambda hold: hold.state == "held")
        swap = self.env["crm.imei.swap"].with_user(self.officer)
        swap.create({"hold_id": hold.id, "lot_id": other.id, "reason": "Defective"}).action_swap()
        self.env["stock.quant"]._update_available_quantity(self.rare, self.location, -1, lot_id=self.unit)
        with self.assertRaisesRegex(ValidationError, "doesn't hold"):
            self.form.action_confirm()
        self.form.defective_lot_ids = False
        self.form.action_confirm()
        self.assertEqual(self.form.fee_amount, 400_000)
