import itertools
import random
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

from psycopg2 import DataError

from odoo import fields
from odoo.exceptions import AccessError, ConcurrencyError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..telephony import Event
from .common import ContactCenterCase


class TelephonyCase(ContactCenterCase):
    """A telephone system, and two agents with telephones."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.system = cls.env["crm.telephony.system"].create(
            {"name": "Test telephone", "branch_id": cls.branch_a.id, "queue_id": cls.queue.id}
        )
        cls.events = cls.env["crm.telephony.event"]
        cls.commands = cls.env["crm.telephony.command"]
        cls.agent_1.extension = "201"
        cls.agent_2.extension = "202"
        cls.start = datetime.now(UTC).replace(tzinfo=None, microsecond=0) - timedelta(minutes=5)

    def _event(self, call, sequence, kind, **values):
        at = self.start + timedelta(seconds=10 * sequence)
        return Event(f"{call}-{sequence}", call, sequence, kind, at, **values)

    def _story(self, call="c1"):
        return [
            self._event(call, 1, "ringing", number="0812 3456 7890"),
            self._event(call, 2, "words", words="my screen"),
            self._event(call, 3, "answered", extension="201"),
            self._event(call, 4, "ended"),
        ]

    def _keep(self, *events):
        return self.events._keep(self.system, events)

    def _contact(self, call="c1"):
        return self.contacts.search([("key", "=", f"{self.system.id}:{call}")])

    def _facts(self, call="c1"):
        contact = self._contact(call)
        return contact.state, contact.agent_id, contact.words, contact.wait_seconds, contact.talk_seconds


@tagged("post_install", "-at_install")
class TestTelephonyEvent(TelephonyCase):
    """CC-1: what the telephone tells becomes a contact."""

    def test_story(self):
        """CC-1: ringing, what was said, answered, ended: times are the telephone's."""
        self.assertEqual(self._keep(*self._story()), 4)
        self.assertEqual(self._facts(), ("wrapup", self.agent_1, "my screen", 20, 10))
        self.assertEqual(self._contact().partner_id, self.customer)

    def test_any_order(self):
        """CC-1: in each of the 24 orders, three times each, the call ends the same."""
        expected = ("wrapup", self.agent_1, "my screen", 20, 10)
        for number, order in enumerate(itertools.permutations(range(4))):
            call = f"order{number}"
            story = self._story(call)
            for event in [story[index] for index in order] * 3:
                self._keep(event)
            self.assertEqual(self._facts(call), expected, order)

    def test_many_calls_shuffled(self):
        """CC-1: the events of many calls mixed, in lists of any length, twice."""
        events = [event for number in range(20) for event in self._story(f"m{number}")] * 2
        random.Random(5).shuffle(events)
        while events:
            self._keep(*[events.pop() for _event in range(min(7, len(events)))])
        states = self.contacts.search([("key", "like", f"{self.system.id}:m%")]).mapped("state")
        self.assertEqual(states, ["wrapup"] * 20)

    def test_repeated(self):
        """CC-1: what was told before changes nothing."""
        self._keep(*self._story())
        before = self._contact().read()
        self.assertEqual(self._keep(*self._story()), 0)
        self.assertEqual(self._contact().read(), before)

    def test_given_up(self):
        """CC-10: nobody answered."""
        ringing, _words, _answered, _ended = self._story()
        self._keep(ringing, self._event("c1", 2, "ended"))
        self.assertEqual(self._facts()[0], "abandoned")

    def test_missing_event(self):
        """CC-1: an event waits for the one before it, but not for ever."""
        ringing, _words, answered, _ended = self._story()
        self._keep(ringing, answered)
        self.assertEqual(self._contact().state, "waiting")
        self.events.search([("state", "=", "new")]).received_at = fields.Datetime.now() - timedelta(seconds=31)
        self.events._apply_waiting()
        self.assertEqual(self._contact().state, "active")

    def test_nonsense(self):
        """CC-1: unknown calls and agents, an end before the start: kept as ignored, with the reason."""
        self._keep(self._event("ghost", 1, "ended"), self._event("c9", 1, "ringing"))
        self._keep(self._event("c9", 2, "answered", extension="999"))
        ignored = self.events.search([("state", "=", "ignored")])
        self.assertEqual(len(ignored), 2)
        self.assertTrue(all(ignored.mapped("why")))
        self.assertEqual(self._contact("c9").state, "waiting")
        early = Event("x", "c9", 3, "ended", self.start - timedelta(days=1))
        self._keep(early)
        self.assertEqual((self._contact("c9").state, self._contact("c9").wait_seconds), ("abandoned", 0))

    def test_withheld_number(self):
        """CC-1: who hides their number, or calls from inside, comes in all the same."""
        self._keep(self._event("c2", 1, "ringing", number="anonymous"), self._event("c3", 1, "ringing", number="17"))
        self.assertEqual((self._contact("c2").state, self._contact("c3").caller_name), ("waiting", "17"))

    def test_number_called(self):
        """CC-2f: the number called says queue and language; a queue named by the system goes before."""
        other = self._create_queue(code="TQP")
        english = self.env.ref("base.lang_en")
        self.env["crm.telephony.number"].create(
            {"system_id": self.system.id, "number": "1500", "queue_id": other.id, "lang_id": english.id}
        )
        self._keep(self._event("d1", 1, "ringing", called="1500"), self._event("d2", 1, "ringing", queue="TQA"))
        self.assertEqual((self._contact("d1").queue_id, self._contact("d1").lang_id), (other, english))
        self.assertEqual(self._contact("d2").queue_id, self.queue)

    def test_transferred(self):
        """CC-1: to another agent's telephone."""
        ringing, words, answered, _ended = self._story()
        self._keep(ringing, words, answered, self._event("c1", 4, "transferred", extension="202"))
        self._keep(self._event("c1", 5, "answered", extension="202"), self._event("c1", 6, "ended"))
        self.assertEqual(self._facts()[:2], ("wrapup", self.agent_2))
        self.assertEqual(self.agent_1.status, "offline")

    def test_transferred_to_nobody(self):
        """CC-1: to an extension that no agent has, or back to themselves: the caller waits in the queue for anybody."""
        for number, extension in enumerate(("999", "201", "")):
            call = f"t{number}"
            self._keep(*self._story(call)[:3], self._event(call, 4, "transferred", extension=extension))
            contact = self._contact(call)
            self.assertEqual((contact.state, contact.queue_id), ("waiting", self.queue))
            self.assertFalse(contact.only_agent_id)

    def test_clock(self):
        """CC-1: a clock that is wrong by a day, or two thousand years, makes no contact wait less than no time."""
        now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
        for number, wrong in enumerate((now + timedelta(days=1), datetime(9999, 12, 31), datetime(1, 1, 1))):
            call = f"clock{number}"
            self._keep(Event(f"{call}-1", call, 1, "ringing", wrong), Event(f"{call}-2", call, 2, "ended", wrong))
            contact = self._contact(call)
            self.assertEqual((contact.state, contact.wait_seconds), ("abandoned", 0))
            self.assertLessEqual(contact.entered_at, fields.Datetime.now())
            self.assertGreater(contact.entered_at, now - timedelta(days=31))

    def test_same_call_at_two_systems(self):
        """CC-1: names of calls are a system's own."""
        other = self.system.copy({"name": "Other"})
        self._keep(self._event("c1", 1, "ringing"))
        self.assertEqual(self.events._keep(other, [self._event("c1", 1, "ringing")]), 1)
        self.assertEqual(len(self.contacts.search([("key", "in", (f"{self.system.id}:c1", f"{other.id}:c1"))])), 2)

    def test_refused_by_the_database(self):
        """CC-1: an event that can't be kept is ignored, and holds up none after it."""
        with (
            patch.object(type(self.contacts), "_enter", side_effect=DataError("too long")),
            mute_logger("odoo.addons.crm_contact_center.models.crm_telephony_event"),
        ):
            self._keep(self._event("c1", 1, "ringing"), self._event("c1", 2, "ended"))
        self.assertEqual(self.events.search([("call", "=", "c1")]).mapped("state"), ["ignored", "ignored"])

    def test_busy_contact(self):
        """CC-1: a call that somebody is changing is for the next minute; the others aren't."""
        self._keep(self._event("c1", 2, "ended"), self._event("c2", 2, "ended"))
        self.events.search([("state", "=", "new")]).received_at = fields.Datetime.now() - timedelta(minutes=1)
        tried, apply = [], type(self.events)._apply_calls

        def busy_once(events, system, calls):
            tried.append(calls)
            if len(tried) == 1:
                raise ConcurrencyError
            return apply(events, system, calls)

        with patch.object(type(self.events), "_apply_calls", busy_once):
            self.events._apply_waiting()
        self.assertEqual(tried, [{"c1"}, {"c2"}])
        self.assertEqual(
            self.events.search([("call", "in", ("c1", "c2"))], order="call").mapped("state"), ["new", "ignored"]
        )

    def test_queue_without_calls(self):
        """CC-1: a caller isn't lost because somebody named a queue that takes no calls."""
        chats = self._create_queue(code="TQC", takes_calls=False)
        self._keep(self._event("c1", 1, "ringing", queue=chats.code))
        self.assertEqual(self._contact().queue_id, self.queue)

    def test_person(self):
        """CC-1: what the telephone told of a person is found when they ask for it, or want it erased; others' isn't."""
        self._keep(*self._story(), self._event("c2", 1, "ringing", number="0811 1111 1111"))
        command = self.commands._ask(self.agent_1, "dial", "+6281234567890")
        found = self.customer._more_person_documents()
        events, names = found["Telephone events"]
        self.assertEqual((set(events.mapped("call")), len(events)), ({"c1"}, 4))
        self.assertEqual(found["Telephone commands"][0], command)
        events.write(dict.fromkeys(names, False))

    def test_secret(self):
        """CC-1: only the administrator sees address and secret; supervisors see the rest."""
        with self.assertRaises(AccessError):
            self.system.with_user(self.supervisor).read(["secret"])
        self.assertNotIn("secret", self.system.with_user(self.supervisor).read()[0])
        with self.assertRaises(AccessError):
            self.system.with_user(self.supervisor).action_new_secret()
        with self.assertRaises(AccessError):
            self.events.with_user(self.agent_1.user_id).search([])
