"""Corridors: agree one, pull its brake, let go again.

The brake is one decision of one person (S37). It stops what is still to be said and, in the exchange, what was
released and has not arrived: the peer is suspended there and told the one neutral word. Letting go takes the
same decision the other way; what was owed to the partner meanwhile, pauses, leaves then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from passerelle.exchange.peer import PeerEvent
from passerelle.kernel.ids import is_code
from passerelle.kernel.problems import RefusedError
from passerelle.node.accounts.enums import Action
from passerelle.node.audit.domain import record
from passerelle.node.dossiers.models import Corridor, Suspension
from passerelle.node.exchange import peers
from passerelle.node.exchange.models import Peer

if TYPE_CHECKING:
    from passerelle.kernel.clock import Clock
    from passerelle.node.accounts.actor import Actor

__all__ = ["agree_corridor", "pull_brake", "release_brake", "require_free"]


@transaction.atomic
def agree_corridor(
    code: str, peer: str, own_state: str, peer_state: str, *, actor: Actor, clock: Clock
) -> Corridor:
    """Enter a corridor for cooperation without personal data, in force from now.

    Raises
    ------
    RefusedError
        When the actor may not, a name is no code, or the corridor is there already.
    """
    actor.require(Action.SIGN_ACT)
    if not is_code(code) or len(own_state) != 2 or len(peer_state) != 2 or own_state == peer_state:
        raise RefusedError(
            "Expected a code and two different states of two letters, got {code}.",
            code="dossiers.corridor",
            code_given=code,
        )
    if Corridor.objects.filter(peer=peer).exists():
        raise RefusedError(
            "There is a corridor with {peer} already.", code="dossiers.corridor-exists", peer=peer
        )
    row = Corridor.objects.create(
        code=code, peer=peer, own_state=own_state, peer_state=peer_state, active_from=clock.now()
    )
    new = {"peer": peer, "states": [own_state, peer_state]}
    record(actor.label, "dossiers.agree-corridor", f"corridor:{code}", clock=clock, new=new)
    return row


@transaction.atomic
def pull_brake(code: str, *, why: str, actor: Actor, clock: Clock) -> Suspension:
    """Stop all sending through a corridor at once (S37)."""
    actor.require(Action.SIGN_ACT)
    row = _corridor(code)
    if row.suspensions.filter(ended_at=None).exists():
        raise RefusedError(
            "The brake of {corridor} is on already.", code="dossiers.braked", corridor=code
        )
    record(actor.label, "dossiers.pull-brake", f"corridor:{code}", clock=clock, why=why)
    _move(row, PeerEvent.SUSPEND)
    return Suspension.objects.create(corridor=row, started_at=clock.now(), started_by=actor.label)


@transaction.atomic
def release_brake(code: str, *, why: str, actor: Actor, clock: Clock) -> None:
    """Let acts leave again."""
    actor.require(Action.SIGN_ACT)
    row = _corridor(code)
    open_ones = Suspension.objects.filter(corridor=row, ended_at=None)
    if open_ones.update(ended_at=clock.now(), ended_by=actor.label) != 1:
        raise RefusedError(
            "The brake of {corridor} is not on.", code="dossiers.not-braked", corridor=code
        )
    record(actor.label, "dossiers.release-brake", f"corridor:{code}", clock=clock, why=why)
    _move(row, PeerEvent.RESUME)
    _move(row, PeerEvent.SETTLED)


def require_free(row: Corridor) -> None:
    """Refuse to send through a corridor that is not in force, or whose brake is on.

    Raises
    ------
    RefusedError
        With code ``dossiers.braked``.
    """
    if row.suspensions.filter(ended_at=None).exists():
        raise RefusedError(
            "The brake of {corridor} is on: nothing leaves.",
            code="dossiers.braked",
            corridor=row.code,
        )


def _move(row: Corridor, event: PeerEvent) -> None:
    if Peer.objects.filter(pk=row.peer).exists():
        peers.move(row.peer, event)


def _corridor(code: str) -> Corridor:
    row = Corridor.objects.select_for_update().filter(code=code).first()
    if row is None:
        raise RefusedError(
            "There is no corridor {corridor}.", code="dossiers.no-corridor", corridor=code
        )
    return row
