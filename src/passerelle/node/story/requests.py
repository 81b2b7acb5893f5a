"""What the host asks of each state, and what each answers: taken from the contingents of the example."""

from __future__ import annotations

import csv
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from passerelle.procedures.calendars import calendar_codes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["Answer", "answer_of", "offers_for", "read_lines", "request_fields"]

_SOME: Final = 0.6


@dataclass(frozen=True, slots=True)
class Answer:
    """Say how a scripted partner answers.

    Parameters
    ----------
    kind
        ``full``, ``partial``, ``conditional``, ``counter``, ``late``, ``declined`` or ``silent``.
    """

    kind: str


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


def read_lines(example: Path) -> dict[str, list[dict[str, Any]]]:
    """Return request lines by state: what the press said each state sent, by capability.

    Delegations that come with a team are not asked for, nor are states that sent liaison alone,
    nor those whose public holidays we do not hold: no deadline could be computed with them.
    """
    groups: dict[str, dict[str, list[dict[str, str]]]] = {}
    with (example / "contingents.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if "-DEL-" not in row["group_id"]:
                capability = row["capabilities"].split(";")[0]
                groups.setdefault(row["state"], {}).setdefault(capability, []).append(row)
    return {
        state: [_line(number, *item) for number, item in enumerate(sorted(found.items()), start=1)]
        for state, found in sorted(groups.items())
        if set(found) != {"liaison"} and state in calendar_codes()
    }


def _line(number: int, capability: str, rows: list[dict[str, str]]) -> dict[str, Any]:
    people = sum(int(row["crew_people"]) * int(row["crews"]) for row in rows)
    posts = max(1, sum(int(row["crews"]) for row in rows) // 2)
    places = {place for row in rows for place in _places(row)}
    return {
        "line": f"L{number}",
        "capability": capability,
        "posts": min(posts, people),
        "present": max(min(posts, people), people // 2),
        "people": people,
        "places": sorted(places)[:8],
        "from": f"{min(row['from'] for row in rows)[:10]}T00:00:00Z",
        "to": f"{max(row['to'] for row in rows)[:10]}T23:59:00Z",
        "task": f"Reinforce {capability.replace('_', ' ')} beside host officers.",
        "command": "host",
        "priority": "P2",
        "needs": [f"paris-2024/{capability}"],
    }


def _places(row: Mapping[str, str]) -> list[str]:
    named = [place for place in row["sites"].split(";") if place]
    return named or [row["base_id"].split("-")[1]]


def request_fields(state: str, lines: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the fields of the request to a state."""
    return {
        "reference": f"FR-2024-{state}-001",
        "event": "paris-2024",
        "issuing_authority": "Ministry of the Interior, France",
        "signatory": "Head of the cooperation directorate",
        "addressee": f"Ministry of the Interior, {state}",
        "legal_basis": "Agreement on police cooperation between the two states",
        "issued_on": "2024-01-15",
        "answer_by": "2024-05-01T18:00:00Z",
        "handling": {"tlp": "AMBER", "police": "H0"},
        "languages": ["fr", "en"],
        "contact_24_7": "+33 1 00 00 00 00",
        "lines": lines,
    }


def offers_for(lines: list[dict[str, Any]], answer: Answer) -> list[dict[str, Any]]:
    """Return the offers with which a scripted partner answers the lines."""
    found = []
    for number, line in enumerate(lines, start=1):
        kind = answer.kind if answer.kind in {"partial", "conditional", "counter"} else "full"
        offer = {
            name: line[name]
            for name in ("line", "capability", "posts", "present", "people", "places", "from", "to")
        }
        offer |= {
            "offer": f"O{number}",
            "answer": kind,
            "unit": "Service of the partner",
            "command": "host",
            "valid_until": "2024-06-15T18:00:00Z",
            "approving_authority": "Ministry of the Interior of the partner",
        }
        if kind == "partial" and line["people"] > 1:
            offer |= _fewer(line)
        elif kind == "partial":
            offer["answer"] = "full"
        if kind == "conditional":
            offer["conditions"] = [{"subject": "lodging", "text": "Lodging within 30 minutes."}]
        if kind == "counter":
            offer |= {"from": "2024-07-26T00:00:00Z", "valid_until": "2024-05-20T18:00:00Z"}
        found.append(offer)
    return found


def _fewer(line: Mapping[str, Any]) -> dict[str, int]:
    people = max(1, int(line["people"] * _SOME))
    present = max(1, min(int(line["present"] * _SOME), people))
    return {"people": people, "present": present, "posts": max(1, min(line["posts"], present) // 2)}
