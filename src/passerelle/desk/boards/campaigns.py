"""What the pages of campaigns show and read: drafted lines as rows, and the usual header."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from passerelle.desk.words import capability_name, places_words
from passerelle.node.reinforcement.models import Campaign
from passerelle.procedures.values import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from passerelle.kernel.canonical import Json
    from passerelle.node.reinforcement.models import DraftLine, Thread

__all__ = ["LineRow", "campaign_defaults", "line_rows", "problem_words", "read_line"]

_MOST_LINKS = 6
_COUNTS = ("posts", "present", "people", "animals", "host_escort")


@dataclass(frozen=True, slots=True)
class LineRow:
    """Show one drafted line."""

    line: DraftLine
    capability: str
    places: str
    starts: str
    ends: str
    reasons: str

    @property
    def needs(self) -> tuple[tuple[str, str, str], ...]:
        """The first needs that it serves: site, capability, day."""
        return self._links[:_MOST_LINKS]

    @property
    def n_more_needs(self) -> int:
        """How many more it serves."""
        return max(0, len(self._links) - _MOST_LINKS)

    @property
    def _links(self) -> tuple[tuple[str, str, str], ...]:
        cells = (cell.split("/", 2) for cell in self.line.needs)
        return tuple((one[0], one[1], one[2]) for one in cells if len(one) == 3)


def line_rows(lines: Iterable[DraftLine], language: str) -> list[LineRow]:
    """Show lines with links to the needs that they serve: site, capability, day."""
    del language
    words = {
        "holdings": pgettext("why a partner is asked", "is known to have it"),
        "unknown": pgettext("why a partner is asked", "nothing is known of it"),
        "language": pgettext("why a partner is asked", "speaks a language wanted there"),
        "supporters": pgettext("why a partner is asked", "its supporters are expected there"),
    }
    found = []
    for line in lines:
        last = line.ends_at.astimezone(UTC) - timedelta(seconds=1)
        found.append(
            LineRow(
                line=line,
                capability=capability_name(line.capability),
                places=places_words(line.places),
                starts=f"{line.starts_at.astimezone(UTC):%Y-%m-%d}",
                ends=f"{last:%Y-%m-%d}",
                reasons=", ".join(words[one] for one in line.reasons if one in words),
            )
        )
    return found


def problem_words(thread: Thread, language: str) -> str:
    """Say in the reader's language why a request was not sent; empty when nothing is wrong."""
    if not thread.why:
        return thread.problem
    return Refusal(thread.why["code"], thread.why["params"]).text(language)


def read_line(line: DraftLine, data: Mapping[str, str]) -> tuple[dict[str, object], str]:
    """Read what was entered for a line: what changes, and what is wrong with it."""
    changes: dict[str, object] = {}
    for name in _COUNTS:
        text = data.get(f"{line.code}.{name}", "").strip()
        if not text:
            continue
        if not text.isdecimal() or len(text) > 6:
            return {}, _("Expected a whole number in {field}, got {text}.").format(
                field=name, text=text[:20]
            )
        if int(text) != getattr(line, name):
            changes[name] = int(text)
    for name, field, days in (("starts", "starts_at", 0), ("ends", "ends_at", 1)):
        text = data.get(f"{line.code}.{name}", "").strip()
        if text:
            try:
                day = date.fromisoformat(text) + timedelta(days=days)
            except ValueError:
                return {}, _("Expected a day such as 2024-07-24, got {text}.").format(
                    text=text[:20]
                )
            moment = datetime.combine(day, time(), UTC)
            if moment != getattr(line, field):
                changes[field] = moment
    changes |= _read_texts(line, data)
    return changes, ""


def _read_texts(line: DraftLine, data: Mapping[str, str]) -> dict[str, object]:
    changes: dict[str, object] = {}
    task = data.get(f"{line.code}.task", "").strip()
    if task and task != line.task:
        changes["task"] = task[:1000]
    priority = data.get(f"{line.code}.priority", "")
    if priority in {"P1", "P2", "P3", "P4", "P5"} and priority != line.priority:
        changes["priority"] = priority
    is_out = f"{line.code}.out" in data
    if is_out != line.is_out and f"{line.code}.posts" in data:
        changes["is_out"] = is_out
    return changes


def campaign_defaults(host: str) -> dict[str, Json]:
    """Return the header of the newest campaign, so that nobody types it twice."""
    del host
    newest = Campaign.objects.order_by("-created_at").first()
    header: dict[str, Json] = dict(newest.header) if newest else {}
    return header
