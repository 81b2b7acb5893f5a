"""Take acts and receipts into the summaries of dossiers, from the worker's round.

Pages only read. A summary is computed anew when an act of its dossier was said or came, and when a
receipt came for a log in which one of its acts still waits for one.
"""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.db.models import Max

from passerelle.node.dossiers.models import Dossier
from passerelle.node.dossiers.summaries import refresh, take_in_acts
from passerelle.node.dossiers.timers import run_timers
from passerelle.node.exchange.models import Cosignature, Entry

if TYPE_CHECKING:
    from datetime import datetime

    from passerelle.kernel.clock import Clock

__all__ = ["Intake"]

_EVERY: Final = timedelta(minutes=1)
_AGAIN_S: Final = 1.0
"""Seconds of the machine after which what had to wait is looked at again."""


class Intake:
    """Remember up to which receipt the summaries were computed; a restart computes a little more."""

    def __init__(self) -> None:
        self._receipt = 0
        self._ran: datetime | None = None
        self._newest: tuple[int | None, int | None] = (None, None)
        self._again = 0.0

    def __call__(self, clock: Clock) -> int:
        """Take in what is new; return the number of summaries and acts touched."""
        if not self._is_due():
            return 0
        done = take_in_acts(clock) + self._timers(clock)
        news = Cosignature.objects.filter(pk__gt=self._receipt).order_by("pk")
        found = list(news.values_list("pk", "log__peer_id"))
        if not found:
            return done
        peers = {peer for _, peer in found}
        waiting = Dossier.objects.filter(is_settled=False, corridor__peer__in=peers)
        cases = list(waiting.order_by("touched_at").values_list("case", flat=True))
        for case in cases:
            refresh(case, clock)
        self._receipt = found[-1][0]
        return done + len(cases)

    def _is_due(self) -> bool:
        """Tell whether an act or a receipt is new, or a second went by: rounds come much faster."""
        newest = (
            Entry.objects.aggregate(newest=Max("pk"))["newest"],
            Cosignature.objects.aggregate(newest=Max("pk"))["newest"],
        )
        if newest == self._newest and time.monotonic() < self._again:
            return False
        self._newest, self._again = newest, time.monotonic() + _AGAIN_S
        return True

    def _timers(self, clock: Clock) -> int:
        """Let the clock of files about persons speak, once a minute."""
        now = clock.now()
        if self._ran is not None and self._ran <= now < self._ran + _EVERY:
            return 0
        self._ran = now
        return run_timers(clock)
