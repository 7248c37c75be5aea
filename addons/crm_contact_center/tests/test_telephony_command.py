from datetime import timedelta

from psycopg2.errors import CheckViolation

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .test_telephony_event import TelephonyCase


@tagged("post_install", "-at_install")
class TestTelephonyCommand(TelephonyCase):
    """CC-1: what the telephone is told to do."""

    def _exchange(self, **done):
        return self.commands._exchange(self.system, done)

    def _offered(self, call="c1", agent=None):
        self._come(agent or self.agent_1)
        self._keep(self._event(call, 1, "ringing", number="0812 3456 7890"))
        self._route()
        return self._contact(call)

    def _late(self, minutes=2):
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE crm_telephony_command SET create_date = create_date - %s, handed_at = handed_at - %s",
            [timedelta(minutes=minutes)] * 2,
        )
        self.env.invalidate_all()

    # === ORDERS === #

    def test_ring(self):
        """CC-1, CC-3a: the call rings at the agent whom the routing chose, who sees it on the desk before that."""
        contact = self._offered()
        desk = self.env["crm.agent"].with_user(self.agent_1.user_id).desk_state()
        self.assertEqual(desk["contacts"][0]["partner_id"], self.customer.id)
        (told,) = self._exchange()
        self.assertEqual((told["kind"], told["extension"], told["call_id"]), ("ring", "201", "c1"))
        self.assertEqual(told["seconds"], self.queue.offer_seconds)
        self.assertEqual(len(self._exchange()), 1, "its answer may have been lost")
        self.assertEqual(self._exchange(**{told["id"]: None}), [])
        self.assertEqual(contact.state, "offered")

    def test_gone(self):
        """CC-1: a call that the telephone knows nothing of is over: it isn't offered to one after the other."""
        contact = self._offered()
        (told,) = self._exchange()
        self._exchange(**{told["id"]: "There is no such call."})
        self.assertEqual(contact.state, "abandoned")

    def test_missed(self):
        """CC-1: not answered there: the telephone stops, the agent pauses, the next one's rings."""
        contact = self._offered()
        self._come(self.agent_2)
        self._keep(self._event("c1", 2, "missed", extension="201"))
        self._route()
        self.assertEqual((contact.agent_id, self.agent_1.paused_by), (self.agent_2, "missed"))
        self.assertEqual(
            [(told["kind"], told["extension"]) for told in self._exchange()],
            [("ring", "201"), ("unring", "201"), ("ring", "202")],
        )
        self._keep(self._event("c1", 3, "missed", extension="201"))
        self.assertEqual(contact.agent_id, self.agent_2, "it isn't ringing at the first any more")

    def test_answered_elsewhere(self):
        """CC-1: who picked up has it, whomever it was offered to."""
        contact = self._offered()
        self._keep(self._event("c1", 2, "answered", extension="202"))
        self.assertEqual((contact.state, contact.agent_id), ("active", self.agent_2))
        self.assertEqual(self.agent_1.status, "available")

    def test_transfer_from_the_desk(self):
        """CC-1: the caller waits again, then the other agent's telephone rings."""
        contact = self._offered()
        self._keep(self._event("c1", 2, "answered", extension="201"))
        self._come(self.agent_2)
        self.assertEqual([told["kind"] for told in self._exchange()], ["ring"])
        contact.with_user(self.agent_1.user_id).action_transfer(agent_id=self.agent_2.id)
        told = self._exchange()[-1]
        self.assertEqual((told["kind"], told["to"], told["call_id"]), ("transfer", "202", "c1"))
        self._keep(self._event("c1", 3, "transferred", extension=told["to"]))
        self._route()
        self.assertEqual((contact.state, contact.agent_id), ("offered", self.agent_2))
        self.assertEqual([told["kind"] for told in self._exchange()], ["ring", "hold", "ring"])

    def test_transfer_to_a_queue(self):
        """CC-1: by its code; a number that is neither an agent's nor a queue's is one outside."""
        contact = self._offered()
        other = self._create_queue(code="TQX")
        told = [
            self.commands._ask(self.agent_1, "transfer", number, contact)._as_told()
            for number in (other.code, "+62215550101")
        ]
        self.assertEqual((told[0]["queue"], told[1].get("queue"), told[1].get("to")), ("TQX", None, None))

    def test_closed(self):
        """CC-2c: who calls a closed queue is told that somebody will call back, and nobody's telephone rings."""
        closed = self.env["resource.calendar"].create({"name": "Never", "attendance_ids": [Command.clear()]})
        self.queue.calendar_id = closed
        contact = self._offered()
        self.assertEqual(contact.state, "callback")
        self.assertEqual([told["kind"] for told in self._exchange()], ["farewell"])
        self._keep(self._event("c1", 2, "ended"))
        self.assertEqual(contact.state, "callback")

    def test_call_back(self):
        """CC-2c: offering a call-back rings nowhere; the agent dials, and the contact is that call from then on."""
        self.test_closed()
        contact = self._contact()
        self.queue.calendar_id = False
        contact.callback_at = fields.Datetime.now()
        self.commands.search([]).unlink()
        self.contacts._resume_due()
        self._route()
        self.assertEqual((contact.state, self._exchange()), ("offered", []))
        contact.with_user(self.agent_1.user_id).action_call_back()
        (told,) = self._exchange()
        self._keep(self._event(told["id"], 1, "answered", extension="201"))
        self.assertEqual((contact.state, contact.agent_id), ("active", self.agent_1))
        self._keep(self._event(told["id"], 2, "ended"))
        self.assertEqual(contact.state, "wrapup")

    def test_other_calls(self):
        """CC-1: chats, calls of no system and of one that is gone tell nobody anything."""
        self._come(self.agent_1)
        for key in (False, "x", f"{10**9}:c", "1:"):
            contact = self._enter(key=key)
            self._route()
            contact._abandon()
        self.assertFalse(self.commands.search([]))

    # === FETCHED AND REPORTED === #

    def test_dial_once(self):
        """CC-1: a number is handed out once, what became of it is noted; silence makes it unknown."""
        command = self.commands._ask(self.agent_1, "dial", "+6281234567890")
        (told,) = self._exchange()
        self.assertEqual((told["kind"], told["extension"], told["number"]), ("dial", "201", "+6281234567890"))
        self.assertEqual(self._exchange(), [])
        self._exchange(**{command.uid: "bu\x00sy\ud800"})
        self.assertEqual((command.state, command.error), ("failed", "busy"))
        lost = self.commands._ask(self.agent_1, "dial", "+6281234567890")
        self._exchange()
        self._late(minutes=1.6)
        self.assertEqual((self._exchange(), lost.state), ([], "handed"), "two telephones ring, one after the other")
        self._late()
        self.assertEqual((self._exchange(), lost.state), ([], "unknown"))

    def test_silent_system(self):
        """CC-1: an agent isn't held by a telephone system that is away: hanging up ends the contact all the same."""
        contact = self._offered()
        self._keep(self._event("c1", 2, "answered", extension="201"))
        contact.with_user(self.agent_1.user_id).action_end()
        self.assertEqual(contact.state, "active", "the telephone hangs up, and says so")
        self._late()
        self.events._apply_waiting()
        self.assertEqual(contact.state, "wrapup")

    def test_hang_up_what_is_gone(self):
        """CC-1: the telephone knows no such call: it is over."""
        contact = self._offered()
        self._keep(self._event("c1", 2, "answered", extension="201"))
        contact.with_user(self.agent_1.user_id).action_end()
        told = self._exchange()[-1]
        self._exchange(**{told["id"]: "There is no such call."})
        self.assertEqual(contact.state, "wrapup")

    def test_other_system(self):
        """CC-1: a system closes its own commands only."""
        other = self.system.copy({"name": "Other"})
        command = self.commands._ask(self.agent_1, "dial", "+6281234567890")
        stranger = (self.system + other) - command.system_id
        self.assertEqual(self.commands._exchange(stranger, {command.uid: None}), [])
        self.assertEqual(command.state, "new")

    def test_without_telephone(self):
        """CC-1: said in words that help."""
        with self.assertRaisesRegex(UserError, "extension"):
            self.commands._ask(self._create_agent("test_mute"), "dial", "1")


@tagged("post_install", "-at_install")
class TestDial(TelephonyCase):
    """CC-1: click to dial, by RPC."""

    def setUp(self):
        super().setUp()
        self.mine = self.env["crm.agent"].with_user(self.agent_1.user_id)

    def test_dial(self):
        """CC-1: the agent's own telephone dials, with the country code of the branch's country."""
        self.assertTrue(self.mine._can_dial())
        self.assertEqual(self.mine.dial(" 0812-3456-7890 "), "+6281234567890")
        command = self.commands.search([])
        self.assertEqual((command.extension, command.agent_id, command.kind), ("201", self.agent_1, "dial"))

    def test_call(self):
        """CC-1, FL-12: what the agent dialled is a contact when it is answered, to be wrapped up as any other."""
        self.mine.dial("0812 3456 7890")
        (told,) = self.commands._exchange(self.system, {})
        call = told["id"]
        self._keep(self._event(call, 1, "ringing", extension="201"))
        self.assertFalse(self._contact(call))
        self._keep(self._event(call, 2, "answered", extension="201"), self._event(call, 3, "ended"))
        contact = self._contact(call)
        self.assertEqual((contact.state, contact.direction, contact.partner_id), ("wrapup", "outgoing", self.customer))
        self.assertEqual(contact.interaction_id.user_id, self.agent_1.user_id)

    def test_not_reached(self):
        """CC-1: nobody answered: nothing to wrap up, nobody to call back."""
        self.mine.dial("0812 3456 7890")
        call = self.commands.search([]).uid
        self._keep(self._event(call, 1, "ringing", extension="201"), self._event(call, 2, "ended"))
        self.assertFalse(self._contact(call))

    def test_one_at_a_time(self):
        """CC-1: while one is open no other; one that nobody fetched is given up after a minute; others' don't count."""
        self.mine.dial("0812 3456 7890")
        with self.assertRaisesRegex(UserError, "one call at a time"):
            self.mine.dial("0812 3456 7891")
        self.env["crm.agent"].with_user(self.agent_2.user_id).dial("0812 3456 7891")
        self.env.cr.execute("UPDATE crm_telephony_command SET create_date = create_date - INTERVAL '2 minutes'")
        self.env.invalidate_all()
        self.mine.dial("0812 3456 7892")
        self.assertEqual(sorted(self.commands.search([]).mapped("state")), ["failed", "new", "new"])

    def test_bad_numbers(self):
        """CC-1: what is no number, too long, or no text, is refused in words."""
        bad = ("", " ", "abc", "0812;rm -rf", "sip:x@y", "1" * 33, "9" * 1_000_000, "0812\x003456", "+")
        for number in (*bad, None, False, 812, ["0812"], {"a": 1}):
            with self.subTest(number=str(number)[:40]), self.assertRaises(UserError):
                self.mine.dial(number)
        self.assertFalse(self.commands.search([]))

    def test_attacks(self):
        """CC-1: nobody dials by another's telephone, nor writes, reads or does commands."""
        with self.assertRaises(AccessError):
            self.env["crm.agent"].with_user(self.officer_a).dial("0812 3456 7890")
        self.assertFalse(self.env["crm.agent"].with_user(self.officer_a)._can_dial())
        self.agent_2.with_user(self.agent_1.user_id).dial("0812 3456 7890")
        self.assertEqual(self.commands.search([]).extension, "201", "whoever's record it is called on")
        with self.assertRaises(AccessError):
            self.agent_1.with_user(self.agent_1.user_id).extension = "202"
        values = {"system_id": self.system.id, "kind": "dial", "extension": "202", "number": "+62811"}
        for user in (self.agent_1.user_id, self.supervisor):
            commands = self.commands.with_user(user)
            with self.assertRaises(AccessError):
                commands.create(values)
            with self.assertRaises(AccessError):
                commands.browse(self.commands.search([]).id).write({"number": "+62811"})
        with self.assertRaises(AccessError):
            self.commands.with_user(self.agent_1.user_id).search([])

    @mute_logger("odoo.sql_db")
    def test_extension(self):
        """CC-1: an extension can't say anything else to the telephone system."""
        for extension in ("201&PJSIP/9", "2 01", "../x", "", "x" * 33, "٢٠١"):
            with self.subTest(extension), self.assertRaises(CheckViolation), self.cr.savepoint():
                self.agent_1.extension = extension
                self.env.flush_all()
