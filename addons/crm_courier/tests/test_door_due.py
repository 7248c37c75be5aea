from .common import CourierCase
from .damage_common import DamageCase


class TestDoorDue(CourierCase):
    """What is paid at a door where something is damaged, and at the next one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.picking = cls._create_delivery(2, cases=1)
        cls.trip = cls._create_on_road(cls.picking)
        cls.stop = cls.trip.stop_ids
        cls.order = cls.stop.order_id
        cls.unit = cls.stop.unit_ids.filtered("lot_id")[0]
        cls.price = cls.order.order_line.filtered(lambda line: line.product_id == cls.phone).price_total / 2

    def _check(self, unit, condition, note=""):
        return self._send(
            self.courier, self._entry(self.stop, "check", unit_id=unit.id, condition=condition, note=note)
        )

    def test_damaged_isnt_paid(self):
        """SOP-8b: what is damaged comes back: the customer pays for what they get."""
        total = self.stop.to_collect
        self.assertEqual(self.stop._door_due(), total)
        (result,) = self._check(self.unit, "damaged", "Cracked")
        self.assertEqual(self.stop._door_due(), total - self.price)
        self.assertEqual(result["stop"]["to_collect"], total - self.price)
        self.assertEqual(result["stop"]["cash"]["due"], total - self.price)
        self._check(self.unit, "ok")
        self.assertEqual(self.stop._door_due(), total)

    def test_whole_amount_is_refused(self):
        """SOP-12g: money for what is damaged isn't taken."""
        total = self.stop.to_collect
        self._check(self.unit, "damaged", "Cracked")
        (result,) = self._send(self.courier, self._entry(self.stop, "cash", amount=total))
        self.assertEqual(result["status"], "refused")
        (result,) = self._send(self.courier, self._entry(self.stop, "cash", amount=total - self.price))
        self.assertEqual(result["status"], "done", result["message"])

    def test_cash_isnt_asked_for_twice(self):
        """SOP-13b: cash that a courier took and finance hasn't booked yet is no debt any more."""
        total = self.stop.to_collect
        for unit in self.stop.unit_ids:
            self._check(unit, "ok")
        back = self.stop.unit_ids.filtered("lot_id")[1]
        cash = total - self.price
        self._say(self.stop, "partly", "One only", back=back, cash_collected=cash)
        self.assertEqual(self.order._courier_amounts_to_collect()[self.order], self.price)
        self.trip.with_user(self.courier).action_come_back()
        self._count(self.trip, cash=cash, units_back=1)
        self.assertEqual(self.order._courier_amounts_to_collect()[self.order], self.price)


class TestDoorDueAnswered(DamageCase):
    """What is paid at a door once CRM has answered."""

    def test_answered(self):
        """SOP-8c: with CRM's answer the damaged unit leaves the transfer; it still isn't paid now."""
        for question in (self._create_answered(2), self._create_none(2)):
            stop = question.stop_id
            self.assertEqual(len(stop.unit_ids.filtered(lambda unit: unit.condition == "damaged")), 1)
            self.assertEqual(stop._door_due(), stop.to_collect / 2)
