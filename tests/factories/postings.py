"""Duties and plans for tests: small, synthetic, readable."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from passerelle.kernel.times import Interval
from passerelle.standards.plans import PlanDocument, Posting

if TYPE_CHECKING:
    from typing import Any

BASE = datetime(2024, 7, 24, 12, tzinfo=UTC)


def make_posting(key: str = "d1", *, day: int = 0, hours: int = 8, **changed: Any) -> Posting:
    start = BASE + timedelta(days=day)
    posting = Posting(
        key=key,
        site="STE",
        site_name="Geoffroy-Guichard",
        post="North gate",
        capability="eod",
        group="MA-EOD",
        group_name="Moroccan bomb disposal",
        state="MA",
        crew="MA-EOD-1",
        crews=2,
        people=4,
        during=Interval(start, start + timedelta(hours=hours)),
    )
    return replace(posting, **changed)


def make_plan(*postings: Posting, **changed: Any) -> PlanDocument:
    plan = PlanDocument(
        event="paris-2024",
        event_name="Paris 2024",
        zone="Europe/Paris",
        version=1,
        published=datetime(2024, 7, 1, 9, tzinfo=UTC),
        postings=postings or (make_posting(),),
    )
    return replace(plan, **changed)
