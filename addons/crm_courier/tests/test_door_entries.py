from .common import CourierCase


class TestDoorEntries(CourierCase):
    """What a courier's phone sends is done once."""

    def test_day(self):
        """SOP-7: the phone gets the courier's stops that are on the road, in order."""
        run = self._create_on_road(self._create_delivery(2), self._create_delivery())
        day = self.env["crm.courier.stop"].with_user(self.courier).courier_day()
        self.assertEqual(day["run"]["id"], run.id)
        self.assertEqual([stop["id"] for stop in day["stops"]], run.stop_ids.ids)
        self.assertEqual(len(day["stops"][0]["units"]), 2)

    def test_unknown_kind(self):
        """SOP-7: what the server doesn't know is refused."""
        run = self._create_on_road(self._create_delivery())
        entry = {"uuid": "0" * 8 + "-0000-0000-0000-" + "0" * 12, "stop_id": run.stop_ids.id, "kind": "x"}
        (result,) = (
            self.env["crm.courier.stop"]
            .with_user(self.courier)
            .courier_send([{**entry, "made_at": "2026-01-01T00:00:00Z", "values": {}}])
        )
        self.assertEqual(result["status"], "refused")
