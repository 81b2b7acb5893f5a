"""What goes over the wire. Instants are RFC 3339 in UTC."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from ninja import Field, Schema

__all__ = [
    "ChangeOut",
    "EventOut",
    "ExplanationOut",
    "JobOut",
    "NeedFigureOut",
    "NeedOut",
    "PlanOut",
    "ProblemOut",
    "ProgressOut",
    "PublishIn",
    "SessionOut",
    "SiteOut",
    "StartIn",
]

Count = Annotated[int, Field(ge=0)]


class ProblemOut(Schema):
    """An error (RFC 9457)."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    pointer: str
    issues: list[dict[str, str]] | None = None


class EventOut(Schema):
    """An event and its newest revision."""

    code: str
    name: str
    host: str
    time_zone: str
    starts_at: datetime
    ends_at: datetime
    revision: Count
    digest: str
    n_venues: Count
    n_sessions: Count
    n_posts: Count
    n_groups: Count
    n_assumptions: Count


class SiteOut(Schema):
    """A place."""

    code: str
    name: str
    kind: str
    lat: float
    lon: float
    capacity: int | None
    is_venue: bool


class SessionOut(Schema):
    """A public session."""

    code: str
    site: str
    title: str
    sport: str
    starts_at: datetime
    ends_at: datetime
    attendance: Count
    risk: int


class NeedOut(Schema):
    """A computed need."""

    event: str
    revision: Count
    coefficient_version: str
    digest: str
    n_figures: Count
    n_overlays: Count
    computed_at: datetime


class NeedFigureOut(Schema):
    """One figure of a need; ``row`` names it for its explanation."""

    row: Count
    site: str
    capability: str
    start: datetime
    end: datetime
    low: Count
    central: Count
    high: Count
    minimum: Count
    weight: float


class ExplanationOut(Schema):
    """How a figure came about."""

    formula: str
    inputs: list[tuple[str, float | str]]
    coefficients: list[str]
    coefficient_version: str
    session_ids: list[str]
    trace: list[str]
    assumed: list[str]


class StartIn(Schema):
    """Ask for a solve."""

    seconds: Annotated[int, Field(ge=1, le=86_400)] | None = None
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0
    level: Literal["low", "central", "high"] = "central"


class PublishIn(Schema):
    """Publish a draft, having seen its changes against a published version."""

    expected_published: Annotated[int, Field(ge=1, le=2**31 - 1)] | None
    why: Annotated[str, Field(max_length=500)] = ""


class PlanOut(Schema):
    """A version of a plan."""

    event: str
    number: Count
    state: str
    status: str
    value: float
    bound: float | None
    gap: float | None
    n_lines: Count
    n_duties: Count
    n_people: Count
    n_violations: Count
    seed: int
    seconds: float
    instance_hash: str
    digest: str
    created_at: datetime
    created_by: str
    published_at: datetime | None


class DutyOut(Schema):
    """Where, as what, when."""

    site: str
    capability: str
    start: datetime
    end: datetime


class ChangeOut(Schema):
    """One change between the published version and another."""

    kind: str
    group: str
    day: date
    crews: Count
    people: Count
    before: DutyOut | None
    after: DutyOut | None


class JobOut(Schema):
    """A piece of long work."""

    key: str
    kind: str
    event: str
    state: str
    cancel_requested: bool
    created_at: datetime
    created_by: str
    started_at: datetime | None
    finished_at: datetime | None
    attempts: Count
    phase: str
    seconds: float
    value: float | None
    bound: float | None
    gap: float | None
    result: str
    error_code: str
    error: str


class ProgressOut(Schema):
    """Best value and proven bound at one moment."""

    seconds: float
    phase: str
    value: float | None
    bound: float | None
