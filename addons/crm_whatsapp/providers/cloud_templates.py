from ..const import UNKNOWN
from ..utils import clean
from .base import Outcome, ServiceError, TemplateInfo
from .cloud_ask import CloudAsk

FIELDS = "id,name,language,status,category,components,parameter_format,rejected_reason"
PAGE, MOST_PAGES = 100, 100
#: Meta's status → a key of TEMPLATE_STATES. What isn't listed isn't sent.
STATUSES = {
    "APPROVED": "approved",
    "REINSTATED": "approved",
    "PENDING": "pending",
    "IN_APPEAL": "pending",
    "REJECTED": "rejected",
    "PAUSED": "paused",
    "FLAGGED": "approved",
    "DISABLED": "disabled",
    "LIMIT_EXCEEDED": "disabled",
    "PENDING_DELETION": "gone",
    "DELETED": "gone",
}
CATEGORIES = ("utility", "marketing", "authentication")
#: Buttons that need nothing from us when a message is sent.
PLAIN_BUTTONS = ("QUICK_REPLY", "PHONE_NUMBER", "URL")


def _dictionaries(value):
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


class CloudTemplates(CloudAsk):
    """Meta's list of an account's templates."""

    has_templates = True

    def templates(self, session):
        """Override: page by page; the address of the next page is ours, only its place is Meta's."""
        url = self.address(self.settings["business"], "message_templates")
        found, after = [], None
        for __ in range(MOST_PAGES):
            params = {"fields": FIELDS, "limit": PAGE, **({"after": after} if after else {})}
            answer = self.ask(session, url, params)
            if not isinstance(answer.get("data"), list):
                raise ServiceError(Outcome(UNKNOWN, problem="service_down"))
            found += [self._template_info(item) for item in _dictionaries(answer["data"])]
            after = self._next_page(answer.get("paging"))
            if not after:
                break
        return [info for info in found if info.name and info.language]

    @staticmethod
    def _next_page(paging):
        if not isinstance(paging, dict) or not paging.get("next") or not isinstance(paging.get("cursors"), dict):
            return None
        return paging["cursors"].get("after")

    def _template_info(self, item):
        components = _dictionaries(item.get("components"))
        status = STATUSES.get(str(item.get("status")), "disabled")
        reason = clean(item.get("rejected_reason"))
        category = str(item.get("category")).lower()
        if status == "approved" and not self._can_be_filled(item, components):
            status = "unsupported"
        return TemplateInfo(
            key=clean(item.get("id")),
            name=clean(item.get("name")),
            language=clean(item.get("language")),
            status=status,
            category=category if category in CATEGORIES else "marketing",
            body=next((clean(part.get("text")) for part in components if part.get("type") == "BODY"), ""),
            reason="" if reason in ("", "NONE") else reason.replace("_", " ").capitalize(),
        )

    @staticmethod
    def _can_be_filled(item, components):
        """Return whether numbered variables of the text are all that has to be filled in."""
        if item.get("parameter_format") == "NAMED" or not any(part.get("type") == "BODY" for part in components):
            return False
        headers = [part for part in components if part.get("type") == "HEADER"]
        buttons = [button for part in components for button in _dictionaries(part.get("buttons"))]
        return all(part.get("format") == "TEXT" and "{{" not in str(part.get("text")) for part in headers) and all(
            button.get("type") in PLAIN_BUTTONS and "{{" not in str(button.get("url")) for button in buttons
        )
