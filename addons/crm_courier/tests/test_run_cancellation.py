from odoo.exceptions import UserError

from .common import CourierCase


class TestRunCancellation(CourierCase):
    """SOP-6: a cancelled order's goods leave the run; what a courier carries is brought back first."""

    def test_planned_delivery_leaves_its_run(self):
        """SOP-6: the cancellation form takes the delivery from the run that only plans it."""
        picking, other = self._create_delivery(), self._create_delivery()
        run = self._create_reviewed(picking, other)
        self._cancel(picking.sale_id)
        self.assertEqual((picking.sale_id.state, picking.state), ("cancel", "cancel"))
        self.assertFalse(picking.batch_id)
        self.assertEqual(run.stop_ids.picking_id, other)

    def test_carried_delivery_is_brought_back_first(self):
        """SOP-6: while a courier has the goods, the order isn't cancelled; the message says who has them."""
        picking = self._create_delivery()
        run = self._create_on_road(picking)
        with (
            self.assertRaisesRegex(UserError, f"goods of {picking.name} are with .* on {run.name}"),
            self.cr.savepoint(),
        ):
            self._cancel(picking.sale_id)
        self._say(run.stop_ids, "brought_back", "Doesn't want it any more")
        run.with_user(self.courier).action_come_back()
        self._cancel(picking.sale_id)
        self.assertEqual(picking.sale_id.state, "cancel")
