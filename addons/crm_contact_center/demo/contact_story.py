"""Demo: three weeks of contacts at the Contact Center Jakarta, and what waits this morning."""

import random
from datetime import timedelta

from odoo import api, fields, models

XML = "crm_contact_center."
LANGS = {"pl": "pl_PL", "id": "id_ID"}
#: First names and surnames of the customers of a country, and how their telephone numbers begin.
CUSTOMERS = {
    "id": (
        ("Adi", "Bima", "Citra", "Dian", "Eka", "Galih", "Hana", "Indra", "Kartika", "Lestari", "Nugroho", "Tania"),
        ("Hidayat", "Kurniawan", "Maulana", "Permata", "Rahayu", "Saputra", "Siregar", "Utami", "Wijaya", "Yulianti"),
        "+62 813 7000 ",
    ),
    "pl": (
        ("Barbara", "Ewa", "Iwona", "Jolanta", "Renata", "Teresa"),
        ("Adamczyk", "Dudek", "Kaczmarek", "Mazur", "Pawlak"),
        "+48 602 700 ",
    ),
}
#: Queue → its agents, country of its customers, channels, and reasons with what came of them.
QUEUES = {
    "queue_service": (
        ("rosa", "bayu", "wulan"),
        "id",
        ("call", "call", "call", "chat", "whatsapp"),
        (("question", "answered"), ("question", "answered"), ("complaint", "complaint_registered")),
    ),
    "queue_sales": (
        ("wulan", "rosa"),
        "id",
        ("call", "chat", "whatsapp"),
        (("buying", "ordered"), ("buying", "interested"), ("buying", "not_interested"), ("question", "answered")),
    ),
    "queue_polish": (
        ("kinga",),
        "pl",
        ("call", "call", "email"),
        (("question", "answered"), ("follow_up", "satisfied"), ("buying", "interested")),
    ),
}
#: How many contacts a queue has in each hour of the branch's day.
HOURS = {8: 1, 9: 2, 10: 2, 11: 1, 13: 2, 14: 1, 15: 2, 16: 1, 19: 1}
DAYS = 21
#: What customers who were asked have said, with the score that they gave.
ANSWERS = (
    (10, "Answered at once, and knew what to do."),
    (9, "Friendly."),
    (9, False),
    (8, "Good, though I had to repeat my number."),
    (7, False),
    (10, "Thank you!"),
    (6, "It took long."),
    (3, "I had to call twice for the same thing."),
)


class CrmDemoContactCenter(models.AbstractModel):
    _name = "crm.demo.contact.center"
    _description = "Contact Center Demo"

    @api.model
    def _load(self):
        """Let three weeks go by, and leave something for this morning."""
        self = self.with_context(tracking_disable=True, mail_notrack=True)  # noqa: PLW0642
        self._set_languages()
        customers = {country: self._make_customers(country) for country in CUSTOMERS}
        stories = [story for name in QUEUES for story in self._stories(name, customers)]
        contacts = self.env["crm.queue.contact"].sudo().create([vals for vals, _later in stories])
        self._end_all(contacts, [later for _vals, later in stories])
        contacts._note_repeats()
        self._ask(contacts.filtered(lambda contact: contact.state == "done"))
        self._wait_now()

    def _ref(self, name):
        return self.env.ref(f"{XML}{name}")

    def _set_languages(self):
        installed = {code for code, _name in self.env["res.lang"].get_installed()}
        for key, lang in (("agnieszka", "pl"), ("piotr", "pl"), ("nadia", "id"), ("reza", "id"), ("fitri", "id")):
            if LANGS[lang] in installed:
                self._ref(f"partner_{key}").lang = LANGS[lang]
        if LANGS["pl"] in installed:
            self._ref("user_kinga").lang = LANGS["pl"]

    def _make_customers(self, country):
        first_names, surnames, prefix = CUSTOMERS[country]
        lang = LANGS[country] if LANGS[country] in dict(self.env["res.lang"].get_installed()) else False
        names = [f"{first} {last}" for first in first_names for last in surnames]
        return self.env["res.partner"].create(
            [
                {
                    "name": name,
                    "phone": f"{prefix}{number:04}" if country == "id" else f"{prefix}{number:03}",
                    "country_id": self.env.ref(f"base.{country}").id,
                    **({"lang": lang} if lang else {}),
                }
                for number, name in enumerate(names)
            ]
        )

    def _stories(self, name, customers):
        """Return (values, what became of it) of a queue's contacts in the last weeks. The same on each machine."""
        agents, country, channels, reasons = QUEUES[name]
        queue, dice = self._ref(name), random.Random(name)  # noqa: S311
        branch, stories = queue.branch_id, []
        for ago in range(DAYS, 0, -1):
            day = branch._today() - timedelta(days=ago)
            quiet = day.weekday() >= 5
            for hour, most in HOURS.items():
                for _number in range(dice.randint(0, most // 2 if quiet else most)):
                    entered = branch._moment(day, hour) + timedelta(seconds=dice.randint(0, 3599))
                    customer = dice.choice(customers[country])
                    channel = dice.choice(channels)
                    vals = {
                        "branch_id": branch.id,
                        "queue_id": queue.id,
                        "first_queue_id": queue.id,
                        "channel": channel,
                        "partner_id": customer.id,
                        "phone": customer.phone_sanitized if channel in ("call", "whatsapp") else False,
                        "cost": queue._cost(channel),
                        "priority": queue.priority,
                        "entered_at": entered,
                    }
                    stories.append((vals, self._end(dice, entered, agents, reasons)))
        return stories

    def _end(self, dice, entered, agents, reasons):
        """Return what became of a contact: most are answered soon, some late, a few give up."""
        wait = int(dice.expovariate(1 / 12)) + 2
        if wait > 45:
            return {"state": "abandoned", "ended_at": entered + timedelta(seconds=wait), "wait_seconds": wait}
        talk, wrap = 60 + int(dice.expovariate(1 / 150)), dice.randint(10, 70)
        purpose, outcome = dice.choice(reasons)
        ended = entered + timedelta(seconds=wait + talk)
        return {
            "state": "done",
            "agent_id": self._ref(f"agent_{dice.choice(agents)}").id,
            "offered_at": entered + timedelta(seconds=max(0, wait - 6)),
            "answered_at": entered + timedelta(seconds=wait),
            "ended_at": ended,
            "wrapped_at": ended + timedelta(seconds=wrap),
            "wait_seconds": wait,
            "talk_seconds": talk,
            "wrap_seconds": wrap,
            "in_target": wait <= 20,
            "purpose_id": self.env.ref(f"crm_base.crm_interaction_purpose_{purpose}").id,
            "outcome_id": self.env.ref(f"crm_base.crm_interaction_outcome_{outcome}").id,
        }

    def _ask(self, contacts):
        """Ask after every third contact how it was; three of four customers say."""
        rule, dice = self._ref("crm_survey_rule_contact"), random.Random("ask")  # noqa: S311
        asked = [self._question(rule, contact, dice) for contact in contacts[::3]]
        self.env["crm.survey.request"].sudo().create(asked).partner_id._refresh_satisfaction()

    def _question(self, rule, contact, dice):
        sent = contact.ended_at + timedelta(hours=1)
        vals = {
            "rule_id": rule.id,
            "res_model": contact._name,
            "res_id": contact.id,
            "partner_id": contact.partner_id.id,
            "branch_id": contact.branch_id.id,
            "queue_id": contact.queue_id.id,
            "agent_id": contact.agent_id.id,
            "channel": "whatsapp" if contact.channel == "whatsapp" else "email",
            "happened_at": contact.ended_at,
            "due_at": sent,
            "sent_at": sent,
        }
        if not dice.randint(0, 3):
            return {**vals, "state": "sent"}
        score, words = dice.choice(ANSWERS)
        return {
            **vals,
            "state": "answered",
            "answered_at": sent + timedelta(minutes=dice.randint(5, 600)),
            "is_scored": True,
            "score": score,
            "recommends": "promoter" if score >= 9 else "passive" if score >= 7 else "detractor",
            "words": words,
            "is_dissatisfied": score < rule.threshold,
        }

    def _wait_now(self):
        """A message and a chat wait; somebody asked to be called back; the agents had a training."""
        contacts, service, sales = self.env["crm.queue.contact"], self._ref("queue_service"), self._ref("queue_sales")
        contacts._enter(
            [
                {
                    "queue_id": service.id,
                    "channel": "email",
                    "partner_id": self._ref("partner_joko").id,
                    "words": "My phone came back from the repair, and the speaker is still broken.",
                },
                {
                    "queue_id": sales.id,
                    "channel": "whatsapp",
                    "partner_id": self._ref("partner_melati").id,
                    "phone": self._ref("partner_melati").phone,
                    "words": "Is the blue one there? What is its price?",
                },
            ]
        )
        missed = contacts._enter(
            [
                {
                    "queue_id": sales.id,
                    "channel": "call",
                    "partner_id": self._ref("partner_reza").id,
                    "phone": "+6281290001002",
                }
            ]
        )
        if missed.state == "waiting":
            missed.callback_at = fields.Datetime.now() + timedelta(hours=3)
            missed._workflow_do("postpone")
        self._train()

    def _train(self):
        """Two of the agents were trained last week; the check list misses the others."""
        began = fields.Datetime.now() - timedelta(days=6)
        training = self._ref("crm_agent_pause_training")
        self.env["crm.agent.period"].sudo().create(
            [
                {
                    "agent_id": agent.id,
                    "branch_id": agent.branch_id.id,
                    "status": "paused",
                    "pause_id": training.id,
                    "began_at": began,
                    "ended_at": began + timedelta(hours=2),
                    "seconds": 7200,
                }
                for agent in (self._ref("agent_rosa"), self._ref("agent_bayu"))
            ]
        )

    def _end_all(self, contacts, endings):
        """Let contacts that have just come have ended long ago, on their customers' pages too."""
        for contact, ending in zip(contacts, endings, strict=True):
            contact._write(ending)
        contacts.invalidate_recordset()
        contacts._note_needs()
        interactions = self.env["crm.interaction"].sudo().create([c._prepare_interaction_vals() for c in contacts])
        for contact, interaction in zip(contacts, interactions, strict=True):
            contact._write({"interaction_id": interaction.id})
        contacts.invalidate_recordset()
        done = contacts.filtered(lambda contact: contact.state == "done")
        for (purpose, outcome), theirs in done.grouped(lambda c: (c.purpose_id, c.outcome_id)).items():
            theirs.interaction_id.write({"purpose_id": purpose.id, "outcome_id": outcome.id})
        done.interaction_id._workflow_do("close")
