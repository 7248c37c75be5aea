import random
import time
from collections import Counter

from odoo.tests import BaseCase, tagged

from ..routing import Free, Waiting, decide, why_not

LANGUAGE, PHONES, LOANS = 1, 2, 3
SALES, SUPPORT = 10, 20


def agent(number, queues=(SALES,), skills=None, room=100, idle_since=0.0):
    return Free(number, frozenset(queues), skills or {}, room, idle_since)


def contact(number, rank=0.0, queues=(SALES,), needs=None, cost=100, only=None):
    return Waiting(number, rank, frozenset(queues), needs or {}, cost, only)


def given(contacts, agents):
    """Return contact → agent."""
    return {decision.contact: decision.agent for decision in decide(contacts, agents)}


@tagged("post_install", "-at_install")
class TestRouting(BaseCase):
    """CC-2: who gets whom."""

    def test_longest_idle_first(self):
        """CC-2d: among the equally able, whoever is idle longest."""
        agents = [agent(1, idle_since=30), agent(2, idle_since=10), agent(3, idle_since=20)]
        self.assertEqual(given([contact(1), contact(2)], agents), {1: 2, 2: 3})

    def test_skills_are_needed(self):
        """CC-2b: nobody without the level gets it, and the best gets it first."""
        need = contact(1, needs={LANGUAGE: 3})
        self.assertEqual(given([need], [agent(1, skills={LANGUAGE: 2}), agent(2)]), {})
        agents = [agent(1, skills={LANGUAGE: 3}), agent(2, skills={LANGUAGE: 5}, idle_since=99)]
        self.assertEqual(given([need], agents), {1: 2})

    def test_specialists_of_something_else_arent_preferred(self):
        """CC-2b: only what is needed counts."""
        agents = [agent(1, skills={LOANS: 5}, idle_since=9), agent(2, skills={PHONES: 1}, idle_since=1)]
        self.assertEqual(given([contact(1)], agents), {1: 2})

    def test_queue(self):
        """CC-2a: agents get contacts of their queues only, or of those they help out."""
        self.assertEqual(given([contact(1, queues=(SUPPORT,))], [agent(1)]), {})
        self.assertEqual(given([contact(1, queues=(SUPPORT, SALES))], [agent(1)]), {1: 1})

    def test_rank(self):
        """CC-2a: who ranks higher is served first; of the same rank, who came first."""
        waiting = [contact(1, 1), contact(2, 5), contact(3, 5)]
        self.assertEqual([decision.contact for decision in decide(waiting, [agent(1), agent(2)])], [2, 3])

    def test_capacity_over_channels(self):
        """CC-2d: three chats fill an agent, and who has a chat gets no call."""
        chats = [contact(number, cost=34) for number in range(4)]
        self.assertEqual(given(chats, [agent(1, room=102)]), {0: 1, 1: 1, 2: 1})
        self.assertEqual(given([contact(1)], [agent(1, room=66)]), {})

    def test_chats_are_spread(self):
        """CC-2d: the second chat goes to who has none."""
        chats = [contact(1, cost=34), contact(2, cost=34)]
        self.assertEqual(given(chats, [agent(1, idle_since=0), agent(2, idle_since=9)]), {1: 1, 2: 2})

    def test_telephone(self):
        """CC-1: what rings at a telephone goes to who has one."""
        agents = [Free(1, frozenset((SALES,)), {}, 100, 0, telephone=False), agent(2, idle_since=1)]
        (decision,) = decide([Waiting(1, 0, frozenset((SALES,)), rings=True)], agents)
        self.assertEqual((decision.agent, decision.reasons), (2, {1: "telephone", 2: "able"}))

    def test_handed_to_one(self):
        """CC-2a: what a colleague handed over waits for its agent, of whatever queue, and for nobody else."""
        handed = contact(1, queues=(SUPPORT,), only=2)
        self.assertEqual(given([handed], [agent(1, queues=(SUPPORT,)), agent(2)]), {1: 2})
        self.assertEqual(given([handed], [agent(1, queues=(SUPPORT,))]), {})
        self.assertEqual(given([contact(1, needs={LOANS: 5}, only=2)], [agent(2)]), {1: 2}, "a colleague chose them")

    def test_who_cant_be_served_holds_up_nobody(self):
        """CC-2a: a contact without an able agent doesn't keep the next one waiting."""
        self.assertEqual(given([contact(1, 9, needs={LOANS: 1}), contact(2)], [agent(1)]), {2: 1})
        self.assertEqual(given([contact(1, 9, cost=200), contact(2)], [agent(1)]), {2: 1}, "nobody ever has the room")

    def test_calls_dont_starve_behind_chats(self):
        """CC-2d: who lacks only room keeps it until it is enough, of one agent: others go on with chats."""
        chats = [contact(number, cost=34) for number in range(10, 20)]
        busy = [agent(1, room=66), agent(2, room=34)]
        self.assertEqual(given([contact(1, 9), *chats], busy), {10: 2})
        room, waiting = 0, [contact(1, 9), *chats]
        while not given(waiting, [agent(1, room=room)]).get(1):
            self.assertLess(room, 100, "each chat that ends would make room for the next")
            self.assertFalse(given(waiting, [agent(1, room=room)]))
            room += 34

    def test_relaxed(self):
        """CC-2b: waiting lowers what is asked; who has more than that still comes first."""
        waiting = Waiting(1, 0, frozenset((SALES,)), {LOANS: 3}, lower=2)
        self.assertEqual(given([waiting], [agent(1), agent(2, skills={LOANS: 1})]), {1: 2})
        able = [agent(1, skills={LOANS: 1}), agent(2, skills={LOANS: 3}, idle_since=9)]
        self.assertEqual(given([waiting], able), {1: 2})
        self.assertEqual(given([Waiting(1, 0, frozenset((SALES,)), {LOANS: 3}, lower=3)], [agent(1)]), {1: 1})

    def test_reasons(self):
        """CC-2a: a decision says of everybody who was free why they got it or not."""
        agents = [agent(1, (SUPPORT,)), agent(2), agent(3, skills={LOANS: 2}), agent(4, skills={LOANS: 2}, room=10)]
        (decision,) = decide([contact(1, needs={LOANS: 2})], agents)
        self.assertEqual((decision.agent, decision.fit), (3, 2))
        self.assertEqual(decision.reasons, {1: "queue", 2: "skill", 3: "able", 4: "capacity"})

    def _any(self, chance):
        """Return made-up contacts and agents."""
        skills = range(1, 5)
        agents = [
            Free(
                number,
                frozenset(chance.sample((SALES, SUPPORT, 30), chance.randint(1, 3))),
                {skill: chance.randint(1, 5) for skill in chance.sample(skills, chance.randint(0, 3))},
                chance.choice((20, 34, 66, 100)),
                chance.random() * 1000,
            )
            for number in range(chance.randint(1, 12))
        ]
        contacts = [
            Waiting(
                number,
                chance.randint(0, 5),
                frozenset((chance.choice((SALES, SUPPORT, 30)),)),
                {skill: chance.randint(1, 5) for skill in chance.sample(skills, chance.randint(0, 2))},
                chance.choice((20, 34, 100)),
            )
            for number in range(chance.randint(1, 30))
        ]
        return contacts, agents

    def test_properties(self):
        """CC-2: whatever the day brings, skills and capacity are respected, and nobody waits beside an able agent,
        unless that one is kept for somebody before them who lacks only room."""
        chance = random.Random(7)
        for _case in range(500):
            contacts, agents = self._any(chance)
            result = given(contacts, agents)
            room = {one.id: one.room for one in agents}
            by_id = {one.id: one for one in agents}
            for waiting in contacts:
                if waiting.id in result:
                    chosen = by_id[result[waiting.id]]
                    room[chosen.id] -= waiting.cost
                    self.assertTrue(waiting.queues & chosen.queues)
                    self.assertTrue(all(chosen.skills.get(s, 0) >= level for s, level in waiting.needs.items()))
            self.assertTrue(all(left >= 0 for left in room.values()))
            left_over = [Free(a.id, a.queues, a.skills, room[a.id], a.idle_since) for a in agents]
            passed = [waiting for waiting in contacts if waiting.id not in result]
            self.assertEqual(given(passed, left_over), {}, "somebody could have taken it")
            for waiting in passed:
                able = [one for one in left_over if why_not(waiting, one, one.room) is None]
                before = [c for c in passed if (-c.rank, c.id) < (-waiting.rank, waiting.id)]
                kept = [c for c in before if any(why_not(c, one, one.room) == "capacity" for one in able)]
                self.assertGreaterEqual(len(kept), len(able), "each agent is kept for somebody else before them")

    def test_nobody_starves(self):
        """CC-2c: with urgent ones coming all the time, a humble contact's waiting outranks them in the end."""
        now, humble = 0, 0
        for minute in range(60):
            now = minute
            waiting = [contact(1, rank=now * 1.0), contact(100 + minute, rank=10.0)]
            if given(waiting, [agent(1)]).get(1):
                humble = minute
                break
        self.assertEqual(humble, 10)

    def test_fair(self):
        """CC-2d: over a day, the equally able get the same number of contacts within 10 %."""
        chance, counts = random.Random(3), Counter()
        free_at = dict.fromkeys(range(20), 0.0)
        now = 0.0
        for number in range(4000):
            now += chance.expovariate(1 / 12)
            free = [agent(one, idle_since=since) for one, since in free_at.items() if since <= now]
            for _contact, one in given([contact(number)], free).items():
                counts[one] += 1
                free_at[one] = now + chance.expovariate(1 / 120)
        mean = sum(counts.values()) / len(free_at)
        self.assertLess(max(abs(count - mean) / mean for count in counts.values()), 0.1)

    def test_quick(self):
        """CC-2a: one decision among 200 agents and 1,000 waiting, half of them for a skill that nobody free has."""
        agents = [agent(number, skills={LANGUAGE: 3}, idle_since=number) for number in range(200)]
        waiting = [contact(number, number, needs={LOANS: 1} if number % 2 else {}) for number in range(1000)]
        began = time.perf_counter()
        self.assertEqual(len(given(waiting, agents[:1])), 1)
        self.assertLess(time.perf_counter() - began, 0.02)
