"""More people, more risk, more threat: never less need. And importing is all or nothing."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.factories.events import NOON, make_event, make_session, make_venue

from passerelle.kernel.capabilities import capability
from passerelle.kernel.problems import InputError
from passerelle.planning.formats.event_folder import load_event, write_event
from passerelle.planning.need import Level, Need, assess, standard_coefficients
from passerelle.planning.need.explain import Explainer
from passerelle.planning.programme import Event, SearchLevel, Session, Supporters, Threat

C = standard_coefficients()


@st.composite
def _sessions(draw: st.DrawFn) -> tuple[Session, ...]:
    """Draw up to four sessions at one stadium, one after another."""
    found = []
    start = NOON
    for number in range(draw(st.integers(1, 4))):
        start += timedelta(minutes=draw(st.integers(0, 3_000)))
        hours = draw(st.integers(1, 6))
        attendance = draw(st.integers(0, 42_000))
        crowd = draw(st.integers(0, 20_000))
        risky = draw(st.one_of(st.none(), st.integers(0, crowd)))
        found.append(
            make_session(
                id=f"S{number}",
                start=start,
                hours=hours,
                attendance=attendance,
                risk=draw(st.integers(1, 5)),
                vip=draw(st.integers(0, 3)),
                heads_of_state=draw(st.integers(0, 3)),
                threat=draw(st.sampled_from(Threat)),
                search_level=draw(st.sampled_from(SearchLevel)),
                supporters=(Supporters("MAR", crowd, risky),),
                teams=("MAR", "ESP"),
                assumed=draw(st.sampled_from([frozenset(), frozenset({"attendance"})])),
            )
        )
        start += timedelta(hours=hours)
    return tuple(found)


def _event(sessions: tuple[Session, ...]) -> Event:
    return make_event(*sessions, venues=(make_venue(route_km=3.0, open_m2=20_000),))


def _profile(need: Need, code: str, level: Level, times: list[int]) -> list[int]:
    rows = list(need.rows(capability=code))
    units = need.units(level)
    return [sum(int(units[r]) for r in rows if need.start[r] <= t < need.end[r]) for t in times]


def _never_less(before: Event, after: Event) -> None:
    one, two = assess(before, C), assess(after, C)
    times = sorted({int(t) for t in np.concatenate([one.start, two.start])})
    for code in one.capabilities:
        for level in Level:
            less, more = (_profile(need, code, level, times) for need in (one, two))
            assert all(a <= b for a, b in zip(less, more, strict=True)), (code, level)


@settings(max_examples=40, deadline=None)
@given(_sessions(), st.data())
def test_need_never_falls_when_attendance_rises(
    sessions: tuple[Session, ...], data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, len(sessions) - 1))
    raised = data.draw(st.integers(sessions[index].attendance, 42_000))
    # supporters scale with attendance only at low and high; hold them apart from what is tested
    plain = tuple(replace(session, supporters=()) for session in sessions)
    changed = list(plain)
    changed[index] = replace(plain[index], attendance=raised)

    _never_less(_event(plain), _event(tuple(changed)))


@settings(max_examples=40, deadline=None)
@given(_sessions(), st.data())
def test_need_never_falls_when_risk_rises(
    sessions: tuple[Session, ...], data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, len(sessions) - 1))
    changed = list(sessions)
    raised = data.draw(st.integers(sessions[index].risk, 5))
    changed[index] = replace(sessions[index], risk=raised)

    _never_less(_event(sessions), _event(tuple(changed)))


@settings(max_examples=40, deadline=None)
@given(_sessions(), st.data())
def test_need_never_falls_when_threat_rises(
    sessions: tuple[Session, ...], data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, len(sessions) - 1))
    changed = list(sessions)
    threats = [threat for threat in Threat if threat >= sessions[index].threat]
    changed[index] = replace(sessions[index], threat=data.draw(st.sampled_from(threats)))

    _never_less(_event(sessions), _event(tuple(changed)))


@settings(max_examples=40, deadline=None)
@given(_sessions())
def test_sessions_together_never_need_more_than_the_sum_of_them(
    sessions: tuple[Session, ...],
) -> None:
    whole = assess(_event(sessions), C)
    alone = [assess(_event((session,)), C) for session in sessions]

    for code in ("screening", "spotter", "joint_patrol"):
        times = sorted({int(t) for t in whole.start})
        together = _profile(whole, code, Level.CENTRAL, times)
        parts = [_profile(need, code, Level.CENTRAL, times) for need in alone]
        assert all(t <= sum(p[i] for p in parts) for i, t in enumerate(together)), code


@settings(max_examples=30, deadline=None)
@given(_sessions())
def test_explanations_equal_the_table(sessions: tuple[Session, ...]) -> None:
    event = _event(sessions)
    need = assess(event, C)
    explainer = Explainer.of(event, C)

    for row in range(len(need)):
        figure = explainer.figure(need, row)
        assert (figure.low, figure.central, figure.high) == (
            int(need.low[row]),
            int(need.central[row]),
            int(need.high[row]),
        )


@settings(max_examples=30, deadline=None)
@given(_sessions())
def test_an_event_survives_the_way_through_its_folder(sessions: tuple[Session, ...]) -> None:
    event = _event(sessions)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "test"
        write_event(folder, event)
        first = load_event(folder).event
        write_event(folder, first)
        again = load_event(folder).event

    assert again == first
    assert [(s.id, s.interval, s.risk, s.supporters) for s in first.sessions] == [
        (s.id, s.interval, s.risk, s.supporters) for s in event.sessions
    ]


@settings(max_examples=60, deadline=None)
@given(_sessions(), st.data())
def test_a_damaged_folder_is_refused_whole_or_read_whole(
    sessions: tuple[Session, ...], data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "test"
        write_event(folder, _event(sessions))
        path = folder / data.draw(st.sampled_from(["sessions.csv", "venues.csv", "event.toml"]))
        content = bytearray(path.read_bytes())
        position = data.draw(st.integers(0, len(content) - 1))
        content[position : position + data.draw(st.integers(0, 3))] = data.draw(
            st.binary(max_size=3)
        )
        path.write_bytes(bytes(content))
        lines = len((folder / "sessions.csv").read_bytes().splitlines())
        try:
            event = load_event(folder).event
        except InputError:
            return  # refused as a whole; an InputError always carries its issues

    assert 1 <= len(event.sessions) <= lines
    need = assess(event, C)
    assert {capability(code).code for code in need.capabilities} == set(need.capabilities)
