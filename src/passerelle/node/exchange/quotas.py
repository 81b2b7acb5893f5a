"""How much a peer may send: a bucket of entries that fills with time, and catch-up credit.

50 entries a second and bursts of 500. For every second without contact the burst grows by 50 up to
100,000, else ten days of backlog would take over half an hour.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Bucket", "Quota"]


@dataclass(frozen=True, slots=True)
class Quota:
    """Say what was agreed.

    Parameters
    ----------
    per_second
        Entries a second.
    burst
        Entries at once.
    catch_up
        Largest credit after a silence.
    """

    per_second: float = 50.0
    burst: float = 500.0
    catch_up: float = 100_000.0


@dataclass(frozen=True, slots=True)
class Bucket:
    """Hold the entries that a peer may still send.

    Parameters
    ----------
    tokens
        Entries left.
    at
        Unix seconds of the last contact.
    """

    tokens: float
    at: float

    def take(self, count: int, now: float, quota: Quota) -> tuple[Bucket, float]:
        """Take ``count`` entries; returns the bucket and the seconds to wait (0 when granted)."""
        silent = max(0.0, now - self.at)
        cap = min(quota.catch_up, max(quota.burst, self.tokens, quota.per_second * silent))
        tokens = min(cap, self.tokens + quota.per_second * silent)
        if self.at == 0.0:
            tokens = quota.catch_up
        if count > tokens:
            return Bucket(tokens, now), (count - tokens) / quota.per_second
        return Bucket(tokens - count, now), 0.0
