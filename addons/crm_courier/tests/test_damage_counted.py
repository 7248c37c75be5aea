from odoo.exceptions import UserError

from .damage_common import PHOTO, DamageCase


class TestDamageCounted(DamageCase):
    """SOP-8a, SOP-8b: of goods that are counted, some are damaged and the others aren't."""

    def setUp(self):
        super().setUp()
        self.stop = self._create_on_road(self._create_delivery(1, cases=5)).stop_ids
        self.cases = self.stop.unit_ids.filtered(lambda unit: unit.product_id == self.case)
        self._check(self.stop.unit_ids - self.cases)

    def _say_damaged(self, quantity):
        values = {"unit_id": self.cases.id, "condition": "damaged", "note": "Torn", "photo": PHOTO}
        self.stop.with_user(self.courier)._door_check({**values, "quantity": quantity})

    def _rows(self):
        rows = self.stop.unit_ids.filtered(lambda unit: unit.product_id == self.case)
        return sorted(rows.mapped(lambda row: (row.condition, row.quantity, row.loaded_quantity)))

    def test_some_are_damaged(self):
        """SOP-8a: two of five are damaged: the customer gets and pays three; the two come back and into quarantine."""
        self._say_damaged(2)
        self.assertEqual(self._rows(), [("damaged", 2, 2), ("ok", 3, 3)])
        self.assertEqual((self.stop.unit_count, self.stop._door_due()), (6, 3_300_000))
        question = self._ask(self.stop)
        self.assertEqual((question.line_ids.quantity, question.line_ids.product_id), (2, self.case))
        self._answer_dialog(question).action_answer()
        said = {"has_proof": True, "has_payment_proof": True, "cash_collected": 3_300_000}
        self._say(self.stop, "partly", "Two are torn", back=self.cases, **said)
        moved = self.stop.picking_id.move_ids.filtered(lambda move: move.state == "done")
        self.assertEqual(sorted(moved.mapped("quantity")), [1, 3])
        run = self.stop.run_id
        run.with_user(self.courier).action_come_back()
        self.assertEqual(question.exchange_ids.move_ids.product_uom_qty, 2)
        self._count(run, cash=3_300_000, units_back=2)
        self.assertFalse(run.discrepancy_ids)
        self.assertEqual(sum(question.delivery_ids.move_ids.mapped("product_uom_qty")), 2)

    def test_looking_again(self):
        """SOP-8a: the number may be said anew until CRM has answered, in the question too."""
        self._say_damaged(2)
        question = self._ask(self.stop)
        self._say_damaged(4)
        self.assertEqual(self._rows(), [("damaged", 4, 4), ("ok", 1, 1)])
        self.assertEqual(question.line_ids.quantity, 4)
        self._check(self.cases)
        self.assertEqual(self._rows(), [("ok", 5, 5)])
        self.assertEqual(question.state, "withdrawn")
        self._say_damaged(5)
        self.assertEqual(self._rows(), [("damaged", 5, 5)])

    def test_impossible_numbers(self):
        """SOP-8a: no more than there are, no halves, and nothing that isn't a number."""
        for quantity in (0, -1, 6, 1.5, "2", True, [2], float("inf"), float("nan")):
            with self.assertRaisesRegex(UserError, "5 at most"), self.cr.savepoint():
                self._say_damaged(quantity)
        phone = self.stop.unit_ids - self.cases
        with self.assertRaisesRegex(UserError, "1 at most"), self.cr.savepoint():
            self.stop.with_user(self.courier)._door_check(
                {"unit_id": phone.id, "condition": "damaged", "note": "x", "quantity": 2}
            )

    def test_dialog(self):
        """SOP-8a: the office says it for a courier by the dialog."""
        dialog = self.env["crm.courier.check"].with_user(self.logistics)
        dialog = dialog.create({"unit_id": self.cases.id, "condition": "damaged", "note": "Torn"})
        self.assertEqual((dialog.quantity, dialog.is_counted), (5, True))
        dialog.quantity = 1
        dialog.action_confirm()
        self.assertEqual(self._rows(), [("damaged", 1, 1), ("ok", 4, 4)])
