from ..const import CODES, FINAL, UNKNOWN
from .base import ACCEPTED, LONGEST_DETAIL, Outcome, Provider

HELD = ("held_for_quality_assessment", "paused")


class CloudApi(Provider):
    """Meta's WhatsApp Cloud API."""

    def url(self):
        return (
            f"{self.settings['api_url'].rstrip('/')}/{self.settings['api_version']}/{self.settings['number']}/messages"
        )

    def headers(self):
        return {"Authorization": f"Bearer {self.settings['token']}"}

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


def refusal(error, otherwise):
    """Return what an error of Meta's means, in an answer or in an event.

    :param dict error: ``{code, message | title, error_data: {details}}``
    :param otherwise: what to do about a code that isn't listed
    """
    code = error.get("code")
    code = code if isinstance(code, int) else None
    kind, problem = CODES.get(code, (otherwise, "other" if otherwise == FINAL else "no_answer"))
    data = error.get("error_data")
    details = data.get("details") if isinstance(data, dict) else None
    words = str(details or error.get("message") or error.get("title") or "")
    return Outcome(kind, code=code, problem=problem, detail=words.replace("\0", "")[:LONGEST_DETAIL])
