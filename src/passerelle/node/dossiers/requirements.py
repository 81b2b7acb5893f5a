"""What must hold beside the procedure before something is said about a person.

The speaker is an official of the file, or protects. The clock stands after the last national act. The file is
whole, owes the partner nothing, and nothing of it was taken back.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from django.db import transaction

from passerelle.kernel.problems import RefusedError
from passerelle.node.accounts.actor import Actor
from passerelle.node.audit.domain import record
from passerelle.node.casework.access import (
    PROTECTIVE,
    is_designated,
    require_named,
    require_reading,
)
from passerelle.node.dossiers.releasing import find_owed, is_spent, require_whole
from passerelle.node.exchange.station import station
from passerelle.node.national.models import NationalEntry
from passerelle.procedures.definition import Reach
from passerelle.procedures.loading import definition

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.kernel.canonical import Json
    from passerelle.kernel.clock import Clock
    from passerelle.node.dossiers.folding import Heard
    from passerelle.node.dossiers.models import Dossier
    from passerelle.procedures.dossier import Dossier as DossierValue

__all__ = [
    "CLOCK",
    "note_refusal",
    "require_clock",
    "require_key_name",
    "require_official",
    "require_sound",
]

CLOCK: Final = Actor("clock", frozenset())
"""Who speaks when the clock does: nobody. It reads nothing."""

_LOG = logging.getLogger(__name__)


def require_official(row: Dossier, act: str, actor: Actor, clock: Clock) -> bool:
    """Refuse who may not speak in this file; tell whether the speaker may also read it."""
    if actor is CLOCK:
        return False
    require_named(actor)
    if is_designated(row.case, actor, clock.now()):
        return True
    if act not in PROTECTIVE:
        require_reading(row.case, actor, clock.now())
    return False


def require_clock(clock: Clock) -> None:
    """Refuse to decide while the clock stands before what was decided last."""
    last = NationalEntry.objects.order_by("-idx").values_list("at", flat=True).first()
    if last is not None and clock.now() < last:
        raise RefusedError(
            "The clock of this node stands before the last national act ({last}).",
            code="cases.clock-back",
            last=last.isoformat(),
        )


def require_sound(case: str, heard: Heard, result: DossierValue, act: str) -> None:
    """Refuse what would reach the partner while something of the file is altered, owed or taken back."""
    rule = definition(heard.procedure).acts[act]
    if rule.reach is Reach.NATIONAL or rule.shown_as != rule.name:
        return
    if heard.n_lost:
        require_whole()
        raise RefusedError(
            "{n} national acts of this file cannot be opened: nothing leaves.",
            code="national.unreadable",
            n=heard.n_lost,
        )
    earlier = replace(result, steps=tuple(one for one in result.steps if one.act.id != "draft"))
    if find_owed(earlier) is not None:
        raise RefusedError(
            "The pause that the partner is owed leaves first.", code="cases.pause-owed"
        )
    if act == "resume" and is_spent(case):
        raise RefusedError(
            "What was sent before the hold was taken back; this file can only be withdrawn.",
            code="cases.spent",
        )


def note_refusal(actor: Actor, case: str, code: str, clock: Clock) -> None:
    """Write down that something was refused: who, where, which rule; never what was said."""
    _LOG.warning("case.refused", extra={"code": code})
    with transaction.atomic():
        record(actor.label, "cases.refused", f"dossier:{case}", clock=clock, new={"code": code})


def require_key_name(case: str, payload: Mapping[str, Json]) -> None:
    """Refuse to name another key than the one that will be destroyed."""
    if payload.get("key_destroyed") != station().keys.fingerprint(case):
        raise RefusedError("Expected the name of the key of this dossier.", code="cases.key-name")
