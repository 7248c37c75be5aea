"""What is known of a call."""

from dataclasses import dataclass


@dataclass
class Call:
    """A customer and, at times, an agent.

    :param name: what Odoo calls it: the customer's channel, or the command to dial
    :param state: waiting; ringing (at an agent); talking; leaving; and of a call that an agent dials: calling (the
        agent's own telephone rings), dialling (the customer's)
    """

    name: str
    customer: str = ""
    agent: str = ""
    extension: str = ""
    bridge: str = ""
    state: str = "waiting"
    number: str = ""
    since: float = 0
