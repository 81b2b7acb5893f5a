"""Who may open a file about a person: officials designated for it by name, and nobody by rank (S27).

Whoever opens a file is designated for it. A designated official or an approver designates others. A file
that came in and that nobody has yet is taken in charge once. In an emergency somebody of the part may open a
file for a day: the reason is written down and an alert goes to the auditor and the data-protection officer.
The command line has no name, so it opens no file. To *protect* a person nobody needs a designation: see
:data:`PROTECTIVE`.

Every reading writes an audit entry in the same transaction (S26): no entry, no reading.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.db.models import Q

from passerelle.kernel.problems import RefusedError
from passerelle.node.accounts.enums import Action, Role
from passerelle.node.audit.domain import record
from passerelle.node.casework.models import Alert, Designation

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from passerelle.kernel.clock import Clock
    from passerelle.node.accounts.actor import Actor

__all__ = [
    "EMERGENCY",
    "PROTECTIVE",
    "cases_of",
    "designate",
    "end_designation",
    "give_first",
    "is_designated",
    "log_reading",
    "open_in_emergency",
    "raise_alert",
    "require_named",
    "require_reading",
    "take_charge",
]

PROTECTIVE: Final = frozenset(
    {
        "raise-bar", "state-fear", "report-fear", "hold", "stop", "record-release",
        "report-incident", "revoke-consent",
    }
)  # fmt: skip
"""Acts that stop something for the sake of the person; whoever holds the role may say them, unseen."""

EMERGENCY: Final = timedelta(hours=24)
"""How long emergency access lasts."""


def require_named(actor: Actor) -> None:
    """Refuse who has no name: the command line, whose label is everybody's.

    Raises
    ------
    RefusedError
        With code ``cases.unnamed``.
    """
    if actor.roles is None:
        raise RefusedError(
            "Files about a person are for named officials with a role, not for the command line.",
            code="cases.unnamed",
        )


def is_designated(case: str, actor: Actor, now: datetime) -> bool:
    """Tell whether somebody may open a file now."""
    return _valid(now).filter(case=case, official=actor.label).exists()


def cases_of(actor: Actor, now: datetime) -> list[str]:
    """Return the files for which somebody is designated; the only list of files there is (S20)."""
    rows = _valid(now).filter(official=actor.label).values_list("case", flat=True)
    return sorted(set(rows))


def require_reading(case: str, actor: Actor, now: datetime) -> None:
    """Refuse whoever is not designated for a file.

    Raises
    ------
    RefusedError
        With code ``cases.unnamed`` or ``cases.not-designated``.
    """
    require_named(actor)
    if not is_designated(case, actor, now):
        raise RefusedError(
            "You are not designated for this file; ask one of its officials.",
            code="cases.not-designated",
        )


def log_reading(case: str, actor: Actor, clock: Clock, *, why: str, action: str = "read") -> None:
    """Write down who reads what, when and why; call it before anything is opened.

    Raises
    ------
    RuntimeError
        Outside a transaction.
    """
    record(actor.label, f"cases.{action}", f"dossier:{case}", clock=clock, why=why[:500])


@transaction.atomic
def designate(
    case: str,
    official: str,
    *,
    actor: Actor,
    clock: Clock,
    why: str = "",
    until: datetime | None = None,
) -> Designation:
    """Let an official open a file.

    Parameters
    ----------
    case
        The file.
    official
        ``user:NAME``.
    actor
        One who is designated already, or an approver.
    until
        End of it; open when ``None``.
    """
    require_named(actor)
    is_approver = actor.roles is not None and Role.APPROVER in actor.roles
    if not is_approver and not is_designated(case, actor, clock.now()):
        raise RefusedError(
            "Only an official of the file or an approver designates others.",
            code="cases.not-designated",
        )
    if not official.startswith("user:"):
        raise RefusedError(
            "Expected an official as user:NAME, got {official}.",
            code="cases.official",
            official=official[:64],
        )
    return _give(case, official, actor, clock, until=until, why=why)


@transaction.atomic
def end_designation(case: str, official: str, *, actor: Actor, clock: Clock) -> int:
    """End the designations of an official for a file; return how many."""
    require_named(actor)
    now = clock.now()
    if Role.APPROVER not in (actor.roles or ()) and not is_designated(case, actor, now):
        raise RefusedError(
            "Only an official of the file or an approver ends a designation.",
            code="cases.not-designated",
        )
    done = _valid(now).filter(case=case, official=official).update(until=now)
    subject = f"dossier:{case}"
    record(actor.label, "cases.end-designation", subject, clock=clock, new={"official": official})
    return done


@transaction.atomic
def take_charge(case: str, *, actor: Actor, clock: Clock) -> Designation:
    """Take a file in charge that nobody has yet."""
    require_named(actor)
    actor.require(Action.VIEW_CASES)
    if Designation.objects.filter(case=case).exists():
        raise RefusedError(
            "This file has its officials already; ask one of them.", code="cases.in-charge"
        )
    return _give(case, actor.label, actor, clock, until=None, why="taken in charge")


@transaction.atomic
def open_in_emergency(case: str, *, why: str, actor: Actor, clock: Clock) -> Designation:
    """Open a file without being designated, for a day, with a reason and an alert.

    Raises
    ------
    RefusedError
        With code ``cases.emergency-reason`` when no reason in words is given.
    """
    require_named(actor)
    actor.require(Action.VIEW_CASES)
    if len(why.split()) < 3:
        raise RefusedError(
            "Emergency access needs a reason in words.", code="cases.emergency-reason"
        )
    until = clock.now() + EMERGENCY
    found = _give(case, actor.label, actor, clock, until=until, why=why, is_emergency=True)
    raise_alert("emergency-access", case, actor.label, clock, why)
    return found


def raise_alert(kind: str, case: str, official: str, clock: Clock, why: str = "") -> Alert:
    """Tell the auditor and the data-protection officer."""
    return Alert.objects.create(
        kind=kind, case=case, official=official, at=clock.now(), why=why[:500]
    )


def give_first(case: str, actor: Actor, clock: Clock) -> Designation:
    """Designate whoever opens a file; called by the opening itself."""
    return _give(case, actor.label, actor, clock, until=None, why="opened")


def _give(
    case: str,
    official: str,
    actor: Actor,
    clock: Clock,
    *,
    until: datetime | None,
    why: str,
    is_emergency: bool = False,
) -> Designation:
    action = "cases.emergency" if is_emergency else "cases.designate"
    new = {"official": official}
    record(actor.label, action, f"dossier:{case}", clock=clock, new=new, why=why[:500])
    return Designation.objects.create(
        case=case,
        official=official,
        given_by=actor.label,
        given_at=clock.now(),
        until=until,
        is_emergency=is_emergency,
    )


def _valid(now: datetime) -> QuerySet[Designation]:
    return Designation.objects.filter(Q(until=None) | Q(until__gt=now), given_at__lte=now)
