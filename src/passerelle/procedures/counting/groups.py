"""Indicators of joint groups, commitments, judicial requests and safeguards: I12 to I16, G1 to G6."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from passerelle.kernel.times import parse_instant
from passerelle.procedures.counting.indicators import Rate
from passerelle.procedures.counting.survival import Duration, quantile_days
from passerelle.procedures.deadlines import due
from passerelle.procedures.definition import StateKind
from passerelle.procedures.reinforcement.terms import text_of
from passerelle.procedures.sharing import to_shared
from passerelle.procedures.standing.commitments import is_contested
from passerelle.procedures.values import DeadlineStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from passerelle.procedures.dossier import Dossier
    from passerelle.procedures.values import Deadline

__all__ = [
    "adoption_days",
    "contested",
    "dormancy",
    "follow_up",
    "judicial_days",
    "refusals_by_ground",
    "safeguard_rates",
]

_ADOPTED: Final = ("adopt", "adopt-with-reservation")


def dormancy(meetings: Iterable[Dossier], today: date) -> Rate | None:
    """Return I12: days since minutes were last adopted, over the period of the charter.

    A group whose minutes were never adopted counts from what its charter says of the time before this
    register, else from the first call; ``None`` without a meeting.
    """
    found = list(meetings)
    if not found:
        return None
    adopted = [act.at.date() for one in found for act in one.effective(*_ADOPTED)]
    called = [act for one in found for act in one.effective("call")]
    charter = max(called, key=lambda act: act.at).payload["charter"]
    period = int(charter["period_days"]) if isinstance(charter, dict) else 1
    before = charter.get("last_adopted") if isinstance(charter, dict) else None
    since = min(act.at.date() for act in called)
    if adopted:
        since = max(adopted)
    elif isinstance(before, str):
        since = date.fromisoformat(before)
    return Rate("I12", max((today - since).days, 0), period)


def adoption_days(meetings: Iterable[Dossier]) -> tuple[int, ...]:
    """Return I13: days from each meeting to the adoption of its minutes."""
    found = []
    for one in meetings:
        adopted, held = one.last(*_ADOPTED), one.last("hold")
        if adopted is not None and held is not None:
            found.append((adopted.at.date() - held.at.date()).days)
    return tuple(found)


def follow_up(commitments: Iterable[Dossier], now: datetime) -> Rate:
    """Return I14: actions done by their date over actions due."""
    clocks = list(_clocks(commitments, "deliver", now))
    done = sum(one.status is DeadlineStatus.MET for one in clocks)
    over = {DeadlineStatus.MET, DeadlineStatus.MET_LATE, DeadlineStatus.PASSED}
    return Rate("I14", done, sum(one.status in over for one in clocks))


def contested(commitments: Iterable[Dossier]) -> Rate:
    """Return I15: commitments on which the two sides differ, over all that run."""
    running = [one for one in commitments if one.last("agree") is not None]
    return Rate("I15", sum(is_contested(one) for one in running), len(running))


def judicial_days(requests: Iterable[Dossier], act: str, now: datetime) -> int | None:
    """Return I16: median days from sending to an act, open requests censored."""
    waits = []
    for one in requests:
        sent, done = one.last("send"), one.last(act)
        if sent is not None:
            end = now if done is None else done.at
            waits.append(Duration(max((end - sent.at).days, 0), done is None))
    return quantile_days(waits, Fraction(1, 2))


def refusals_by_ground(requests: Iterable[Dossier]) -> dict[str, int]:
    """Count refusals by ground code; to be suppressed before publication (S39)."""
    found: dict[str, int] = {}
    for one in requests:
        refused = one.last("refuse")
        if refused is not None:
            code = text_of(refused.payload, "ground_code")
            found[code] = found.get(code, 0) + 1
    return found


def safeguard_rates(
    files: Iterable[Dossier],
    interviews: Iterable[Dossier],
    rights: Iterable[Dossier],
    now: datetime,
) -> tuple[Rate, ...]:
    """Return G1 to G6 as the requesting side computes them from its full dossiers."""
    files, rights = list(files), list(rights)
    sendings = [act for one in files for act in one.effective("send", "send-again")]
    informed = sum(
        parse_instant(str(notice["delivered_at"])) < act.issued
        for act in sendings
        if isinstance(notice := act.payload.get("notice"), dict)
    )
    under_hold = sum(_messages_under_hold(one) for one in files)
    outcomes = [
        step
        for one in files
        for step in one.steps
        if one.definition.states[step.after].is_outcome and step.before != step.after
    ]
    named = sum(bool(step.act.person) for step in outcomes)
    certified = [*_clocks(files, "certify-deletion", now)]
    certified += _clocks(rights, "acknowledge-correction", now)
    confirmed = [one for one in interviews if one.last("confirm") is not None]
    answered = [*_clocks(rights, "answer", now)]
    return (
        Rate("G1", informed, len(sendings)),
        Rate("G2", under_hold, sum(len(one.steps) for one in files)),
        _in_time("G3", certified),
        Rate("G4", named, len(outcomes)),
        Rate("G5", sum(_told_in_time(one) for one in confirmed), len(confirmed)),
        _in_time("G6", answered),
    )


def _messages_under_hold(file: Dossier) -> int:
    """Count messages of the requesting side, neutral ones aside, said while the file was held."""
    first = file.definition.sides[0]
    neutral = {"pause", "request-deletion", "close", "erase", "resume"}
    found = 0
    for step in file.steps:
        is_held = bool(step.before) and file.definition.states[step.before].kind is StateKind.HOLD
        sent = to_shared(file.definition, step) if is_held and step.act.side == first else None
        found += sent is not None and sent.name not in neutral
    return found


def _told_in_time(interview: Dossier) -> bool:
    notice = interview.last("notice")
    if notice is None:
        return False
    starts = parse_instant(text_of(interview.opened.payload, "starts_at"))
    told = parse_instant(text_of(notice.payload, "lawyer_informed_at"))
    return (starts - told).total_seconds() >= 48 * 3600


def _clocks(dossiers: Iterable[Dossier], name: str, now: datetime) -> Iterator[Deadline]:
    for one in dossiers:
        yield from (clock for clock in due(one, now) if clock.name == name)


def _in_time(indicator: str, clocks: list[Deadline]) -> Rate:
    over = {DeadlineStatus.MET, DeadlineStatus.MET_LATE, DeadlineStatus.PASSED}
    done = sum(one.status is DeadlineStatus.MET for one in clocks)
    return Rate(indicator, done, sum(one.status in over for one in clocks))
