import hashlib
from urllib.parse import urlsplit

from ..const import BACK_OFF, FINAL, UNKNOWN
from .base import File, Outcome, ServiceError
from .cloud_ask import CloudAsk

#: Where Meta keeps files. The token goes to no other address, whatever an answer says.
HOSTS = (".fbsbx.com", ".facebook.com", ".whatsapp.net")


class CloudFiles(CloudAsk):
    """What customers send: asked for by id, then fetched from the address that Meta names."""

    has_files = True

    def file(self, session, key, most):
        """Override: the address first, then the file from there."""
        if not key.isascii() or not key.replace("-", "").replace("_", "").isalnum():
            raise ServiceError(Outcome(FINAL, problem="bad_parameter"))
        answer = self.ask(session, self.address(key))
        url, size = str(answer.get("url") or ""), answer.get("file_size")
        if not self._may_hold_files(url):
            raise ServiceError(Outcome(FINAL, problem="bad_parameter", detail=urlsplit(url).hostname or ""))
        if str(size).isdigit() and int(size) > most:
            raise ServiceError(Outcome(FINAL, problem="file_too_large"))
        status, content = self.read(session, url, most)
        if status >= 300:
            raise ServiceError(self._not_there(status))
        if answer.get("sha256") and hashlib.sha256(content).hexdigest() != str(answer["sha256"]).lower():
            raise ServiceError(Outcome(BACK_OFF, problem="service_down", detail="sha256"))
        return File(content, str(answer.get("mime_type") or ""))

    @staticmethod
    def _not_there(status):
        """Return what it means that there is no file at an address: it is good for five minutes."""
        kind = UNKNOWN if status >= 500 or status in (401, 403, 404) else FINAL
        return Outcome(kind, problem="service_down", detail=f"HTTP {status}")

    def _may_hold_files(self, url):
        try:
            parts, own = urlsplit(url), urlsplit(self.settings["api_url"])
            same = (parts.scheme, parts.netloc) == (own.scheme, own.netloc)
            port = parts.port
        except ValueError:
            return False
        theirs = parts.scheme == "https" and not port and (parts.hostname or "").endswith(HOSTS)
        return same or theirs
