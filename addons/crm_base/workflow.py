"""States and legal transitions as data.

A model declares one :class:`Workflow` and inherits ``crm.workflow.mixin``, which enforces it.
"""

from dataclasses import dataclass, field

from odoo.fields import Selection

#: In ``locked``: every field of the model but those listed.
ALL_BUT = "all but"


@dataclass(frozen=True)
class Transition:
    """One legal change of state.

    :param name: what it is called in code and history, e.g. ``"approve"``
    :param source: the states it starts from
    :param target: the state it leads to
    :param groups: XML ids; the actor must be in one of them. Empty: whoever may write the record, or the system
    :param requires: fields that must be filled
    :param reason: whether a reason must be given
    :param other_than: name of an earlier transition, whose latest actor may not do this one
    """

    name: str
    source: tuple[str, ...]
    target: str
    groups: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    reason: bool = False
    other_than: str | None = None


@dataclass(frozen=True)
class Workflow:
    """The states of a model, the first being where every record begins, and how they may change.

    :param states: state → label
    :param transitions: the table
    :param locked: state → names of the fields that can't change in it; ``(ALL_BUT, *names)`` locks all others
    :param deletable: states in which a record may be deleted
    """

    states: dict[str, str]
    transitions: tuple[Transition, ...]
    locked: dict[str, tuple[str, ...]] = field(default_factory=dict)
    deletable: tuple[str, ...] = ()

    def __post_init__(self):
        names = [transition.name for transition in self.transitions]
        if len(names) != len(set(names)):
            raise ValueError(f"A transition is declared twice: {names}")
        if misplaced := [state for state, locked in self.locked.items() if ALL_BUT in locked[1:]]:
            raise ValueError(f"ALL_BUT comes first: {misplaced}")
        mentioned = {*self.locked, *self.deletable}
        for transition in self.transitions:
            mentioned |= {*transition.source, transition.target}
            if transition.other_than and transition.other_than not in names:
                raise ValueError(f"{transition.name} refers to {transition.other_than}, which isn't in the table")
        if unknown := mentioned - set(self.states):
            raise ValueError(f"Unknown states: {sorted(unknown)}")

    @property
    def initial(self):
        return next(iter(self.states))

    @property
    def selection(self):
        return list(self.states.items())

    def state_field(self, string="Status", **options):
        """Return the field that holds the state: nobody writes or copies it, and every record has one."""
        always = {"default": self.initial, "required": True, "readonly": True, "copy": False}
        return Selection(self.selection, string, **always, **options)

    @property
    def fields(self):
        """Return the names of all fields that the table speaks of."""
        locked = {name for names in self.locked.values() for name in names if name != ALL_BUT}
        return locked | {name for transition in self.transitions for name in transition.requires}

    def find(self, name):
        """Return the transition of that name, or None."""
        return next((transition for transition in self.transitions if transition.name == name), None)

    def locks(self, state, name):
        """Return whether the field ``name`` can't change in ``state``."""
        locked = self.locked.get(state, ())
        if locked and locked[0] == ALL_BUT:
            return name not in locked[1:]
        return name in locked
