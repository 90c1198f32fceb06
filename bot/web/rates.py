"""How often somebody may do something: at most so many times in any minute."""

from collections import OrderedDict, deque

from adapters.clock import Clock

_WINDOW_SECONDS = 60.0
_MOST_KEYS = 50_000


class TooFast(Exception):
    """It was done too often; `wait_seconds` from now it may be done again."""

    def __init__(self, wait_seconds: float) -> None:
        super().__init__(f"too often; again in {wait_seconds:.1f} s")
        self.wait_seconds = wait_seconds


class RateLimit:
    """Counts by key over a sliding minute; the keys that were quiet longest are forgotten first."""

    def __init__(self, clock: Clock, per_minute: int) -> None:
        self._clock = clock
        self._per_minute = per_minute
        self._times: OrderedDict[str, deque[float]] = OrderedDict()

    def take(self, key: str) -> None:
        """Count one more for this key, or raise `TooFast`; what was refused does not count."""
        now = self._clock.now().timestamp()
        times = self._times.setdefault(key, deque())
        self._times.move_to_end(key)
        while times and (times[0] <= now - _WINDOW_SECONDS or times[0] > now):  # a clock that was set back forgives
            times.popleft()
        if len(times) >= self._per_minute:
            raise TooFast(times[0] + _WINDOW_SECONDS - now)
        times.append(now)
        if len(self._times) > _MOST_KEYS:
            self._times.popitem(last=False)
