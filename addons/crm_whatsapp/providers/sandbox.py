import uuid

from odoo.tools import file_open

from ..const import FINAL
from .base import ACCEPTED, File, Outcome, Provider


class Sandbox(Provider):
    """Takes every message and sends none: for demonstrations and trials. Numbers that end in 99 aren't on WhatsApp."""

    has_files = True

    def file(self, session, key, most):
        """Override: always the same picture."""
        with file_open("crm_whatsapp/static/description/icon.png", "rb") as picture:
            return File(picture.read(), "image/png")

    def send(self, session, letter):
        """Override: nobody is asked."""
        if letter.to.endswith("99"):
            return Outcome(FINAL, code=131026, problem="undeliverable", detail="Sandbox: numbers that end in 99")
        return Outcome(ACCEPTED, wamid=f"wamid.sandbox.{uuid.uuid4().hex}")
