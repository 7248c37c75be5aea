"""Hold off who asks too often, so that the others are served (CC-1)."""

import ipaddress
import threading
import time
from collections import OrderedDict

MOST_ADDRESSES = 10_000


class Limiter:
    """Let an address ask ``burst`` times at once, and then so many times a minute.

    It is kept in memory, for each server process by itself: with two nodes of two workers an address may be served up
    to four times as often, if its requests happen to reach all of them. That does no harm: it is there to keep one who
    floods from taking the others' time. It doesn't replace a limit in the proxy, which counts for all workers of all
    nodes and before Odoo: ``docker/nginx.conf`` has these limits, too.

    Whose address it is, the server says: behind a proxy, the client's only with ``proxy_mode`` and a proxy that sets
    ``X-Forwarded-For`` and ``X-Forwarded-Host``; without, all share the proxy's, and one who floods holds off all.

    :param float a_minute: requests an address may send a minute, in the long run
    :param int burst: how many of them at once
    """

    def __init__(self, a_minute, burst):
        self.rate = a_minute / 60
        self.burst = burst
        self._buckets = OrderedDict()
        self._lock = threading.Lock()

    def wait(self, address, now=None):
        """Take one request of that address.

        :return: 0 if it may be served; else after how many seconds to ask again
        """
        now = time.monotonic() if now is None else now
        bucket = _network(address)
        with self._lock:
            left, at = self._buckets.pop(bucket, (self.burst, now))
            left = min(self.burst, left + (now - at) * self.rate)
            served = left >= 1
            self._buckets[bucket] = (left - 1 if served else left, now)
            if len(self._buckets) > MOST_ADDRESSES:
                self._buckets.popitem(last=False)
        return 0 if served else (1 - left) / self.rate


def _network(address):
    """Return what counts as one address: whoever has one of IPv6 has a whole network, a /64, of them."""
    if ":" not in (address or ""):
        return address
    try:
        parsed = ipaddress.IPv6Address(address.partition("%")[0])
    except ValueError:
        return address
    return parsed.ipv4_mapped or parsed.packed[:8]
