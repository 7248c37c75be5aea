import json

from odoo.tests import BaseCase, tagged

from ..limiter import Limiter
from ..telephony import Refused, clean, is_signed, read_events, signature

GOOD = {"event_id": "e1", "call_id": "c1", "sequence": 1, "kind": "ringing", "at": "2026-03-02T09:30:00+07:00"}


def body(*events, **values):
    return json.dumps([{**event, **values} for event in events or (GOOD,)]).encode()


@tagged("post_install", "-at_install")
class TestTelephony(BaseCase):
    """CC-1: what a telephone system sends is believed if it is signed, and understood or refused with the reason."""

    def _signed(self, *, timestamp="1000", content=b"{}", header=None, now=1000, **key):
        header = signature("s", "1000", b"{}") if header is None else header
        return is_signed(key.get("secret", "s"), timestamp, content, header, now=now, window=300)

    def test_signature(self):
        """CC-1: right secret, body and time; nothing else."""
        self.assertTrue(self._signed())
        self.assertTrue(self._signed(now=1300))
        for forged in (
            {"secret": "other"},
            {"secret": ""},
            {"secret": False},
            {"content": b"{ }"},
            {"timestamp": "1001"},
            {"timestamp": None},
            {"timestamp": "１０００"},
            {"timestamp": "1e3"},
            {"header": ""},
            {"header": "sha256="},
            {"header": "sha256=é"},
            {"now": 1301},
            {"now": 699},
        ):
            with self.subTest(**forged):
                self.assertFalse(self._signed(**forged))

    def test_event(self):
        """CC-1: times are turned into UTC."""
        (event,) = read_events(body(number="+62 812", words="hello\x00\x07 there"))
        self.assertEqual((event.uid, event.call, event.at.hour, event.number), ("e1", "c1", 2, "+62 812"))
        self.assertEqual(event.words, "hello there")

    def test_one_or_several(self):
        """CC-1: an event alone is no list."""
        self.assertEqual(len(read_events(json.dumps(GOOD).encode())), 1)
        self.assertEqual(len(read_events(body(GOOD, GOOD))), 2)

    def test_bad_inputs(self):
        """CC-1: what can't be read is refused with the reason."""
        bad = [
            b"",
            b"\xff",
            b"[]",
            b"null",
            b"[1]",
            b"[" * 100_000,
            json.dumps([GOOD] * 1001).encode(),
            body(event_id=""),
            body(event_id=None),
            body(event_id="x" * 129),
            body(call_id={"a": 1}),
            body(call_id="a\u0000b"),
            body(sequence=0),
            body(sequence=True),
            body(sequence="1"),
            body(kind="exploded"),
            body(kind=["ringing"]),
            body(at="yesterday"),
            body(at="2026-03-02T09:30:00"),
            body(at=None),
            body(at=5),
            body(at="9999-12-31T23:59:59-12:00"),
            body(at="0001-01-01T00:00:00+12:00"),
            body(number=17),
            body(called={}),
            body(extension="2 01"),
            body(words=["x"]),
            b'{"sequence": ' + b"9" * 5000 + b"}",
            json.dumps([GOOD] * 10_000).encode(),
        ]
        for content in bad:
            with self.subTest(content=content[:60]), self.assertRaises(Refused):
                read_events(content)

    def test_numbers_that_are_none(self):
        """CC-1: callers choose what they show: their call comes in, with what they showed as a name if it says much."""
        for number, expected in (
            ("anonymous", ("", "")),
            ("Unknown", ("", "")),
            ("", ("", "")),
            ("1" * 41, ("", "1" * 41)),
            ("1" * 500, ("", "1" * 128)),
            ("<script>", ("", "<script>")),
            ("sip:budi@example.org", ("", "sip:budi@example.org")),
            ("0812\x003456", ("08123456", "")),
            ("\ud800", ("", "")),
            ("٠٨١٢", ("", "٠٨١٢")),
        ):
            (event,) = read_events(body(number=number))
            self.assertEqual((event.number, event.name), expected, number)
        self.assertEqual(read_events(body(number="anonymous", name="Budi"))[0].name, "Budi")
        self.assertEqual(read_events(body(called="operator"))[0].called, "")

    def test_clean(self):
        """CC-1: nothing that a database can't keep."""
        self.assertEqual(clean("a\x00b\ud83d\u202e c\n"), "ab c")

    def test_html_in_a_name(self):
        """CC-1: a caller's name is a text like any other: screens escape it."""
        self.assertEqual(read_events(body(name="<b>Budi</b>"))[0].name, "<b>Budi</b>")


@tagged("post_install", "-at_install")
class TestLimiter(BaseCase):
    """CC-1: who asks too often waits, the others don't."""

    def test_hold_off(self):
        """CC-1: of 1,000 requests in a minute, the burst and the minute's share are served; others are at once."""
        limiter = Limiter(a_minute=300, burst=100)
        served = sum(not limiter.wait("bad", now=number * 0.06) for number in range(1000))
        self.assertEqual(served, 100 + 299)
        self.assertEqual(limiter.wait("good", now=60), 0)
        self.assertGreater(limiter.wait("bad", now=60), 0)
        self.assertEqual(limiter.wait("bad", now=61), 0, "it is served again when it has waited")

    def test_ipv6(self):
        """CC-1: a network of IPv6 counts as one, as does IPv4 in its clothes; another network is another."""
        limiter = Limiter(a_minute=60, burst=1)
        self.assertEqual(limiter.wait("2001:db8::1", now=0), 0)
        self.assertTrue(limiter.wait("2001:db8::2", now=0))
        self.assertEqual(limiter.wait("2001:db8:0:1::1", now=0), 0)
        self.assertEqual(limiter.wait("::ffff:10.0.0.1", now=0), 0)
        self.assertEqual(limiter.wait("::ffff:10.0.0.2", now=0), 0)
        for strange in ("fe80::1%eth0", "no:address", None, ""):
            self.assertEqual(limiter.wait(strange, now=0), 0)
            self.assertTrue(limiter.wait(strange, now=0))

    def test_memory(self):
        """CC-1: addresses that come and go don't fill the memory."""
        limiter = Limiter(a_minute=60, burst=1)
        for number in range(10_500):
            limiter.wait(str(number), now=0)
        self.assertEqual(len(limiter._buckets), 10_000)
