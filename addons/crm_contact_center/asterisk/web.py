"""HTTP for both sides, with the standard library: one request a connection, a timeout always."""

import http.client
import json
from urllib.parse import urlencode, urlsplit


class Answer:
    """What a server said.

    :param int status: of HTTP
    """

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def content(self):
        """The body as JSON; an empty dict where it is none."""
        try:
            return json.loads(self.body) if self.body else {}
        except ValueError:
            return {}


class Web:
    """A server at an address.

    :param str address: http:// or https://, with the beginning of all paths
    :param int timeout: seconds that an answer may take
    """

    def __init__(self, address, timeout):
        self.timeout = timeout
        parts = urlsplit(address)
        self.kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self.place, self.path = parts.netloc, parts.path.rstrip("/")

    def ask(self, method, path, body=None, headers=None, **query):
        """Send a request.

        :raise OSError: the server can't be reached, or what it says isn't HTTP
        """
        connection = self.kind(self.place, timeout=self.timeout)
        try:
            url = f"{self.path}{path}" + (f"?{urlencode(query)}" if query else "")
            connection.request(method, url, body, headers or {})
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        except http.client.HTTPException as error:
            raise OSError(f"{type(error).__name__}: {error}") from error
        finally:
            connection.close()
