"""Hold off who asks too often, so that the others are served (CC-1). In memory, for each server process by itself."""

import threading
import time
from collections import OrderedDict

MOST_ADDRESSES = 10_000


class Limiter:
    """Let an address ask ``burst`` times at once, and then so many times a minute.

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
        with self._lock:
            left, at = self._buckets.pop(address, (self.burst, now))
            left = min(self.burst, left + (now - at) * self.rate)
            served = left >= 1
            self._buckets[address] = (left - 1 if served else left, now)
            if len(self._buckets) > MOST_ADDRESSES:
                self._buckets.popitem(last=False)
        return 0 if served else (1 - left) / self.rate
