"""Small events for tests; every input can be named, the others are unremarkable."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from passerelle.kernel.times import Interval
from passerelle.planning.programme import (
    Event,
    SearchLevel,
    Session,
    SiteKind,
    Supporters,
    Threat,
    Venue,
)

NOON = datetime(2024, 7, 24, 15, tzinfo=UTC)


def make_venue(**changes: object) -> Venue:
    """Return a stadium of 42,000 seats."""
    values: dict[str, object] = {
        "id": "STE",
        "name": "Stadium",
        "name_local": "Stade",
        "kind": SiteKind.STADIUM,
        "city": "Town",
        "lat": 45.0,
        "lon": 4.0,
        "timezone": "UTC",
        "cluster": "STE",
        "country": "FR",
        "admin1": "42",
        "capacity": 42_000,
    }
    return Venue(**(values | changes))  # type: ignore[arg-type]  # built by name


def make_session(**changes: object) -> Session:
    """Return a quiet football match of two hours at the stadium."""
    start = changes.pop("start", NOON)
    hours = changes.pop("hours", 2)
    assert isinstance(start, datetime)
    assert isinstance(hours, int | float)
    values: dict[str, object] = {
        "id": "S1",
        "venue_id": "STE",
        "interval": Interval(start, start + timedelta(hours=hours)),
        "sport": "Football",
        "stage": "group",
        "title": "Match",
        "teams": (),
        "attendance": 25_000,
        "risk": 2,
        "vip": 0,
        "heads_of_state": 0,
        "threat": Threat.STANDARD,
        "search_level": SearchLevel.LIGHT,
    }
    return Session(**(values | changes))  # type: ignore[arg-type]  # built by name


def make_event(*sessions: Session, **changes: object) -> Event:
    """Return an event of the given sessions at the stadium."""
    sessions = sessions or (make_session(),)
    start = min(session.interval.start for session in sessions) - timedelta(days=1)
    end = max(session.interval.end for session in sessions) + timedelta(days=1)
    values: dict[str, object] = {
        "id": "test",
        "name": "Test",
        "host": "FR",
        "timezone": "UTC",
        "period": Interval(start, end),
        "threat": Threat.STANDARD,
        "venues": (make_venue(),),
        "sessions": sessions,
    }
    return Event(**(values | changes))  # type: ignore[arg-type]  # built by name


def worked_fixture() -> Event:
    """Return the worked fixture of the demand model (domain, section 9)."""
    match = make_session(
        attendance=40_000,
        risk=4,
        threat=Threat.MAXIMUM,
        search_level=SearchLevel.FULL,
        teams=("MAR", "NNN"),
        supporters=(Supporters("MAR", 15_000, 150), Supporters("NNN", 5_000)),
    )
    return make_event(match, threat=Threat.MAXIMUM)
