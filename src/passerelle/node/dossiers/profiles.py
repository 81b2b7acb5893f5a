"""Corridor profiles of this node: which version a dossier stands under, and how one comes into force.

Presets are imported inactive. Whoever completes a version writes a new one; another person activates it,
which pins the definitions held and is refused while anything is missing (S35, S36, S51). Nothing about a
person can be sent through a corridor without an active version.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.db.models import Max

from passerelle.kernel.canonical import digest
from passerelle.kernel.problems import RefusedError
from passerelle.node.accounts.enums import Action
from passerelle.node.audit.domain import record
from passerelle.node.dossiers.kinds import PARTS
from passerelle.node.dossiers.models import Corridor, ProfileVersion
from passerelle.procedures.loading import DEFINITIONS, definition
from passerelle.procedures.presets import presets
from passerelle.procedures.profile import Corridor as CorridorValue
from passerelle.procedures.profile_document import agreed_digest, read_profile, write_profile

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from passerelle.kernel.canonical import Json
    from passerelle.kernel.clock import Clock
    from passerelle.node.accounts.actor import Actor
    from passerelle.procedures.profile import Profile, Suspension

__all__ = [
    "activate_profile",
    "complete_profile",
    "corridor_of_persons",
    "end_profile",
    "import_preset",
    "missing_of",
    "needs_profile",
    "profile_of",
]

_PERSONS: Final = frozenset({"identification", "travel-document", "joint-interview"})


def needs_profile(procedure: str) -> bool:
    """Tell whether a procedure runs only in a corridor with an active profile."""
    return procedure in _PERSONS


def corridor_of_persons(
    row: Corridor, suspensions: tuple[Suspension, ...], at: datetime | None
) -> CorridorValue:
    """Return the corridor with the profile in force at an instant; inactive when there is none."""
    versions = [one for one in row.profiles.all() if one.active_from is not None]
    valid = [
        one
        for one in versions
        if at is None or (one.active_from is not None and one.active_from <= at)
    ]
    parties = (row.own_state, row.peer_state)
    if not valid:
        return CorridorValue(row.code, parties, suspensions=suspensions)
    newest = max(valid, key=lambda one: one.number)
    inactive = CorridorValue(
        row.code, parties, newest.pins, read_profile(newest.document), suspensions=suspensions
    )
    if inactive.missing():
        return inactive  # somebody took something away in the database
    return replace(inactive, active_from=newest.active_from, active_to=newest.active_to)


def profile_of(version: ProfileVersion) -> Profile:
    """Return a version as the value that the engine takes."""
    return read_profile(version.document)


def missing_of(version: ProfileVersion) -> tuple[str, ...]:
    """Name what must be there before a version can come into force."""
    corridor = version.corridor
    profile = profile_of(version)
    value = CorridorValue(corridor.code, (corridor.own_state, corridor.peer_state), profile=profile)
    unchecked = ("mark C: check the text, then set L or D",) if profile.mark == "C" else ()
    return (*value.missing(), *unchecked)


@transaction.atomic
def import_preset(code: str, preset: str, *, actor: Actor, clock: Clock) -> ProfileVersion:
    """Take a preset in as an inactive version of a corridor.

    Raises
    ------
    RefusedError
        When the actor may not, or there is no such corridor or preset.
    """
    actor.require(Action.SIGN_ACT)
    found = presets().get(preset)
    if found is None:
        raise RefusedError(
            "There is no preset {preset}.", code="corridor.no-preset", preset=preset[:64]
        )
    return _write(_corridor(code), preset, found.profile, actor, clock)


@transaction.atomic
def complete_profile(
    code: str, number: int, changes: Mapping[str, Json], *, actor: Actor, clock: Clock
) -> ProfileVersion:
    """Write a new inactive version: an earlier one with fields changed.

    Parameters
    ----------
    code, number
        Corridor and version to start from.
    changes
        New values by field; ``None`` takes a field away.

    Raises
    ------
    RefusedError
        When a field is unknown or its value is none of its type.
    """
    actor.require(Action.SIGN_ACT)
    before = _version(code, number)
    document = {**before.document, **changes}
    document = {name: value for name, value in document.items() if value is not None}
    profile = read_profile(document)
    return _write(before.corridor, f"version {number}", profile, actor, clock)


@transaction.atomic
def activate_profile(code: str, number: int, *, actor: Actor, clock: Clock) -> ProfileVersion:
    """Bring a version into force: by another person than who wrote it, with nothing missing.

    Raises
    ------
    RefusedError
        With code ``corridor.same-person``, ``corridor.incomplete``, ``corridor.review-past`` or
        ``corridor.active``.
    """
    actor.require(Action.SIGN_ACT)
    version, now = _version(code, number), clock.now()
    if version.active_from is not None:
        raise RefusedError("Version {n} is in force.", code="corridor.active", n=number)
    if version.proposed_by == actor.label:
        raise RefusedError(
            "Another person than {person} must bring this version into force.",
            code="corridor.same-person",
            person=actor.label,
        )
    missing = missing_of(version)
    if missing:
        raise RefusedError(
            "The corridor stays inactive; missing: {missing}.",
            code="corridor.incomplete",
            missing=", ".join(missing),
        )
    profile = profile_of(version)
    if profile.review_by is None or profile.review_by < now.date():
        raise RefusedError("The review date has passed.", code="corridor.review-past")
    version.pins = {
        name: definition(name).digest for name in DEFINITIONS if name in _PERSONS and name in PARTS
    }
    version.activated_by, version.active_from = actor.label, now
    version.save(update_fields=["pins", "activated_by", "active_from"])
    _note(version, "activate-profile", actor, clock)
    return version


@transaction.atomic
def end_profile(code: str, number: int, *, why: str, actor: Actor, clock: Clock) -> ProfileVersion:
    """End a version: nothing more is sent under it, not in open dossiers either."""
    actor.require(Action.SIGN_ACT)
    version = _version(code, number)
    if version.active_from is None or version.active_to is not None:
        raise RefusedError("Version {n} is not in force.", code="corridor.not-active", n=number)
    version.active_to = clock.now()
    version.save(update_fields=["active_to"])
    _note(version, "end-profile", actor, clock, why)
    return version


def _write(
    corridor: Corridor, source: str, profile: Profile, actor: Actor, clock: Clock
) -> ProfileVersion:
    last = corridor.profiles.aggregate(last=Max("number"))["last"] or 0
    version = ProfileVersion.objects.create(
        corridor=corridor,
        number=last + 1,
        source=source,
        document=write_profile(profile),
        digest=agreed_digest(profile),
        proposed_by=actor.label,
        proposed_at=clock.now(),
    )
    _note(version, "propose-profile", actor, clock)
    return version


def _note(version: ProfileVersion, action: str, actor: Actor, clock: Clock, why: str = "") -> None:
    subject = f"corridor:{version.corridor.code}"
    new: Json = {
        "version": version.number,
        "digest": version.digest,
        "document": digest(version.document),
    }
    record(actor.label, f"dossiers.{action}", subject, clock=clock, new=new, why=why)


def _corridor(code: str) -> Corridor:
    row = Corridor.objects.select_for_update().filter(code=code).first()
    if row is None:
        raise RefusedError(
            "There is no corridor {corridor}.", code="dossiers.no-corridor", corridor=code
        )
    return row


def _version(code: str, number: int) -> ProfileVersion:
    row = (
        ProfileVersion.objects.select_related("corridor")
        .filter(corridor__code=code, number=number)
        .first()
    )
    if row is None:
        raise RefusedError(
            "Corridor {corridor} has no profile version {n}.",
            code="corridor.no-version",
            corridor=code,
            n=number,
        )
    return row
