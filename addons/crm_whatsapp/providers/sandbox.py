import uuid

from ..const import FINAL
from .base import ACCEPTED, Outcome, Provider


class Sandbox(Provider):
    """Takes every message and sends none: for demonstrations and trials. Numbers that end in 99 aren't on WhatsApp."""

    def send(self, session, letter):
        """Override: nobody is asked."""
        if letter.to.endswith("99"):
            return Outcome(FINAL, code=131026, problem="undeliverable", detail="Sandbox: numbers that end in 99")
        return Outcome(ACCEPTED, wamid=f"wamid.sandbox.{uuid.uuid4().hex}")
