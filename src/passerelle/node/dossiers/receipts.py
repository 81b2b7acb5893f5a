"""The receipts of a log: when the other side signed that it held an entry.

The receipt time of an act is the earliest in a receipt that covers it; both nodes hold the same signed
receipts, hence the same instants and the same deadlines.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, datetime

from passerelle.node.exchange.models import Cosignature

__all__ = ["Receipts", "receipts_of"]


class Receipts:
    """Receipts of one log: earliest time by size covered."""

    def __init__(self, rows: list[tuple[int, int]]) -> None:
        # From the largest size down, the earliest time among all that cover at least so much.
        self._sizes: list[int] = []
        self._times: list[int] = []
        earliest: int | None = None
        for size, time in sorted(rows, reverse=True):
            earliest = time if earliest is None else min(earliest, time)
            self._sizes.append(-size)
            self._times.append(earliest)

    def covering(self, index: int) -> datetime | None:
        """Return the earliest receipt time of the entry at ``index``."""
        place = bisect_right(self._sizes, -(index + 1)) - 1
        return datetime.fromtimestamp(self._times[place], UTC) if place >= 0 else None


def receipts_of(logs: set[str]) -> dict[str, Receipts]:
    """Return the receipts of several logs, by log."""
    rows: dict[str, list[tuple[int, int]]] = {log: [] for log in logs}
    for log, size, time in Cosignature.objects.filter(log_id__in=logs).values_list(
        "log_id", "size", "time"
    ):
        rows[log].append((size, time))
    return {log: Receipts(found) for log, found in rows.items()}
