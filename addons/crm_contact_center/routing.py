"""Who gets whom: one decision for calls, chats and messages (CC-2). No ORM: times are seconds, people are numbers."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Waiting:
    """A contact that waits.

    :param rank: who goes first: priority, and what waiting has added to it
    :param queues: the queue it is in, and those whose agents help out by now
    :param needs: skill → level that an agent should have at least
    :param cost: points of an agent's capacity
    :param only: the one agent it was handed to by a colleague
    :param rings: whether it rings at a telephone, which its agent must have
    :param lower: by how many levels waiting has relaxed what is needed: whoever has more still comes first
    """

    id: int
    rank: float
    queues: frozenset
    needs: dict = field(default_factory=dict)
    cost: int = 100
    only: int | None = None
    rings: bool = False
    lower: int = 0

    @property
    def kind(self):
        """What it asks of an agent, room apart: the same agents are able for all of the same kind."""
        return self.queues, tuple(self.needs.items()), self.only, self.rings, self.lower


@dataclass(slots=True)
class Free:
    """An agent who could take something.

    :param room: points of capacity that are left
    :param idle_since: when work was last handed in; the smaller, the longer idle
    :param capacity: points there are when nothing is at hand
    """

    id: int
    queues: frozenset
    skills: dict
    room: int
    idle_since: float
    telephone: bool = True
    capacity: int = 100


@dataclass(slots=True)
class Decision:
    """A contact's turn, and what became of it.

    :param agent: who gets it, None if nobody can now
    :param reasons: agent → why not, or for those who could: ``"able"``
    :param fit: sum of the chosen agent's levels over what is needed
    """

    contact: int
    agent: int | None
    reasons: dict
    fit: int = 0


def why_not(contact, agent, room):
    """Return why the agent can't have the contact, or None. A colleague who hands over to one agent knows why."""
    if contact.only is None:
        if not contact.queues & agent.queues:
            return "queue"
        if contact.rings and not agent.telephone:
            return "telephone"
        if any(agent.skills.get(skill, 0) < level - contact.lower for skill, level in contact.needs.items()):
            return "skill"
    elif contact.only != agent.id:
        return "other"
    return "capacity" if room < contact.cost else None


def preference(contact, agent, room):
    """Order agents who are able: skill first, then who has more room, who is idle longest (CC-2d)."""
    return (-fit_of(contact, agent), -room, agent.idle_since, agent.id)


def fit_of(contact, agent):
    """Return the sum of the agent's levels over what is needed."""
    return sum(agent.skills.get(skill, 0) for skill in contact.needs)


def decide(contacts, agents):
    """Give each contact its best agent, in the order of their rank; who can't be served now doesn't hold up the next.

    Only where nothing but room is missing is an agent kept for them: small contacts would take each bit of room that
    becomes free, and a call would wait for ever behind chats.

    :param contacts: :class:`Waiting` ones
    :param agents: :class:`Free` ones
    :return: a list of :class:`Decision`, one for each contact that an agent was found for
    """
    room = {agent.id: agent.room for agent in agents}
    decisions, hopeless = [], set()
    for contact in sorted(contacts, key=lambda waiting: (-waiting.rank, waiting.id)):
        if not agents:
            break
        if (kind := contact.kind) in hopeless:
            continue
        decision = _choose(contact, agents, room)
        if decision.agent is None:
            if "capacity" not in decision.reasons.values():
                hopeless.add(kind)  # nor will anybody be able in this round for those who ask for the same
                continue
            kept = _kept_for(contact, agents, room, decision.reasons)
            agents = [agent for agent in agents if agent.id != kept]
            continue
        decisions.append(decision)
        room[decision.agent] -= contact.cost
        agents = [agent for agent in agents if room[agent.id] > 0]
    return decisions


def _kept_for(contact, agents, room, reasons):
    """Return the agent who will have room for the contact soonest, None if more than room is missing."""
    lacking = [agent for agent in agents if reasons[agent.id] == "capacity" and agent.capacity >= contact.cost]
    best = max(lacking, key=lambda agent: (room[agent.id], -agent.id), default=None)
    return best and best.id


def _choose(contact, agents, room):
    able, reasons = [], {}
    for agent in agents:
        reason = why_not(contact, agent, room[agent.id])
        reasons[agent.id] = reason or "able"
        if reason is None:
            able.append(agent)
    if not able:
        return Decision(contact.id, None, reasons)
    best = min(able, key=lambda agent: preference(contact, agent, room[agent.id]))
    return Decision(contact.id, best.id, reasons, fit_of(contact, best))
