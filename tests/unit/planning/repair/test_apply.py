"""Changes that make no sense are refused all at once, by place."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.factories.events import NOON, make_event, make_session
from tests.factories.roster import START

from passerelle.kernel.problems import InputError
from passerelle.kernel.times import Interval
from passerelle.planning.repair import (
    Change,
    ContingentGone,
    ContingentSmaller,
    CrewIll,
    PostAdded,
    SessionAdded,
    SessionCancelled,
    SessionMoved,
    SiteClosed,
)
from passerelle.planning.repair.apply import apply_changes
from passerelle.planning.roster.instance import Base, Group, Instance

_DAY = timedelta(days=1)
_EVENT = make_event(
    make_session(id="S1", start=NOON),
    make_session(id="S2", start=NOON + _DAY),
    period=Interval(START, START + 6 * _DAY),
)
_INSTANCE = Instance(
    "hand", START, 6, 60, (Base("base", {"STE": 0}),),
    (Group("A", "AA", ("patrol",), 3, 1, "base", ((0, 8640),)),), (), (),
)  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ([], ["change.none"]),
        ([SessionCancelled("S9")], ["change.unknown-session"]),
        ([SessionCancelled("S1"), SessionCancelled("S1")],
         ["change.double", "change.unknown-session"]),
        ([SessionMoved("S1", START - _DAY)], ["change.past"]),
        ([SessionMoved("S1", START + 9 * _DAY)], ["change.outside-period"]),
        ([SessionMoved("S1", NOON + _DAY)], ["change.overlap"]),
        ([SessionMoved("S1", NOON, "NOWHERE")], ["change.unknown-venue"]),
        ([SessionAdded("S2", "S1", NOON + 2 * _DAY)], ["change.double"]),
        ([SiteClosed("X", NOON, NOON + _DAY)], ["change.unknown-site"]),
        ([ContingentGone("ZZ")], ["change.unknown-contingent"]),
        ([ContingentSmaller("A", 3)], ["change.not-smaller"]),
        ([ContingentSmaller("B", 1)], ["change.unknown-group"]),
        ([CrewIll("A", NOON, NOON + _DAY, 4)], ["change.too-many"]),
        ([PostAdded("P", "STE", "cooks", NOON, NOON + _DAY / 2, 1)],
         ["change.unknown-capability"]),
        ([PostAdded("P", "STE", "patrol", NOON, NOON + _DAY, 1)], ["change.too-long"]),
        ([SessionCancelled("S9"), ContingentGone("ZZ")],
         ["change.unknown-session", "change.unknown-contingent"]),
    ],
)  # fmt: skip
def test_wrong_changes_are_refused(changes: list[Change], codes: list[str]) -> None:
    with pytest.raises(InputError) as caught:
        apply_changes(_EVENT, _INSTANCE, changes, START)

    assert [issue.code for issue in caught.value.issues] == codes


def test_a_session_that_has_begun_cannot_change() -> None:
    with pytest.raises(InputError) as caught:
        apply_changes(_EVENT, _INSTANCE, [SessionCancelled("S1")], NOON + timedelta(minutes=5))

    assert caught.value.issues[0].code == "change.past"


def test_the_event_given_stays_as_it_is() -> None:
    applied = apply_changes(_EVENT, _INSTANCE, [SessionCancelled("S1")], START)

    assert [session.id for session in applied.event.sessions] == ["S2"]
    assert [session.id for session in _EVENT.sessions] == ["S1", "S2"]
    assert applied.sites == {"STE"}
