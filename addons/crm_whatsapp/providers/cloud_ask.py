import json
import time

import requests

from ..const import BACK_OFF, CODES, FINAL, UNKNOWN
from . import base
from .base import LONGEST_DETAIL, Outcome, ServiceError

MOST_BYTES = 8 * 1024 * 1024  # of an answer
MOST_SECONDS = 60  # for an answer, whatever drips


class CloudAsk:
    """Questions to Meta's API: addresses, the token, and answers as dictionaries."""

    def address(self, *path):
        return "/".join((self.settings["api_url"].rstrip("/"), self.settings["api_version"], *path))

    def headers(self):
        return {"Authorization": f"Bearer {self.settings['token']}"}

    def ask(self, session, url, params=None):
        """Return what the API answers.

        :raise ServiceError: it refuses, or doesn't answer
        """
        status, content = self.read(session, url, MOST_BYTES, params)
        try:
            answer = json.loads(content)
        except ValueError:
            answer = None
        if isinstance(answer, dict) and isinstance(answer.get("error"), dict):
            raise ServiceError(refusal(answer["error"], FINAL if status < 500 else UNKNOWN))
        if status >= 300 or not isinstance(answer, dict):
            raise ServiceError(Outcome(UNKNOWN, problem="service_down", detail=f"HTTP {status}"))
        return answer

    def read(self, session, url, most, params=None):  # pylint: disable=method-required-super
        """Return status and content of an answer of so many bytes at most.

        :raise ServiceError: there is no answer, or it is larger
        """
        until = time.monotonic() + MOST_SECONDS
        parts, size = [], 0
        try:
            with session.get(
                url, params=params, headers=self.headers(), timeout=base.TIMEOUT, allow_redirects=False, stream=True
            ) as response:
                for part in response.iter_content(64 * 1024):
                    parts.append(part)
                    size += len(part)
                    if size > most:
                        raise ServiceError(Outcome(FINAL, problem="file_too_large"))
                    if time.monotonic() > until:
                        raise ServiceError(Outcome(BACK_OFF, problem="service_down", detail="Timeout"))
                return response.status_code, b"".join(parts)
        except requests.RequestException as error:
            raise ServiceError(Outcome(BACK_OFF, problem="connection", detail=type(error).__name__)) from None


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
