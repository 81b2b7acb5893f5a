"""What each state is reported to have sent, and how it answers what it is asked.

What is asked comes from the product: it drafts the lines from the gap. A scripted partner reads the
request that reached it and offers what the press says it sent, never more than it was asked.
"""

from __future__ import annotations

import csv
import random
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from passerelle.kernel.times import format_instant, parse_instant
from passerelle.procedures.calendars import calendar_codes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

__all__ = ["Answer", "Reported", "answer_of", "offers_for", "read_reported"]

_SOME: Final = 0.6
_LATER: Final = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Answer:
    """Say how a scripted partner answers.

    Parameters
    ----------
    kind
        ``full``, ``partial``, ``conditional``, ``counter``, ``late``, ``declined`` or ``silent``.
    """

    kind: str


@dataclass(frozen=True, slots=True)
class Reported:
    """Hold what the press said that a state sent.

    Parameters
    ----------
    people
        People by capability.
    certificates
        Certificates that its people hold, by capability.
    languages
        Languages that its people speak.
    """

    people: Mapping[str, int]
    certificates: Mapping[str, tuple[str, ...]]
    languages: tuple[str, ...]


_MIX: Final = (
    ("full", 40),
    ("partial", 20),
    ("conditional", 14),
    ("counter", 10),
    ("late", 6),
    ("declined", 6),
    ("silent", 4),
)
"""Shares of the kinds among the states, in percent: ours, for the story; no state answered like this."""


def answer_of(states: tuple[str, ...], seed: int) -> dict[str, Answer]:
    """Decide the answer of each state from the seed: the mix holds over all states together."""
    kinds = [kind for kind, share in _MIX for _ in range(max(1, round(share * len(states) / 100)))]
    kinds = (kinds + ["full"] * len(states))[: len(states)]
    random.Random(seed).shuffle(kinds)  # noqa: S311 - a script, not a secret
    return {state: Answer(kind) for state, kind in zip(states, kinds, strict=True)}


def read_reported(example: Path) -> dict[str, Reported]:
    """Return what each state sent, by state.

    States that sent liaison or a delegation with a team alone are left out, and those whose public
    holidays we do not hold: no deadline could be computed with them.
    """
    rows: dict[str, list[dict[str, str]]] = {}
    with (example / "contingents.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            rows.setdefault(row["state"], []).append(row)
    return {
        state: _reported(mine)
        for state, mine in sorted(rows.items())
        if state in calendar_codes()
        and any(_kind(row) != "liaison" and "-DEL-" not in row["group_id"] for row in mine)
    }


def _reported(rows: list[dict[str, str]]) -> Reported:
    people: Counter[str] = Counter()
    certificates: dict[str, tuple[str, ...]] = {}
    for row in rows:
        people[_kind(row)] += int(row["crew_people"]) * int(row["crews"])
        held = tuple(one for one in row["certificates"].split(";") if one)
        certificates[_kind(row)] = tuple(sorted({*certificates.get(_kind(row), ()), *held}))
    spoken = {one for row in rows for one in row["languages"].split(";") if one}
    return Reported(people, certificates, tuple(sorted(spoken)))


def _kind(row: Mapping[str, str]) -> str:
    return row["capabilities"].split(";")[0]


def offers_for(
    lines: Iterable[Mapping[str, Any]], answer: Answer, reported: Reported
) -> list[dict[str, Any]]:
    """Return the offers with which a scripted partner answers the lines that it was asked.

    What it is reported to have sent is shared out in the order of the lines; a line for which nothing
    is left has no offer.
    """
    left = Counter(reported.people)
    found: list[dict[str, Any]] = []
    for line in lines:
        people = min(line["people"], left[line["capability"]])
        if not people:
            continue
        left[line["capability"]] -= people
        found.append(_offer(f"O{len(found) + 1}", line, people, answer, reported))
    return found


def _offer(
    code: str, line: Mapping[str, Any], people: int, answer: Answer, reported: Reported
) -> dict[str, Any]:
    kind = answer.kind if answer.kind in {"partial", "conditional", "counter"} else "full"
    offer: dict[str, Any] = {
        "offer": code,
        "line": line["line"],
        "answer": kind,
        "unit": "Service of the partner",
        "capability": line["capability"],
        **_units(line, people),
        "places": line["places"],
        "from": line["from"],
        "to": line["to"],
        "languages": list(reported.languages),
        "command": "host",
        "valid_until": "2024-06-15T18:00:00Z",
        "approving_authority": "Ministry of the Interior of the partner",
    }
    held = reported.certificates.get(line["capability"], ())
    if held:
        offer["certificates"] = list(held)
    if kind == "partial":
        offer |= _units(line, max(1, int(people * _SOME)))
    if kind in {"full", "partial"}:
        offer["answer"] = "partial" if offer["people"] < line["people"] else "full"
    if kind == "conditional":
        offer["conditions"] = [{"subject": "lodging", "text": "Lodging within 30 minutes."}]
    if kind == "counter":
        start, end = parse_instant(line["from"]), parse_instant(line["to"])
        later = min(start + _LATER, start + (end - start) / 2)
        offer |= {
            "from": format_instant(later.replace(microsecond=0)),
            "valid_until": "2024-05-20T18:00:00Z",
        }
    return offer


def _units(line: Mapping[str, Any], people: int) -> dict[str, int]:
    """Return posts, people present and people in the proportions of the line."""
    share = people / line["people"]
    present = max(1, min(people, int(line["present"] * share)))
    found = {"posts": max(1, min(present, int(line["posts"] * share))), "present": present}
    found["people"] = people
    if line.get("animals"):
        found["animals"] = min(people, int(line["animals"] * share))
    return found
