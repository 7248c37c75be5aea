import csv
import gzip
import heapq
import logging
import math
import random
from itertools import pairwise
from unittest import skipUnless

from odoo.tests import BaseCase, tagged

from .. import erlang
from .staffing_common import REAL

_logger = logging.getLogger(__name__)

#: Of the bank's calls of February 1999: seconds waited, of all together, by those who gave up; seconds of a service.
BANK_PATIENCE, BANK_HANDLING = 215.4, 171.5


def bank_calls():
    """Return (seconds of services, [(seconds waited, whether given up)]) of the bank's calls."""
    with gzip.open(REAL, "rt") as file:
        calls = [call for call in csv.DictReader(file, delimiter="\t") if call["outcome"] != "PHANTOM"]
    services = [int(call["ser_time"]) for call in calls if call["outcome"] == "AGENT" and call["ser_time"] != "0"]
    return services, [(int(call["q_time"]), call["outcome"] == "HANG") for call in calls]


def patience_of(waits):
    """Return [(seconds, share who would still wait)]: who was served had at least as much patience (Kaplan–Meier)."""
    waits, still, curve, left = sorted(waits), 1.0, [(0, 1.0)], len(waits)
    for seconds, given_up in waits:
        if given_up:
            still *= 1 - 1 / left
            curve.append((seconds, still))
        left -= 1
    return curve


def drawn_from(curve, chance):
    """Return a patience as likely as the curve says; beyond its end, the longest that was seen."""
    wanted = chance.random()
    for (_before, above), (seconds, still) in pairwise(curve):
        if still <= wanted < above:
            return seconds
    return curve[-1][0]


def simulate(load, agents, handling, patience, count=60_000, seed=1, draw_handling=None, draw_patience=None):
    """Return (share given up, average wait of all, share served within 20 s) of a queue played through."""
    chance = random.Random(seed)
    draw_handling = draw_handling or (lambda: chance.expovariate(1 / handling))
    draw_patience = draw_patience or (lambda: chance.expovariate(1 / patience))
    now, waits, given_up, quick = 0.0, 0.0, 0, 0
    free_at = [0.0] * agents
    heapq.heapify(free_at)
    for _contact in range(count):
        now += chance.expovariate(load / handling)
        stays = draw_patience()
        wait = max(0.0, free_at[0] - now)
        if wait > stays:
            given_up += 1
            waits += stays
            continue
        waits += wait
        quick += wait <= 20
        heapq.heapreplace(free_at, now + wait + draw_handling())
    return given_up / count, waits / count, quick / count


@tagged("post_install", "-at_install")
class TestErlang(BaseCase):
    """CC-8a: agents needed for a service level."""

    def test_erlang_b_table(self):
        """CC-8a: published values of Erlang B."""
        for load, agents, expected in ((5, 10, 0.0184), (10, 10, 0.2146), (20, 30, 0.0085)):
            self.assertAlmostEqual(erlang.blocking(load, agents), expected, 4)

    def test_erlang_c_table(self):
        """CC-8a: published values of Erlang C, to four digits."""
        for load, agents, expected in (
            (1, 2, 0.3333),
            (2, 3, 0.4444),
            (5, 6, 0.5875),
            (10, 14, 0.1741),
            (20, 24, 0.2981),
        ):
            self.assertAlmostEqual(erlang.waiting(load, agents), expected, 4)

    def test_known_case(self):
        """CC-8a: 100 calls in half an hour of 3 minutes each, 80 % within 20 s: 14 agents, 88.8 %."""
        self.assertEqual(erlang.agents_for(100, 1800, 180, level=0.8, target=20), 14)
        service = erlang.service_c(10, 14, 180, 20)
        self.assertAlmostEqual(service.level, 0.8884, 4)
        self.assertAlmostEqual(service.wait, 7.8, 1)
        self.assertAlmostEqual(service.occupancy, 0.714, 3)

    def test_overload(self):
        """CC-8a: without patience a queue with too few agents grows for ever; with it, some give up."""
        self.assertEqual(erlang.service_c(10, 10, 180, 20).level, 0)
        service = erlang.service_a(12, 10, 180, 20, 120)
        self.assertTrue(0.1 < service.abandoned < 0.3)

    def test_endless_patience(self):
        """CC-8a: whoever never gives up makes Erlang A Erlang C."""
        patient, endless = erlang.service_a(10, 13, 180, 20, 1e7), erlang.service_c(10, 13, 180, 20)
        self.assertAlmostEqual(patient.level, endless.level, 3)
        self.assertAlmostEqual(patient.wait, endless.wait, 1)

    def test_simulation(self):
        """CC-8a: Erlang A beside a queue played through."""
        for load, agents, handling, patience in ((10, 11, 180, 120), (6, 6, 200, 60), (30, 28, 300, 240)):
            service = erlang.service_a(load, agents, handling, 20, patience)
            given_up, wait, quick = simulate(load, agents, handling, patience)
            self.assertAlmostEqual(service.abandoned, given_up, delta=0.006)
            self.assertAlmostEqual(service.level, quick, delta=0.012)
            self.assertAlmostEqual(service.wait, wait, delta=0.06 * wait + 0.3)

    def test_simulation_of_the_bank(self):
        """CC-8a: with the patience and the handling of a real bank's calls, from too few agents to enough."""
        for agents in (7, 9, 11):
            service = erlang.service_a(9, agents, BANK_HANDLING, 20, BANK_PATIENCE)
            given_up, wait, quick = simulate(9, agents, BANK_HANDLING, BANK_PATIENCE)
            self.assertAlmostEqual(service.abandoned, given_up, delta=0.008)
            self.assertAlmostEqual(service.level, quick, delta=0.015)
            self.assertAlmostEqual(service.wait, wait, delta=0.06 * wait + 0.3)

    @skipUnless(REAL.exists(), "the real calls aren't there")
    def test_real_times(self):
        """CC-8a: real services and patience aren't exponential: how far the formula is off then."""
        services, waits = bank_calls()
        total = sum(seconds for seconds, _given_up in waits) / sum(given_up for _seconds, given_up in waits)
        self.assertAlmostEqual(total, BANK_PATIENCE, 1)
        handling, curve, chance = sum(services) / len(services), patience_of(waits), random.Random(3)
        draws = [drawn_from(curve, chance) for _draw in range(3_000)]
        for agents in (7, 9, 11):
            service = erlang.service_a(9, agents, handling, 20, BANK_PATIENCE)
            given_up, _wait, quick = simulate(
                9,
                agents,
                handling,
                0,
                draw_handling=lambda: chance.choice(services),
                draw_patience=lambda: chance.choice(draws),
            )
            words = f"level {service.level:.1%} / {quick:.1%}, given up {service.abandoned:.1%} / {given_up:.1%}"
            _logger.info("load 9, %s agents, Erlang A / played with real times: %s", agents, words)
            self.assertAlmostEqual(service.level, quick, delta=0.08)
            self.assertAlmostEqual(service.abandoned, given_up, delta=0.04)

    def test_fewest(self):
        """CC-8a: one agent fewer wouldn't do, with and without patience."""
        for contacts in (1, 7, 60, 400):
            for patience in (None, 90):
                wish = {"level": 0.8, "target": 20, "patience": patience}
                agents = erlang.agents_for(contacts, 1800, 200, **wish)
                load = contacts * 200 / 1800
                service = erlang.service_a if patience else erlang.service_c
                arguments = (200, 20, patience) if patience else (200, 20)
                self.assertGreaterEqual(service(load, agents, *arguments).level, 0.8)
                if agents > 1:
                    self.assertLess(service(load, agents - 1, *arguments).level, 0.8)

    def test_nothing_to_do(self):
        """CC-8a: no contacts, no agents."""
        self.assertEqual(erlang.agents_for(0, 1800, 200, level=0.8, target=20), 0)

    def test_beta(self):
        """CC-8a: the incomplete beta function, where it is known in closed form."""
        for x in (0.1, 0.5, 0.9):
            self.assertAlmostEqual(erlang.beta(x, 1, 3), 1 - (1 - x) ** 3, 12)
            self.assertAlmostEqual(erlang.beta(x, 4, 1), x**4, 12)
            self.assertAlmostEqual(erlang.beta(x, 0.5, 0.5), 2 / math.pi * math.asin(math.sqrt(x)), 10)
