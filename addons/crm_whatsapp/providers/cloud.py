from ..const import FINAL, UNKNOWN
from .base import ACCEPTED, Outcome, Provider
from .cloud_ask import refusal
from .cloud_files import CloudFiles
from .cloud_templates import CloudTemplates

HELD = ("held_for_quality_assessment", "paused")


class CloudApi(CloudFiles, CloudTemplates, Provider):
    """Meta's WhatsApp Cloud API."""

    def url(self):
        return self.address(self.settings["number"], "messages")

    def payload(self, letter):
        content = self._template(letter) if letter.template else {"type": "text", "text": {"body": letter.body}}
        return {
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "to": letter.to.lstrip("+"),
            "biz_opaque_callback_data": letter.uuid,
            **content,
        }

    def _template(self, letter):
        parameters = [{"type": "text", "text": value} for value in letter.values]
        template = {"name": letter.template, "language": {"policy": "deterministic", "code": letter.language}}
        if parameters:
            template["components"] = [{"type": "body", "parameters": parameters}]
        return {"type": "template", "template": template}

    def parse(self, response):
        try:
            answer = response.json()
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            return Outcome(UNKNOWN, problem="no_answer", detail=f"HTTP {response.status_code}")
        if isinstance(answer.get("error"), dict):
            return self._refused(answer["error"], response.status_code)
        return self._accepted(answer, response.status_code)

    def _accepted(self, answer, status):
        messages = answer.get("messages")
        message = messages[0] if isinstance(messages, list) and messages else None
        if status >= 300 or not isinstance(message, dict) or not message.get("id"):
            return Outcome(UNKNOWN, problem="no_answer", detail=f"HTTP {status}")
        return Outcome(ACCEPTED, wamid=str(message["id"]), held=message.get("message_status") in HELD)

    def _refused(self, error, status):
        return refusal(error, FINAL if status < 500 else UNKNOWN)
