from datetime import datetime, timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import LockError, UserError
from odoo.tools import mute_logger

from .common import CourierCase, drawing


class TestDoorEntries(CourierCase):
    """What a courier's phone asks and sends: each entry is done once, and only what may be."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.trip = cls._create_on_road(cls._create_delivery(2), cls._create_delivery())
        cls.stop, cls.second = cls.trip.stop_ids
        for stop in cls.trip.stop_ids.with_user(cls.courier):
            stop.action_check_rest()

    def _signed(self, stop=None):
        return (stop or self.stop).signature_ids.mapped("document")

    def _sign_entry(self, stop=None, document="draft", **values):
        return self._entry(
            stop or self.stop, "sign", **{"document": document, "name": "D", "image": drawing()} | values
        )

    def _refused(self, entry, words, user=None):
        (result,) = self._send(user or self.courier, entry)
        self.assertEqual(result["status"], "refused")
        self.assertIn(words, result["message"])
        return result

    # === THE DAY === #

    def test_day(self):
        """SOP-7: the phone gets the courier's stops that are on the road, in order, with units, amount and links."""
        self.stop.picking_id.partner_id.write({"phone": "0812-3456-7890", "country_id": self.env.ref("base.id").id})
        day = self.env["crm.courier.stop"].with_user(self.courier).courier_day()
        self.assertEqual((day["run"]["id"], day["run"]["state"]), (self.trip.id, "on_road"))
        self.assertEqual([stop["id"] for stop in day["stops"]], self.trip.stop_ids.ids)
        data = day["stops"][0]
        self.assertEqual(len(data["units"]), 2)
        self.assertEqual([unit["imeis"] for unit in data["units"]], self.stop.unit_ids.mapped("imei_text"))
        self.assertTrue(data["can_act"])
        self.assertEqual(data["to_collect"], self.stop.to_collect)
        self.assertEqual(data["phone_e164"], "+6281234567890")
        self.assertTrue(data["map_url"].startswith("https://"))

    def test_day_is_ones_own(self):
        """SOP-7: of other couriers' runs the phone gets nothing; a loaded run shows before it leaves."""
        day = self.env["crm.courier.stop"].with_user(self.other_courier).courier_day()
        self.assertEqual(day, {"run": False, "next": False, "stops": []})
        self.assertFalse(self.env["crm.courier.stop"].with_user(self.logistics).courier_day()["stops"])
        loaded = self._load(self._create_reviewed(self._create_delivery(), courier=self.other_courier))
        day = self.env["crm.courier.stop"].with_user(self.other_courier).courier_day()
        self.assertEqual([stop["id"] for stop in day["stops"]], loaded.stop_ids.ids)
        self.assertFalse(day["stops"][0]["can_act"])

    def test_day_is_a_few_queries(self):
        """SOP-7: the day costs as many queries for six stops as for two."""
        Stop = self.env["crm.courier.stop"].with_user(self.courier)
        six = self._create_on_road(*(self._create_delivery() for _ in range(6)), courier=self.other_courier)
        counts = []
        for user in (self.courier, self.other_courier):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            day = Stop.with_user(user).courier_day()
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(len(day["stops"]), len(six.stop_ids))
        self.assertLessEqual(counts[1], counts[0] + 2, counts)
        self.assertLess(counts[1], 60)

    def test_a_stop_is_a_few_queries(self):
        """SOP-12i: what is entered at a door costs as many queries on a run of six stops as on one of two."""
        six = self._create_on_road(*(self._create_delivery() for _ in range(6)), courier=self.other_courier)
        counts = []
        for user, stop in ((self.courier, self.second), (self.other_courier, six.stop_ids[-1])):
            theirs = []
            for entry in self._stop_entries(stop):
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.cr.sql_log_count
                self.assertEqual(self._send(user, entry)[0]["status"], "done")
                theirs.append(self.cr.sql_log_count - before)
            counts.append(theirs)
        for few, many in zip(*counts, strict=True):
            self.assertLessEqual(many, few + 2, counts)
        self.assertLess(max(counts[1][:-1]), 60, counts)  # all but the hand-over, which is Odoo's validation

    def _stop_entries(self, stop):
        yield self._entry(stop, "check", unit_id=stop.unit_ids.id, condition="ok")
        yield self._entry(stop, "cash", amount=stop.to_collect)
        for document in stop._door_documents():
            yield self._sign_entry(stop, document)
        yield self._entry(stop, "outcome", outcome="delivered")

    # === ONCE === #

    def test_replay(self):
        """SOP-12i: the same entry sent again is answered as before and does nothing."""
        entry = self._sign_entry()
        (first,) = self._send(self.courier, entry)
        self.assertEqual((first["status"], self._signed()), ("done", ["draft"]))
        again, twice = self._send(self.courier, entry, entry)
        self.assertEqual(again, first)
        self.assertEqual(twice, first)
        self.assertEqual(self._signed(), ["draft"])
        self.assertEqual(self.env["crm.courier.entry"].search_count([("uuid", "=", entry["uuid"])]), 1)

    def test_replay_of_a_refused_one(self):
        """SOP-12i: a refused entry stays refused; corrected it is a new one."""
        entry = self._sign_entry(name="")
        self._refused(entry, "Write the name")
        entry["values"]["name"] = "Dewi"
        self._refused(entry, "Write the name")
        self.assertFalse(self._signed())
        (result,) = self._send(self.courier, self._sign_entry())
        self.assertEqual(result["status"], "done")

    def test_in_order_each_by_itself(self):
        """SOP-12i: entries are done in their order; one that is refused takes no other with it."""
        documents = ("draft", "invoice", "invoice_copy")
        entries = [self._sign_entry(document=document) for document in documents]
        early = self._entry(self.stop, "outcome", outcome="delivered")
        last = self._sign_entry(document="delivery_note")
        late = self._entry(self.stop, "outcome", outcome="delivered")
        results = self._send(self.courier, *entries, early, last, late)
        self.assertEqual([result["status"] for result in results], ["done"] * 3 + ["refused", "done", "done"])
        self.assertIn("Delivery Note", results[3]["message"])
        self.assertEqual((self.stop.outcome, self.stop.picking_id.state), ("delivered", "done"))
        self.assertEqual(results[0]["stop"]["outcome"], "delivered")

    def test_a_refused_one_leaves_nothing(self):
        """SOP-13a: what a refused entry had begun is undone."""

        words = "no"

        def half(stop, values):
            stop._write_facts({"outcome_note": "half"})
            stop.flush_recordset()
            raise UserError(words)

        with patch.object(self.registry["crm.courier.stop"], "_door_sign", half):
            self._refused(self._sign_entry(), words)
        self.assertFalse(self.stop.outcome_note)

    @mute_logger("odoo.sql_db")
    def test_what_the_database_refuses(self):
        """SOP-12i: what the database refuses is refused with its words, and what comes after it is done."""

        def twice(stop, values):
            stop._create_signatures([{"document": "draft", "name": "D", "image": drawing()}] * 2)

        with patch.object(self.registry["crm.courier.stop"], "_door_sign", twice):
            self._refused(self._sign_entry(), "signed already")
        self.assertEqual(self._send(self.courier, self._sign_entry())[0]["status"], "done")

    def test_lock_isnt_noted(self):
        """SOP-12i: what failed because somebody else was there is noted nowhere: the phone sends it again."""

        def locked(stop, values):
            raise LockError("later")

        entry = self._sign_entry()
        with patch.object(self.registry["crm.courier.stop"], "_door_sign", locked), self.assertRaises(LockError):
            self._send(self.courier, entry)
        self.assertFalse(self.env["crm.courier.entry"].search([("uuid", "=", entry["uuid"])]))
        self.assertEqual(self._send(self.courier, entry)[0]["status"], "done")

    def test_error_of_ours_isnt_noted(self):
        """SOP-12i: an error that nobody foresaw is no answer: the entry can be sent again."""

        def broken(stop, values):
            raise ZeroDivisionError

        entry = self._sign_entry()
        with (
            patch.object(self.registry["crm.courier.stop"], "_door_sign", broken),
            self.assertRaises(ZeroDivisionError),
        ):
            self._send(self.courier, entry)
        self.assertFalse(self.env["crm.courier.entry"].search([("uuid", "=", entry["uuid"])]))

    # === WHO === #

    def test_another_courier(self):
        """SOP-7: another courier's entries for this run are refused, noted nowhere, and told nothing."""
        result = self._refused(self._sign_entry(), "isn't on a run of yours", self.other_courier)
        self.assertIs(result["stop"], False)
        missing = self._refused({**self._sign_entry(), "stop_id": 2**31 - 1}, "isn't on a run of yours")
        self.assertEqual((missing["message"], missing["stop"]), (result["message"], False))
        self.assertFalse(self.env["crm.courier.entry"].search([("stop_id", "=", self.stop.id)]))

    def test_somebody_elses_number(self):
        """SOP-7: an entry's number opens nothing to another user, nor for another stop or step."""
        entry = self._sign_entry()
        self._send(self.courier, entry)
        theirs = self._create_on_road(self._create_delivery(), courier=self.other_courier).stop_ids
        for user, changes in (
            (self.other_courier, {"stop_id": theirs.id}),
            (self.courier, {"stop_id": self.second.id}),
            (self.courier, {"kind": "outcome"}),
        ):
            result = self._refused({**entry, **changes}, "can't be taken", user)
            self.assertIs(result["stop"], False)
        self.assertFalse(self._signed(theirs) or self._signed(self.second))

    def test_officer_reads_but_doesnt_send(self):
        """SOP-13a: who sees a run but neither drives it nor is the warehouse can't enter anything."""
        self._refused(self._sign_entry(), "another courier's run", self.officer)
        self.assertFalse(self._signed())

    def test_not_on_the_road(self):
        """SOP-7: what comes when the run isn't on the road is refused with the reason."""
        for stop in self.trip.stop_ids:
            self._say(stop, "brought_back", "Closed")
        self.trip.with_user(self.courier).action_come_back()
        self._refused(self._sign_entry(), "while it is on the road")

    def test_rights_to_entries(self):
        """SOP-7: couriers see what they sent themselves; nobody writes or deletes an entry."""
        self._send(self.courier, self._sign_entry())
        Entry = self.env["crm.courier.entry"]
        self.assertEqual(len(Entry.with_user(self.courier).search([])), 1)
        self.assertFalse(Entry.with_user(self.other_courier).search([]))
        self.assertFalse(Entry.with_user(self.stranger).search([]))
        self.assertEqual(len(Entry.with_user(self.officer).search([])), 1)
        for user in (self.courier, self.officer, self.manager, self.logistics, self.pic):
            for operation in ("write", "create", "unlink"):
                self.assertFalse(Entry.with_user(user).has_access(operation), (user.login, operation))

    # === WHAT ISN'T AN ENTRY === #

    def test_no_list(self):
        """SOP-7: what isn't a list of entries with numbers is an error of the whole call."""
        good = self._sign_entry()
        for sent in (
            None,
            {},
            "x",
            [None],
            [{}],
            [{**good, "uuid": "x"}],
            [{**good, "uuid": 1}],
            [{**good, "uuid": good["uuid"] + "\n"}],
            [good] * 51,
        ):
            with self.assertRaises(UserError):
                self.env["crm.courier.stop"].with_user(self.courier).courier_send(sent)

    def test_wrong_shapes(self):
        """SOP-7: an entry of wrong types is refused by itself and has no effect."""
        for changes in (
            {"stop_id": True},
            {"stop_id": str(self.stop.id)},
            {"stop_id": [self.stop.id]},
            {"stop_id": -1},
            {"stop_id": 2**70},
            {"kind": None},
            {"kind": ["sign"]},
            {"kind": "unlink"},
            {"kind": "_door_sign"},
            {"values": None},
            {"values": []},
            {"made_at": None},
            {"made_at": 5},
            {"made_at": "yesterday"},
            {"made_at": "9999-12-31T23:59:59-23:00"},
        ):
            (result,) = self._send(self.courier, {**self._sign_entry(), **changes})
            self.assertEqual(result["status"], "refused", changes)
            self.assertTrue(result["message"])
        self.assertFalse(self._signed())

    def test_clock(self):
        """SOP-12i: it counts when the phone took it, not when it was sent; a clock that is ahead is refused."""
        now = fields.Datetime.now()
        ahead = {**self._sign_entry(), "made_at": (now + timedelta(hours=2)).isoformat() + "Z"}
        self._refused(ahead, "clock is ahead")
        earlier = now - timedelta(minutes=40)
        self.trip._write_facts({"left_at": now - timedelta(hours=1)})
        local = (earlier + timedelta(hours=7)).isoformat() + "+07:00"
        self._send(self.courier, {**self._sign_entry(), "made_at": local})
        self.assertEqual(self.stop.signature_ids.signed_at, earlier)

    def test_forged_moment(self):
        """SOP-13a: no context of a client says when something happened."""
        self._sign(self.stop)
        for forged in ("2020-01-01 00:00:00", datetime(2020, 1, 1)):  # JSON's, and what XML-RPC can send
            stop = self.stop.with_context(courier_door_moment=forged)
            self.assertGreater(stop._door_moment(), fields.Datetime.now() - timedelta(minutes=5))

    def test_outcome_values(self):
        """SOP-13a: an outcome that is none, units that aren't there, a card's number as a note: refused."""
        other_unit = self.second.unit_ids.id
        for values, words in (
            ({}, "isn't one of the answers"),
            ({"outcome": ["delivered"]}, "isn't one of the answers"),
            ({"outcome": "brought_back"}, "Say why"),
            ({"outcome": "brought_back", "note": 5}, "isn't a text"),
            ({"outcome": "brought_back", "note": "x" * 1001}, "too long"),
            ({"outcome": "brought_back", "note": "4111 1111 1111 1111"}, "card's number"),
            ({"outcome": "partly", "note": "x", "back_unit_ids": [other_unit]}, "wasn't on this delivery"),
            ({"outcome": "partly", "note": "x", "back_unit_ids": "all"}, "isn't one of the answers"),
            ({"outcome": "partly", "note": "x", "back_unit_ids": [True]}, "isn't one of the answers"),
        ):
            self._refused(self._entry(self.stop, "outcome", **values), words)
        self.assertFalse(self.stop.outcome)
        self.assertNotIn("4111", str(self.env["crm.courier.entry"].search([]).read()))

    def test_imei_in_a_note(self):
        """SOP-8a: an IMEI passes a card's check and may be written."""
        imei = self.stop.unit_ids[0].lot_id.name
        (result,) = self._send(
            self.courier, self._entry(self.stop, "outcome", outcome="brought_back", note=f"{imei} has a scratch")
        )
        self.assertEqual(result["status"], "done")

    def test_partly(self):
        """SOP-8b: the phone may leave a part of the goods and take the rest back."""
        self._sign(self.stop)
        back = self.stop.unit_ids[0]
        entry = self._entry(self.stop, "outcome", outcome="partly", note="One only", back_unit_ids=back.ids)
        self.assertEqual(self._send(self.courier, entry)[0]["status"], "done")
        self.assertEqual((self.stop.unit_ids - back).mapped("is_handed_over"), [True])
        self.assertFalse(back.is_handed_over)

    # === LATER === #

    def test_purge(self):
        """SOP-7: what phones sent is forgotten after months, what came of it isn't."""
        self._send(self.courier, self._sign_entry(), self._sign_entry(document="invoice"))
        old = self.env["crm.courier.entry"].search([], limit=1)
        old.received_at = fields.Datetime.now() - timedelta(days=91)
        self.env["crm.courier.entry"]._gc_entries()
        self.assertFalse(old.exists())
        self.assertEqual(self.env["crm.courier.entry"].search_count([]), 1)
        self.assertEqual(len(self._signed()), 2)
