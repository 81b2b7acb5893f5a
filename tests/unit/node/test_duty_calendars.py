"""The calendar of duties: moved ones rise in sequence, dropped ones are cancelled, both sides alike."""

from __future__ import annotations

import re
from typing import Any

import pytest
from tests.factories.dossiers import Talk, committed, person

from passerelle.kernel.problems import RefusedError
from passerelle.node.dossiers.duty_calendars import calendar_of
from passerelle.procedures.dossier import Dossier
from passerelle.procedures.engine import fold
from passerelle.standards.marks import Status

PLAN = {"plan": "cup/plan", "plan_version": 1}
TASK = "neutralisation d'explosifs / bomb disposal / تفكيك المتفجرات"


def duty(person_code: str, day: int, hour: int) -> dict[str, Any]:
    start, end = (f"2024-07-{day}T{one:02d}:00:00Z" for one in (hour, hour + 8))
    return {"person": person_code, "from": start, "to": end, "place": "STE", "task": TASK}


def said() -> Talk:
    """Publish a duty each, move that of P1 within its day, drop it."""
    talk = committed()
    talk.say("name", persons_named=[person("P1"), person("P2")])
    talk.say("publish", **PLAN, duties=[duty("P1", 25, 6), duty("P2", 25, 6)])
    talk.say("publish", **{**PLAN, "plan_version": 2}, duties=[duty("P1", 25, 8)])
    talk.say("publish", **{**PLAN, "plan_version": 3}, dropped=["P1"])
    return talk


def events(dossier: Dossier, who: str = "", language: str = "en") -> list[tuple[str, ...]]:
    text = calendar_of(dossier, "FR-1", Status.ACTUAL, who, language).decode()
    unfolded = text.replace("\r\n ", "")
    return re.findall(r"UID:(\S+)\r\n.*?SEQUENCE:(\d+)\r\n.*?STATUS:(\w+)", unfolded, re.DOTALL)


def test_a_dropped_duty_stays_as_cancelled_with_a_higher_sequence() -> None:
    (mine,) = events(said().now_dossier, "P1")

    assert mine[1:] == ("2", "CANCELLED")


def test_the_contingent_holds_everybody_and_one_person_only_the_own_duties() -> None:
    dossier = said().now_dossier

    assert {one[1:] for one in events(dossier)} == {("2", "CANCELLED"), ("0", "CONFIRMED")}
    assert [one[1:] for one in events(dossier, "P2")] == [("0", "CONFIRMED")]
    assert not any("P1" in one[0] for one in events(dossier))
    with pytest.raises(RefusedError, match="No duties were published to P9"):
        events(dossier, "P9")


def test_both_sides_write_the_same_bytes_in_the_language_asked_for() -> None:
    talk = said()
    other = fold("case", talk.procedure, [*reversed(talk.acts)])
    assert isinstance(other, Dossier)

    for language, words in (("fr", "neutralisation"), ("en", "bomb"), ("ar", "تفكيك")):
        ours, theirs = (
            calendar_of(one, "FR-1", Status.ACTUAL, "P2", language)
            for one in (talk.now_dossier, other)
        )
        assert ours == theirs
        assert f"SUMMARY:{words}" in ours.decode().replace("\r\n ", "")


def test_an_exercise_says_so_in_every_entry() -> None:
    text = calendar_of(said().now_dossier, "FR-1", Status.EXERCISE, "P2", "en").decode()

    assert "CATEGORIES:EXERCISE" in text
    assert "SUMMARY:EXERCISE" in text.upper()
